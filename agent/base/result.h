// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace stayd {

// The kind of an error, which callers may act on. The message is for people only: no behaviour
// depends on its words.
enum class ErrorKind : std::uint8_t {
  other,
  not_sent,   // nothing of the request left this host, so it may be sent again
  no_answer,  // the request was sent, at least in part, and may have taken effect
  no_token,   // the identity provider gave us no access token
};

// An error says what went wrong and where, outermost first: "load policy: /etc/x.yaml:3:5: unknown
// key".
struct Error {
  std::string message;
  ErrorKind kind = ErrorKind::other;
};

// A value or an Error. Callers test, then dereference; value() deliberately does not
// compile. May become std::expected once the toolchain has it.
template <class T = void>
using Result = boost::system::result<T, Error>;

// Keeps the kind.
inline Error in_context(std::string_view what, const Error& error) {
  return Error{std::string(what) + ": " + error.message, error.kind};
}

// A successful result. Result<T> cannot be constructed from a value that could also become an
// Error, such as a JSON value or a string.
template <class T>
Result<T> ok(T value) {
  return Result<T>(boost::system::in_place_value, std::move(value));
}

// `what` with the text of `error_number`, by default the calling thread's errno.
Error errno_error(std::string_view what);
Error errno_error(std::string_view what, int error_number);

}  // namespace stayd
