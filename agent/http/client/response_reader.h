// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <optional>

#include "http/message.h"
#include "http/message_reader.h"

namespace stayd::http {

// A server's answer. Redirects are answers like any other: they are not followed.
struct Response {
  unsigned status = 0;
  Fields fields;
  std::string body;
};

// Reads the answer to one request out of bytes that arrive in pieces, passing over what a server
// says before its answer (1xx). Used up after one answer.
class ResponseReader {
 public:
  // `kind` of request decides whether the answer has a body.
  enum class Kind { ordinary, head, connect };

  ResponseReader(MessageLimits limits, Kind kind);

  static std::size_t buffer_size(const MessageLimits& limits) {
    return MessageReader<false>::buffer_size(limits);
  }

  // Takes from the front of `buffer` what belongs to the answer, until is_done().
  std::optional<Error> take(boost::beast::flat_buffer& buffer);
  // The connection has ended in order: some answers end so, for the others it is an error.
  std::optional<Error> take_end();

  bool is_done() const { return message_->parser().is_done(); }
  // True if the connection can serve another request. Once is_done().
  bool keep_alive() const;

  Response release();

 private:
  static constexpr int kMaxInterim = 8;

  void begin();

  MessageLimits limits_;
  Kind kind_;
  std::optional<MessageReader<false>> message_;
  int interim_ = 0;
};

}  // namespace stayd::http
