// SPDX-License-Identifier: Apache-2.0
#include "http/client/connector.h"

#include <fcntl.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <utility>

#include "http/client/response_reader.h"

namespace stayd::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr std::size_t kMaxAddresses = 8;
constexpr MessageLimits kProxyLimits{16 * 1024, 0};

// Shared with a question to the resolver that may outlive who asked it.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& executor) : resolver(executor), answered(executor) {}

  tcp::resolver resolver;
  asio::steady_timer answered;  // runs until the deadline, unless there is an answer
  bool done = false;
  error_code error;
  Endpoints endpoints;
};

void begin(const std::shared_ptr<Lookup>& lookup, const std::string& host, std::uint16_t port) {
  lookup->resolver.async_resolve(
      host, std::to_string(port), tcp::resolver::numeric_service,
      [lookup](const error_code& error, const tcp::resolver::results_type& results) {
        lookup->done = true;
        lookup->error = error;
        for (const auto& result : results)
          if (lookup->endpoints.size() < kMaxAddresses)
            lookup->endpoints.push_back(result.endpoint());
        lookup->answered.cancel();
      });
}

Error no_consent(const Proxy& proxy, std::string_view what) {
  return Error{"proxy " + proxy.text() + ": " + std::string(what)};
}

asio::awaitable<Result<>> connect_tcp(const Connector& connector, Stream& stream,
                                      Endpoints endpoints, Deadline deadline) {
  error_code error;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    if (connector.in_flight->ended()) co_return Error{kStopped};
    const auto share = (deadline - steady_clock::now()) / (endpoints.size() - i);
    stream.close();  // what the address before left
    stream.tcp().expires_after(std::max<steady_clock::duration>(share, steady_clock::duration(1)));
    stream.tcp().socket().open(endpoints[i].protocol(), error);
    if (error) continue;
    ::fcntl(stream.tcp().socket().native_handle(), F_SETFD, FD_CLOEXEC);
    co_await stream.tcp().async_connect(endpoints[i],
                                        asio::redirect_error(asio::use_awaitable, error));
    if (!error) co_return Result<>();
  }
  if (connector.in_flight->ended()) co_return Error{kStopped};
  co_return Error{"connect: " + describe(error)};
}

// PolicyEvaluator the proxy at the other end to connect to `url`'s server.
asio::awaitable<Result<>> pass_proxy(Stream& stream, const Proxy& proxy, const Url& url) {
  std::string where = url.host.find(':') == url.host.npos ? url.host : "[" + url.host + "]";
  where += ":" + std::to_string(url.port);
  std::string request = "CONNECT " + where + " HTTP/1.1\r\nHost: " + where + "\r\n";
  if (!proxy.authorization.empty())
    request += "Proxy-Authorization: " + proxy.authorization + "\r\n";
  request += "\r\n";
  error_code error;
  co_await stream.write(request, error);

  ResponseReader reader(kProxyLimits, ResponseReader::Kind::connect);
  beast::flat_buffer buffer(ResponseReader::buffer_size(kProxyLimits));
  while (!error && !reader.is_done()) {
    buffer.commit(co_await stream.read_some(buffer.prepare(kReadSize), error));
    if (const auto mistake = reader.take(buffer)) co_return no_consent(proxy, mistake->message);
  }
  if (error) co_return no_consent(proxy, describe(error));
  const unsigned status = reader.release().status;
  if (status / 100 != 2)
    co_return no_consent(proxy, "refused to connect, status " + std::to_string(status));
  // Bytes that come before we have spoken in TLS cannot be the server's.
  if (buffer.size() != 0) co_return no_consent(proxy, "said more than was asked");
  co_return Result<>();
}

asio::awaitable<Result<>> begin_tls(const Connector& connector, Stream& stream, const Url& url,
                                    Deadline deadline) {
  stream.begin_tls(connector.tls);
  if (Result<> wanted = expect_server(stream.tls(), url); !wanted) co_return wanted;
  stream.tcp().expires_at(std::min(deadline, steady_clock::now() + connector.tls_limit));
  const error_code error = co_await stream.handshake(asio::ssl::stream_base::client);
  if (!error) co_return Result<>();
  if (connector.in_flight->ended()) co_return Error{kStopped};
  const bool late = error == beast::error::timeout;
  co_return Error{"TLS: " + (late ? describe(error) : tls_failure(error, stream.tls()))};
}

}  // namespace

std::string describe(const error_code& error) {
  if (error == beast::error::timeout) return "not over in time";
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) return "it hung up";
  return error.message();
}

asio::awaitable<Result<Endpoints>> resolve(const Connector& connector, std::string host,
                                           std::uint16_t port, Deadline deadline) {
  error_code no_address;
  const asio::ip::address address = asio::ip::make_address(host, no_address);
  if (!no_address) co_return Endpoints{{address, port}};

  auto lookup = std::make_shared<Lookup>(connector.executor);
  lookup->answered.expires_at(deadline);
  const InFlight::Guard guard(connector.in_flight, [&lookup] { lookup->answered.cancel(); });
  begin(lookup, host, port);
  error_code ignored;  // whether it is done is what counts
  co_await lookup->answered.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (connector.in_flight->ended()) co_return Error{kStopped};
  if (!lookup->done) {
    lookup->resolver.cancel();
    co_return Error{"resolve " + host + ": no answer in time"};
  }
  if (lookup->error) co_return Error{"resolve " + host + ": " + lookup->error.message()};
  if (lookup->endpoints.empty()) co_return Error{"resolve " + host + ": no address"};
  co_return std::move(lookup->endpoints);
}

asio::awaitable<Result<std::unique_ptr<Stream>>> open_stream(const Connector& connector,
                                                             const Url& url, Deadline deadline) {
  const Deadline connected = std::min(deadline, steady_clock::now() + connector.connect_limit);
  const Proxy* proxy = connector.proxies.proxy_for(url);
  const std::string& host = proxy ? proxy->host : url.host;
  const std::uint16_t port = proxy ? proxy->port : url.port;
  Result<Endpoints> endpoints = co_await resolve(connector, host, port, connected);
  if (!endpoints) {
    if (proxy) co_return no_consent(*proxy, endpoints.error().message);
    co_return endpoints.error();
  }

  auto stream = std::make_unique<Stream>(beast::tcp_stream(connector.executor));
  const InFlight::Guard guard(connector.in_flight, [&stream] { stream->close(); });
  Result<> reached = co_await connect_tcp(connector, *stream, std::move(*endpoints), connected);
  if (!reached) {
    if (proxy) co_return no_consent(*proxy, reached.error().message);
    co_return reached.error();
  }
  stream->tcp().expires_at(connected);
  if (proxy) reached = co_await pass_proxy(*stream, *proxy, url);
  if (reached && url.secure) reached = co_await begin_tls(connector, *stream, url, deadline);
  if (connector.in_flight->ended()) co_return Error{kStopped};
  if (!reached) co_return reached.error();
  co_return std::move(stream);
}

}  // namespace stayd::http
