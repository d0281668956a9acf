// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "ctl/command.h"
#include "ctl/mcp_server.h"

namespace stayd {
namespace {

// Until the client closes our input, or reads no more.
int run(const Console& console) {
  McpServer server(console.self_socket_path);
  McpLines lines;
  std::array<char, 64 << 10> bytes{};
  while (console.out) {
    std::array<pollfd, 2> sources{{{STDIN_FILENO, POLLIN, 0}, {server.fd(), POLLIN, 0}}};
    if (::poll(sources.data(), sources.size(), -1) < 0 && errno != EINTR)
      return console.fail(errno_error("poll"));
    if (sources[1].revents != 0) console.out << server.finish_wait() << std::flush;
    if (sources[0].revents == 0) continue;
    const ssize_t size = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return size == 0 ? kExitOk : console.fail(errno_error("standard input"));
    for (const auto& line : lines.take({bytes.data(), static_cast<std::size_t>(size)}))
      console.out << server.take(line) << std::flush;
  }
  return kExitFailure;
}

}  // namespace

Command mcp_command() {
  return {.name = "mcp",
          .summary = "an MCP server on standard input and output, for the agent in a workload",
          .run = run};
}

}  // namespace stayd
