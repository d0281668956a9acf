// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/untrusted.h"
#include "tickets/ticket.h"

namespace stayd {

struct DecisionFacts {
  bool approve = false;
  Escaped person;  // name of the one who answered
  Escaped channel;
  Escaped reason;
  Scope scope = Scope::once;
  std::int64_t grant_for_s = 0;  // 0: until it ends
  std::int64_t uses = 0;         // 0: any number
  bool break_glass = false;
};

struct EvidenceFacts {
  struct Sent {
    Escaped to;
    std::vector<Escaped> names;
    std::uint64_t bytes = 0;
  };
  Escaped host;
  Escaped unit;
  Escaped container;
  Escaped user;
  Escaped login_user;
  Escaped claim;  // what the workload says it is about to do
  std::vector<Escaped> labels_read;
  std::vector<Escaped> files_read;  // the latest last
  std::uint64_t files_read_count = 0;
  std::vector<Sent> sent;
  std::uint64_t bytes_sent = 0;
  std::uint64_t approved_before = 0;
  std::uint64_t denied_before = 0;
  std::optional<TimePoint> answered_before;
};

struct CallerFacts {
  struct Ancestor {
    Escaped program;  // empty: unknown
    std::int64_t pid = 0;
    std::vector<Escaped> arguments;
  };
  std::int64_t pid = 0;
  std::int64_t thread = 0;
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::optional<std::int64_t> login_uid;
  Escaped program;  // empty: unknown
  Escaped comm;
  Escaped cgroup;
  std::vector<Ancestor> ancestry;  // parent first
};

// All that can be said of a ticket. Numbers and words of ours are as they are; every text that
// somebody else chose is escaped: this is where JSON stops being trusted. Members that are missing
// or of another type are empty.
struct TicketFacts {
  TicketId id = 0;
  Escaped digest;
  Escaped workload;
  Escaped policy;
  Escaped rule;        // empty: the policy's default
  Escaped rule_class;  // "data-export"; empty: the rule has none
  TimePoint opened{};
  TimePoint deadline{};
  std::optional<TimePoint> closed;
  std::uint64_t waiting = 0;
  std::uint64_t attempts = 0;
  std::optional<TimePoint> caller_left;    // nobody has waited for it since then …
  std::optional<TimePoint> lingers_until;  // … and until then it can be answered
  std::uint64_t quorum = 1;
  std::optional<Outcome> outcome;  // nothing: one that this version does not know …
  Escaped outcome_word;            // … and says as it was sent
  std::vector<DecisionFacts> approvals;
  std::optional<DecisionFacts> decision;  // the one that ended it
  bool flood = false;
  std::vector<Escaped> asked;  // groups; empty: everybody who may answer
  struct Event {
    Escaped time;
    Escaped what;
  };
  std::vector<Event> history;
  std::optional<EvidenceFacts> evidence;

  std::optional<OperationKind> kind;  // nothing: one that this version does not know …
  Escaped kind_word;                  // … and says as it was sent
  bool for_reading = false;
  bool for_writing = false;
  Escaped object;     // path or endpoint
  Escaped new_name;   // rename
  Escaped linked_to;  // create: the file that gets another name
  std::vector<Escaped> arguments;
  std::size_t more_arguments = 0;  // than are in `arguments`
  bool arguments_incomplete = false;
  bool cannot_wait = false;
  bool pending = false;  // what waits is a connection, and not its thread
  Escaped device;        // "254:3"; empty for the network
  Escaped inode;
  Escaped syscall;  // "openat"
  Escaped abi;      // empty: x86-64
  CallerFacts caller;

  bool is_open() const { return outcome == Outcome::open; }
  // True if nobody waits whom an approval would let go.
  bool is_for_next_attempt() const { return cannot_wait || caller_left.has_value(); }
};

// `ticket` is what tickets/ticket_json.h describes, of this version or another.
TicketFacts facts_of(const nlohmann::json& ticket, std::size_t text_max = kUnbounded);
// At most `text_max` characters of each text, four times as many of a reason, and 64 arguments.
TicketFacts facts_of(const Ticket& ticket, std::size_t text_max);

}  // namespace stayd
