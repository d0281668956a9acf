// SPDX-License-Identifier: Apache-2.0
// What workloads ask for before they try it.
#include <utility>

#include "base/escape.h"
#include "daemon/gate_actions.h"

namespace stayd {
namespace {

Judge judge_of(const Workload& workload, const Tables& tables) {
  return {*workload.compiled, workload.policy_id, tables.labels_read(workload.id.slot)};
}

}  // namespace

void GateActions::foresee(WorkloadId id, const ProcessInstance& process, std::uint32_t uid,
                          std::uint32_t gid, Wanted wanted, TakeForeseen done) {
  const Workload* workload = workloads_.find(id);
  if (workload == nullptr) return done(Error{"the workload has ended"});
  if (!has_path(wanted.kind)) return done(judged(*workload, wanted));
  const Onlooker onlooker{process, uid, gid};
  Lookout::Find find = [onlooker, wanted] {
    if (wanted.kind == OperationKind::exec)
      return find_program_for(onlooker, wanted.arguments.front());
    const bool makes = wanted.kind == OperationKind::create;
    const bool removes = wanted.kind == OperationKind::remove;
    return find_for(onlooker, wanted.path,
                    makes     ? Leaf::new_name
                    : removes ? Leaf::name
                              : Leaf::file);
  };
  lookout_.look(id, std::move(find),
                [this, id, wanted = std::move(wanted), done = std::move(done)](
                    const Result<FoundFor>& found) { done(judged(id, wanted, found)); });
}

Result<Foreseen> GateActions::judged(WorkloadId id, const Wanted& wanted,
                                     const Result<FoundFor>& found) {
  if (!found) return found.error();
  const Workload* workload = workloads_.find(id);
  if (workload == nullptr) return Error{"the workload has ended"};
  Result<Foreseen> foreseen = foresight_.of_file(wanted, *found, judge_of(*workload, tables_));
  if (foreseen) foreseen->operation.workload = id;
  return foreseen;
}

// Only a name that the workload has been told the addresses of, by a resolver that its policy
// believes, can be told from its addresses when it connects.
Result<Foreseen> GateActions::judged(const Workload& workload, const Wanted& wanted) {
  Address address = wanted.endpoint.address;
  std::vector<std::string> names;
  if (wanted.host.empty()) {
    names = evaluator_.names_of(workload.id, address);
  } else {
    std::vector<Address> known;
    if (!workload.policy.resolvers.empty())
      known = evaluator_.addresses_of(workload.id, wanted.host);
    if (known.empty())
      return Error{escape(wanted.host) +
                   ": no resolver of the policy has told this workload an address of it; look it "
                   "up first, or give an address"};
    address = known.front();
    names = {wanted.host};
  }
  Foreseen foreseen =
      Foresight::of_destination(wanted, address, names, judge_of(workload, tables_));
  foreseen.operation.workload = workload.id;
  return ok(std::move(foreseen));
}

}  // namespace stayd
