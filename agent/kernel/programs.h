// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "kernel/maps.h"
#include "kernel/siphash.h"

struct bpf_link;
struct stayd_bpf;

namespace stayd {

// How the hooks are attached. fmod_ret is weaker: a program can be skipped when it preempts
// itself on one CPU, so it is only for kernels whose lsm= list lacks `bpf`.
enum class Attachment { lsm, fmod_ret };
const char* to_string(Attachment attachment);

struct LoadOptions {
  Attachment attachment = Attachment::lsm;
  // A directory on bpffs, made if missing: maps and links are pinned in it, and what is
  // pinned there is taken over. Empty: nothing outlives the object.
  std::string pin_directory;
};

// The programs that the agent runs: tag_tasks and list_tags over all tasks, identify_files over the
// files of this process, list_seals over the sockets that have had a pending connection.
enum class Iterator { tag_tasks, list_tags, identify_files, list_seals };

// Owns the BPF programs and maps. Loading attaches them, next to those that an earlier
// agent left pinned, which then go: there is no moment without enforcement. Where those are
// the same, they stay.
class Programs {
 public:
  using Link = std::unique_ptr<bpf_link, int (*)(bpf_link*)>;

  static Result<Programs> load(const LoadOptions& options);
  Programs(Programs&&) noexcept;
  Programs& operator=(Programs&&) noexcept;
  ~Programs();

  Attachment attachment() const { return attachment_; }

  // Descriptors that stay ours.
  const Maps& maps() const { return maps_; }
  int egress() const;
  // Where links are pinned; empty: nothing is.
  const std::string& link_directory() const { return link_directory_; }

  // Returns what the iterator program wrote.
  Result<std::string> run_iterator(Iterator iterator) const;

  // Makes this process the agent, whose own operations are never judged.
  Result<> become_agent();
  // From now on tasks are asked whose they are, which costs each of them a little. There is
  // no way back: threads of a released workload may still wait.
  void begin_judging();
  void report_cgroups(bool wanted);
  // Until then (CLOCK_BOOTTIME) what waits may do so without an agent.
  void expect_restart(std::uint64_t until_ns);
  // The agent answers from now on: what has waited for one has as long as what comes.
  void answer_from(std::uint64_t now_ns);
  void hint_cgroup(std::uint64_t cgroup_id);
  void hint_node(std::uint64_t inode);
  // What files have been found to be is found out anew.
  void forget_judged();
  // Copies the answers of resolvers to sockets of the cgroup, while the link lives.
  Result<Link> watch_dns(int cgroup) const;
  // Lets the kernel try to make pending connections for as long as they wait, while the link lives,
  // which every TCP connection of the host pays for. An error where another owner's program at the
  // root of the cgroups admits no others.
  Result<Link> extend_attempts() const;
  // See kernel/sigpending.h; 0: not found.
  std::uint64_t sigpending_mask() const;
  const SipHashKey& hash_key() const { return hash_key_; }
  std::uint32_t next_generation();
  std::uint32_t next_policy();

 private:
  Programs(Attachment attachment, stayd_bpf* skeleton, SipHashKey hash_key);

  Attachment attachment_;
  struct Destroy {
    void operator()(stayd_bpf* skeleton) const;
  };
  std::unique_ptr<stayd_bpf, Destroy> skeleton_;
  std::vector<Link> links_;
  std::string link_directory_;
  SipHashKey hash_key_;
  Maps maps_;
};

// Removes what is pinned in the directory: enforcement ends.
Result<> unpin(const std::string& pin_directory);

}  // namespace stayd
