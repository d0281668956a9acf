// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "stayd/wire.h"

namespace stayd {

// Names one hold of one thread; never used twice while the host is up.
using HoldId = std::uint64_t;

// What a held thread is told when its wait is over.
enum class HoldAnswer : std::uint8_t {
  deny,         // its system call fails with EPERM
  allow,        // its system call goes on
  judge_again,  // its system call is judged anew, by the policy and tables of that moment
};

// How a hold ended that was never answered.
enum class HoldEnd : std::uint8_t {
  caller_gone,  // the thread ended, was interrupted by a signal, or was denied by the kernel side
  superseded,   // the same system call came back with another object
  traced,       // another program traces the thread, so it could not be stopped: it was denied
  unattended,   // no stayd was running, and the kernel side denied it
};

enum class OperationKind : std::uint8_t {
  open = STAYD_OP_OPEN,
  create = STAYD_OP_CREATE,
  connect = STAYD_OP_CONNECT,
  send = STAYD_OP_SEND,
  exec = STAYD_OP_EXEC,
  remove = STAYD_OP_DELETE,
  rename = STAYD_OP_RENAME,
  unix_socket = STAYD_OP_UNIX,
};

// What the kernel side has already done with the operation.
enum class Disposition : std::uint8_t {
  held = STAYD_DISPOSITION_HELD,
  cannot_wait = STAYD_DISPOSITION_CANNOT_WAIT,
  denied = STAYD_DISPOSITION_DENIED,
  audited = STAYD_DISPOSITION_AUDITED,
  deferred = STAYD_DISPOSITION_DEFERRED,
  would_hold = STAYD_DISPOSITION_WOULD_HOLD,
  would_deny = STAYD_DISPOSITION_WOULD_DENY,
};

struct WorkloadId {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  // 0: none
  auto operator<=>(const WorkloadId&) const = default;
};

// A process, so that a pid that is used again means another one.
struct ProcessInstance {
  std::int32_t pid = 0;
  std::uint64_t start_ns = 0;  // CLOCK_BOOTTIME
  auto operator<=>(const ProcessInstance&) const = default;
};

// One process up the tree from the caller. Strings are the workload's bytes: escape to show.
struct Ancestor {
  std::int32_t pid = 0;
  std::string program;  // executable path; empty if it could not be read
  std::vector<std::string> arguments;
};

// Who asks. Strings are the workload's bytes: escape to show.
struct Caller {
  std::int32_t pid = 0;
  std::uint64_t start_ns = 0;  // when the process began, CLOCK_BOOTTIME
  std::int32_t thread = 0;
  std::int32_t parent = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::optional<std::uint32_t> login_uid;
  std::uint64_t cgroup_id = 0;
  std::string cgroup;              // path below the cgroup root; empty if it is gone
  std::string comm;                // at most 15 bytes, chosen by the caller: decides nothing
  std::string program;             // executable path; empty if it could not be read
  std::vector<Ancestor> ancestry;  // parent first, bounded
};

struct Endpoint {
  std::array<std::uint8_t, 16> address{};  // IPv6 or v4-mapped
  std::uint16_t port = 0;
  std::uint16_t protocol = 0;  // IPPROTO_*
  std::uint32_t scope_id = 0;
};

// "192.0.2.7:443/tcp", "[2001:db8::1%2]:53/udp".
std::string to_string(const Endpoint& endpoint);

// The arguments of an execve as they were hashed, for judging: up to several MiB.
struct JudgedArguments {
  std::vector<std::string> words;  // raw bytes
  bool whole = false;              // if not, only the first are known, and of the last its head
};

// One attempt of a workload to do something that policy does not plainly allow.
struct Operation {
  HoldId hold_id = 0;  // 0 unless held or asked
  OperationKind kind = OperationKind::open;
  Disposition disposition = Disposition::held;
  bool read = false;   // open: asked for
  bool write = false;  // open: asked for
  WorkloadId workload;
  Caller caller;
  TimePoint time;
  std::string path;                    // all but connect and send; raw bytes
  std::string new_path;                // rename: the new name; create by a hard link: a name that
                                       // the file has already; raw bytes
  bool off_host = false;               // no mount of the host shows that file system: the path
                                       // begins at its root, as of a pipe or a container's tmpfs
  std::vector<std::string> arguments;  // exec; raw bytes
  bool arguments_incomplete = false;   // truncated or unreadable
  stayd_arguments argument_facts{};    // exec
  std::shared_ptr<const JudgedArguments>
      judged_arguments;       // exec that the evaluator is asked about
  Endpoint endpoint;          // connect, send
  bool pending = false;       // connect that is held: the connection waits, and the thread does not
  std::int32_t syscall = -1;  // number in the caller's ABI
  bool compat = false;        // 32-bit system call
  std::uint32_t open_flags = 0;
  std::uint32_t policy = 0;  // compiled policy's id
  std::uint32_t rule = 0;    // 0: the policy's default
  stayd_object object{};     // what a decision binds, byte for byte
  // Of one that the kernel side could not judge alone: what its tables say so far.
  bool incomplete = false;
  std::uint8_t verdict = STAYD_VERDICT_UNSET;
  stayd_node node{};
  stayd_node target{};    // rename, link: of the new name
  bool replaces = false;  // rename: something has that name already
  std::uint64_t generation = 0;
  std::uint32_t place = 0;    // ASKED about a file: where it was found, for stayd_judged_key
  std::uint32_t failure = 0;  // STAYD_COUNT_*: why it could not be judged; 0: it was
  // How often in a row it happened before it was reported; always 1 for a held operation.
  std::uint64_t times = 1;
};

// True if the operation is about a path: all but connect and send.
inline bool has_path(OperationKind kind) {
  return kind != OperationKind::connect && kind != OperationKind::send;
}

// True if it gives another name to an existing file.
inline bool is_link(const Operation& operation) {
  return operation.kind == OperationKind::create && !operation.new_path.empty();
}

// "open", "create", …; "openat", "connect" or "syscall 425".
const char* to_string(OperationKind kind);
std::string syscall_name(std::int32_t number, bool compat);

}  // namespace stayd
