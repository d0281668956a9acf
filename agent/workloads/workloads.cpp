// SPDX-License-Identifier: Apache-2.0
#include "workloads/workloads.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "context/container.h"
#include "kernel/file_ids.h"
#include "policy/values.h"

namespace stayd {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxEarlierRules = 3;

std::string own_cgroup() {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("0::")) return line.substr(3);
  return "/";
}

bool is_below(std::string_view cgroup, std::string_view ancestor) {
  return cgroup.size() > ancestor.size() && cgroup.starts_with(ancestor) &&
         cgroup[ancestor.size()] == '/';
}

bool same(const stayd_node& a, const stayd_node& b) { return std::memcmp(&a, &b, sizeof(a)) == 0; }

// Compares two compilations of one policy: they can differ only in where its files are.
bool same_places(const CompiledPolicy& a, const CompiledPolicy& b) {
  return a.settings.flags == b.settings.flags &&
         std::ranges::equal(a.nodes, b.nodes,
                            [](const auto& x, const auto& y) {
                              return x.first == y.first && same(x.second, y.second);
                            }) &&
         std::ranges::equal(a.entries, b.entries, [](const auto& x, const auto& y) {
           return x.entry == y.entry && x.expected == y.expected && same(x.node, y.node);
         });
}

}  // namespace

Result<std::uint64_t> cgroup_id(const std::string& directory) {
  struct statfs file_system {};
  struct stat status {};
  if (::statfs(directory.c_str(), &file_system) || ::stat(directory.c_str(), &status))
    return errno_error(directory);
  if (file_system.f_type != CGROUP2_SUPER_MAGIC)
    return Error{directory + ": not a version 2 cgroup (is cgroup2 mounted at " + kCgroupRoot +
                 "?)"};
  return static_cast<std::uint64_t>(status.st_ino);
}

CgroupFacts facts_of(const std::string& cgroup) {
  char name[kMaxName + 1];
  const ssize_t size =
      ::getxattr((kCgroupRoot + cgroup).c_str(), "trusted.stayd.policy", name, sizeof(name));
  return {cgroup, container_labels(cgroup),
          size > 0 ? std::string(name, static_cast<std::size_t>(size)) : std::string()};
}

std::string normal_cgroup(std::string path) {
  if (path == kCgroupRoot || path.starts_with(std::string(kCgroupRoot) + "/"))
    path.erase(0, std::string_view(kCgroupRoot).size());
  path = fs::path("/" + path).lexically_normal().string();
  while (path.starts_with("//")) path.erase(0, 1);
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

const Workload* Workloads::find(WorkloadId id) const {
  for (const auto& [cgroup, workload] : workloads_)
    if (workload.id == id) return &workload;
  for (const Workload& workload : ended_)
    if (workload.id == id) return &workload;
  return nullptr;
}

std::optional<WorkloadId> Workloads::tagged_before(std::uint64_t cgroup_id) const {
  for (const auto& [cgroup, id] : tables_.tagged_cgroups()) {
    if (cgroup != cgroup_id || id.slot >= STAYD_WORKLOAD_SLOTS) continue;
    Result<stayd_workload> live = tables_.workload(id.slot);
    if (live && live->generation == id.generation) return id;
  }
  return std::nullopt;
}

const Workload* Workloads::find_policy(std::uint32_t policy_id) const {
  for (const auto& [cgroup, workload] : workloads_)
    if (workload.policy_id == policy_id) return &workload;
  for (const Workload& workload : ended_)
    if (workload.policy_id == policy_id) return &workload;
  return nullptr;
}

// The one that it is or was, or a new one in a free slot, which nothing is known of yet.
Result<WorkloadId> Workloads::identify_workload(const std::string& cgroup,
                                                std::uint64_t cgroup_id) {
  if (auto known = workloads_.find(cgroup); known != workloads_.end()) return known->second.id;
  if (std::optional<WorkloadId> before = tagged_before(cgroup_id)) return *before;
  for (std::uint32_t slot = slots_.first; slot < slots_.end; ++slot) {
    Result<stayd_workload> taken = tables_.workload(slot);
    if (!taken) return taken.error();
    if (taken->generation != 0) continue;
    tables_.forget_labels(slot);
    trail_.forget(slot);
    return WorkloadId{slot, programs_.next_generation()};
  }
  return Error{"there are " + std::to_string(STAYD_MAX_WORKLOADS) +
               " workloads already, which is the most there can be; release one (stayctl status "
               "lists them)"};
}

Result<> Workloads::compile_into(Workload& workload) {
  Locator locator(programs_, *mounts_.now());
  locator.look_ahead(paths_of(workload.policy));
  Result<CompiledPolicy> compiled = compile(
      workload.policy, [&](const std::string& path) { return locator.locate(path); },
      [&](const std::string& label) { return tables_.label_bit(workload.id.slot, label); });
  if (!compiled) return compiled.error();
  workload.compiled = std::make_shared<const CompiledPolicy>(std::move(*compiled));
  workload.pins = locator.take_pins();
  workload.policy_id = programs_.next_policy();
  return {};
}

Result<const Workload*> Workloads::assign(const std::string& name, const Policy& policy) {
  std::string cgroup = normal_cgroup(name);
  if (cgroup == "/") return Error{"the root cgroup holds the whole host: assign one below it"};
  std::string agent = own_cgroup();
  if (agent == cgroup || is_below(agent, cgroup))
    return Error{cgroup + ": stayd itself runs in it, and would hold itself"};
  for (const auto& [other, workload] : workloads_)
    if (is_below(cgroup, other) || is_below(other, cgroup))
      return Error{cgroup + ": overlaps the workload " + other + "; release that first"};
  Result<std::uint64_t> id = cgroup_id(kCgroupRoot + cgroup);
  if (!id) return id.error();
  if (auto known = workloads_.find(cgroup);
      known != workloads_.end() && known->second.cgroup_id != *id) {
    ended_.push_back(std::move(known->second));  // of an earlier cgroup of that name
    workloads_.erase(known);
  }
  Result<WorkloadId> identity = identify_workload(cgroup, *id);
  if (!identity) return in_context("assign " + cgroup, identity.error());

  Workload workload;
  workload.id = *identity;
  workload.cgroup = cgroup;
  workload.cgroup_id = *id;
  workload.policy = policy;
  if (Result<> compiled = compile_into(workload); !compiled) return compiled.error();
  if (Result<> enforced = enforce(workload, *id); !enforced) {
    retire(workload);
    return in_context("assign " + cgroup, enforced.error());
  }
  if (auto known = workloads_.find(cgroup); known != workloads_.end()) {
    remember_rules(known->second, workload);
    retire(known->second);
  }
  refused_.erase(cgroup);
  return &(workloads_[cgroup] = std::move(workload));
}

Result<bool> Workloads::locate_again(const std::string& cgroup) {
  auto known = workloads_.find(cgroup);
  if (known == workloads_.end()) return Error{cgroup + ": not a workload"};
  Workload fresh;
  fresh.id = known->second.id;
  fresh.cgroup = cgroup;
  fresh.cgroup_id = known->second.cgroup_id;
  fresh.policy = known->second.policy;
  if (Result<> compiled = compile_into(fresh); !compiled) return compiled.error();
  if (same_places(*fresh.compiled, *known->second.compiled)) return false;
  Result<std::uint64_t> id = cgroup_id(kCgroupRoot + cgroup);
  Result<> enforced = id ? enforce(fresh, *id) : Result<>(id.error());
  if (!enforced) {
    retire(fresh);
    return in_context("locate the files of " + cgroup, enforced.error());
  }
  remember_rules(known->second, fresh);
  retire(known->second);
  known->second = std::move(fresh);
  return true;
}

void Workloads::remember_rules(const Workload& before, Workload& after) {
  after.earlier_rules = before.earlier_rules;
  after.earlier_rules.emplace(after.earlier_rules.begin(), before.policy_id,
                              before.compiled->rules);
  if (after.earlier_rules.size() > kMaxEarlierRules) after.earlier_rules.pop_back();
}

void Workloads::retire(const Workload& workload) {
  tables_.remove_policy(workload.policy_id, *workload.compiled);
}

// The tables first; one write then puts all of them into force at once.
Result<> Workloads::enforce(Workload& workload, std::uint64_t cgroup) {
  for (const auto& [identity, node] : workload.compiled->nodes) programs_.hint_node(identity.inode);
  if (Result<> written = tables_.write_policy(workload.policy_id, *workload.compiled); !written)
    return written;
  const bool known = workloads_.contains(workload.cgroup);
  const Fd directory(::open((kCgroupRoot + workload.cgroup).c_str(), O_DIRECTORY | O_CLOEXEC));
  if (!directory) return errno_error(workload.cgroup);
  if (!known)
    if (Result<> attached = socket_links_.attach(workload.id.slot, directory.get(), cgroup);
        !attached)
      return attached;
  if (!workload.compiled->hosts.empty()) {
    Result<Programs::Link> link = programs_.watch_dns(directory.get());
    if (!link) return link.error();
    workload.dns.emplace(std::move(*link));
  }
  if (Result<> set =
          tables_.set_workload(workload.id.slot, {workload.id.generation, workload.policy_id});
      !set)
    return set;
  return known ? Result<>{} : tag(workload, cgroup);
}

// From the top down: a child that is made during the walk inherits from a parent that has its tag.
Result<> Workloads::tag(const Workload& workload, std::uint64_t cgroup) {
  programs_.begin_judging();
  programs_.hint_cgroup(cgroup);
  if (Result<> tagged = tables_.tag_cgroup(cgroup, workload.id); !tagged) return tagged;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(kCgroupRoot + workload.cgroup, error), end;
       entry != end; entry.increment(error)) {
    if (error) break;
    std::error_code gone;
    if (!entry->is_directory(gone) || gone) continue;
    Result<std::uint64_t> id = cgroup_id(entry->path().string());
    if (!id) continue;  // removed during the walk
    programs_.hint_cgroup(*id);
    if (Result<> tagged = tables_.tag_cgroup(*id, workload.id); !tagged) return tagged;
  }
  Result<std::string> tagged = programs_.run_iterator(Iterator::tag_tasks);
  if (!tagged) return tagged.error();
  return {};
}

Result<Workload> Workloads::release(const std::string& name) {
  std::string cgroup = normal_cgroup(name);
  auto found = workloads_.find(cgroup);
  if (found == workloads_.end())
    return Error{cgroup + ": not a workload; stayctl status lists them"};
  Workload workload = std::move(found->second);
  workloads_.erase(found);
  // This comes first: otherwise its tasks would be refused everything for a moment.
  if (Result<> noted = tables_.note_released(workload.id.generation); !noted) return noted.error();
  if (Result<> freed = free_slot(workload); !freed) return freed.error();
  socket_links_.detach(workload.id.slot);
  for (const auto& [id, of] : tables_.tagged_cgroups())
    if (of == workload.id) tables_.untag_cgroup(id);
  return workload;
}

Result<> Workloads::free_slot(const Workload& workload) {
  if (Result<> freed = tables_.set_workload(workload.id.slot, {}); !freed) return freed;
  tables_.revoke_all(workload.id);
  if (workload.compiled) retire(workload);
  return {};
}

// The tags that cgroups and tasks carry.
Result<std::set<WorkloadId>> Workloads::tags_in_use() const {
  const Result<std::string> tags = programs_.run_iterator(Iterator::list_tags);
  if (!tags) return tags.error();
  std::set<WorkloadId> in_use;
  for (std::size_t at = 0; at + sizeof(stayd_workload_id) <= tags->size();
       at += sizeof(stayd_workload_id)) {
    stayd_workload_id each{};
    std::memcpy(&each, tags->data() + at, sizeof(each));
    in_use.insert({each.slot, each.generation});
  }
  for (const auto& [cgroup, id] : tables_.tagged_cgroups()) in_use.insert(id);
  return {boost::system::in_place_value, std::move(in_use)};
}

// Frees the slots of workloads that an earlier agent had assigned and whose cgroup went while no
// agent was running.
void Workloads::forget_orphans(const std::set<WorkloadId>& in_use) {
  std::set<std::uint32_t> known;
  for (const auto& [cgroup, workload] : workloads_) known.insert(workload.id.slot);
  for (const Workload& workload : ended_) known.insert(workload.id.slot);
  for (std::uint32_t slot = slots_.first; slot < slots_.end; ++slot) {
    const Result<stayd_workload> taken = tables_.workload(slot);
    if (!taken || taken->generation == 0 || known.contains(slot)) continue;
    Workload orphan;
    orphan.id = {slot, taken->generation};
    if (!in_use.contains(orphan.id)) (void)free_slot(orphan);
  }
}

Result<std::vector<Workload>> Workloads::collect() {
  const auto is_gone = [](const std::string& cgroup, std::uint64_t id) {
    struct stat status {};
    if (::stat((kCgroupRoot + cgroup).c_str(), &status) != 0) return errno == ENOENT;
    return status.st_ino != id;
  };
  std::erase_if(refused_,
                [&](const auto& each) { return is_gone(each.first, each.second.cgroup_id); });
  for (auto each = workloads_.begin(); each != workloads_.end();) {
    if (is_gone(each->first, each->second.cgroup_id)) {
      ended_.push_back(std::move(each->second));
      each = workloads_.erase(each);
    } else {
      ++each;
    }
  }
  std::vector<Workload> freed;
  if (ended_.empty() && !is_full()) return freed;
  const Result<std::set<WorkloadId>> in_use = tags_in_use();
  if (!in_use) return in_context("look for tasks of workloads that ended", in_use.error());
  for (auto each = ended_.begin(); each != ended_.end();) {
    if (in_use->contains(each->id)) {
      ++each;
      continue;
    }
    if (Result<> slot = free_slot(*each); !slot) return slot.error();
    socket_links_.leave(each->id.slot);
    freed.push_back(std::move(*each));
    each = ended_.erase(each);
  }
  forget_orphans(*in_use);
  return freed;
}

bool Workloads::is_full() const {
  for (std::uint32_t slot = slots_.first; slot < slots_.end; ++slot) {
    const Result<stayd_workload> taken = tables_.workload(slot);
    if (taken && taken->generation == 0) return false;
  }
  return true;
}

Result<> Workloads::refuse(const std::string& name) {
  const std::string cgroup = normal_cgroup(name);
  const Result<std::uint64_t> id = cgroup_id(kCgroupRoot + cgroup);
  if (!id) return id.error();
  const auto known = refused_.find(cgroup);
  if (known != refused_.end() && known->second.cgroup_id == *id) return {};
  Workload& refused = refused_[cgroup];
  refused.id = {STAYD_NO_SLOT, programs_.next_generation()};
  refused.cgroup = cgroup;
  refused.cgroup_id = *id;
  return tag(refused, *id);
}

void Workloads::stop_refusing(const std::string& cgroup) {
  const auto found = refused_.extract(cgroup);
  if (found.empty()) return;
  const WorkloadId id = found.mapped().id;
  (void)tables_.note_released(id.generation);  // else they stay refused
  for (const auto& [tagged, of] : tables_.tagged_cgroups())
    if (of == id) tables_.untag_cgroup(tagged);
}

}  // namespace stayd
