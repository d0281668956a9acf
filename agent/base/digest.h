// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace stayd {

// 64 lower-case hex digits. Ends the process if the library cannot hash: a digest that is
// missing must not compare equal to anything.
std::string sha256_hex(std::string_view bytes);

// SHA-256 of bytes that come in pieces, as sha256_hex() gives it. Ends the process on failure, as
// above.
class RunningDigest {
 public:
  RunningDigest();
  RunningDigest(RunningDigest&&) noexcept;
  RunningDigest& operator=(RunningDigest&&) noexcept;
  ~RunningDigest();

  void add(std::string_view bytes);
  std::string hex() const;  // of all that was added so far

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// 32 bytes, RFC 2104 with SHA-256. Ends the process on failure, as above.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

}  // namespace stayd
