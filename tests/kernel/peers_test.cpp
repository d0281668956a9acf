// SPDX-License-Identifier: Apache-2.0
// Who is at the other end of stayd's sockets: the process that connected, as it was then, whoever
// has its number or its descriptor later.
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "kernel_test.h"

namespace stayd::test {
namespace {

std::string http(const std::string& method, const std::string& target, const Json& body) {
  const std::string text = body.is_null() ? "" : body.dump();
  return method + " " + target + " HTTP/1.1\r\nHost: stayd\r\nConnection: close\r\n" +
         "Content-Type: application/json\r\nContent-Length: " + std::to_string(text.size()) +
         "\r\n\r\n" + text;
}

// Connects in a child process and waits until that is gone; returns its pid, or -1.
pid_t connects_in_a_child(int fd, const std::string& path) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(::connect(fd, as_sockaddr(address), sizeof(address)) == 0 ? 0 : 1);
  int status = 0;
  return ::waitpid(child, &status, 0) == child && status == 0 ? child : -1;
}

class Peers : public KernelTest {
 protected:
  static std::string people_socket() { return the_stayd().socket_path(); }
  static std::string self_socket() {
    const std::string path = people_socket();
    return path.substr(0, path.rfind('/')) + "/self.sock";
  }

  // Its child connects and ends (stage 1); once the test says so (stage 2) it makes the request
  // on that connection, and says what it was told.
  static Body asks_on_a_dead_childs_connection(const std::string& socket,
                                               const std::string& request) {
    return [=](Report& report) -> long {
      Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
      const pid_t child = connects_in_a_child(fd.get(), socket);
      if (child < 0) return -1;
      report.counters[0] = child;
      report.stage = 1;
      if (!report.reaches(2)) return -1;
      // A server that has refused the connection may have ended it already.
      (void)!::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL);
      std::string reply(sizeof(report.text), '\0');
      std::size_t size = 0;
      while (readable(fd.get(), kPatience)) {
        const ssize_t more = ::read(fd.get(), reply.data() + size, reply.size() - size);
        if (more <= 0) break;
        size += static_cast<std::size_t>(more);
      }
      report.say(reply.data(), size);
      return 0;
    };
  }

  // A process that waits, with this number: as if all others had been given out in between.
  std::unique_ptr<Actor> process_numbered(pid_t number, const std::string& cgroup_directory) {
    const Body waits = [](Report& report) -> long { return report.reaches(1) ? 0 : -1; };
    std::unique_ptr<Actor> process;
    const bool got_it = eventually([&] {
      std::ofstream("/proc/sys/kernel/ns_last_pid") << number - 1;
      process = std::make_unique<Actor>(cgroup_directory, waits);
      return process->pid() == number;
    });
    EXPECT_TRUE(got_it) << "no process could be given the number " << number;
    return process;
  }

  // What `asking` is told if its child's number goes to a process in that cgroup before stayd,
  // which is busy, takes the connection.
  std::string told_in_place_of_another(const std::string& socket, const std::string& request,
                                       const std::string& cgroup_of_other) {
    EXPECT_EQ(::kill(stayd().pid(), SIGSTOP), 0);
    EXPECT_TRUE(eventually([&] { return thread_state(stayd().pid()) == 'T'; }));
    const auto asking = tagged(asks_on_a_dead_childs_connection(socket, request));
    EXPECT_TRUE(asking->report().reaches(1)) << "its child could not connect";
    const auto other =
        process_numbered(static_cast<pid_t>(asking->report().counters[0]), cgroup_of_other);
    EXPECT_EQ(::kill(stayd().pid(), SIGCONT), 0);
    asking->report().stage = 2;
    EXPECT_TRUE(asking->ends());
    EXPECT_EQ(asking->report().value, 0);
    return asking->report().text;
  }
};

TEST_F(Peers, AWorkloadCannotAnswerWhenThePidThatConnectedBelongsToAnotherProcess) {
  const auto held = tagged(reads(customers()));
  const Json ticket = question();
  const std::string told =
      told_in_place_of_another(people_socket(),
                               http("POST", "/v1/tickets/" + ticket["id"].dump() + "/decision",
                                    {{"choice", "approve"}, {"digest", ticket["digest"]}}),
                               "");
  EXPECT_NE(told.find("a workload cannot answer for itself"), std::string::npos) << told;
  EXPECT_EQ(look_at(ticket)["outcome"], "open");
  EXPECT_FALSE(held->report().ended);
  deny(ticket);
  EXPECT_TRUE(held->ends());
}

TEST_F(Peers, AWorkloadIsToldOfItselfWhenThePidThatConnectedBelongsToAnotherWorkload) {
  const Cgroup other(cgroup().name() + "-other");
  stayd().request("POST", "/v1/workloads",
                  {{"cgroup", other.name()}, {"policy", path("policy.yaml")}});
  const auto mine = tagged(reads(customers()));
  const Json ticket = question();
  const std::string told =
      told_in_place_of_another(self_socket(), http("GET", "/v1/holds", nullptr), other.directory());
  EXPECT_NE(told.find(customers()), std::string::npos) << told;
  deny(ticket);
  EXPECT_TRUE(mine->ends());
  stayd().request("DELETE", "/v1/workloads", {{"cgroup", other.name()}});
}

}  // namespace
}  // namespace stayd::test
