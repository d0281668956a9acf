// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include "kernel_test.h"
#include "support/dnsmasq.h"
#include "support/lookups.h"

namespace stayd::test {

inline constexpr const char* kResolver = "127.0.0.54";
inline constexpr const char* kResolver6 = "fd53::53";

// A real resolver at both addresses. Destinations are in 127.9.0.0/16 and fd53::/64, at the port
// of listener_; what programs need of the network besides is in 127.0.0.0/16.
class HostNames : public KernelTest {
 protected:
  static void SetUpTestSuite() {
    // All of these are this machine's, as 127.0.0.0/8 is without being told.
    run("ip -6 addr replace fd53::53/128 dev lo nodad && ip -6 route replace local fd53::/64 dev "
        "lo");
    resolver() = std::make_unique<Dnsmasq>(std::vector<std::string>{kResolver, kResolver6}, 53);
  }
  static void TearDownTestSuite() { resolver().reset(); }
  static void run(const std::string& command) {
    if (std::system(command.c_str()) != 0) throw std::runtime_error(command);
  }

  HostNames() : listener_(listen_everywhere()), port_(port_of(listener_)) {}

  // `network`: keys of that section, indented by two.
  void put_under(const std::string& network,
                 const std::string& dns = "\"127.0.0.54\", \"fd53::53\"") {
    write("policy.yaml",
          "policy: names\nfiles: {default: allow}\nexec: {default: allow}\nnetwork:\n  dns: [" +
              dns + "]\n" + network);
    assign();
  }
  std::string at_port(const std::string& name) const {
    return "\"" + name + ":" + std::to_string(port_) + "\"";
  }

  // A process of the workload whose /etc/resolv.conf says `resolver`.
  std::unique_ptr<Actor> client(const Body& body, const std::string& resolver = kResolver,
                                const std::string& options = "") const {
    return client_in(cgroup(), body, resolver, options);
  }
  std::unique_ptr<Actor> client_in(const Cgroup& group, const Body& body,
                                   const std::string& resolver = kResolver,
                                   const std::string& options = "") const {
    write("resolv.conf",
          "nameserver " + resolver + "\noptions timeout:5 attempts:1 " + options + "\n");
    return untagged(
        [file = path("resolv.conf"), in = group.directory(), body](Report& report) -> long {
          if (!use_resolv_conf(file) || !enter_cgroup(in)) return -1;
          return body(report);
        });
  }
  // How it ends: its value, or minus errno.
  static long result(const std::unique_ptr<Actor>& actor) {
    if (!actor->ends()) return -ETIMEDOUT;
    return actor->report().value < 0 ? -actor->report().error : actor->report().value.load();
  }
  Body connects_by_name(const std::string& name, int family = AF_UNSPEC) const {
    return [name, family, port = port_](Report&) -> long {
      return connect_by_name(name, port, family);
    };
  }
  Body connects_to(const std::string& address, int type = SOCK_STREAM) const {
    return
        [address, type, port = port_](Report&) -> long { return connect_to(address, port, type); };
  }

  Fd listener_;
  std::uint16_t port_;

 private:
  static std::unique_ptr<Dnsmasq>& resolver() {
    static std::unique_ptr<Dnsmasq> running;
    return running;
  }
};

}  // namespace stayd::test
