// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/self_service.h"
#include "api/server.h"
#include "support/temp_dir.h"

namespace stayd::test {

inline constexpr WorkloadId kLive{.slot = 3, .generation = 9};

// Knows one workload, and of it what a test has put in.
class OneWorkload final : public SelfKnowledge {
 public:
  std::optional<WorkloadId> workload_of(const Peer& peer) override {
    return peer.workload == live ? peer.workload : std::nullopt;
  }
  nlohmann::json holds(WorkloadId) override { return {{"holds", held}, {"seq", last}}; }
  std::uint64_t latest(WorkloadId) override {
    ++asked;
    return last;
  }
  nlohmann::json events(WorkloadId, std::uint64_t after) override {
    return {{"events", told_after(after)}, {"seq", last}, {"complete", true}};
  }
  nlohmann::json denials(WorkloadId, std::uint64_t after) override {
    return {{"denials", told_after(after)}, {"seq", last}, {"complete", true}};
  }
  nlohmann::json unread(WorkloadId, const std::string& reader) override {
    const std::uint64_t before = std::exchange(read[reader], last);
    return {{"events", told_after(before)}, {"seq", last}, {"complete", true}};
  }
  void ask_ahead(WorkloadId, const Peer&, AheadRequest request,
                 std::shared_ptr<AheadReply> reply) override {
    asked_ahead = std::move(request);
    replies.push_back(std::move(reply));
  }
  std::optional<nlohmann::json> request(WorkloadId workload, TicketId number) override {
    if (workload != live || number != 17) return std::nullopt;
    return nlohmann::json{{"request", 17}};
  }
  void declare_intent(WorkloadId workload, const Peer&, const std::string& text) override {
    declared = workload;
    intent = text;
  }

  // Tells the workload one thing more.
  void tell(nlohmann::json event) {
    event["seq"] = ++last;
    told.push_back(std::move(event));
  }

  std::optional<WorkloadId> live = kLive;
  std::optional<WorkloadId> declared;
  std::string intent;
  std::vector<nlohmann::json> told;
  std::vector<nlohmann::json> held;
  std::uint64_t last = 100;
  std::map<std::string, std::uint64_t> read;
  std::optional<AheadRequest> asked_ahead;
  std::vector<std::shared_ptr<AheadReply>> replies;
  int asked = 0;  // how often whether there is news

 private:
  nlohmann::json told_after(std::uint64_t after) const {
    nlohmann::json list = nlohmann::json::array();
    for (const nlohmann::json& event : told)
      if (event["seq"] > after) list.push_back(event);
    return list;
  }
};

// self.sock on a thread of its own; everybody who connects is in the workload.
class RunningSelf {
 public:
  // `path`: of the socket; by default one in a directory of its own.
  explicit RunningSelf(const std::string& path = "")
      : path_(path.empty() ? directory_ / "self.sock" : path) {
    server_ =
        *Server::create(context_.get_executor(),
                        {.socket_path = path_, .group = "", .everybody = true}, service_, peers_);
    thread_ = std::thread([this] { context_.run(); });
  }
  ~RunningSelf() {
    stop();
    thread_.join();
  }

  const std::string& path() const { return path_; }

  void on_desk(const std::function<void(OneWorkload& knowledge, Server& server)>& work) {
    std::promise<void> done;
    boost::asio::post(context_, [&] {
      work(knowledge_, *server_);
      done.set_value();
    });
    done.get_future().get();
  }
  void tell(const nlohmann::json& event) {
    on_desk([&](OneWorkload& knowledge, Server& server) {
      knowledge.tell(event);
      server.notify();
    });
  }
  int asked() {
    int asked = 0;
    on_desk([&](OneWorkload& knowledge, Server&) { asked = knowledge.asked; });
    return asked;
  }
  void stop() {
    if (stopped_) return;
    stopped_ = true;
    on_desk([](OneWorkload&, Server& server) { server.stop(); });
  }

 private:
  class InTheWorkload final : public PeerRecords {
   public:
    Result<> watch(int) override { return {}; }
    Result<Peer> peer_of(int socket) override {
      Result<Peer> peer = credentials_of(socket);
      if (peer) peer->workload = kLive;
      return peer;
    }
  };

  TempDir directory_;
  std::string path_;
  OneWorkload knowledge_;
  SelfService service_{knowledge_};
  InTheWorkload peers_;
  boost::asio::io_context context_{1};
  std::unique_ptr<Server> server_;
  std::thread thread_;
  bool stopped_ = false;
};

}  // namespace stayd::test
