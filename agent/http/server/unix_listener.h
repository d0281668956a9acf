// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace stayd::http {

// A listening Unix stream socket and the name it has in the file system.
class UnixListener {
 public:
  // Mode 0660 (0666 for `everybody`), owned by this process's user and by `group` if there is
  // such a group (else by this process's group). A socket that nobody answers on any more is
  // replaced; anything else at `path` is an error. `before_listening` is called with the bound
  // socket before anybody can connect to it; its error is open()'s.
  using BeforeListening = std::function<Result<>(int socket)>;
  static Result<UnixListener> open(const std::string& path, const std::string& group,
                                   bool everybody = false,
                                   const BeforeListening& before_listening = {});

  // The socket, non-blocking, for the caller to own.
  int release_fd() { return fd_.release(); }

  // Removes the name, unless it means another socket by now.
  void remove_name();

 private:
  UnixListener(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Fd fd_;
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace stayd::http
