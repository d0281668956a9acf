// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "api/backend.h"
#include "api/server.h"
#include "http/request_reader.h"

namespace stayd {

class Session;

// `reply` on the wire.
std::string serialize(const Reply& reply, bool keep_alive);

// What the sessions of one server share.
struct SessionState {
  ServerLimits limits;
  Backend* backend = nullptr;  // null once the server has stopped
  PeerRecords* peers = nullptr;
  std::unordered_set<Session*> sessions;
  std::map<std::string, std::size_t> by_client;  // Backend::client_of
};

// One connection: reads requests and answers them in turn until the client leaves, a
// limit is passed or the server stops.
class Session {
 public:
  using Socket = boost::asio::local::stream_protocol::socket;

  Session(std::shared_ptr<SessionState> state, Socket socket, Peer peer, std::string client);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  boost::asio::awaitable<void> run();

  // Ends a wait for the service's revision to change, or makes it look again.
  void notify() { changed_.cancel(); }

  // Ends the session, after the reply that is being sent if there is one.
  void stop();

 private:
  using ErrorCode = boost::system::error_code;

  boost::asio::awaitable<std::optional<http::Refusal>> receive(http::RequestReader& reader,
                                                               std::chrono::milliseconds patience,
                                                               ErrorCode& error);
  boost::asio::awaitable<void> read_some(ErrorCode& error);
  boost::asio::awaitable<Reply> answer(const http::Request& request);
  boost::asio::awaitable<void> wait_for_change(Wait wait);
  boost::asio::awaitable<ErrorCode> send(const Reply& reply, bool keep_alive);

  bool is_stopped() const { return state_->backend == nullptr; }

  std::shared_ptr<SessionState> state_;
  boost::beast::basic_stream<boost::asio::local::stream_protocol> stream_;
  boost::beast::flat_buffer buffer_;
  boost::asio::steady_timer changed_;
  Peer peer_;
  std::string client_;
  bool receiving_ = false;
};

}  // namespace stayd
