// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "http/request_reader.h"
#include "http/server/limits.h"
#include "http/stream.h"

namespace stayd::http {

class Session;

// What answers the requests of a server. The requests of one session come one after another. An
// exception becomes status 500. A call keeps the session's place until it returns, also after the
// server has stopped: what it uses must live as long.
using Handler = std::function<boost::asio::awaitable<Reply>(Request request, Session& session)>;

// What the sessions of one server share. They register themselves.
struct Sessions {
  ServerLimits limits;
  bool stopped = false;  // no handler is called any more
  std::unordered_set<Session*> all;
  std::map<std::string, std::size_t> by_peer;

  enum class Room { available, full, full_for_peer };
  Room room_for(const std::string& peer) const;
  // Ends every Session::wait().
  void notify();
  // Ends idle sessions at once, and the others after the reply that is being made.
  void stop();
};

// One connection to one of our servers, over TLS, plain TCP or a Unix socket: reads requests and
// answers them in turn until the client leaves, a limit is passed or the server stops.
class Session {
 public:
  // `tls` null: no TLS. Connections of the same `peer` count together; those of "" do not.
  // `address` is what Request::peer says.
  Session(std::shared_ptr<Sessions> sessions, Stream::Tcp tcp, TlsContext tls, std::string peer,
          std::string address, Handler handler);
  Session(std::shared_ptr<Sessions> sessions, Stream::Unix stream, std::string peer,
          Handler handler);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  boost::asio::awaitable<void> run();

  // For a handler that answers late. Returns true at `end`, or earlier when the server is notified
  // or stopped; false when the client has hung up, or sends more without waiting for its reply.
  boost::asio::awaitable<bool> wait(std::chrono::steady_clock::time_point end);

  void notify() { notified_.cancel(); }
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
  void enter();

  std::shared_ptr<Sessions> sessions_;
  Stream stream_;
  TlsContext tls_;
  std::string peer_;
  std::string address_;
  Handler handler_;
  boost::beast::flat_buffer buffer_;
  boost::asio::steady_timer notified_;
  bool receiving_ = true;
};

}  // namespace stayd::http
