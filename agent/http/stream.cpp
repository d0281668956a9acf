// SPDX-License-Identifier: Apache-2.0
#include "http/stream.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/stream_traits.hpp>

namespace stayd::http {

namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

// The stream below TLS, if there is any.
template <class Layer>
auto& lowest(Layer& layer) {
  return beast::get_lowest_layer(layer);
}

}  // namespace

asio::any_io_executor Stream::executor() {
  return std::visit([](auto& stream) -> asio::any_io_executor { return stream.get_executor(); },
                    stream_);
}

void Stream::expires_after(std::chrono::steady_clock::duration time) {
  std::visit([time](auto& stream) { lowest(stream).expires_after(time); }, stream_);
}

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
  const auto read = [&](auto& stream) -> Awaitable<std::size_t> {
    return stream.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, error));
  };
  co_return co_await std::visit(read, stream_);
}

Stream::Awaitable<std::size_t> Stream::read_raw(asio::mutable_buffer buffer, ErrorCode& error) {
  const auto read = [&](auto& stream) -> Awaitable<std::size_t> {
    return lowest(stream).async_read_some(buffer, asio::redirect_error(asio::use_awaitable, error));
  };
  co_return co_await std::visit(read, stream_);
}

Stream::Awaitable<> Stream::wait_readable() {
  ErrorCode ignored;  // whatever it is, the next read gets it, too
  const auto wait = [&](auto& stream) -> Awaitable<> {
    return lowest(stream).socket().async_wait(asio::socket_base::wait_read,
                                              asio::redirect_error(asio::use_awaitable, ignored));
  };
  co_await std::visit(wait, stream_);
}

Stream::Awaitable<std::size_t> Stream::write(std::string_view bytes, ErrorCode& error) {
  std::size_t written = 0;
  const auto write = [&](auto& stream) -> Awaitable<std::size_t> {
    return stream.async_write_some(asio::buffer(bytes.substr(written)),
                                   asio::redirect_error(asio::use_awaitable, error));
  };
  while (written < bytes.size() && !error) written += co_await std::visit(write, stream_);
  co_return written;
}

Stream::Awaitable<Stream::ErrorCode> Stream::shutdown() {
  ErrorCode error;
  if (auto* tls = std::get_if<Tls>(&stream_)) {
    co_await tls->async_shutdown(asio::redirect_error(asio::use_awaitable, error));
    co_return error;
  }
  std::visit(
      [&error](auto& stream) {
        lowest(stream).socket().shutdown(asio::socket_base::shutdown_send, error);
      },
      stream_);
  co_return error;
}

void Stream::close() {
  std::visit([](auto& stream) { lowest(stream).close(); }, stream_);
}

}  // namespace stayd::http
