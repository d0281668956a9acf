// SPDX-License-Identifier: Apache-2.0
#include "support/dnsmasq.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "support/waiting.h"

namespace stayd::test {
namespace {

constexpr int kManyAddresses = 40;

std::vector<std::string> arguments(const std::vector<std::string>& addresses, std::uint16_t port,
                                   const std::vector<std::string>& options) {
  std::vector<std::string> all{
      "dnsmasq",
      "--keep-in-foreground",
      "--conf-file=/dev/null",
      "--pid-file=",
      "--log-facility=-",
      "--user=root",
      "--bind-interfaces",
      "--no-resolv",
      "--no-hosts",
      "--local-ttl=1",
      "--port=" + std::to_string(port),
      "--local=/example.org/",
      "--host-record=files.example.org,127.9.0.1,fd53::9:1",
      "--cname=alias.example.org,middle.example.org",
      "--cname=middle.example.org,files.example.org",
      "--address=/wild.example.org/127.9.0.7",
      "--address=/wild.example.org/fd53::9:7",
      "--synth-domain=fresh.example.org,127.9.0.0/16,x-",
  };
  for (int i = 1; i <= kManyAddresses; i++)
    all.push_back("--host-record=many.example.org,127.9.2." + std::to_string(i));
  for (const std::string& each : addresses) all.push_back("--listen-address=" + each);
  all.insert(all.end(), options.begin(), options.end());
  return all;
}

}  // namespace

Dnsmasq::Dnsmasq(const std::vector<std::string>& addresses, std::uint16_t port,
                 const std::vector<std::string>& options) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  log_ = Fd(ends[0]);
  Fd theirs(ends[1]);
  std::vector<std::string> all = arguments(addresses, port, options);
  std::vector<char*> argv;
  for (std::string& each : all) argv.push_back(each.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(theirs.get(), STDERR_FILENO);
    ::execv("/usr/sbin/dnsmasq", argv.data());
    ::_exit(127);
  }
  theirs.reset();
  wait_until_it_listens();
}

// It says "started" when its sockets are bound.
void Dnsmasq::wait_until_it_listens() {
  std::string said;
  while (said.find("started, version") == said.npos) {
    char bytes[512];
    const ssize_t size =
        readable(log_.get(), kPatience) ? ::read(log_.get(), bytes, sizeof(bytes)) : -1;
    if (size <= 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
      throw std::runtime_error("dnsmasq did not start (package dnsmasq-base): " + said);
    }
    said.append(bytes, static_cast<std::size_t>(size));
  }
}

Dnsmasq::~Dnsmasq() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace stayd::test
