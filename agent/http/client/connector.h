// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/client/in_flight.h"
#include "http/client/proxy.h"
#include "http/stream.h"
#include "http/tls.h"
#include "http/url.h"

namespace stayd::http {

using Deadline = std::chrono::steady_clock::time_point;

// All that is needed to reach a server; shared by a client's requests.
struct Connector {
  boost::asio::any_io_executor executor;
  TlsContext tls;
  ProxyRules proxies;
  std::chrono::milliseconds connect_limit;  // resolving, TCP and the proxy's consent
  std::chrono::milliseconds tls_limit;
  std::shared_ptr<InFlight> in_flight;
};

using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

// The addresses of a host, as the system's resolver has them: never empty, and no more than
// eight. Asio asks it on a thread of its own, one question after the other, and such a question
// cannot be taken back: at the deadline it is left to itself.
boost::asio::awaitable<Result<Endpoints>> resolve(const Connector& connector, std::string host,
                                                  std::uint16_t port, Deadline deadline);

// A connection to `url`'s server, through the proxy that is meant for it and in TLS if it is
// https, by the deadline and within the connector's limits. Addresses are tried one after the
// other; each gets an equal share of the time that is left. `connector` must live until the end.
boost::asio::awaitable<Result<std::unique_ptr<Stream>>> open_stream(const Connector& connector,
                                                                    const Url& url,
                                                                    Deadline deadline);

// Describes an error of a Stream for people.
std::string describe(const boost::system::error_code& error);

inline constexpr const char* kStopped = "the client was stopped";

}  // namespace stayd::http
