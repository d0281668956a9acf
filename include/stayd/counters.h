/* SPDX-License-Identifier: GPL-2.0 OR Apache-2.0 */
/*
 * Every way the kernel side can lose or refuse something, by name. The map
 * `counters` holds one 64-bit number each; `stayctl status` shows all of them.
 */
#pragma once

/* X(name, what it means for the operation) */
#define STAYD_COUNTERS(X)                                                                 \
  X(held, "threads held")                                                                 \
  X(restarts, "passes of held threads through their hook before they were parked")        \
  X(allowed_by_decision, "held operations that went on")                                  \
  X(allowed_by_grant, "operations that a grant let through")                              \
  X(asked, "operations that the kernel side asked the gatekeeper about")                  \
  X(judged_again, "held operations sent back to be judged by new tables")                 \
  X(allowed_on_agent_loss, "operations that went on because nobody was there to ask")     \
  X(denied_by_decision, "held operations that were refused")                              \
  X(denied_by_policy, "operations that policy refuses at once")                           \
  X(denied_by_release, "held operations whose workload was released")                     \
  X(denied_cannot_wait, "denied: came by a road that cannot be restarted")                \
  X(denied_unanswered, "denied: nobody parked or answered in time")                       \
  X(denied_expired, "denied: the approval had expired when the thread came back")         \
  X(denied_too_many, "denied: too many unparked threads in the workload")                 \
  X(denied_call_full, "denied: too many holds in one system call")                        \
  X(denied_ring_full, "denied: the event ring was full")                                  \
  X(denied_storage, "denied: no memory for task storage")                                 \
  X(denied_policy_missing, "denied: the workload's policy is not in the map")             \
  X(denied_path_unreadable, "denied: the path could not be read")                         \
  X(denied_path_too_deep, "denied: more directories than are walked")                     \
  X(denied_argv_unreadable, "denied: the arguments could not be read")                    \
  X(denied_address_unreadable, "denied: the address could not be read")                   \
  X(denied_family, "denied: address family that is not judged")                           \
  X(denied_no_workload, "denied: the workload has ended, or there is no slot for it")     \
  X(denied_no_signal, "denied: the thread could not be made to restart")                  \
  X(events_lost, "reports that found the ring full; no operation passed by it")           \
  X(names_lost, "packets of resolvers not looked at: too many waited; names are missing") \
  X(connections_unseen, "connections to stayd refused: no note of them was made")         \
  X(untagged_forks, "forks refused because the child could not be tagged")                \
  X(cgroups_full, "child cgroups that could not be tagged; their tasks keep tags")        \
  X(strays, "tagged tasks that left their cgroup")                                        \
  X(killed_arguments_changed, "programs killed: their arguments were not those judged")

enum stayd_counter {
#define STAYD_COUNTER_ENUM(name, meaning) STAYD_COUNT_##name,
  STAYD_COUNTERS(STAYD_COUNTER_ENUM)
#undef STAYD_COUNTER_ENUM
      STAYD_COUNT_END,
};
