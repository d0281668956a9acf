// SPDX-License-Identifier: Apache-2.0
// What a workload is told of itself, and what it claims.
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "ctl/client.h"
#include "kernel_test.h"

namespace stayd::test {
namespace {

class Self : public KernelTest {
 protected:
  static std::string socket() {
    const std::string path = the_stayd().socket_path();
    return path.substr(0, path.rfind('/')) + "/self.sock";
  }
  // Says the reply, or the error.
  static Body asks(const std::string& method, const std::string& target,
                   const Json& body = nullptr) {
    return [=, socket = socket()](Report& report) -> long {
      const Result<Json> reply = Client(socket).request(method, target, body);
      const std::string text = reply ? reply->dump() : reply.error().message;
      report.say(text.data(), text.size());
      return reply ? 0 : -1;
    };
  }
  // The program that docs/use/self-socket.md shows.
  std::string python() const {
    std::ifstream file(STAYD_DOCS "/use/self-socket.md");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const std::string begin = "```python\n";
    const std::size_t from = text.find(begin) + begin.size();
    write("ask.py", text.substr(from, text.find("```", from) - from));
    return path("ask.py");
  }
  // Where stayd's own directory is not to be seen, and /run/stayd is what a container is given.
  // Prints into `output`.
  Body in_a_container(const std::string& program, const std::string& output) const {
    const std::string mine = socket().substr(0, socket().rfind('/'));
    return [=](Report& report) -> long {
      if (::unshare(CLONE_NEWNS) != 0 ||
          ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        return -1;
      ::mkdir("/run/stayd", 0755);
      if (::mount((mine + "/self").c_str(), "/run/stayd", nullptr, MS_BIND, nullptr) != 0 ||
          ::mount("none", mine.c_str(), "tmpfs", 0, nullptr) != 0)
        return -1;
      return executes("/bin/sh",
                      {"-c", "/usr/bin/python3 " + program + " >" + output + " 2>&1"})(report);
    };
  }
  std::string told(const Body& body, bool is_tagged = true) {
    const auto actor = is_tagged ? tagged(body) : untagged(body);
    EXPECT_TRUE(actor->ends());
    return actor->report().text;
  }
};

TEST_F(Self, AWorkloadSeesWhatOfItWaitsAndWhyItWasRefused) {
  const auto actor = tagged(reads(customers()));
  const Json ticket = question("open");
  const Json holds = Json::parse(told(asks("GET", "/v1/holds")))["holds"];
  ASSERT_EQ(holds.size(), 1u);
  EXPECT_EQ(holds[0]["object"], customers());
  EXPECT_EQ(holds[0]["threads"], 1);
  deny(ticket);
  ASSERT_TRUE(actor->ends());
  const Json denials = Json::parse(told(asks("GET", "/v1/denials")))["denials"];
  ASSERT_EQ(denials.size(), 1u);
  EXPECT_EQ(denials[0]["reason"], "denied");
  EXPECT_NE(denials[0]["detail"], "");
  EXPECT_EQ(denials[0]["retry"], "never");
  EXPECT_EQ(denials[0]["ticket"], ticket["id"]);
}

TEST_F(Self, ARequestThatWaitsIsAnsweredWhenItsWorkloadIsDeniedSomething) {
  const auto after = Json::parse(told(asks("GET", "/v1/holds")))["seq"].dump();
  const auto actor = tagged(reads(customers()));
  const Json ticket = question("open");
  const auto first = Json::parse(told(asks("GET", "/v1/events?wait=50&after=" + after)));
  ASSERT_EQ(first["events"].size(), 1u);
  EXPECT_EQ(first["events"][0]["event"], "held");
  const auto waiting = tagged(asks("GET", "/v1/events?wait=50&after=" + first["seq"].dump()));
  deny(ticket);
  ASSERT_TRUE(actor->ends());
  ASSERT_TRUE(waiting->ends());
  const Json second = Json::parse(waiting->report().text);
  ASSERT_EQ(second["events"].size(), 1u);
  EXPECT_EQ(second["events"][0]["event"], "denied");
}

TEST_F(Self, WhoIsInNoWorkloadIsTurnedAwayWhateverItSays) {
  EXPECT_EQ(told(asks("GET", "/v1/holds"), false),
            "this process is in no workload; people use stayctl, and stayd.sock");
}

TEST_F(Self, WhatItClaimsIsShownAsAClaimOnTheNextTicket) {
  EXPECT_EQ(told(asks("PUT", "/v1/intent", {{"text", "export\nthe list"}})), "{}");
  const auto actor = tagged(reads(customers()));
  const Json ticket = question("open");
  EXPECT_EQ(ticket["circumstances"]["intent"]["claim"], "export\\nthe list");
  deny(ticket);
  ASSERT_TRUE(actor->ends());
}

TEST_F(Self, APythonProgramInAContainerThatHasOnlyThisSocketIsToldAlsoByTheNextAgent) {
  const auto refused = tagged(reads(customers()));
  deny(question("open"));
  ASSERT_TRUE(refused->ends());
  const std::string program = python();
  const auto denials = [&](const std::string& output) {
    const auto actor = tagged(in_a_container(program, path(output)));
    EXPECT_TRUE(actor->ends());
    EXPECT_EQ(actor->exit_code(), 0);
    std::ifstream file(path(output));
    return std::string((std::istreambuf_iterator<char>(file)), {});
  };
  EXPECT_NE(denials("one").find(customers()), std::string::npos) << denials("one");
  const auto actor = tagged(reads(customers()));
  const Json ticket = question("open");
  EXPECT_EQ(ticket["circumstances"]["intent"]["claim"], "export the list");
  deny(ticket);
  ASSERT_TRUE(actor->ends());
}

TEST_F(Self, TheDirectoryOfTheSocketOutlivesTheAgent) {
  const std::string directory = socket().substr(0, socket().rfind('/')) + "/self";
  struct stat before {
  }, after{};
  ASSERT_EQ(::stat(directory.c_str(), &before), 0);
  stayd().stop();
  stayd().start();
  ASSERT_EQ(::stat(directory.c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_EQ(Json::parse(told(asks("GET", "/v1/holds")))["holds"], Json::array());
}

TEST_F(Self, AWorkloadThatTakesAllConnectionsTakesNobodyElses) {
  const auto greedy = tagged([socket = socket()](Report& report) -> long {
    std::vector<Fd> held;
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    socket.copy(address.sun_path, sizeof(address.sun_path) - 1);
    for (int i = 0; i < 300; ++i) {
      Fd one(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      if (::connect(one.get(), as_sockaddr(address), sizeof(address)) == 0)
        held.push_back(std::move(one));
    }
    report.stage = 1;
    eventually([&] { return report.stage == 2; });
    return 0;
  });
  ASSERT_TRUE(greedy->report().reaches(1));
  const Cgroup other(cgroup().name() + "-other");
  stayd().request("POST", "/v1/workloads",
                  {{"cgroup", other.name()}, {"policy", path("policy.yaml")}});
  Actor asking(other.directory(), asks("GET", "/v1/holds"));
  EXPECT_TRUE(asking.ends());
  EXPECT_EQ(Json::parse(asking.report().text)["holds"], Json::array());
  EXPECT_TRUE(stayd().try_request("GET", "/v1/status"));
  greedy->report().stage = 2;
  EXPECT_TRUE(greedy->ends());
  stayd().request("DELETE", "/v1/workloads", {{"cgroup", other.name()}});
}

TEST_F(Self, AFloodOfRequestsIsToldToWaitAndOthersAreServed) {
  const auto actor = tagged([socket = socket()](Report& report) -> long {
    for (int i = 0; i < 200; ++i) {
      const Result<Json> reply = Client(socket).request("GET", "/v1/holds");
      ++report.counters[reply ? 0 : 1];
    }
    return 0;
  });
  ASSERT_TRUE(actor->ends());
  EXPECT_GT(actor->report().counters[1], 0) << "nothing was refused";
  EXPECT_GE(actor->report().counters[0], 40);
  EXPECT_TRUE(stayd().try_request("GET", "/v1/status"));
}

}  // namespace
}  // namespace stayd::test
