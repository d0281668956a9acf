// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <optional>

#include "http/message.h"
#include "http/message_reader.h"

namespace stayd::http {

// Reads one request out of bytes that arrive in pieces. Refuses what two readers could read
// differently (RFC 9112, section 11.2: two lengths, two hosts, fields after the body, folded
// fields, and so on), a target that is not a path, and more than one field Authorization. Reads one
// request only.
class RequestReader {
 public:
  explicit RequestReader(MessageLimits limits) : message_(limits) {}

  static std::size_t buffer_size(const MessageLimits& limits) {
    return MessageReader<true>::buffer_size(limits);
  }

  // Takes from the front of `buffer` what belongs to this request; call it again with more bytes at
  // the end of `buffer` until is_done(). What follows the request stays in the buffer. A header
  // that is too large is refused before it is whole, and a body that is too large before any of it
  // is read.
  std::optional<Refusal> take(boost::beast::flat_buffer& buffer);

  bool is_done() const { return message_.parser().is_done(); }
  // The whole header has arrived, and nothing is wrong with it.
  bool has_header() const { return message_.parser().is_header_done(); }
  // The client sends the body only when told "100 Continue" (RFC 9110, section 10.1.1).
  bool expects_continue() const { return expects_continue_; }
  // True if the client wants another request on this connection. Once has_header().
  bool keep_alive() const { return message_.parser().keep_alive(); }

  // Once is_done(). `peer` is for the server to fill in.
  Request release();

 private:
  std::optional<Refusal> check_header();

  MessageReader<true> message_;
  bool expects_continue_ = false;
};

}  // namespace stayd::http
