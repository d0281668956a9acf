// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "http/request_reader.h"
#include "http/secure_server.h"
#include "http/stream.h"

namespace stayd::http {

class ServerSession;

// What the sessions of one server share.
struct SessionState {
  SecureServerLimits limits;
  SecureServer::Handler handler;  // kept to the end: calls of it may be under way
  bool stopped = false;
  std::unordered_set<ServerSession*> sessions;
  std::map<std::string, std::size_t> by_peer;  // how many of them; none is 0
};

// One connection: reads requests and answers them in turn until the client leaves, a limit is
// passed or the server stops.
class ServerSession {
 public:
  // `peer` is the client's address, `peer_group` what counts as one peer. `tls` null: plain.
  ServerSession(std::shared_ptr<SessionState> state, Stream::Tcp tcp, TlsContext tls,
                std::string peer, std::string peer_group);
  ~ServerSession();
  ServerSession(const ServerSession&) = delete;
  ServerSession& operator=(const ServerSession&) = delete;

  boost::asio::awaitable<void> run();

  // Ends the session, after the reply that is being made if there is one.
  void stop();

 private:
  template <class T = void>
  using Awaitable = boost::asio::awaitable<T>;
  using ErrorCode = boost::system::error_code;

  Awaitable<bool> begin();
  Awaitable<std::optional<Refusal>> receive(RequestReader& reader,
                                            std::chrono::milliseconds patience, ErrorCode& error);
  Awaitable<std::optional<Refusal>> receive_body(RequestReader& reader, ErrorCode& error);
  Awaitable<> read_some(ErrorCode& error);
  Awaitable<Reply> answer(Request request);
  Awaitable<bool> send(const Reply& reply, bool keep_alive, bool to_head);
  Awaitable<> refuse(const Refusal& refusal);

  std::shared_ptr<SessionState> state_;
  Stream stream_;
  TlsContext tls_;
  std::string peer_;
  std::string peer_group_;
  boost::beast::flat_buffer buffer_;
  bool receiving_ = true;
};

}  // namespace stayd::http
