// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "api/server.h"
#include "fake_service.h"
#include "support/local_peers.h"
#include "support/temp_dir.h"

namespace stayd {

// A server on a thread of its own. The service belongs to that thread: see on_desk().
class RunningServer {
 public:
  // `peers`: by default what the sockets say of themselves.
  explicit RunningServer(ServerLimits limits = {}, PeerRecords* peers = nullptr) {
    const ServerOptions options{.socket_path = path(), .group = "", .limits = limits};
    auto created =
        Server::create(context_.get_executor(), options, service_, peers ? *peers : local_peers_);
    if (!created) throw std::runtime_error(created.error().message);
    server_ = std::move(*created);
    thread_ = std::thread([this] { context_.run(); });
  }
  ~RunningServer() {
    stop();
    thread_.join();
  }

  std::string path() const { return directory_ / "stayd.sock"; }

  // Runs `work(service, server)` on the server's thread and returns what it returns.
  template <class Work>
  auto on_desk(Work work) {
    using Task = std::packaged_task<decltype(work(service_, *server_))()>;
    auto task = std::make_shared<Task>([this, &work] { return work(service_, *server_); });
    auto result = task->get_future();
    boost::asio::post(context_, [task] { (*task)(); });
    return result.get();
  }

  // The context runs out of work once every connection has ended.
  void stop() {
    if (stopped_) return;
    stopped_ = true;
    on_desk([](FakeService&, Server& server) { server.stop(); });
  }

 private:
  test::TempDir directory_;
  boost::asio::io_context context_{1};
  FakeService service_;
  test::LocalPeers local_peers_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
  bool stopped_ = false;
};

// Until `condition()` holds; false after ten seconds.
template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace stayd
