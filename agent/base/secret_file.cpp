// SPDX-License-Identifier: Apache-2.0
#include "base/secret_file.h"

#include "base/regular_file.h"

namespace stayd {

Result<std::string> SecretFile::read() const {
  Result<std::string> secret = read_regular_file(path_, kMax, Trust::secret);
  if (!secret) return secret;
  if (secret->ends_with("\r\n")) {
    secret->resize(secret->size() - 2);
  } else if (secret->ends_with('\n')) {
    secret->pop_back();
  }
  if (secret->empty()) return Error{path_ + ": empty"};
  return secret;
}

}  // namespace stayd
