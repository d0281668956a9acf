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

#include "http/server/limits.h"
#include "http/server/request_reader.h"
#include "http/stream.h"

namespace stayd::http {

class Session;

// Answers the requests of a server. The requests of one session come one after another, and only
// those that RequestReader lets through. What a call throws is logged, becomes status 500, and ends
// the connection. A call keeps its session's place until it returns, also after the server has
// stopped: what it uses must live as long. `session` lives until the call has returned.
using Handler = std::function<boost::asio::awaitable<Reply>(Request request, Session& session)>;

// The state that the sessions of one server share; `limits` bounds them. They register themselves.
// Used on the server's thread only, as are the sessions.
struct Sessions {
  ServerLimits limits;
  bool stopped = false;                        // true: no further handler is called
  std::unordered_set<Session*> all;            // not owned: each has a coroutine that owns it
  std::map<std::string, std::size_t> by_peer;  // how many of them; none is 0

  enum class Room { available, full, full_for_peer };
  // Asked before a session is made. `peer` as in Session's constructors.
  Room room_for(const std::string& peer) const;
  // Ends every Session::wait().
  void notify();
  // Ends idle sessions at once, and the others after the reply that is being made, which is sent
  // while the executor runs.
  void stop();
};

// One connection to one of our servers, over TLS, plain TCP or a Unix socket: reads requests and
// answers them in turn until the client leaves, a limit is passed or the server stops.
class Session {
 public:
  // Connections of the same `peer` count together; those of "" count only among all. `address`
  // becomes Request::peer. `tls` null: plain TCP.
  Session(std::shared_ptr<Sessions> sessions, Stream::Tcp tcp, TlsContext tls, std::string peer,
          std::string address, Handler handler);
  Session(std::shared_ptr<Sessions> sessions, Stream::Unix stream, std::string peer,
          Handler handler);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Serves to the end. Throws only what a coroutine cannot help, as std::bad_alloc.
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
