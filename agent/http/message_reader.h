// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <optional>

#include "http/message.h"

namespace stayd::http {

// The number of bytes to read into a buffer at a time.
inline constexpr std::size_t kReadSize = 4096;

// The common part of RequestReader and ResponseReader: takes a message out of bytes that arrive in
// pieces, within limits, and refuses what could be read in more than one way. Knows no socket.
template <bool is_request>
class MessageReader {
 public:
  using Parser = boost::beast::http::parser<is_request, boost::beast::http::string_body>;

  // Returns how many bytes the buffer given to take_…() must be able to hold.
  static std::size_t buffer_size(const MessageLimits& limits);

  explicit MessageReader(MessageLimits limits);

  // Takes the header from the front of `buffer` once all of it is there.
  std::optional<Refusal> take_header(boost::beast::flat_buffer& buffer);
  // Takes what is there of the body.
  std::optional<Refusal> take_body(boost::beast::flat_buffer& buffer);
  // Nothing more will come: is that the end of the message?
  std::optional<Refusal> take_end();

  Parser& parser() { return parser_; }
  const Parser& parser() const { return parser_; }

 private:
  Refusal too_large(bool header) const;
  std::optional<Refusal> check_trailers() const;
  std::size_t count_fields() const;

  MessageLimits limits_;
  Parser parser_;
  std::size_t field_count_ = 0;
  std::size_t body_bytes_taken_ = 0;  // with what frames them
};

extern template class MessageReader<true>;
extern template class MessageReader<false>;

}  // namespace stayd::http
