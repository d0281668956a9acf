// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/fd.h"
#include "support/waiting.h"

namespace stayd::test {

// A service manager, as far as sd_notify(3) sees one: programs that are started while it lives
// find it in NOTIFY_SOCKET.
class NotifySocket {
 public:
  // Throws std::runtime_error if there can be no socket at `path`.
  explicit NotifySocket(const std::string& path);
  ~NotifySocket();
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  // The next message, "READY=1\nSTATUS=…"; nothing if none came within the limit.
  std::optional<std::string> next(milliseconds limit = kPatience);

 private:
  std::string path_;
  Fd socket_;
};

}  // namespace stayd::test
