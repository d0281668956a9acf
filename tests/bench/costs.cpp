// SPDX-License-Identifier: Apache-2.0
#include "bench/costs.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "base/fd.h"

namespace stayd::bench {
namespace {

constexpr int kRounds = 60;
constexpr int kOperations = 50;

std::int64_t now() {
  timespec at{};
  ::clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1'000'000'000LL + at.tv_nsec;
}

void open_once(const char* file) {
  const int fd = ::open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw std::runtime_error(std::string("open ") + file);
  ::close(fd);
}

sockaddr_in destination(const char* address, std::uint16_t port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  if (::inet_pton(AF_INET, address, &to.sin_addr) != 1) throw std::runtime_error("inet_pton");
  return to;
}

// The least that `operation` costs when it is made `times` times in a row.
template <class Operation>
double least(int rounds, int times, Operation operation) {
  std::int64_t best = std::numeric_limits<std::int64_t>::max();
  for (int round = 0; round < rounds; ++round) {
    const std::int64_t begun = now();
    for (int i = 0; i < times; ++i) operation(round * times + i);
    best = std::min(best, now() - begun);
  }
  return static_cast<double>(best) / times;
}

}  // namespace

double cost_of_open(const std::string& file) {
  return least(kRounds, kOperations, [&](int) { open_once(file.c_str()); });
}

double cost_of_first_open(const std::vector<std::string>& files, std::size_t round) {
  return least(static_cast<int>(files.size() / round), static_cast<int>(round),
               [&](int i) { open_once(files[static_cast<std::size_t>(i)].c_str()); });
}

double cost_of_connect(const char* address, std::uint16_t port) {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const sockaddr_in to = destination(address, port);
  return least(kRounds, kOperations, [&](int) {
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)))
      throw std::runtime_error(std::string("connect ") + address);
  });
}

double cost_of_send(const char* address) {
  const Fd receiver(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const Fd sender(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in to = destination(address, 0);
  socklen_t size = sizeof(to);
  if (::bind(receiver.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) ||
      ::getsockname(receiver.get(), reinterpret_cast<sockaddr*>(&to), &size) ||
      ::connect(sender.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)))
    throw std::runtime_error(std::string("connect ") + address);
  char bytes[64] = {};
  return least(kRounds, kOperations, [&](int) {
    if (::send(sender.get(), bytes, sizeof(bytes), 0) != sizeof(bytes) ||
        ::recv(receiver.get(), bytes, sizeof(bytes), 0) != sizeof(bytes))
      throw std::runtime_error(std::string("send ") + address);
  });
}

int connect_datagram(const char* address, std::uint16_t port) {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const sockaddr_in to = destination(address, port);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to));
}

}  // namespace stayd::bench
