// SPDX-License-Identifier: Apache-2.0
#include "http/stream.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/stream_traits.hpp>

namespace stayd::http {

namespace asio = boost::asio;
namespace beast = boost::beast;

Stream::Tcp& Stream::tcp() {
  if (auto* plain = std::get_if<Tcp>(&stream_)) return *plain;
  return beast::get_lowest_layer(std::get<Tls>(stream_));
}

SSL* Stream::tls() {
  auto* tls = std::get_if<Tls>(&stream_);
  return tls == nullptr ? nullptr : tls->native_handle();
}

void Stream::begin_tls(TlsContext context) {
  Tcp plain = std::move(std::get<Tcp>(stream_));
  context_ = std::move(context);
  stream_.emplace<Tls>(std::move(plain), *context_);
}

Stream::Awaitable<Stream::ErrorCode> Stream::handshake(
    asio::ssl::stream_base::handshake_type side) {
  ErrorCode error;
  co_await std::get<Tls>(stream_).async_handshake(side,
                                                  asio::redirect_error(asio::use_awaitable, error));
  co_return error;
}

Stream::Awaitable<std::size_t> Stream::read_some(asio::mutable_buffer buffer, ErrorCode& error) {
  if (auto* plain = std::get_if<Tcp>(&stream_))
    co_return co_await plain->async_read_some(buffer,
                                              asio::redirect_error(asio::use_awaitable, error));
  co_return co_await std::get<Tls>(stream_).async_read_some(
      buffer, asio::redirect_error(asio::use_awaitable, error));
}

Stream::Awaitable<std::size_t> Stream::write(std::string_view bytes, ErrorCode& error) {
  std::size_t written = 0;
  while (written < bytes.size() && !error) {
    const asio::const_buffer rest = asio::buffer(bytes.substr(written));
    if (auto* plain = std::get_if<Tcp>(&stream_)) {
      written +=
          co_await plain->async_write_some(rest, asio::redirect_error(asio::use_awaitable, error));
    } else {
      written += co_await std::get<Tls>(stream_).async_write_some(
          rest, asio::redirect_error(asio::use_awaitable, error));
    }
  }
  co_return written;
}

Stream::Awaitable<Stream::ErrorCode> Stream::shutdown() {
  ErrorCode error;
  if (auto* tls = std::get_if<Tls>(&stream_)) {
    co_await tls->async_shutdown(asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }
  tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
  co_return error;
}

void Stream::close() { tcp().close(); }

}  // namespace stayd::http
