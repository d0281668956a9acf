// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace stayd {

Error errno_error(std::string_view what, int error_number) {
  return Error{std::string(what) + ": " + std::generic_category().message(error_number)};
}

Error errno_error(std::string_view what) { return errno_error(what, errno); }

}  // namespace stayd
