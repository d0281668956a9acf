// SPDX-License-Identifier: Apache-2.0
#include "api/session.h"

#include <spdlog/spdlog.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <utility>

#include "base/json.h"

namespace stayd {
namespace {

namespace asio = boost::asio;
using asio::experimental::awaitable_operators::operator||;
using boost::system::error_code;

Reply perform(const Action& action) {
  try {
    return action.perform();
  } catch (const std::exception& error) {
    spdlog::error("api: {}", error.what());
    return error_reply(500, "internal error; see the log of stayd");
  }
}

}  // namespace

std::string serialize(const Reply& reply, bool keep_alive) {
  http::Reply response;
  response.status = reply.status;
  response.body = dump(reply.body) + "\n";
  return http::serialize(response, keep_alive);
}

Session::Session(std::shared_ptr<SessionState> state, Socket socket, Peer peer, std::string client)
    : state_(std::move(state)),
      stream_(std::move(socket)),
      buffer_(http::RequestReader::buffer_size(state_->limits.request)),
      changed_(stream_.get_executor()),
      peer_(std::move(peer)),
      client_(std::move(client)) {
  state_->sessions.insert(this);
  ++state_->by_client[client_];
}

Session::~Session() {
  state_->sessions.erase(this);
  const auto mine = state_->by_client.find(client_);
  if (--mine->second == 0) state_->by_client.erase(mine);
}

void Session::stop() {
  changed_.cancel();
  if (receiving_) stream_.cancel();
}

asio::awaitable<void> Session::run() {
  std::chrono::milliseconds patience = state_->limits.transfer;
  while (!is_stopped()) {
    http::RequestReader reader(state_->limits.request);
    receiving_ = true;
    error_code error;
    const std::optional<http::Refusal> refusal = co_await receive(reader, patience, error);
    receiving_ = false;
    if (error) co_return;  // it cannot hear us
    if (refusal) {
      const Reply reply = error_reply(refusal->status, refusal->message);
      co_await send(reply, /*keep_alive=*/false);
      co_return;
    }

    const bool wants_more = reader.keep_alive();
    const http::Request request = reader.release();
    const Reply reply = co_await answer(request);
    const bool keep_alive = wants_more && reply.status < 400 && !is_stopped();
    error = co_await send(reply, keep_alive);
    if (error || !keep_alive) co_return;
    patience = state_->limits.idle;
  }
}

asio::awaitable<std::optional<http::Refusal>> Session::receive(http::RequestReader& reader,
                                                               std::chrono::milliseconds patience,
                                                               error_code& error) {
  if (buffer_.size() == 0) {
    stream_.expires_after(patience);
    co_await read_some(error);
  }
  stream_.expires_after(state_->limits.transfer);
  while (!error) {
    if (auto refusal = reader.take(buffer_)) co_return refusal;
    if (reader.is_done()) break;
    co_await read_some(error);
  }
  co_return std::nullopt;
}

asio::awaitable<void> Session::read_some(error_code& error) {
  const std::size_t size = co_await stream_.async_read_some(
      buffer_.prepare(http::kReadSize), asio::redirect_error(asio::use_awaitable, error));
  buffer_.commit(size);
}

asio::awaitable<Reply> Session::answer(const http::Request& request) {
  if (is_stopped()) co_return error_reply(503, "stayd is stopping");
  Result<> admitted = state_->backend->admit(peer_);
  if (!admitted) co_return error_reply(403, admitted.error().message);

  const Request wanted{request.method, request.target, request.body, peer_};
  auto action = state_->backend->route(wanted);
  if (!action) co_return action.error();
  if (action->wait) co_await wait_for_change(*action->wait);
  if (is_stopped()) co_return error_reply(503, "stayd is stopping");
  co_return perform(*action);
}

asio::awaitable<void> Session::wait_for_change(Wait wait) {
  changed_.expires_after(wait.at_most);
  while (!is_stopped() && state_->backend->revision() == wait.since &&
         changed_.expiry() > std::chrono::steady_clock::now()) {
    // Readable means that the client hung up (or does not wait for its answer): keeping
    // its place among the connections would shut others out.
    auto ended = co_await (
        changed_.async_wait(asio::as_tuple(asio::use_awaitable)) ||
        stream_.socket().async_wait(Socket::wait_read, asio::as_tuple(asio::use_awaitable)));
    if (ended.index() == 1) co_return;
  }
}

asio::awaitable<error_code> Session::send(const Reply& reply, bool keep_alive) {
  const std::string bytes = serialize(reply, keep_alive);
  stream_.expires_after(state_->limits.transfer);
  error_code error;
  co_await asio::async_write(stream_, asio::buffer(bytes),
                             asio::redirect_error(asio::use_awaitable, error));
  co_return error;
}

}  // namespace stayd
