// SPDX-License-Identifier: Apache-2.0
#include "http/server/unix_listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "base/users.h"

namespace stayd::http {
namespace {

constexpr int kBacklog = 64;

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return Error{path + ": a socket path has 1 to " + std::to_string(sizeof address.sun_path - 1) +
                 " bytes"};
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// The socket functions take every kind of address through one type.
const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

Result<> make_room(const std::string& path, const sockaddr_un& address) {
  struct stat existing {};
  if (::lstat(path.c_str(), &existing) != 0) {
    if (errno == ENOENT) return {};
    return errno_error(path);
  }
  if (!S_ISSOCK(existing.st_mode)) return Error{path + ": exists and is not a socket"};

  Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!probe) return errno_error("socket");
  // EAGAIN is a full backlog: somebody does listen.
  if (::connect(probe.get(), generic(address), sizeof address) == 0 || errno == EAGAIN)
    return Error{path + ": another process already answers here"};
  if (errno != ECONNREFUSED) return errno_error(path);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return errno_error(path + ": remove");
  return {};
}

}  // namespace

Result<UnixListener> UnixListener::open(const std::string& path, const std::string& group,
                                        bool everybody, const BeforeListening& before_listening) {
  Result<sockaddr_un> address = address_of(path);
  if (!address) return address.error();
  Result<> room = make_room(path, *address);
  if (!room) return room.error();

  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return errno_error("socket");
  // bind() gives the name the mode that the socket has (less the umask), so that there
  // is no moment at which others could connect; umask(2) would disturb other threads.
  if (::fchmod(fd.get(), 0600) != 0) return errno_error(path + ": set mode");
  if (::bind(fd.get(), generic(*address), sizeof *address) != 0) return errno_error(path);

  UnixListener listener(std::move(fd), path);
  struct stat bound {};
  if (::lstat(path.c_str(), &bound) != 0) return errno_error(path);
  listener.device_ = bound.st_dev;
  listener.inode_ = bound.st_ino;

  if (std::optional<gid_t> gid = gid_of_group(group)) {
    if (::lchown(path.c_str(), static_cast<uid_t>(-1), *gid) != 0) {
      Error error = errno_error(path + ": give to group " + group);
      listener.remove_name();
      return error;
    }
  }
  if (before_listening) {
    if (Result<> ready = before_listening(listener.fd_.get()); !ready) {
      listener.remove_name();
      return in_context(path, ready.error());
    }
  }
  if (::chmod(path.c_str(), everybody ? 0666 : 0660) != 0 ||
      ::listen(listener.fd_.get(), kBacklog) != 0) {
    Error error = errno_error(path);
    listener.remove_name();
    return error;
  }
  return listener;
}

void UnixListener::remove_name() {
  struct stat now {};
  if (::lstat(path_.c_str(), &now) != 0) return;
  if (now.st_dev == device_ && now.st_ino == inode_) ::unlink(path_.c_str());
}

}  // namespace stayd::http
