// SPDX-License-Identifier: Apache-2.0
// A labelled directory is the same by every name.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "kernel_test.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;

// In a mount namespace of its own, whose mounts nobody else sees.
bool leave_mount_namespace() {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

class Names : public KernelTest {
 protected:
  // Mounts an overlay of the directory at path("merged"), for the calling process alone.
  bool mount_overlay_of(const std::string& directory) const {
    std::error_code exists;
    for (const char* each : {"merged", "upper", "work"}) fs::create_directory(path(each), exists);
    const std::string options =
        "lowerdir=" + path(directory) + ",upperdir=" + path("upper") + ",workdir=" + path("work");
    return leave_mount_namespace() &&
           ::mount("overlay", path("merged").c_str(), "overlay", 0, options.c_str()) == 0;
  }

  // In this way the file can be read by anybody, and by the workload after approval.
  void expect_held(const Body& body) {
    ASSERT_GT(unguarded(body), 0) << "the bypass itself does not work";
    const auto actor = tagged(body);
    const Json ticket = question("open");
    EXPECT_FALSE(actor->report().ended);
    approve(ticket);
    ASSERT_TRUE(actor->ends());
    EXPECT_STREQ(actor->report().text, kCustomers) << "errno " << actor->report().error;
    EXPECT_EQ(questions(), 1u);
  }
};

long read_descriptor(const Fd& file, Report& report) {
  char bytes[256];
  const ssize_t size = file ? ::read(file.get(), bytes, sizeof(bytes)) : -1;
  if (size > 0) report.say(bytes, static_cast<std::size_t>(size));
  return size;
}

TEST_F(Names, ASymbolicLink) {
  fs::create_symlink(path("data"), path("innocent"));
  expect_held(reads(path("innocent/list.csv")));
}

TEST_F(Names, ABindMountInAPrivateNamespace) {
  fs::create_directory(path("elsewhere"));
  expect_held([this](Report& report) -> long {
    if (!leave_mount_namespace()) return -1;
    if (::mount(path("data").c_str(), path("elsewhere").c_str(), nullptr, MS_BIND, nullptr) != 0)
      return -1;
    return reads(path("elsewhere/list.csv"))(report);
  });
}

TEST_F(Names, ABindMountOfTheFileAlone) {
  write("innocent", "");
  expect_held([this](Report& report) -> long {
    if (!leave_mount_namespace()) return -1;
    if (::mount(customers().c_str(), path("innocent").c_str(), nullptr, MS_BIND, nullptr) != 0)
      return -1;
    return reads(path("innocent"))(report);
  });
}

TEST_F(Names, AMountThatIsNowhere) {
  expect_held([this](Report& report) -> long {
    Fd tree(static_cast<int>(::syscall(SYS_open_tree, AT_FDCWD, path("data").c_str(),
                                       OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
    return tree ? read_descriptor(Fd(::openat(tree.get(), "list.csv", O_RDONLY)), report) : -1;
  });
}

TEST_F(Names, AnotherRoot) {
  expect_held([this](Report& report) -> long {
    if (::chroot(path("").c_str()) != 0 || ::chdir("/") != 0) return -1;
    return reads("/data/list.csv")(report);
  });
}

TEST_F(Names, TheLabelledDirectoryAsTheRoot) {
  expect_held([this](Report& report) -> long {
    if (::chroot(path("data").c_str()) != 0 || ::chdir("/") != 0) return -1;
    return reads("/list.csv")(report);
  });
}

TEST_F(Names, ARenamedDirectory) {
  fs::rename(path("data"), path("renamed"));
  expect_held(reads(path("renamed/list.csv")));
  fs::rename(path("renamed"), path("data"));
}

TEST_F(Names, ARenamedParent) {
  const fs::path here = fs::path(path("data")).parent_path();
  const fs::path elsewhere = here.string() + "-renamed";
  fs::rename(here, elsewhere);
  expect_held(reads(elsewhere / "data/list.csv"));
  fs::rename(elsewhere, here);
}

TEST_F(Names, ThroughProc) { expect_held(reads("/proc/self/root" + customers())); }

TEST_F(Names, ThroughTheWorkingDirectory) {
  expect_held([this](Report& report) -> long {
    if (::chdir(path("data").c_str()) != 0) return -1;
    return reads("list.csv")(report);
  });
}

TEST_F(Names, APathDescriptorOpenedAgain) {
  expect_held([this](Report& report) -> long {
    Fd handle(::open(customers().c_str(), O_PATH | O_CLOEXEC));
    return handle ? reads("/proc/self/fd/" + std::to_string(handle.get()))(report) : -1;
  });
}

TEST_F(Names, Openat2BelowADescriptor) {
  expect_held([this](Report& report) -> long {
    Fd directory(::open(path("").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    open_how how{};
    how.resolve = RESOLVE_IN_ROOT;
    return read_descriptor(Fd(static_cast<int>(::syscall(SYS_openat2, directory.get(),
                                                         "/../data/list.csv", &how, sizeof(how)))),
                           report);
  });
}

TEST_F(Names, AFileHandle) {
  expect_held([this](Report& report) -> long {
    struct {
      file_handle head;
      unsigned char bytes[MAX_HANDLE_SZ];
    } handle{};
    handle.head.handle_bytes = MAX_HANDLE_SZ;
    int mount_id = 0;
    if (::name_to_handle_at(AT_FDCWD, customers().c_str(), &handle.head, &mount_id, 0) != 0)
      return -1;
    Fd mount(::open(path("").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return read_descriptor(Fd(::open_by_handle_at(mount.get(), &handle.head, O_RDONLY)), report);
  });
}

TEST_F(Names, AHardLinkBesideTheFile) {
  const std::string beside = path("data/second");
  ASSERT_EQ(::link(customers().c_str(), beside.c_str()), 0);
  expect_held(reads(beside));
}

TEST_F(Names, AHardLinkIntoAPlaceWithLaxerRulesIsRefused) {
  const Body links = [from = customers(), to = path("innocent")](Report&) -> long {
    ::unlink(to.c_str());
    return ::link(from.c_str(), to.c_str()) == 0 ? 1 : -1;
  };
  ASSERT_EQ(unguarded(links), 1) << "the bypass itself does not work";
  const auto actor = tagged(links);
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().value, -1);
  EXPECT_EQ(actor->report().error, EPERM);
  EXPECT_EQ(questions(), 0u);
}

TEST_F(Names, AnOverlayOfTheDirectory) {
  expect_held([this](Report& report) -> long {
    return mount_overlay_of("data") ? reads(path("merged/list.csv"))(report) : -1;
  });
}

TEST_F(Names, AProgramInAnOverlayOfItsDirectory) {
  add_program("/bin/true");
  const Body body = [this](Report& report) -> long {
    return mount_overlay_of("programs") ? executes(path("merged/true"))(report) : -1;
  };
  const auto free = untagged(body);
  ASSERT_TRUE(free->ends());
  ASSERT_EQ(free->exit_code(), 0) << "the bypass itself does not work";
  const auto actor = tagged(body);
  deny(question("exec"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
  EXPECT_EQ(actor->exit_code(), 1);
}

// On the machine's root, whose file system forgets directories that nobody uses, and may
// give them other numbers when it meets them again.
TEST_F(Names, ADirectoryThatTheKernelHadForgotten) {
  const std::string directory = "/var/tmp/stayd-kernel" + cgroup().name();
  fs::create_directories(directory);
  std::ofstream(directory + "/list.csv") << kCustomers;
  std::ofstream(path("policy.yaml"))
      << "policy: kernel-test\nnetwork: {default: hold}\nexec: {default: allow}\n"
         "files: {default: allow, read: {hold: [" +
             directory + "]}}\n";
  assign();
  std::ofstream("/proc/sys/vm/drop_caches") << "2";
  expect_held(reads(directory + "/list.csv"));
}

TEST_F(Names, AFileMadeAfterTheAssignment) {
  write("data/new.csv", kCustomers);
  expect_held(reads(path("data/new.csv")));
}

TEST_F(Names, ADeepFile) {
  std::string deep = "data";
  for (int i = 0; i < 40; ++i) deep += "/d" + std::to_string(i);
  fs::create_directories(path(deep));
  write(deep + "/list.csv", kCustomers);
  expect_held(reads(path(deep + "/list.csv")));
}

}  // namespace
}  // namespace stayd::test
