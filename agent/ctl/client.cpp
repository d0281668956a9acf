// SPDX-License-Identifier: Apache-2.0
#include "ctl/client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "base/escape.h"
#include "base/json.h"

namespace stayd {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Protocol = asio::local::stream_protocol;
using boost::system::error_code;

constexpr std::chrono::seconds kPatience{60};
constexpr std::size_t kMaxReply = 64 << 20;

Error unreachable(const std::string& path, error_code error) {
  std::string message = "cannot reach stayd at " + path + ": ";
  if (error == boost::system::errc::no_such_file_or_directory ||
      error == boost::system::errc::connection_refused)
    return Error{message + error.message() + " (is stayd running? try: systemctl status stayd)"};
  if (error == boost::system::errc::permission_denied)
    return Error{message + error.message() + " (you must be root or in group stayd)"};
  if (error == beast::error::timeout) return Error{message + "no answer in time"};
  if (error == http::error::end_of_stream || error == http::error::partial_message)
    return Error{message + "it hung up without an answer"};
  return Error{message + error.message()};
}

}  // namespace

// Asynchronous inside, because only that way Beast has time limits.
struct Client::Connection {
  asio::io_context context{1};
  beast::basic_stream<Protocol> stream{context};

  // Runs what was just started until it is over.
  void run() {
    context.restart();
    context.run();
  }
};

Client::Client(std::string socket_path) : socket_path_(std::move(socket_path)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Result<nlohmann::json> Client::request(const std::string& method, const std::string& target,
                                       const nlohmann::json& body) {
  Result<> begun = begin(method, target, body);
  if (!begun) return begun.error();
  return finish();
}

Result<> Client::begin(const std::string& method, const std::string& target,
                       const nlohmann::json& body) {
  connection_ = std::make_unique<Connection>();
  error_code error;
  sockaddr_un limits;
  if (socket_path_.size() >= sizeof limits.sun_path)
    return Error{"socket path " + socket_path_ + " is too long"};
  connection_->stream.socket().connect(Protocol::endpoint(socket_path_), error);

  http::request<http::string_body> request(http::string_to_verb(method), target, 11);
  request.set(http::field::host, "stayd");
  request.keep_alive(false);
  if (!body.is_null()) {
    request.set(http::field::content_type, "application/json");
    request.body() = dump(body);
  }
  request.prepare_payload();
  if (!error) {
    connection_->stream.expires_after(kPatience);
    http::async_write(connection_->stream, request,
                      [&error](error_code result, std::size_t) { error = result; });
    connection_->run();
  }
  // A server that turns us away hangs up before it has read what we say: its reply counts.
  if (!error || error == boost::system::errc::broken_pipe) return {};
  connection_.reset();
  return unreachable(socket_path_, error);
}

int Client::fd() const { return connection_ ? connection_->stream.socket().native_handle() : -1; }

void Client::cancel() { connection_.reset(); }

Result<nlohmann::json> Client::finish() {
  if (!connection_) return Error{"no request was begun"};
  std::unique_ptr<Connection> connection = std::move(connection_);

  http::response_parser<http::string_body> parser;
  parser.body_limit(kMaxReply);
  beast::flat_buffer buffer;
  error_code error;
  connection->stream.expires_after(kPatience);
  http::async_read(connection->stream, buffer, parser,
                   [&error](error_code result, std::size_t) { error = result; });
  connection->run();
  if (error) return unreachable(socket_path_, error);

  const auto response = parser.release();
  Result<nlohmann::json> body = parse_json(response.body(), {kMaxReply, 32});
  if (response.result_int() == 200 && body) return body;
  if (!body) return in_context("reply of stayd", body.error());
  const auto message = body->is_object() ? body->find("error") : body->end();
  if (message == body->end() || !message->is_string())
    return Error{"stayd answered with status " + std::to_string(response.result_int())};
  return Error{escape(message->get_ref<const std::string&>())};
}

}  // namespace stayd
