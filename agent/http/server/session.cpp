// SPDX-License-Identifier: Apache-2.0
#include "http/server/session.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "base/log.h"

namespace stayd::http {
namespace {

namespace asio = boost::asio;

// The time for which, and the bytes that, a client may go on sending after it was refused. If it
// were cut off at once, the bytes that it has sent and nobody has read would make the kernel drop
// our answer on its side.
constexpr std::chrono::seconds kLinger{1};
constexpr std::size_t kMaxIgnored = 1024 * 1024;

}  // namespace

Sessions::Room Sessions::room_for(const std::string& peer) const {
  if (all.size() >= limits.connections) return Room::full;
  const auto same = by_peer.find(peer);
  const bool full =
      !peer.empty() && same != by_peer.end() && same->second >= limits.connections_per_peer;
  return full ? Room::full_for_peer : Room::available;
}

void Sessions::notify() {
  for (Session* session : all) session->notify();
}

void Sessions::stop() {
  stopped = true;
  for (Session* session : all) session->stop();
}

Session::Session(std::shared_ptr<Sessions> sessions, Stream::Tcp tcp, TlsContext tls,
                 std::string peer, std::string address, Handler handler)
    : sessions_(std::move(sessions)),
      stream_(std::move(tcp)),
      tls_(std::move(tls)),
      peer_(std::move(peer)),
      address_(std::move(address)),
      handler_(std::move(handler)),
      buffer_(RequestReader::buffer_size(sessions_->limits.request)),
      notified_(stream_.executor()) {
  enter();
}

Session::Session(std::shared_ptr<Sessions> sessions, Stream::Unix stream, std::string peer,
                 Handler handler)
    : sessions_(std::move(sessions)),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      handler_(std::move(handler)),
      buffer_(RequestReader::buffer_size(sessions_->limits.request)),
      notified_(stream_.executor()) {
  enter();
}

void Session::enter() {
  sessions_->all.insert(this);
  ++sessions_->by_peer[peer_];
}

Session::~Session() {
  sessions_->all.erase(this);
  const auto count = sessions_->by_peer.find(peer_);
  if (--count->second == 0) sessions_->by_peer.erase(count);
}

void Session::stop() {
  notified_.cancel();
  if (receiving_) stream_.close();
}

asio::awaitable<void> Session::run() {
  if (!co_await begin()) co_return;
  std::chrono::milliseconds patience = sessions_->limits.header;
  while (!sessions_->stopped) {
    RequestReader reader(sessions_->limits.request);
    receiving_ = true;
    ErrorCode error;
    const std::optional<Refusal> refusal = co_await receive(reader, patience, error);
    receiving_ = false;
    if (error || sessions_->stopped) co_return;  // the client left, or is too slow to be told
    if (refusal) {
      co_await refuse(*refusal);
      co_return;
    }

    const bool wants_more = reader.keep_alive();
    Request request = reader.release();
    request.peer = address_;
    const bool to_head = request.method == verb::head;
    const Reply reply = co_await answer(std::move(request));
    const bool keep_alive = wants_more && !reply.close && !sessions_->stopped;
    const bool sent = co_await send(reply, keep_alive, to_head);
    if (!sent || !keep_alive) co_return;
    patience = sessions_->limits.idle;
  }
}

Session::Awaitable<bool> Session::begin() {
  if (!tls_) co_return true;
  stream_.begin_tls(tls_);
  stream_.expires_after(sessions_->limits.handshake);
  const ErrorCode error = co_await stream_.handshake(asio::ssl::stream_base::server);
  co_return !error;
}

Session::Awaitable<> Session::read_some(ErrorCode& error) {
  const std::size_t size = co_await stream_.read_some(buffer_.prepare(kReadSize), error);
  buffer_.commit(size);
}

Session::Awaitable<std::optional<Refusal>> Session::receive(RequestReader& reader,
                                                            std::chrono::milliseconds patience,
                                                            ErrorCode& error) {
  if (buffer_.size() == 0) {
    stream_.expires_after(patience);
    co_await read_some(error);
  }
  stream_.expires_after(sessions_->limits.header);
  while (!error) {
    if (auto refusal = reader.take(buffer_)) co_return refusal;
    if (reader.has_header()) co_return co_await receive_body(reader, error);
    co_await read_some(error);
  }
  co_return std::nullopt;
}

Session::Awaitable<std::optional<Refusal>> Session::receive_body(RequestReader& reader,
                                                                 ErrorCode& error) {
  if (sessions_->limits.body) stream_.expires_after(*sessions_->limits.body);
  if (reader.expects_continue() && !reader.is_done() && buffer_.size() == 0)
    co_await stream_.write("HTTP/1.1 100 Continue\r\n\r\n", error);
  while (!error && !reader.is_done()) {
    co_await read_some(error);
    if (auto refusal = reader.take(buffer_)) co_return refusal;
  }
  co_return std::nullopt;
}

Session::Awaitable<Reply> Session::answer(Request request) {
  try {
    co_return co_await handler_(std::move(request), *this);
  } catch (const std::exception& error) {
    log_error("http server: {}", error.what());
  }
  Reply failure = error_reply(500, "internal error; see the log of stayd");
  failure.close = true;  // nobody knows what the handler left half done
  co_return failure;
}

Session::Awaitable<bool> Session::wait(std::chrono::steady_clock::time_point end) {
  using asio::experimental::awaitable_operators::operator||;
  notified_.expires_at(end);
  const auto ended = co_await (notified_.async_wait(asio::as_tuple(asio::use_awaitable)) ||
                               stream_.wait_readable());
  co_return ended.index() == 0;
}

Session::Awaitable<bool> Session::send(const Reply& reply, bool keep_alive, bool to_head) {
  const std::string bytes = serialize(reply, keep_alive, to_head);
  stream_.expires_after(sessions_->limits.reply);
  ErrorCode error;
  co_await stream_.write(bytes, error);
  if (error) co_return false;
  if (!keep_alive) {
    stream_.expires_after(kLinger);
    co_await stream_.shutdown();
  }
  co_return true;
}

Session::Awaitable<> Session::refuse(const Refusal& refusal) {
  const std::string bytes = serialize(error_reply(refusal.status, refusal.message), false);
  stream_.expires_after(kLinger);
  ErrorCode error;
  co_await stream_.write(bytes, error);
  if (error) co_return;
  co_await stream_.shutdown();  // in TLS this fails as soon as the client talks on
  std::array<char, kReadSize> ignored;
  for (std::size_t size = 0; !error && size < kMaxIgnored;)
    size += co_await stream_.read_raw(asio::buffer(ignored), error);
}

}  // namespace stayd::http
