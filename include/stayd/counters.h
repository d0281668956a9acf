/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * Every way in which the kernel side can lose or refuse something, by name. The map `counters`
 * holds a 64-bit number for each and processor; `stayctl status` shows their sums.
 */
#pragma once

/* X(name, what it means for the operation) */
#define STAYD_COUNTERS(X)                                                                  \
  X(held, "operations held")                                                               \
  X(restarts, "restarts of held threads' system calls before they were parked")            \
  X(allowed_by_decision, "held operations that a decision allowed")                        \
  X(allowed_by_grant, "operations that a grant allowed")                                   \
  X(asked, "operations deferred to the gatekeeper, which completed the verdict")           \
  X(judged_again, "held operations judged again by changed tables")                        \
  X(allowed_on_agent_loss,                                                                 \
    "operations allowed because no agent was running (on_agent_loss: allow)")              \
  X(denied_by_decision, "held operations that a decision denied")                          \
  X(denied_by_policy, "operations that the policy denied at once")                         \
  X(denied_by_release, "held operations whose workload was released")                      \
  X(denied_cannot_wait,                                                                    \
    "denied: entry point cannot be restarted (io_uring, kernel thread, unlisted call)")    \
  X(denied_unanswered, "denied: the agent neither parked the thread nor answered in time") \
  X(denied_expired, "denied: the approval had expired when the thread came back")          \
  X(denied_too_many, "denied: too many unparked threads in the workload")                  \
  X(denied_call_full, "denied: too many holds in one system call")                         \
  X(denied_ring_full, "denied: the event ring was full")                                   \
  X(denied_storage, "denied: no memory for task storage")                                  \
  X(denied_policy_missing, "denied: the workload's policy is not in the map")              \
  X(denied_path_unreadable, "denied: the path could not be read")                          \
  X(denied_path_too_deep, "denied: the path has more than 128 directories")                \
  X(denied_argv_unreadable, "denied: the arguments could not be read")                     \
  X(denied_address_unreadable, "denied: the address could not be read")                    \
  X(denied_family, "denied: unsupported address family")                                   \
  X(denied_no_workload, "denied: the workload has ended, or there is no slot for it")      \
  X(denied_no_signal, "denied: the thread could not be made to restart")                   \
  X(denied_sealed, "denied: the socket had a pending connection to another address")       \
  X(packets_dropped, "packets dropped: their connection is pending, or was refused")       \
  X(events_lost, "events lost to a full ring; none of them let an operation through")      \
  X(names_lost, "DNS packets not looked at: too many at once; names are missing")          \
  X(connections_unseen, "connections to stayd refused: their peer could not be recorded")  \
  X(untagged_forks, "forks refused because the child could not be tagged")                 \
  X(cgroups_full, "child cgroups that could not be tagged; their tasks keep tags")         \
  X(strays, "tagged tasks that moved out of their cgroup")                                 \
  X(killed_arguments_changed, "programs killed: their arguments were not those judged")

enum stayd_counter {
#define STAYD_COUNTER_ENUM(name, meaning) STAYD_COUNT_##name,
  STAYD_COUNTERS(STAYD_COUNTER_ENUM)
#undef STAYD_COUNTER_ENUM
      STAYD_COUNT_END,
};
