// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.h"

namespace stayd {

// Talks to stayd over its Unix socket, one request per connection. Blocks the calling
// thread, for at most a minute (the longest poll, of 50 s, and some). Error messages hold no
// control characters.
class Client {
 public:
  explicit Client(std::string socket_path);
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // The body of the reply. `body` is sent unless null.
  Result<nlohmann::json> request(const std::string& method, const std::string& target,
                                 const nlohmann::json& body = nullptr);

  // request() in two halves, for callers with a poll() of their own: fd() becomes
  // readable when finish() will not have to wait. begin() gives up an unfinished request.
  Result<> begin(const std::string& method, const std::string& target,
                 const nlohmann::json& body = nullptr);
  int fd() const;  // -1 between finish() and begin()
  Result<nlohmann::json> finish();
  void cancel();

 private:
  struct Connection;

  std::string socket_path_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace stayd
