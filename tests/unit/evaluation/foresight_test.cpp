// SPDX-License-Identifier: Apache-2.0
// With real files; only what the kernel calls them is taken from stat(2).
#include "evaluation/foresight.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "kernel/exec_hash.h"
#include "support/temp_dir.h"
#include "unit/policy/compiled.h"

namespace stayd {
namespace {

using namespace test;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr SipHashKey kKey{1, 2};
constexpr std::uint32_t kGeneration = 5;

std::uint32_t device_of(const struct stat& status) {
  return static_cast<std::uint32_t>(major(status.st_dev) << 20 | minor(status.st_dev));
}

// Every descriptor of this process, as the iterator program reports them.
Result<std::vector<stayd_identity>> identities() {
  std::vector<stayd_identity> all;
  for (int fd = 0; fd < 1024; ++fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) continue;
    all.push_back({.inode = status.st_ino,
                   .device = device_of(status),
                   .inode_generation = kGeneration,
                   .fd = static_cast<std::uint32_t>(fd),
                   .magic = 0});
  }
  return ok(std::move(all));
}

Result<Located> locate(const std::string& path) {
  Located located;
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0)
    located.identities.push_back({status.st_ino, device_of(status)});
  return ok(std::move(located));
}

class Foresights : public ::testing::Test {
 protected:
  Foresights() {
    fs::create_directories(directory_ / "data/below");
    std::ofstream(directory_ / "data/below/file") << "x";
    std::ofstream(directory_ / "tool") << "#!/bin/sh\n";
    ::chmod((directory_ / "tool").c_str(), 0755);
  }

  // The path is below the directory of the test, and is given as the one in its file system, too.
  FoundFor found(const std::string& path, Leaf leaf = Leaf::file) {
    const Fd root(::open("/", O_PATH | O_DIRECTORY));
    Result<FoundFile> file = find_file(root, directory_ / path, leaf);
    EXPECT_TRUE(file) << file.error().message;
    struct stat status {};
    ::fstatat(file->steps.back().file.get(), "", &status, AT_EMPTY_PATH);
    return {std::move(*file), directory_ / path, device_of(status)};
  }
  CompiledPolicy policy(const std::string& files, const std::string& exec = "") {
    return compiled("labels: {data: [" + directory_.path() + "/data]}\n" +
                        "files: {default: allow, " + files + "}\n" + exec,
                    locate);
  }
  Result<Foreseen> foresee(const Wanted& wanted, const FoundFor& file,
                           const CompiledPolicy& policy) {
    return Foresight(identities, kKey, mounts_).of_file(wanted, file, {policy, 7, 0});
  }

  TempDir directory_;
  MountTable mounts_{"/dev/null"};  // as of a container's own file system, which the host shows not
};

TEST_F(Foresights, AnOpenIsJudgedByTheDirectoriesAboveAndBoundToItsInode) {
  const CompiledPolicy held = policy("read: {hold: [data]}");
  Wanted wanted{.kind = OperationKind::open, .read = true};
  const Result<Foreseen> foreseen = foresee(wanted, found("data/below/file"), held);
  ASSERT_TRUE(foreseen) << foreseen.error().message;
  EXPECT_EQ(foreseen->verdict, Verdict::hold);
  const Operation& operation = foreseen->operation;
  EXPECT_EQ(held.rules.at(operation.rule).text,
            "files.read.hold: data (" + directory_.path() + "/data)");
  EXPECT_EQ(operation.disposition, Disposition::asked_ahead);
  EXPECT_EQ(operation.policy, 7u);
  struct stat status {};
  ::stat((directory_ / "data/below/file").c_str(), &status);
  EXPECT_EQ(operation.object.inode, status.st_ino);
  EXPECT_EQ(operation.object.device, device_of(status));
  EXPECT_EQ(operation.object.inode_generation, kGeneration);
  EXPECT_EQ(operation.object.operation, std::uint32_t{STAYD_OP_OPEN});
  EXPECT_EQ(operation.object.access, 1u << STAYD_ACCESS_READ);
  EXPECT_EQ(operation.object.hash, 0u);

  wanted = {.kind = OperationKind::open, .write = true};
  EXPECT_EQ(foresee(wanted, found("data/below/file"), held)->verdict, Verdict::allow);
  wanted = {.kind = OperationKind::open, .read = true};
  EXPECT_EQ(foresee(wanted, found("tool"), held)->verdict, Verdict::allow);
}

TEST_F(Foresights, ACreationIsBoundToItsDirectoryAndName) {
  const CompiledPolicy held = policy("create: {hold: [data]}");
  const Wanted wanted{.kind = OperationKind::create};
  const Result<Foreseen> foreseen = foresee(wanted, found("data/new", Leaf::new_name), held);
  ASSERT_TRUE(foreseen) << foreseen.error().message;
  EXPECT_EQ(foreseen->verdict, Verdict::hold);
  struct stat status {};
  ::stat((directory_ / "data").c_str(), &status);
  EXPECT_EQ(foreseen->operation.object.inode, status.st_ino);
  EXPECT_EQ(foreseen->operation.object.hash, siphash(kKey, "new"));
  EXPECT_EQ(foreseen->operation.object.access, 1u << STAYD_ACCESS_CREATE);
  EXPECT_EQ(foreseen->operation.path, directory_ / "data/new");
}

TEST_F(Foresights, AProgramIsBoundToItsArgumentsAndItsChangeTime) {
  const CompiledPolicy held =
      policy("read: {hold: [data]}", "exec: {default: allow, hold: [\"tool x*\"]}\n");
  Wanted wanted{.kind = OperationKind::exec, .arguments = {"tool", "x", "y"}};
  const Result<Foreseen> foreseen = foresee(wanted, found("tool"), held);
  ASSERT_TRUE(foreseen) << foreseen.error().message;
  EXPECT_EQ(foreseen->verdict, Verdict::hold);
  struct stat status {};
  ::stat((directory_ / "tool").c_str(), &status);
  EXPECT_EQ(foreseen->operation.object.hash,
            exec_hash(kKey, wanted.arguments,
                      static_cast<std::uint64_t>(status.st_ctim.tv_sec) * 1'000'000'000 +
                          static_cast<std::uint64_t>(status.st_ctim.tv_nsec),
                      static_cast<std::uint64_t>(status.st_size)));
  wanted.arguments = {"tool", "z"};
  EXPECT_EQ(foresee(wanted, found("tool"), held)->verdict, Verdict::allow);
}

TEST_F(Foresights, AProgramThatOthersCanWriteIsJudgedAsThat) {
  const CompiledPolicy strict =
      policy("read: {hold: [data]}", "exec: {default: allow, deny: [writable]}\n");
  const Wanted wanted{.kind = OperationKind::exec, .arguments = {"tool"}};
  ::chmod((directory_ / "tool").c_str(), 0777);
  EXPECT_EQ(foresee(wanted, found("tool"), strict)->verdict, Verdict::deny);
}

TEST_F(Foresights, WhatIsJudgedByContentsCannotBeForeseen) {
  const CompiledPolicy strict =
      policy("read: {hold: [data]}",
             "exec: {default: hold, allow: [\"sha256:" + std::string(64, 'a') + "\"]}\n");
  const Wanted wanted{.kind = OperationKind::exec, .arguments = {"tool"}};
  const Result<Foreseen> foreseen = foresee(wanted, found("tool"), strict);
  ASSERT_FALSE(foreseen);
  EXPECT_THAT(foreseen.error().message, HasSubstr("by their contents"));
}

// As of a bind mount: what is above the mount that shows the file is seen by the host's path.
TEST_F(Foresights, TheHostsPathShowsWhatIsAboveAMountOfThePolicysPlaces) {
  std::ofstream(directory_ / "mountinfo") << "1 0 "
                                          << device_of([&] {
                                               struct stat status {};
                                               ::stat(directory_.path().c_str(), &status);
                                               return status;
                                             }()) /
                                                 (1 << 20)
                                          << ":" <<
      [&] {
        struct stat status {};
        ::stat(directory_.path().c_str(), &status);
        return minor(status.st_dev);
      }() << " / / rw - tmpfs none rw\n";
  MountTable mounts(directory_ / "mountinfo");
  const CompiledPolicy held = policy("read: {hold: [data]}");
  FoundFor file = found("data/below/file");
  file.file.steps.erase(file.file.steps.begin(), file.file.steps.end() - 2);  // "below" is mounted
  const Wanted wanted{.kind = OperationKind::open, .read = true};
  EXPECT_EQ(foresee(wanted, file, held)->verdict, Verdict::allow) << "nothing above it is known";
  Foresight foresight(identities, kKey, mounts);
  const Result<Foreseen> foreseen = foresight.of_file(wanted, file, {held, 7, 0});
  ASSERT_TRUE(foreseen) << foreseen.error().message;
  EXPECT_EQ(foreseen->verdict, Verdict::hold);
  EXPECT_FALSE(foreseen->operation.off_host);

  file.path_in_fs = directory_ / "tool";
  const Result<Foreseen> other = foresight.of_file(wanted, file, {held, 7, 0});
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message, HasSubstr("the host reaches something else"));
}

TEST_F(Foresights, APolicyThatOnlyObservesAllows) {
  const CompiledPolicy observing = compiled("mode: observe\nfiles: {default: deny}\n", locate);
  const Wanted wanted{.kind = OperationKind::open, .read = true};
  EXPECT_EQ(foresee(wanted, found("tool"), observing)->verdict, Verdict::allow);
}

TEST_F(Foresights, ADestinationIsBoundToItsAddressPortAndProtocol) {
  const CompiledPolicy held = compiled(
      "network: {default: allow, dns: [10.0.0.1], hold: [\"files.example.org:443\"], "
      "deny: [\"192.0.2.0/24\"]}\n",
      locate);
  Wanted wanted{.kind = OperationKind::connect};
  wanted.endpoint = {.port = 443, .protocol = IPPROTO_TCP};
  Address address{};
  address[10] = address[11] = 0xff;
  address[12] = 198;
  const Foreseen named =
      Foresight::of_destination(wanted, address, {"files.example.org"}, {held, 7, 0});
  EXPECT_EQ(named.verdict, Verdict::hold);
  EXPECT_EQ(std::memcmp(named.operation.object.address, address.data(), 16), 0);
  EXPECT_EQ(named.operation.object.port, 443);
  EXPECT_EQ(named.operation.object.protocol, IPPROTO_TCP);
  EXPECT_EQ(named.operation.object.operation, std::uint32_t{STAYD_OP_CONNECT});
  EXPECT_EQ(named.operation.object.access, 1u << STAYD_ACCESS_NETWORK);
  EXPECT_EQ(Foresight::of_destination(wanted, address, {}, {held, 7, 0}).verdict, Verdict::allow);
}

// 0.0.0.0 and :: mean this host, and the kernel side binds what they mean.
TEST_F(Foresights, ADestinationThatMeansThisHostIsBoundToLoopback) {
  const CompiledPolicy any = compiled("network: {default: hold}\n", locate);
  Wanted wanted{.kind = OperationKind::connect};
  wanted.endpoint = {.port = 80, .protocol = IPPROTO_TCP};
  Address mapped{};
  mapped[10] = mapped[11] = 0xff;
  const Foreseen four = Foresight::of_destination(wanted, mapped, {}, {any, 7, 0});
  EXPECT_EQ(to_string(four.operation.endpoint), "127.0.0.1:80/tcp");
  const Foreseen six = Foresight::of_destination(wanted, Address{}, {}, {any, 7, 0});
  EXPECT_EQ(to_string(six.operation.endpoint), "[::1]:80/tcp");
}

}  // namespace
}  // namespace stayd
