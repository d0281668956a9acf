// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "approval/approval_service.h"
#include "channels/teams/teams_channel.h"
#include "http/client/client.h"
#include "store/outbox.h"
#include "store/schema.h"
#include "support/running.h"
#include "support/temp_dir.h"
#include "unit/channels/teams/activities.h"
#include "unit/channels/teams/fake_teams.h"
#include "unit/tickets/desk_fixture.h"

namespace stayd::test {

// Notes what was released; grants are as if they were there.
class QuietKernel final : public KernelActions {
 public:
  void release(const Release& release) override { releases.push_back(release); }
  Result<> grant(const Grant& grant) override {
    grants.push_back(grant);
    return {};
  }
  void revoke(const Grant&) override {}
  std::optional<std::int64_t> uses_left(const Grant&) override { return 1; }
  bool lives(const ProcessInstance&) override { return true; }

  std::vector<Release> releases;
  std::vector<Grant> grants;
};

// The real channel, approval service, store and record; Microsoft's side is the test's.
class TeamsTest : public testing::Test {
 protected:
  TeamsTest() {
    ::setenv("SSL_CERT_FILE", "/dev/null", 1);
    ::setenv("SSL_CERT_DIR", "/nonexistent", 1);
    std::filesystem::permissions(directory_.path(), std::filesystem::perms::owner_all);
    config_.cloud = teams::find_cloud("public");
    config_.tenant = FakeTeams::kTenant;
    config_.app_id = FakeTeams::kApp;
    config_.proof = SecretFile(write_file("secret", "s3cret"));
    config_.address = "127.0.0.1";
    config_.ca_file = write_file("ca.pem", authority().certificate());
    config_.service_hosts = {"smba.trafficmanager.net"};
  }
  ~TeamsTest() override { end(); }

  static const CertificateAuthority& authority() {
    static const CertificateAuthority kAuthority;
    return kAuthority;
  }

  std::string write_file(std::string_view name, std::string_view contents) {
    const std::string path = directory_ / name;
    std::ofstream(path) << contents;
    ::chmod(path.c_str(), 0600);
    return path;
  }

  static People people() {
    const std::string account = std::string("teams: {tenant: ") + FakeTeams::kTenant + ", object: ";
    return *People::parse(
        std::string("people:\n") + "  alice: {name: Alice Ng, accounts: [" + account +
            FakeTeams::kAlice + "}]}\n  bob: {name: Bob, accounts: [" + account + FakeTeams::kBob +
            "}]}\n  carol: {accounts: [unix: 1003]}\n" + "groups: {stewards: [alice, bob]}\n",
        "people.yaml", [](const std::string&) { return std::nullopt; });
  }

  // An agent; the one before ended as if it had been killed.
  void begin(const std::string& epoch = "one") {
    end();
    database_ = *Database::open(directory_ / "stayd.db", schema());
    store_.emplace(*database_);
    RecordOptions options;
    options.path = directory_ / "record.jsonl";
    options.key_directory = directory_ / "key";
    record_.emplace(*Record::open(std::move(options)));
    approvals_.emplace(*store_, *record_, kernel_, people(),
                       ApprovalService::Callbacks{.changed = [] {},
                                                  .flush_soon =
                                                      [this] {
                                                        boost::asio::post(*loop_, [this] {
                                                          if (approvals_) approvals_->flush(now());
                                                        });
                                                      }});
    auto channel = teams::TeamsChannel::create(loop_->get_executor(), config_, *database_,
                                               *approvals_, teams_.proxies());
    ASSERT_TRUE(channel) << channel.error().message;
    channel_ = std::move(*channel);
    approvals_->add_channel(*channel_);
    const Result<> loaded = approvals_->load(epoch, now());
    ASSERT_TRUE(loaded) << loaded.error().message;
    approvals_->resume(now());
    const Result<> started = channel_->start();
    ASSERT_TRUE(started) << started.error().message;
    http::ClientOptions outside;
    client_ = *http::Client::create(loop_->get_executor(), outside);
  }
  void end() {
    if (channel_) channel_->stop();
    client_.reset();
    channel_.reset();
    loop_ = std::make_unique<boost::asio::io_context>(1);  // what was under way goes with it
    approvals_.reset();
    record_.reset();
    store_.reset();
    database_.reset();
  }

  static TimePoint now() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }

  void hold(HoldId id, std::uint32_t quorum = 1, std::uint64_t inode = 0) {
    hold(an_operation(id, inode == 0 ? 100 + id : inode), quorum);
  }
  void hold(Operation operation, std::uint32_t quorum = 1) {
    TicketContext context = kContext;
    context.approval.approvers = {"stewards"};
    context.approval.quorum = quorum;
    context.approval.wait_if_unreachable = waits_unreachable_;
    operation.time = now();
    if (approvals_->would_join(operation)) return approvals_->join(operation, now());
    approvals_->raise(std::move(operation), context, now());
  }
  const Ticket& ticket(TicketId id = 1) { return *approvals_->find(id); }

  // Posts to the endpoint as the bot service does.
  http::Response deliver(const nlohmann::json& activity, const std::string& token) {
    http::Outgoing request;
    request.method = http::verb::post;
    request.url =
        *http::parse_url("http://127.0.0.1:" + std::to_string(channel_->port()) + "/api/messages");
    request.fields.set(http::field::content_type, "application/json;+charset=utf-8");
    if (!token.empty()) request.fields.set(http::field::authorization, "Bearer " + token);
    request.body = activity.dump();
    const Result<http::Response> response = run(*loop_, client_->send(std::move(request)));
    if (!response) ADD_FAILURE() << response.error().message;
    return response ? *response : http::Response{};
  }
  http::Response deliver(const nlohmann::json& activity) {
    return deliver(activity, teams_.token());
  }
  nlohmann::json answer_to(const nlohmann::json& activity) {
    return nlohmann::json::parse(deliver(activity).body, nullptr, false);
  }

  template <class Condition>
  bool until(Condition condition) {
    return run_until(*loop_, condition);
  }

  // The card of a call that posted or updated one.
  static nlohmann::json card_of(const FakeTeams::Call& call) {
    const nlohmann::json& activity =
        call.body.contains("activity") ? call.body["activity"] : call.body;
    return activity["attachments"][0]["content"];
  }
  // Nothing is under way: what was posted is also known to be.
  bool all_is_said() {
    return until([&] {
      const Result<std::optional<TimePoint>> due = Outbox(*database_).next_due("teams");
      return due && !*due;
    });
  }
  // The last one that was posted, once there are so many posts.
  nlohmann::json posted(std::size_t count = 1) {
    EXPECT_TRUE(until([&] { return teams_.count("POST") >= count; }));
    const auto calls = teams_.calls("POST");
    return calls.empty() ? nlohmann::json() : card_of(calls.back());
  }

  TempDir directory_;
  std::unique_ptr<boost::asio::io_context> loop_ = std::make_unique<boost::asio::io_context>(1);
  FakeTeams teams_{authority()};
  teams::Config config_;
  QuietKernel kernel_;
  bool waits_unreachable_ = true;  // what hold() asks about, with nobody to be reached
  std::unique_ptr<Database> database_;
  std::optional<DeskStore> store_;
  std::optional<Record> record_;
  std::optional<ApprovalService> approvals_;
  std::unique_ptr<teams::TeamsChannel> channel_;
  std::unique_ptr<http::Client> client_;
};

}  // namespace stayd::test
