// SPDX-License-Identifier: Apache-2.0
// Policies that use packs, on the kernel.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "kernel_test.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;

class Packs : public KernelTest {
 protected:
  Packs() { fs::create_directories(stayd().pack_directory()); }
  ~Packs() override { fs::remove_all(stayd().pack_directory()); }

  std::string pack_file(const std::string& name) {
    return stayd().pack_directory() + "/" + name + ".yaml";
  }
  void put_pack(const std::string& name, const std::string& sections) {
    std::ofstream(pack_file(name)) << "pack: " << name << "\nabout: For tests.\n" << sections;
    if (::chmod(pack_file(name).c_str(), 0644) != 0) throw std::runtime_error("chmod");
  }
  // Everything is allowed but for `sections`.
  void write_policy(const std::string& sections) {
    std::string policy = "policy: packs\n" + sections;
    for (const char* name : {"network", "files", "exec"})
      if (policy.find("\n" + std::string(name) + ":") == std::string::npos)
        policy += std::string(name) + ": {default: allow}\n";
    write("policy.yaml", policy);
  }
  void put_under(const std::string& sections) {
    write_policy(sections);
    assign();
  }
  long ends_with(const Body& body) {
    const auto actor = tagged(body);
    if (!actor->ends()) return -ETIMEDOUT;
    return actor->report().value < 0 ? -actor->report().error : actor->report().value.load();
  }
  // What a reload complains about; empty: nothing.
  std::string complaints() {
    const Result<Json> done = stayd().try_request("POST", "/v1/policies/reload");
    return done ? "" : done.error().message;
  }
  std::string deny_data() const { return "files: {read: {deny: [" + path("data") + "]}}\n"; }
};

TEST_F(Packs, APackMakesAPolicyStricter) {
  put_pack("keys", deny_data());
  put_under("");
  EXPECT_GT(ends_with(reads(customers())), 0);
  put_under("use: [keys]\n");
  EXPECT_EQ(ends_with(reads(customers())), -EPERM);
}

TEST_F(Packs, WhatAPackAllowsCountsOnlyIfItIsTrusted) {
  put_pack("lax", "files: {read: {allow: [" + customers() + "]}}\n");
  const std::string strict =
      "files: {default: allow, read: {deny: [" + path("data") + "]}}\nuse: [lax]\n";
  put_under(strict);
  EXPECT_EQ(ends_with(reads(customers())), -EPERM);
  put_under(strict + "trust: [lax]\n");
  EXPECT_GT(ends_with(reads(customers())), 0);
}

TEST_F(Packs, ATicketNamesThePackAndWhatItsParameterStandsFor) {
  put_pack("keys",
           "parameters: {keys: {means: keys, example: /k}}\nlabels: {secret: [$keys]}\n"
           "files: {read: {hold: [{what: secret, class: secret}]}}\n");
  put_under("use: [keys]\nwith: {keys: " + path("data") + "}\n");
  const auto actor = tagged(reads(customers()));
  const Json ticket = question("open");
  EXPECT_EQ(ticket["rule"], "pack keys: files.read.hold: secret (" + path("data") + ")");
  EXPECT_EQ(ticket["class"], "secret");
  approve(ticket);
  EXPECT_TRUE(actor->ends());
  EXPECT_GT(actor->report().value, 0);
}

TEST_F(Packs, APackThatIsGoneAtAReloadLeavesInForceWhatWas) {
  put_pack("keys", deny_data());
  put_under("use: [keys]\n");
  ASSERT_EQ(ends_with(reads(customers())), -EPERM);
  fs::remove(pack_file("keys"));
  const std::string said = complaints();
  EXPECT_NE(said.find(path("policy.yaml") + ":2:7: there is no pack 'keys'"), std::string::npos)
      << said;
  EXPECT_EQ(ends_with(reads(customers())), -EPERM);
  put_pack("keys", "files: {write: {deny: [" + path("data") + "]}}\n");
  EXPECT_EQ(complaints(), "");
  EXPECT_GT(ends_with(reads(customers())), 0) << "packs are read at a reload";
}

TEST_F(Packs, APackThatOrdinaryUsersCanWriteIsNotUsed) {
  put_pack("keys", deny_data());
  put_under("use: [keys]\n");
  put_pack("keys", "");  // somebody takes the rules out, and is allowed to
  ASSERT_EQ(::chmod(pack_file("keys").c_str(), 0666), 0);
  std::string said = complaints();
  EXPECT_NE(said.find("others than its owner can write it"), std::string::npos) << said;
  EXPECT_EQ(ends_with(reads(customers())), -EPERM);
  ASSERT_EQ(::chmod(pack_file("keys").c_str(), 0644), 0);
  ASSERT_EQ(::chmod(stayd().pack_directory().c_str(), 01777), 0);
  said = complaints();
  EXPECT_NE(said.find("others than its owner can write it"), std::string::npos) << said;
  EXPECT_EQ(ends_with(reads(customers())), -EPERM);
  ASSERT_EQ(::chmod(stayd().pack_directory().c_str(), 0755), 0);
  EXPECT_EQ(complaints(), "");
  EXPECT_GT(ends_with(reads(customers())), 0);
}

TEST_F(Packs, TheOnesThatComeWithStaydAreEnforcedTogether) {
  for (const fs::directory_entry& each : fs::directory_iterator(STAYD_PACK_DIRECTORY)) {
    const fs::path copy = fs::path(stayd().pack_directory()) / each.path().filename();
    fs::copy_file(each.path(), copy, fs::copy_options::overwrite_existing);
    ASSERT_EQ(::chmod(copy.c_str(), 0644), 0);
  }
  fs::create_directories(path("work/.git/hooks"));
  write("work/main.c", "x");
  write("work/.git/hooks/pre-commit", "x");
  const UdpReceiver model, other;
  put_under(
      "user: root\n"
      "use: [coding-agent, git, secrets, cloud-permissions, data-export, model-config]\n"
      "trust: [coding-agent]\n"
      "with:\n  repository: " +
      path("work") + "\n  secrets: " + customers() + "\n  customer-data: " + path("export") +
      "\n  model-api: \"127.0.0.1:" + std::to_string(model.port()) +
      "/udp\"\nnetwork: {default: hold, dns: [10.0.0.2], allow: [127.0.0.0/8]}\n");
  EXPECT_GT(ends_with(creates(path("work/new.c"))), 0);
  EXPECT_GT(ends_with(sends(other.port(), "x")), 0);
  {
    const auto actor = tagged(creates(path("work/.git/hooks/pre-push")));
    const Json ticket = question("create");
    EXPECT_EQ(ticket["class"], "code-change");
    deny(ticket);
    ASSERT_TRUE(actor->ends());
    EXPECT_EQ(actor->report().error, EPERM);
  }
  {
    const auto actor = tagged(reads(customers()));
    approve(question("open"));
    ASSERT_TRUE(actor->ends());
    EXPECT_GT(actor->report().value, 0);
  }
  EXPECT_GT(ends_with(sends(model.port(), "x")), 0) << "the model's own API is not asked about";
  const auto actor = tagged(sends(other.port(), "x"));
  const Json ticket = question("send");
  EXPECT_EQ(ticket["class"], "data-export");
  deny(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
}

}  // namespace
}  // namespace stayd::test
