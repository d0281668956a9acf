// SPDX-License-Identifier: Apache-2.0
// A policy changes in one step: no operation meets a mixture of two versions, or none.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <thread>

#include "kernel_test.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;

constexpr int kFlips = 200;
constexpr std::size_t kThreads = 8;

// Something that both versions say the same of, each for another reason, so that any third
// answer is neither's.
struct Probe {
  const char* path;  // below the test's directory; or an IPv4 address
  bool refused;
};
constexpr Probe kProbes[] = {
    {"both/allowed", false},    // first: by its directory; second: by default
    {"none/refused", true},     // first: by default; second: by its directory
    {"moved/file", true},       // by one label, then by another
    {"patterns/id_rsa", true},  // first: the gatekeeper is asked; second: by its directory
    {"patterns/other", false},  // first: the gatekeeper is asked
    {"10.1.2.3", true},         // first: by default; second: by its network
    {"192.0.2.7", false},       // the other way round
};
constexpr const char* kDiffers = "differs";  // allowed, then refused

class Reload : public KernelTest {
 protected:
  Reload() {
    for (const char* each : {"both", "none", "moved", "patterns"}) fs::create_directory(path(each));
    for (const Probe& each : kProbes)
      if (std::string(each.path).find('/') != std::string::npos) write(each.path, "x");
    write(kDiffers, "x");
  }

  void write_version(int version) {
    const std::string first =
        "labels: {one: [" + path("moved") + "], two: [" + path("data") + "]}\n" +
        "network: {default: deny, allow: [192.0.2.0/24]}\n"
        "files:\n  default: deny\n"
        "  read: {allow: [" +
        path("both") + ", " + path("patterns") + ", " + path(kDiffers) + "], deny: [one, \"" +
        path("patterns") + "/id_*\"], hold: [" + path("data") + "]}\n";
    const std::string second =
        "labels: {one: [" + path("data") + "], two: [" + path("moved") + "]}\n" +
        "network: {default: allow, deny: [10.1.0.0/16]}\n"
        "files:\n  default: allow\n"
        "  read: {deny: [two, " +
        path("none") + ", " + path("patterns/id_rsa") + ", " + path(kDiffers) + ", one]}\n";
    write("next.yaml",
          "policy: reload\n" + (version == 0 ? first : second) + "exec: {default: allow}\n");
    fs::rename(path("next.yaml"), path("policy.yaml"));
  }
};

bool is_refused(const std::string& directory, const std::string& what) {
  if (what.find('/') == what.npos && what != kDiffers) {
    Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in to = loopback(53);
    to.sin_addr.s_addr = what == kProbes[5].path ? htonl(0x0a010203) : htonl(0xc0000207);
    return ::connect(socket.get(), as_sockaddr(to), sizeof(to)) != 0 && errno == EPERM;
  }
  return !Fd(::open((directory + "/" + what).c_str(), O_RDONLY | O_CLOEXEC)) && errno == EPERM;
}

// Counters: refused though both versions allow it, right answers, those about what differs (allowed
// and refused), and allowed though both versions refuse it.
long probe(Report& report, const std::string& directory) {
  std::vector<std::thread> threads;
  for (std::size_t begin = 0; begin < kThreads; ++begin) {
    threads.emplace_back([&report, &directory, begin] {
      for (std::size_t i = begin; report.stage == 0; ++i) {
        const Probe& each = kProbes[i % std::size(kProbes)];
        if (is_refused(directory, each.path) == each.refused) {
          ++report.counters[1];
        } else if (report.counters[each.refused ? 4 : 0]++ == 0) {
          report.say(each.path, std::string_view(each.path).size());
        }
        ++report.counters[is_refused(directory, kDiffers) ? 3 : 2];
      }
    });
  }
  for (std::thread& each : threads) each.join();
  return 0;
}

TEST_F(Reload, NoOperationSeesAMixtureOrNothing) {
  write_version(0);
  stayd().request("POST", "/v1/policies/reload");
  const std::int64_t missing = stayd().counter("denied_policy_missing");
  const std::int64_t full = stayd().counter("denied_ring_full");
  const auto actor = tagged([this](Report& report) -> long { return probe(report, path("")); });
  // Nobody will approve it; what waits under one version is refused by the other.
  const auto waiting = tagged([this](Report& report) -> long {
    while (report.stage == 0) {
      if (reads(customers())(report) >= 0) return 1;
      ++report.counters[0];
    }
    return 0;
  });
  Report& seen = actor->report();
  ASSERT_TRUE(eventually([&] { return seen.counters[1] > 100; }));
  for (int flip = 1; flip <= kFlips; ++flip) {
    write_version(flip % 2);
    if (flip % 10 == 0)
      ::kill(stayd().pid(), SIGHUP);
    else
      stayd().request("POST", "/v1/policies/reload");
    const std::int64_t before = seen.counters[1];
    ASSERT_TRUE(eventually([&] { return seen.counters[1] > before; }));
  }
  write_version(1);
  stayd().request("POST", "/v1/policies/reload");
  seen.stage = waiting->report().stage = 1;
  ASSERT_TRUE(actor->ends());
  ASSERT_TRUE(waiting->ends());
  EXPECT_EQ(seen.counters[4], 0) << "one of them: " << seen.text;
  // Eight threads may ask faster than a busy processor answers. What no longer fits is refused.
  EXPECT_LE(seen.counters[0], stayd().counter("denied_ring_full") - full) << "one: " << seen.text;
  EXPECT_GT(seen.counters[2], kFlips) << "the first version was not seen";
  EXPECT_GT(seen.counters[3], kFlips) << "the second version was not seen";
  EXPECT_EQ(waiting->report().value, 0) << "was let on by nobody";
  EXPECT_GT(waiting->report().counters[0], 0);
  EXPECT_EQ(stayd().counter("denied_policy_missing"), missing);
  EXPECT_TRUE(eventually([&] { return !anything_open(); })) << "a ticket that nobody waits for";
  std::cout << kFlips << " reloads, " << seen.counters[1] << " operations, "
            << stayd().counter("events_lost") << " events lost\n";
}

}  // namespace
}  // namespace stayd::test
