// SPDX-License-Identifier: Apache-2.0
#include "http/message_reader.h"

#include <boost/beast/http/error.hpp>
#include <iterator>
#include <string>
#include <string_view>

#include "http/framing.h"

namespace stayd::http {
namespace {

namespace beast = boost::beast;
namespace beast_http = beast::http;
using boost::system::error_code;

constexpr std::string_view kEndOfHeader = "\r\n\r\n";
// The last chunk, without trailers: what is left of any chunked body is at least this long.
constexpr std::size_t kShortestRest = std::string_view("0\r\n\r\n").size();
// A chunk of one byte takes six on the wire.
constexpr std::size_t kMaxWireBytesPerByte = 8;

std::string_view text_of(const beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

Refusal not_http(std::string_view why) { return {400, "not HTTP: " + std::string(why)}; }

}  // namespace

template <bool is_request>
std::size_t MessageReader<is_request>::buffer_size(const MessageLimits& limits) {
  return limits.header_bytes + kReadSize;
}

template <bool is_request>
MessageReader<is_request>::MessageReader(MessageLimits limits) : limits_(limits) {
  parser_.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  parser_.body_limit(limits.body_bytes);
}

template <bool is_request>
Refusal MessageReader<is_request>::too_large(bool header) const {
  if (header)
    return {431, "header is larger than " + std::to_string(limits_.header_bytes) + " bytes"};
  return {413, "body is larger than " + std::to_string(limits_.body_bytes) + " bytes"};
}

template <bool is_request>
std::size_t MessageReader<is_request>::count_fields() const {
  const auto& fields = parser_.get();
  return static_cast<std::size_t>(std::distance(fields.begin(), fields.end()));
}

template <bool is_request>
std::optional<Refusal> MessageReader<is_request>::take_header(beast::flat_buffer& buffer) {
  const std::string_view text = text_of(buffer);
  const std::size_t end = text.find(kEndOfHeader);
  const bool whole = end != std::string_view::npos;
  const std::string_view header = text.substr(0, whole ? end + kEndOfHeader.size() : text.size());
  if (header.size() > limits_.header_bytes) return too_large(true);
  // So that a peer that speaks something else hears so before it has sent that much.
  if (Result<> bytes = check_header_bytes(header, whole); !bytes)
    return not_http(bytes.error().message);
  if (!whole) return std::nullopt;

  error_code error;
  buffer.consume(parser_.put(buffer.data(), error));
  if (error == beast_http::error::body_limit) return too_large(false);
  if (error) return not_http(error.message());
  const auto& fields = parser_.get();
  if (Result<> framing = check_framing(fields, fields.version() == 11); !framing)
    return Refusal{400, framing.error().message};
  field_count_ = count_fields();
  parser_.eager(true);
  return std::nullopt;
}

template <bool is_request>
std::optional<Refusal> MessageReader<is_request>::take_body(beast::flat_buffer& buffer) {
  while (!parser_.is_done()) {
    // Boost 1.81 asserts that it never sees less than that of a last chunk.
    if (buffer.size() < (parser_.chunked() ? kShortestRest : 1)) return std::nullopt;
    error_code error;
    const std::size_t size = parser_.put(buffer.data(), error);
    buffer.consume(size);
    body_bytes_taken_ += size;
    if (error == beast_http::error::body_limit) return too_large(false);
    if (error && error != beast_http::error::need_more) return not_http(error.message());
    if (body_bytes_taken_ > kMaxWireBytesPerByte * limits_.body_bytes + limits_.header_bytes)
      return too_large(false);
    if (size != 0) continue;
    if (buffer.size() >= limits_.header_bytes) return not_http("a chunk header that does not end");
    return std::nullopt;
  }
  return check_trailers();
}

template <bool is_request>
std::optional<Refusal> MessageReader<is_request>::take_end() {
  error_code error;
  parser_.put_eof(error);
  if (error || !parser_.is_done()) return not_http("the message ends too early");
  return std::nullopt;
}

template <bool is_request>
std::optional<Refusal> MessageReader<is_request>::check_trailers() const {
  // The parser puts them with the fields of the header, which were checked before.
  if (count_fields() != field_count_) return Refusal{400, "fields after the body"};
  return std::nullopt;
}

template class MessageReader<true>;
template class MessageReader<false>;

}  // namespace stayd::http
