// SPDX-License-Identifier: Apache-2.0
#include "support/operations.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "base/fd.h"
#include "support/sockets.h"

namespace stayd::test {

Body reads(std::string path) {
  return [path = std::move(path)](Report& report) -> long {
    Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return -1;
    char bytes[256];
    const ssize_t size = ::read(file.get(), bytes, sizeof(bytes));
    if (size > 0) report.say(bytes, static_cast<std::size_t>(size));
    return size;
  };
}

Body creates(std::string path) {
  return [path = std::move(path)](Report&) -> long {
    Fd file(::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
    if (!file) return -1;
    return ::write(file.get(), "new\n", 4);
  };
}

Body connects(std::uint16_t port, std::string text) {
  return [port, text = std::move(text)](Report&) -> long {
    Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port);
    if (::connect(socket.get(), as_sockaddr(address), sizeof(address)) != 0) return -1;
    return ::write(socket.get(), text.data(), text.size());
  };
}

Body sends(std::uint16_t port, std::string text) {
  return [port, text = std::move(text)](Report&) -> long {
    Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port);
    return ::sendto(socket.get(), text.data(), text.size(), 0, as_sockaddr(address),
                    sizeof(address));
  };
}

Body executes(std::string path, std::vector<std::string> arguments) {
  return [path = std::move(path), arguments = std::move(arguments)](Report&) -> long {
    std::vector<char*> argv{const_cast<char*>(path.c_str())};
    for (const std::string& each : arguments) argv.push_back(const_cast<char*>(each.c_str()));
    argv.push_back(nullptr);
    return ::execv(path.c_str(), argv.data());
  };
}

Body in_turn(std::vector<Body> bodies) {
  return [bodies = std::move(bodies)](Report& report) -> long {
    long value = 0;
    for (const Body& body : bodies) {
      value = body(report);
      if (value < 0) break;
      ++report.stage;
    }
    return value;
  };
}

Body in_a_child(Body body) {
  return [body = std::move(body)](Report& report) -> long {
    const pid_t child = ::fork();
    if (child < 0) return -1;
    if (child == 0) {
      const long value = body(report);
      report.error = value < 0 ? errno : 0;
      report.value = value;
      ::_exit(0);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    errno = report.error;
    return report.value;
  };
}

Body in_a_thread(Body body) {
  return [body = std::move(body)](Report& report) -> long {
    long value = 0;
    int error = 0;
    std::thread thread([&] {
      value = body(report);
      error = errno;
    });
    thread.join();
    errno = error;
    return value;
  };
}

}  // namespace stayd::test
