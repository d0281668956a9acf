// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/stream_base.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>
#include <string_view>
#include <variant>

#include "http/tls.h"

namespace stayd::http {

// One connection: TCP, TLS over TCP, or a Unix socket. Its user sets a deadline: what is not over
// by then fails with beast::error::timeout, and the connection with it.
class Stream {
 public:
  using Tcp = boost::beast::tcp_stream;
  using Unix = boost::beast::basic_stream<boost::asio::local::stream_protocol>;
  using ErrorCode = boost::system::error_code;
  template <class T = void>
  using Awaitable = boost::asio::awaitable<T>;

  explicit Stream(Tcp tcp) : stream_(std::move(tcp)) {}
  explicit Stream(Unix local) : stream_(std::move(local)) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  Tcp& tcp();  // only if it is not a Unix socket
  SSL* tls();  // null: not in TLS
  boost::asio::any_io_executor executor();

  // The deadline of everything that begins from here on, until the next call.
  void expires_after(std::chrono::steady_clock::duration time);

  // From here on in TLS. Only once, and not while anything is under way.
  void begin_tls(TlsContext context);
  Awaitable<ErrorCode> handshake(boost::asio::ssl::stream_base::handshake_type side);

  // Reads at least one byte; 0 with the error set. eof is an end in order: in TLS, the other
  // side has said that it is the end.
  Awaitable<std::size_t> read_some(boost::asio::mutable_buffer buffer, ErrorCode& error);
  // Returns how many bytes were taken, all of `bytes` unless the error is set. In TLS, bytes that
  // do not count may be on their way, but the other side cannot read them.
  Awaitable<std::size_t> write(std::string_view bytes, ErrorCode& error);
  // Like read_some(), but in TLS without decrypting: what arrives after the TLS session has ended.
  Awaitable<std::size_t> read_raw(boost::asio::mutable_buffer buffer, ErrorCode& error);
  // Returns once the other side has sent something or has ended the connection. The deadline does
  // not bound it; the caller cancels it. In TLS, bytes that were received and not yet read do not
  // count.
  Awaitable<> wait_readable();
  // Says that nothing more will come. Waits for the other side in TLS.
  Awaitable<ErrorCode> shutdown();

  // Ends whatever is under way.
  void close();

 private:
  using Tls = boost::beast::ssl_stream<Tcp>;

  TlsContext context_;  // of which stream_ is
  std::variant<Tcp, Tls, Unix> stream_;
};

}  // namespace stayd::http
