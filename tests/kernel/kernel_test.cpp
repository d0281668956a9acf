// SPDX-License-Identifier: Apache-2.0
#include "kernel_test.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace stayd::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDirectory = "/tmp/stayd-kernel";

std::string policy_for(const std::string& directory) {
  return "policy: kernel-test\n"
         "labels: {data: [" +
         directory +
         "/data]}\n"
         "network: {default: hold}\n"
         "files:\n"
         "  default: allow\n"
         "  read: {hold: [data]}\n"
         "  write: {hold: [data]}\n"
         "  create: {hold: [data, " +
         directory +
         "/new]}\n"
         "exec: {default: allow, hold: [" +
         directory +
         "/programs]}\n"
         "approval: {timeout: 10m, linger: 0s}\n";
}

}  // namespace

StaydProcess& the_stayd() {
  static StaydProcess stayd(kDirectory);
  return stayd;
}

KernelTest::KernelTest() {
  if (!stayd().running()) stayd().start();
  static int number = 0;
  const std::string name = "k" + std::to_string(++number);
  directory_ = std::string(kDirectory) + "/" + name;
  for (const char* each : {"data", "new", "programs"}) fs::create_directories(path(each));
  write("data/list.csv", kCustomers);
  write("policy.yaml", policy_for(directory_));
  cgroup_ = std::make_unique<Cgroup>("/" + name);
  assign();
}

KernelTest::~KernelTest() {
  EXPECT_TRUE(stayd().running()) << "stayd did not live to the end" << stayd().last_words();
  if (assigned_)
    (void)the_stayd().try_request("DELETE", "/v1/workloads", {{"cgroup", cgroup_->name()}});
}

void KernelTest::write(const std::string& below, const std::string& text, int mode) const {
  std::ofstream(path(below)) << text;
  if (::chmod(path(below).c_str(), static_cast<mode_t>(mode)) != 0)
    throw std::runtime_error("write " + path(below));
}

std::string KernelTest::add_program(const std::string& original) const {
  const std::string copy = path("programs/" + fs::path(original).filename().string());
  fs::copy_file(fs::canonical(original), copy, fs::copy_options::overwrite_existing);
  return copy;
}

std::string KernelTest::add_script(const std::string& name, const std::string& text) const {
  write("programs/" + name, text, 0755);
  return path("programs/" + name);
}

void KernelTest::assign() {
  stayd().request("POST", "/v1/workloads",
                  {{"cgroup", cgroup_->name()}, {"policy", path("policy.yaml")}});
  assigned_ = true;
}

void KernelTest::release() {
  stayd().request("DELETE", "/v1/workloads", {{"cgroup", cgroup_->name()}});
  assigned_ = false;
}

std::unique_ptr<Actor> KernelTest::tagged(const Body& body) const {
  return std::make_unique<Actor>(cgroup_->directory(), body);
}

std::unique_ptr<Actor> KernelTest::untagged(const Body& body) const {
  return std::make_unique<Actor>("", body);
}

long KernelTest::unguarded(const Body& body) const {
  const auto actor = untagged(body);
  if (!actor->ends()) return -ETIMEDOUT;
  return actor->report().value < 0 ? -actor->report().error : actor->report().value.load();
}

Json KernelTest::tickets(bool closed_too) {
  Json all = stayd().request("GET", closed_too ? "/v1/tickets?all=1" : "/v1/tickets")["tickets"];
  Json ours = Json::array();
  for (Json& each : all)
    if (each["workload"] == cgroup_->name()) ours.push_back(std::move(each));
  return ours;
}

bool KernelTest::anything_open() { return !tickets(false).empty(); }

Json KernelTest::question(const std::string& kind, pid_t process) {
  const std::int64_t begun = now_ns();
  std::string target = "/v1/tickets";
  while (since_ns(begun) < kPatience) {
    const Json reply = stayd().request("GET", target);
    for (const Json& each : reply["tickets"]) {
      const Json& operation = each["operation"];
      if (each["workload"] != cgroup_->name() || (!kind.empty() && operation["kind"] != kind) ||
          (process != 0 && operation["caller"]["pid"] != process))
        continue;
      const bool still = operation["disposition"] != "held" || operation.contains("pending") ||
                         eventually([&] { return thread_state(thread_of(each)) == 't'; });
      if (!still) throw std::runtime_error("a held thread was not parked: " + each.dump(1));
      return each;
    }
    target = "/v1/tickets?wait=5&since=" + reply["revision"].dump();
  }
  throw std::runtime_error("nobody asked; all tickets: " + tickets(true).dump(1) +
                           "\nstatus: " + stayd().status().dump(1));
}

Json KernelTest::look_at(const Json& ticket) {
  return stayd().request("GET", "/v1/tickets/" + ticket["id"].dump());
}

bool KernelTest::ends_as(const Json& ticket, const std::string& outcome) {
  return eventually([&] { return look_at(ticket)["outcome"] == outcome; });
}

Result<Json> KernelTest::decide(const Json& ticket, const std::string& choice, int for_seconds) {
  Json body = {{"choice", choice}, {"digest", ticket["digest"]}, {"reason", "a test says so"}};
  if (for_seconds != 0) body["for_seconds"] = for_seconds;
  return stayd().try_request("POST", "/v1/tickets/" + ticket["id"].dump() + "/decision", body);
}

void KernelTest::approve(const Json& ticket, int for_seconds) {
  const Result<Json> decided = decide(ticket, "approve", for_seconds);
  if (!decided) throw std::runtime_error("approve: " + decided.error().message);
}

void KernelTest::deny(const Json& ticket) {
  const Result<Json> decided = decide(ticket, "deny");
  if (!decided) throw std::runtime_error("deny: " + decided.error().message);
}

pid_t thread_of(const Json& ticket) { return ticket["operation"]["caller"]["thread"]; }

}  // namespace stayd::test
