// SPDX-License-Identifier: Apache-2.0
#include "support/notify_socket.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <stdexcept>

#include "support/sockets.h"

namespace stayd::test {

NotifySocket::NotifySocket(const std::string& path)
    : path_(path), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ::unlink(path.c_str());
  if (::bind(socket_.get(), as_sockaddr(address), sizeof(address)) != 0)
    throw std::runtime_error("bind " + path);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
}

NotifySocket::~NotifySocket() {
  ::unsetenv("NOTIFY_SOCKET");
  ::unlink(path_.c_str());
}

std::optional<std::string> NotifySocket::next(milliseconds limit) {
  char bytes[4096];
  if (!readable(socket_.get(), limit)) return std::nullopt;
  const ssize_t size = ::recv(socket_.get(), bytes, sizeof(bytes), 0);
  if (size < 0) return std::nullopt;
  return std::string(bytes, static_cast<std::size_t>(size));
}

}  // namespace stayd::test
