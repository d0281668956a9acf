// SPDX-License-Identifier: Apache-2.0
#include "http/server_session.h"

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "base/log.h"

namespace stayd::http {
namespace {

namespace asio = boost::asio;

// How long, and how much, a client may go on talking after it was refused. If it were cut off at
// once, what it has sent and nobody read would make the kernel drop our answer on its side.
constexpr std::chrono::seconds kLinger{1};
constexpr std::size_t kMaxIgnored = 1024 * 1024;

Reply text_reply(unsigned status, std::string_view message) {
  Reply reply;
  reply.status = status;
  reply.content_type = "text/plain";
  reply.body = std::string(message) + "\n";
  return reply;
}

}  // namespace

ServerSession::ServerSession(std::shared_ptr<SessionState> state, Stream::Tcp tcp, TlsContext tls,
                             std::string peer, std::string peer_group)
    : state_(std::move(state)),
      stream_(std::move(tcp)),
      tls_(std::move(tls)),
      peer_(std::move(peer)),
      peer_group_(std::move(peer_group)),
      buffer_(RequestReader::buffer_size(state_->limits.request)) {
  state_->sessions.insert(this);
  ++state_->by_peer[peer_group_];
}

ServerSession::~ServerSession() {
  state_->sessions.erase(this);
  const auto count = state_->by_peer.find(peer_group_);
  if (--count->second == 0) state_->by_peer.erase(count);
}

void ServerSession::stop() {
  if (receiving_) stream_.close();
}

asio::awaitable<void> ServerSession::run() {
  if (!co_await begin()) co_return;
  std::chrono::milliseconds patience = state_->limits.header;
  while (!state_->stopped) {
    RequestReader reader(state_->limits.request);
    receiving_ = true;
    ErrorCode error;
    const std::optional<Refusal> refusal = co_await receive(reader, patience, error);
    receiving_ = false;
    if (error || state_->stopped) co_return;  // it went, or is too slow to be told
    if (refusal) {
      co_await refuse(*refusal);
      co_return;
    }

    const bool wants_more = reader.keep_alive();
    Request request = reader.release();
    request.peer = peer_;
    const bool to_head = request.method == verb::head;
    const Reply reply = co_await answer(std::move(request));
    const bool keep_alive = wants_more && !state_->stopped;
    const bool sent = co_await send(reply, keep_alive, to_head);
    if (!sent || !keep_alive) co_return;
    patience = state_->limits.idle;
  }
}

ServerSession::Awaitable<bool> ServerSession::begin() {
  if (!tls_) co_return true;
  stream_.begin_tls(tls_);
  stream_.tcp().expires_after(state_->limits.handshake);
  const ErrorCode error = co_await stream_.handshake(asio::ssl::stream_base::server);
  co_return !error;
}

ServerSession::Awaitable<> ServerSession::read_some(ErrorCode& error) {
  const std::size_t size = co_await stream_.read_some(buffer_.prepare(kReadSize), error);
  buffer_.commit(size);
}

ServerSession::Awaitable<std::optional<Refusal>> ServerSession::receive(
    RequestReader& reader, std::chrono::milliseconds patience, ErrorCode& error) {
  if (buffer_.size() == 0) {
    stream_.tcp().expires_after(patience);
    co_await read_some(error);
  }
  stream_.tcp().expires_after(state_->limits.header);
  while (!error) {
    if (auto refusal = reader.take(buffer_)) co_return refusal;
    if (reader.has_header()) co_return co_await receive_body(reader, error);
    co_await read_some(error);
  }
  co_return std::nullopt;
}

ServerSession::Awaitable<std::optional<Refusal>> ServerSession::receive_body(RequestReader& reader,
                                                                             ErrorCode& error) {
  stream_.tcp().expires_after(state_->limits.body);
  if (reader.expects_continue() && !reader.is_done() && buffer_.size() == 0)
    co_await stream_.write("HTTP/1.1 100 Continue\r\n\r\n", error);
  while (!error && !reader.is_done()) {
    co_await read_some(error);
    if (auto refusal = reader.take(buffer_)) co_return refusal;
  }
  co_return std::nullopt;
}

ServerSession::Awaitable<Reply> ServerSession::answer(Request request) {
  try {
    co_return co_await state_->handler(std::move(request));
  } catch (const std::exception& error) {
    log_error("https: {}", error.what());
  }
  co_return text_reply(500, "internal error");
}

ServerSession::Awaitable<bool> ServerSession::send(const Reply& reply, bool keep_alive,
                                                   bool to_head) {
  const std::string bytes = serialize(reply, keep_alive, to_head);
  stream_.tcp().expires_after(state_->limits.reply);
  ErrorCode error;
  co_await stream_.write(bytes, error);
  if (error) co_return false;
  if (!keep_alive) {
    stream_.tcp().expires_after(kLinger);
    co_await stream_.shutdown();
  }
  co_return true;
}

ServerSession::Awaitable<> ServerSession::refuse(const Refusal& refusal) {
  const std::string bytes = serialize(text_reply(refusal.status, refusal.message), false);
  stream_.tcp().expires_after(kLinger);
  ErrorCode error;
  co_await stream_.write(bytes, error);
  if (error) co_return;
  co_await stream_.shutdown();  // in TLS this fails as soon as the client talks on
  std::array<char, kReadSize> ignored;
  for (std::size_t size = 0; !error && size < kMaxIgnored;)
    size += co_await stream_.tcp().async_read_some(
        asio::buffer(ignored), asio::redirect_error(asio::use_awaitable, error));
}

}  // namespace stayd::http
