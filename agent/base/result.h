// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace stayd {

// What went wrong and where, outermost first: "load policy: /etc/x.yaml:3:5: unknown key".
struct Error {
  std::string message;
};

// A value or an Error. Callers test, then dereference; value() deliberately does not
// compile. May become std::expected once the toolchain has it.
template <class T = void>
using Result = boost::system::result<T, Error>;

inline Error in_context(std::string_view what, const Error& error) {
  return Error{std::string(what) + ": " + error.message};
}

// `what` with the text of `error_number`, by default the calling thread's errno.
Error errno_error(std::string_view what);
Error errno_error(std::string_view what, int error_number);

}  // namespace stayd
