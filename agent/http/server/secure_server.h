// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "http/message.h"
#include "http/server/limits.h"
#include "http/tls.h"

namespace stayd::http {

struct SecureServerOptions {
  std::string address;     // an IP address, not a name
  std::uint16_t port = 0;  // 0: one that is free
  std::optional<CertificateFiles> certificate;
  // Without a certificate: plain HTTP, which must be asked for and is for loopback addresses.
  bool plain_on_loopback = false;
  ServerLimits limits{};
};

// HTTP/1.1 over TLS for the outside world. Everything, the handler included, happens on the
// executor, which must run on one thread; so must all calls. What fails in a connection ends that
// connection only. Logs when a new certificate cannot be used and when the handler throws; never
// anything of a request.
class SecureServer {
 public:
  // As http::Handler, without the session.
  using Handler = std::function<boost::asio::awaitable<Reply>(Request)>;

  // Listens and begins to serve.
  static Result<std::unique_ptr<SecureServer>> create(boost::asio::any_io_executor executor,
                                                      SecureServerOptions options, Handler handler);
  // As stop().
  ~SecureServer();
  SecureServer(const SecureServer&) = delete;
  SecureServer& operator=(const SecureServer&) = delete;

  std::uint16_t port() const;

  // Reads certificate and key again; on an error those of before stay. The server also does so
  // by itself when the files change, as the next client connects.
  Result<> reload();

  // Stops listening and ends idle connections; a reply that is being made is still sent while the
  // executor runs. The handler is not called again.
  void stop();

  struct State;

 private:
  explicit SecureServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;  // shared with the connections, which may outlive us
};

}  // namespace stayd::http
