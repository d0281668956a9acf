// SPDX-License-Identifier: Apache-2.0
#include "api/session.h"

#include <spdlog/spdlog.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>
#include <utility>

#include "base/json.h"

namespace stayd {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::experimental::awaitable_operators::operator||;
using boost::system::error_code;

constexpr std::size_t kReadSize = 4096;

// What to tell a client whose request could not be read; nothing if it cannot hear us.
std::optional<Reply> refusal(error_code error, const ServerLimits& limits) {
  if (error == http::error::end_of_stream || error == http::error::partial_message)
    return std::nullopt;
  if (error == http::error::body_limit)
    return error_reply(413, "body is larger than " + std::to_string(limits.body_bytes) + " bytes");
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return error_reply(431,
                       "header is larger than " + std::to_string(limits.header_bytes) + " bytes");
  if (error.category() == make_error_code(http::error::end_of_stream).category())
    return error_reply(400, "not a HTTP request: " + error.message());
  return std::nullopt;
}

Reply perform(const Action& action) {
  try {
    return action.perform();
  } catch (const std::exception& error) {
    spdlog::error("api: {}", error.what());
    return error_reply(500, "internal error; see the log of stayd");
  }
}

}  // namespace

HttpResponse make_response(const Reply& reply, bool keep_alive) {
  HttpResponse response;
  response.result(reply.status);
  response.set(http::field::content_type, "application/json");
  response.body() = dump(reply.body) + "\n";
  response.keep_alive(keep_alive);
  response.prepare_payload();
  return response;
}

Session::Session(std::shared_ptr<SessionState> state, Socket socket, Peer peer, std::string client)
    : state_(std::move(state)),
      stream_(std::move(socket)),
      buffer_(state_->limits.header_bytes + state_->limits.body_bytes + kReadSize),
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
    HttpRequest request;
    receiving_ = true;
    error_code error = co_await receive(patience, request);
    receiving_ = false;
    if (error) {
      std::optional<Reply> reply = refusal(error, state_->limits);
      if (reply) co_await send(*reply, /*keep_alive=*/false);
      co_return;
    }

    Reply reply = co_await answer(request);
    bool keep_alive = request.keep_alive() && reply.status < 400 && !is_stopped();
    error = co_await send(reply, keep_alive);
    if (error || !keep_alive) co_return;
    patience = state_->limits.idle;
  }
}

asio::awaitable<error_code> Session::receive(std::chrono::milliseconds patience,
                                             HttpRequest& request) {
  error_code error;
  if (buffer_.size() == 0) {
    stream_.expires_after(patience);
    std::size_t size = co_await stream_.async_read_some(
        buffer_.prepare(kReadSize), asio::redirect_error(asio::use_awaitable, error));
    buffer_.commit(size);
    if (error) co_return error;
  }

  stream_.expires_after(state_->limits.transfer);
  http::request_parser<http::string_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(state_->limits.header_bytes));
  parser.body_limit(state_->limits.body_bytes);
  co_await http::async_read(stream_, buffer_, parser,
                            asio::redirect_error(asio::use_awaitable, error));
  if (!error) request = parser.release();
  co_return error;
}

asio::awaitable<Reply> Session::answer(const HttpRequest& request) {
  if (is_stopped()) co_return error_reply(503, "stayd is stopping");
  Result<> admitted = state_->backend->admit(peer_);
  if (!admitted) co_return error_reply(403, admitted.error().message);

  const Request wanted{request.method(), request.target(), request.body(), peer_};
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
  HttpResponse response = make_response(reply, keep_alive);
  stream_.expires_after(state_->limits.transfer);
  error_code error;
  co_await http::async_write(stream_, response, asio::redirect_error(asio::use_awaitable, error));
  co_return error;
}

}  // namespace stayd
