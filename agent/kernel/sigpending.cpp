// SPDX-License-Identifier: Apache-2.0
#include "kernel/sigpending.h"

#include <bpf/libbpf.h>
#include <unistd.h>

#include <bit>
#include <csignal>
#include <memory>

#include "stayd.skel.h"

namespace stayd {
namespace {

// Other bits come and go, such as that of a due reschedule.
constexpr int kRounds = 16;

// thread_info.flags of this thread right after it was sent a signal.
std::uint64_t flags_when_signalled(stayd_bpf& skeleton, int signal) {
  skeleton.bss->sampled_tid = static_cast<__u32>(::gettid());
  ::raise(signal);
  skeleton.bss->sampled_tid = 0;
  return *const_cast<volatile __u64*>(&skeleton.bss->sampled_flags);
}

}  // namespace

std::uint64_t find_sigpending(stayd_bpf& skeleton) {
  const std::unique_ptr<bpf_link, int (*)(bpf_link*)> link(
      bpf_program__attach(skeleton.progs.sample_flags), bpf_link__destroy);
  if (!link) return 0;
  const int signal = SIGRTMAX;
  struct sigaction ours {
  }, before{};
  ours.sa_handler = [](int) {};
  sigset_t only{}, mask{};
  sigemptyset(&only);
  sigaddset(&only, signal);
  if (::sigaction(signal, &ours, &before)) return 0;

  std::uint64_t candidates = ~std::uint64_t{0};
  for (int round = 0; round < kRounds; ++round) {
    ::pthread_sigmask(SIG_BLOCK, &only, &mask);
    candidates &= ~flags_when_signalled(skeleton, signal);
    const timespec at_once{};
    ::sigtimedwait(&only, nullptr, &at_once);
    ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
    candidates &= flags_when_signalled(skeleton, signal);
  }
  ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  ::sigaction(signal, &before, nullptr);
  return std::has_single_bit(candidates) ? candidates : 0;
}

}  // namespace stayd
