// SPDX-License-Identifier: Apache-2.0
#include "http/client/client.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/write.hpp>
#include <sstream>
#include <utility>

#include "http/client/connector.h"

namespace stayd::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using std::chrono::steady_clock;

struct Client::State {
  ClientOptions options;
  std::shared_ptr<InFlight> in_flight;
  Connector connector;
  std::shared_ptr<Pool> pool;
};

namespace {

// The result of one request on one connection.
struct Exchange {
  std::optional<Response> response;
  Error error;            // if there is no response
  bool sent = false;      // the server may have read some of the request
  bool heard = false;     // something came back
  bool reusable = false;  // the connection
};

Error not_sent(const Error& why) { return {"not sent: " + why.message, ErrorKind::not_sent}; }
Error no_answer(const Error& why) { return {"no answer: " + why.message, ErrorKind::no_answer}; }

bool is_idempotent(verb method) {
  return method == verb::get || method == verb::head || method == verb::put ||
         method == verb::delete_ || method == verb::options;
}

Result<> check(const Outgoing& request) {
  if (request.method == verb::unknown || request.method == verb::connect)
    return Error{"a method that cannot be sent"};
  if (Result<> fields = check_outgoing_fields(request.fields); !fields) return fields;
  const bool secret = request.fields.count(field::authorization) != 0;
  if (secret && !request.url.secure && !is_loopback(request.url.host))
    return Error{"Authorization would be readable on the way: use https"};
  return {};
}

std::string serialize(const Outgoing& request, const std::string& user_agent) {
  beast::http::request<beast::http::empty_body> header;
  static_cast<Fields&>(header.base()) = request.fields;
  header.version(11);
  header.method(request.method);
  header.target(request.url.target);
  header.set(field::host, request.url.authority());
  if (header.count(field::user_agent) == 0) header.set(field::user_agent, user_agent);
  const bool has_meaning =  // RFC 9110, section 8.6
      request.method == verb::post || request.method == verb::put || request.method == verb::patch;
  if (has_meaning || !request.body.empty()) header.content_length(request.body.size());
  std::ostringstream text;
  text << header;
  return std::move(text).str() + request.body;
}

asio::awaitable<Exchange> exchange(const Client::State& state, Stream& stream,
                                   const std::string& bytes, bool head) {
  Exchange result;
  error_code write_error;
  result.sent = co_await stream.write(bytes, write_error) != 0;

  // Also after a failed write: a server that refuses a request may hang up before it has read
  // all of it, and say why.
  ResponseReader reader(state.options.answer_limits,
                        head ? ResponseReader::Kind::head : ResponseReader::Kind::ordinary);
  beast::flat_buffer buffer(ResponseReader::buffer_size(state.options.answer_limits));
  error_code error;
  std::optional<Error> mistake;
  while (!error && !mistake && !reader.is_done()) {
    const std::size_t size = co_await stream.read_some(buffer.prepare(kReadSize), error);
    buffer.commit(size);
    result.heard |= size != 0;
    mistake = reader.take(buffer);
    if (error == asio::error::eof && !mistake && !reader.is_done()) mistake = reader.take_end();
  }
  if (mistake) {
    result.error = std::move(*mistake);
  } else if (!reader.is_done()) {
    result.error = Error{describe(write_error ? write_error : error)};
  } else {
    result.reusable = !error && !write_error && reader.keep_alive() && buffer.size() == 0;
    result.response = reader.release();
  }
  co_return result;
}

asio::awaitable<Result<Response>> send_within(std::shared_ptr<Client::State> state,
                                              Outgoing request) {
  if (state->in_flight->ended()) co_return not_sent(Error{kStopped});
  if (Result<> good = check(request); !good) co_return not_sent(good.error());
  const std::string origin = request.url.origin();
  const bool repeatable = request.repeatable || is_idempotent(request.method);
  const std::string bytes = serialize(request, state->options.user_agent);
  const Deadline deadline =
      steady_clock::now() + request.limit.value_or(state->options.request_limit);

  const Pool::Turn turn = co_await state->pool->wait_for_turn(origin, deadline);
  if (!turn) {
    const bool stopped = state->in_flight->ended();
    co_return not_sent(Error{stopped ? kStopped : "too many requests wait for an answer"});
  }
  for (bool kept = true;; kept = false) {
    std::unique_ptr<Stream> stream = kept ? state->pool->take(origin) : nullptr;
    if (!stream) {
      kept = false;
      auto opened = co_await open_stream(state->connector, request.url, deadline);
      if (!opened) co_return not_sent(opened.error());
      stream = std::move(*opened);
    }
    stream->tcp().expires_at(deadline);
    const InFlight::Guard guard(state->in_flight, [&stream] { stream->close(); });
    Exchange result = co_await exchange(*state, *stream, bytes, request.method == verb::head);
    if (state->in_flight->ended()) co_return no_answer(Error{kStopped});
    if (result.response) {
      if (result.reusable) state->pool->keep(origin, std::move(stream));
      co_return std::move(*result.response);
    }
    const bool again = kept && !result.heard && (repeatable || !result.sent);
    if (!again || steady_clock::now() >= deadline)
      co_return result.sent ? no_answer(result.error) : not_sent(result.error);
  }
}

asio::awaitable<Result<Response>> send_from(std::shared_ptr<Client::State> state,
                                            Outgoing request) {
  const std::string origin = request.url.origin();
  Result<Response> response = co_await send_within(std::move(state), std::move(request));
  if (!response) co_return in_context(origin, response.error());
  co_return response;
}

}  // namespace

Result<std::unique_ptr<Client>> Client::create(asio::any_io_executor executor,
                                               ClientOptions options) {
  Result<TlsContext> tls = client_tls(options.ca_file);
  if (!tls) return tls.error();
  auto in_flight = std::make_shared<InFlight>();
  Connector connector{executor,          *tls,     options.proxies, options.connect_limit,
                      options.tls_limit, in_flight};
  auto pool = std::make_shared<Pool>(executor, options.pool, in_flight);
  auto state = std::make_shared<State>(
      State{std::move(options), std::move(in_flight), std::move(connector), std::move(pool)});
  return std::unique_ptr<Client>(new Client(std::move(state)));
}

Client::~Client() { stop(); }

asio::awaitable<Result<Response>> Client::send(Outgoing request) {
  return send_from(state_, std::move(request));
}

void Client::stop() {
  state_->in_flight->end_all();
  state_->pool->clear();
}

}  // namespace stayd::http
