// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "context/file_steps.h"
#include "context/mount_table.h"
#include "identity/people.h"
#include "intake/gate.h"
#include "store/desk_store.h"
#include "tickets/desk.h"

namespace stayd {

// The rule that judged, in words. The gate may have judged by a version that has been replaced.
RuleWords rule_words(const WorkloadFacts& workload, const Operation& operation);

// The same, for the workload itself; without a text of what could not be judged.
RuleReference reference_of(const WorkloadFacts& workload, const Operation& operation);

// The names of the bits of a mask of labels.
std::vector<std::string> label_names(const WorkloadFacts& workload, std::uint64_t labels);

// Finds out what a ticket says besides the operation itself: under which rule, who is asked and
// who must not answer, and with what data. One thread; may wait for the host's name service,
// whose answers it keeps for a minute.
class TicketContextBuilder {
 public:
  using FindSteps = std::function<std::vector<FileStep>(const Mounts&, std::uint32_t device,
                                                        std::string_view path)>;

  // All must outlive it. `find_steps`: where the host's files are.
  TicketContextBuilder(Gate& gate, MountTable& mounts, DeskStore& store,
                       FindSteps find_steps = file_steps);

  // Returns what has to be known of every operation that waits, quickly; its place only if it is
  // asked for.
  Surroundings surroundings(const Operation& operation, const WorkloadFacts& workload,
                            bool with_steps);

  TicketContext prepare(const Operation& operation, const WorkloadFacts& workload,
                        const People& people, TimePoint now);

  // Takes the workload's statement of what it is about to do; the latest counts.
  void declare(WorkloadId workload, Intent intent);
  const Intent* intent_of(WorkloadId workload) const;
  void forget(WorkloadId workload);

 private:
  struct Knowledge {
    std::optional<Intent> intent;
  };
  struct Login {
    std::string name;
    TimePoint until;
  };

  std::vector<std::string> names_of(const Operation& operation,
                                    const WorkloadFacts& workload) const;
  std::string login(uid_t uid, TimePoint now);
  void add_data(WorkloadId workload, Evidence& facts) const;
  std::vector<Excluded> excluded(const Operation& operation, const WorkloadFacts& workload,
                                 const People& people) const;

  Gate& gate_;
  MountTable& mounts_;
  DeskStore& store_;
  FindSteps find_steps_;
  std::string host_;
  std::map<WorkloadId, Knowledge> workloads_;
  std::map<uid_t, Login> logins_;
};

}  // namespace stayd
