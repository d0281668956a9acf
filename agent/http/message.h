// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/beast/http/verb.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stayd::http {

using Fields = boost::beast::http::fields;
using boost::beast::http::field;
using boost::beast::http::verb;

// The most that is read of a message. The header is start line and fields.
struct MessageLimits {
  std::size_t header_bytes = 8 * 1024;
  std::size_t body_bytes = 64 * 1024;
};

// A request that came to one of our servers, whole and unambiguous: see RequestReader.
struct Request {
  verb method{};
  std::string target;  // begins with '/'
  Fields fields;       // Host and Authorization at most once
  std::string body;
  std::string peer;  // the client's address; empty on a Unix socket
};

// A server's reply.
struct Reply {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  Fields fields{};     // besides Content-Type and those that say how the message is framed
  bool close = false;  // the server ends the connection after this reply
};

// {"error": MESSAGE} and a line feed: how every server of ours refuses a request.
Reply error_reply(unsigned status, std::string_view message);

// The reason why a request is not served. The message is for the client and repeats nothing of the
// request.
struct Refusal {
  unsigned status = 400;
  std::string message;
};

// The header of a message that goes out must not contain what its receiver would read as the end
// of a line, and not what says how the message is framed: that is ours to say.
Result<> check_outgoing_fields(const Fields& fields);

// The field's value if the message has it exactly once.
Result<std::string_view> only_value(const Fields& fields, field name);

// `reply` on the wire. Without the body if `to_head`: what a HEAD request is answered.
std::string serialize(const Reply& reply, bool keep_alive, bool to_head = false);

}  // namespace stayd::http
