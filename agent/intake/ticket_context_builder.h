// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "identity/people.h"
#include "kernel/data_trail.h"
#include "kernel/tables.h"
#include "store/desk_store.h"
#include "tickets/desk.h"
#include "workloads/workloads.h"

namespace stayd {

// The rule in words. The kernel side may still hold by a version that has been replaced.
std::string rule_text(const Workload& workload, const Operation& operation);

// Names of the bits of a touched mask.
std::vector<std::string> label_names(const Workload& workload, std::uint64_t labels);

// Finds out what a ticket says besides the operation itself: under which rule, who is asked and
// who must not answer, and with what data. One thread; may wait for the host's name service,
// whose answers it keeps for a minute.
class TicketContextBuilder {
 public:
  // How what the kernel side knows is called here.
  struct Names {
    // Of an address, as a workload was told.
    std::function<std::vector<std::string>(WorkloadId, const Address&)> of_address;
    // A path from the root of the file system on `device`, as the host reaches it.
    std::function<std::string(std::uint32_t device, const std::string& path)> host_path;
  };

  TicketContextBuilder(const Tables& tables, const DataTrail& trail, DeskStore& store, Names names);

  TicketContext prepare(const Operation& operation, const Workload& workload, const People& people,
                        TimePoint now);

  // What the workload says it is about to do; the latest counts.
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

  std::string login(uid_t uid, TimePoint now);
  void tell_data(WorkloadId workload, Evidence& facts) const;
  std::vector<Excluded> excluded(const Operation& operation, const Workload& workload,
                                 const People& people) const;

  const Tables& tables_;
  const DataTrail& trail_;
  DeskStore& store_;
  const Names names_;
  std::string host_;
  std::map<WorkloadId, Knowledge> workloads_;
  std::map<uid_t, Login> logins_;
};

}  // namespace stayd
