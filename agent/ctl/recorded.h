// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "policy/policy.h"

namespace stayd {

// An operation of the record, and what was decided then.
struct Recorded {
  std::string attempt;        // as policy/attempt.h writes it; empty: it cannot be written down
  std::uint32_t origins = 0;  // exec: bit per STAYD_ORIGIN_*
  std::vector<std::string> hosts{};  // connect: what the address was known by
  Verdict verdict = Verdict::deny;
  bool went_on = false;             // nobody had to approve it
  std::string rule{};               // that decided
  std::string workload{};           // its cgroup
  std::string policy{};             // by name
  std::string time{};               // RFC 3339, UTC
  std::uint64_t hold = 0;           // 0: it did not wait
  std::set<std::string> touched{};  // labels that the workload had read
};

// Reads the record line by line, in order: what it says of an operation is spread over several.
// docs/operate/record.md is the format. Malformed lines are passed over.
class Recording {
 public:
  // Nothing: the line is about no operation. A hold that joined a ticket is its operation again.
  std::optional<Recorded> read(std::string_view line);

  // Of a hold that was answered: whether the operation went on.
  using Answered = std::optional<std::pair<std::uint64_t, bool>>;
  const Answered& answered() const { return answered_; }  // by the line that was read last

  // Names of policies whose operations the record has.
  const std::set<std::string>& policies() const { return policies_; }

 private:
  std::optional<Recorded> read_operation(const nlohmann::json& event);
  std::optional<Recorded> read_ticket(const nlohmann::json& event);
  std::string workload_of(const std::string& cgroup) const;

  std::map<std::string, std::string> assigned_;           // cgroup to policy
  std::map<std::string, std::set<std::string>> touched_;  // cgroup to labels
  std::map<std::uint64_t, Recorded> tickets_;             // that are open
  std::set<std::string> policies_;
  Answered answered_;
};

}  // namespace stayd
