// SPDX-License-Identifier: Apache-2.0
// What runs has the arguments that were judged. The kernel copies them before the hook looks at
// the caller's memory: a page fault that a second thread answers, userfaultfd(2), stops it half
// way, and the thread changes what has been copied already.
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "kernel_test.h"

namespace stayd::test {
namespace {

constexpr std::size_t kPage = 4096;

// A page that is not there until somebody provides it.
char* page_that_faults(const Fd& faults) {
  uffdio_api api{.api = UFFD_API, .features = 0, .ioctls = 0};
  if (::ioctl(faults.get(), UFFDIO_API, &api)) return nullptr;
  void* page = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  uffdio_register range{};
  range.range = {.start = reinterpret_cast<std::uintptr_t>(page), .len = kPage};
  range.mode = UFFDIO_REGISTER_MODE_MISSING;
  return ::ioctl(faults.get(), UFFDIO_REGISTER, &range) ? nullptr : static_cast<char*>(page);
}

// Executes `program` with itself and `copied` for arguments, and has turned the latter into
// `judged`, which is not longer, when the hook looks.
Body executes_with_swapped_argument(std::string program, std::string copied, std::string judged) {
  return [=](Report&) -> long {
    const Fd faults(static_cast<int>(::syscall(SYS_userfaultfd, O_CLOEXEC)));
    if (!faults) return -1;
    char* const name = page_that_faults(faults);
    if (!name) return -1;
    std::string argument = copied;
    std::thread([&] {
      uffd_msg fault{};
      if (::read(faults.get(), &fault, sizeof(fault)) != sizeof(fault)) return;
      std::strcpy(argument.data(), judged.c_str());
      char page[kPage] = {};
      std::strcpy(page, program.c_str());
      uffdio_copy copy{};
      copy.dst = reinterpret_cast<std::uintptr_t>(name);
      copy.src = reinterpret_cast<std::uintptr_t>(page);
      copy.len = kPage;
      ::ioctl(faults.get(), UFFDIO_COPY, &copy);
    }).detach();
    // The kernel copies the last argument first.
    char* const arguments[] = {name, argument.data(), nullptr};
    return ::execv(program.c_str(), arguments);
  };
}

using Arguments = KernelTest;

TEST_F(Arguments, ThatWereSwappedAfterTheKernelCopiedThemNeverRun) {
  const std::string honest = path("honest"), evil = path("evil!!");
  const std::string program = add_program("/bin/touch");
  // Untagged, the swap is not noticed: the program runs with what was copied.
  const auto free = untagged(executes_with_swapped_argument(program, evil, honest));
  ASSERT_TRUE(free->ends());
  ASSERT_EQ(free->exit_code(), 0) << "errno " << free->report().error;
  ASSERT_EQ(::unlink(evil.c_str()), 0);

  const auto approved = tagged(executes(program, {honest}));
  approve(question("exec"), 60);
  ASSERT_TRUE(approved->ends());
  ASSERT_EQ(approved->exit_code(), 0);
  ASSERT_EQ(::unlink(honest.c_str()), 0);

  const std::int64_t killed = stayd().counter("killed_arguments_changed");
  const auto actor = tagged(executes_with_swapped_argument(program, evil, honest));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->exit_code(), 128 + SIGKILL);
  EXPECT_NE(::access(evil.c_str(), F_OK), 0);
  EXPECT_EQ(stayd().counter("killed_arguments_changed"), killed + 1);
  EXPECT_EQ(questions(), 1u);
}

}  // namespace
}  // namespace stayd::test
