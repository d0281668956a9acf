// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "http/client/pool.h"
#include "http/client/proxy.h"
#include "http/client/response_reader.h"
#include "http/message.h"
#include "http/url.h"

// Hand-written on Beast, which reads and writes messages but is not a client. libcurl 7.88, Debian
// 12's, would bring a second TLS stack's settings and event loop, and its WebSocket is
// experimental.
namespace stayd::http {

struct ClientOptions {
  std::string ca_file;  // PEM, trusted besides what the system trusts; empty: none
  ProxyRules proxies;
  // Each from its own beginning; none goes beyond a request's own time.
  std::chrono::milliseconds connect_limit = std::chrono::seconds(10);  // with the proxy's consent
  std::chrono::milliseconds tls_limit = std::chrono::seconds(10);
  std::chrono::milliseconds request_limit = std::chrono::seconds(30);  // from send() to the answer
  MessageLimits answer_limits{32 * 1024, 1024 * 1024};
  PoolLimits pool{};
  std::string user_agent = "stayd";
};

// A request to send.
struct Outgoing {
  verb method = verb::get;
  Url url;
  Fields fields;  // Host, and what says how the message is framed, are added
  std::string body;
  std::optional<std::chrono::milliseconds> limit;  // instead of ClientOptions::request_limit
  // True if it may arrive twice although its method says otherwise (RFC 9110, section 9.2.2).
  bool repeatable = false;
};

// Sends HTTP/1.1 requests over connections that are kept and used again. Everything happens on
// the executor, which must run on one thread; so must all calls. Nothing is logged.
class Client {
 public:
  // Reads the trusted certificates; those of later do not count.
  static Result<std::unique_ptr<Client>> create(boost::asio::any_io_executor executor,
                                                ClientOptions options);
  // As stop().
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // The server's answer, whatever its status; redirects are not followed. An error when there
  // is none within the limits: it names the origin and repeats nothing of the request. Unless its
  // kind is ErrorKind::not_sent, the request may have arrived all the same.
  //
  // A request that fails on a kept connection is sent again on a new one, once: if nothing of it
  // had been sent, or if it may be repeated and nothing of an answer had come.
  //
  // `Authorization` is refused for plain http to other machines. The client may be destroyed
  // while this waits, and the awaiting coroutine may be cancelled.
  boost::asio::awaitable<Result<Response>> send(Outgoing request);

  // Ends all requests with an error and closes all connections.
  void stop();

  struct State;

 private:
  explicit Client(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;  // shared with the requests under way
};

}  // namespace stayd::http
