// SPDX-License-Identifier: Apache-2.0
#include "evaluation/foresight.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/escape.h"
#include "kernel/exec_hash.h"

namespace stayd {
namespace {

constexpr std::uint32_t bit(std::uint32_t number) { return std::uint32_t{1} << number; }

const stayd_identity* identity_of(const std::vector<stayd_identity>& identities, const Fd& file) {
  const auto found =
      std::ranges::find(identities, static_cast<std::uint32_t>(file.get()), &stayd_identity::fd);
  return found == identities.end() ? nullptr : &*found;
}

bool is_same(const stayd_identity* a, const stayd_identity* b) {
  return a != nullptr && b != nullptr && a->inode == b->inode && a->device == b->device &&
         a->inode_generation == b->inode_generation;
}

// The walk of the kernel side: from the file up, as far as the steps go.
Result<FileFacts> facts_of(const FoundFile& file, const std::vector<stayd_identity>& identities,
                           std::string path) {
  FileFacts facts;
  facts.path = std::move(path);
  if (!file.new_name.empty()) facts.steps.push_back({{}, file.new_name});
  for (auto step = file.steps.rbegin(); step != file.steps.rend(); ++step) {
    const stayd_identity* identity = identity_of(identities, step->file);
    if (identity == nullptr) return Error{"the kernel did not report what a directory is"};
    facts.steps.push_back({{identity->inode, identity->device}, step->name});
  }
  return {boost::system::in_place_value, std::move(facts)};
}

Result<struct ::statx> look_at(const Fd& file) {
  struct ::statx status {};
  if (::statx(file.get(), "", AT_EMPTY_PATH, STATX_BASIC_STATS, &status) != 0)
    return errno_error("statx");
  return status;
}

// bpf/exec.bpf.h, others_can_write().
bool others_can_write(const struct ::statx& status) {
  return status.stx_uid != 0 || (status.stx_mode & 022) != 0;
}

// Of a program that has a name: who else may write it, or another one in its place.
Result<std::uint32_t> origins_of(const FoundFile& file) {
  const Result<struct ::statx> own = look_at(file.steps.back().file);
  if (!own) return own.error();
  if (file.steps.size() < 2) return Error{"the directory above it is on another file system"};
  const Result<struct ::statx> above = look_at(file.steps[file.steps.size() - 2].file);
  if (!above) return above.error();
  return others_can_write(*own) || others_can_write(*above) ? bit(STAYD_ORIGIN_WRITABLE) : 0;
}

std::uint64_t change_time_ns(const struct ::statx& status) {
  return static_cast<std::uint64_t>(status.stx_ctime.tv_sec) * 1'000'000'000 +
         status.stx_ctime.tv_nsec;
}

// STAYD_OP_* and the access bits, as the hooks of bpf/ set them.
stayd_object object_for(const Wanted& wanted) {
  stayd_object object{};
  object.operation = static_cast<std::uint32_t>(wanted.kind);
  switch (wanted.kind) {
    case OperationKind::open:
      object.access =
          (wanted.read ? bit(STAYD_ACCESS_READ) : 0) | (wanted.write ? bit(STAYD_ACCESS_WRITE) : 0);
      break;
    case OperationKind::create:
      object.access = bit(STAYD_ACCESS_CREATE);
      break;
    case OperationKind::remove:
      object.access = bit(STAYD_ACCESS_DELETE);
      break;
    case OperationKind::exec:
      object.access = bit(STAYD_ACCESS_EXEC);
      break;
    default:
      object.access = bit(STAYD_ACCESS_NETWORK);
  }
  return object;
}

Foreseen foreseen(const Wanted& wanted, const stayd_object& object, const Judge& judge,
                  const RuleVerdict& rule_verdict) {
  Foreseen result;
  Operation& operation = result.operation;
  operation.kind = wanted.kind;
  operation.disposition = Disposition::asked_ahead;
  operation.read = wanted.read;
  operation.write = wanted.write;
  operation.arguments = wanted.arguments;
  operation.policy = judge.policy_id;
  operation.rule = rule_verdict.rule;
  operation.object = object;
  const bool observes = (judge.policy.settings.flags & STAYD_POLICY_OBSERVE) != 0;
  result.verdict = observes ? Verdict::allow : rule_verdict.verdict;
  return result;
}

// bpf/network.bpf.h, name_loopback().
Address normalised(Address address) {
  if (!std::all_of(address.begin(), address.begin() + 10, [](auto byte) { return byte == 0; }))
    return address;
  const bool rest_is_zero =
      std::all_of(address.begin() + 12, address.end(), [](auto byte) { return byte == 0; });
  if (address[10] == 0 && address[11] == 0 && rest_is_zero) address[15] = 1;
  if (address[10] == 0xff && address[11] == 0xff && rest_is_zero) {
    address[12] = 127;
    address[15] = 1;
  }
  return address;
}

}  // namespace

Result<Foreseen> Foresight::of_file(const Wanted& wanted, const FoundFor& found,
                                    const Judge& judge) {
  if (wanted.kind == OperationKind::exec && !judge.policy.contents.empty())
    return Error{"the policy judges programs by their contents, when they run"};
  const std::shared_ptr<const Mounts> mounts = mounts_.now();
  const std::optional<std::string> host_path =
      mounts->find_host_path(found.device, found.path_in_fs);
  // Whoever asks must not keep everybody else waiting.
  if (host_path && mounts->is_served(*host_path))
    return Error{"a program answers for that file system, with whatever it likes"};
  // By the host's path, where it has one, to see what is above the mount that showed it.
  std::optional<FoundFile> on_host;
  if (host_path) {
    const Fd root(::open(host_root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root) return errno_error(host_root_);
    Result<FoundFile> file =
        find_file(root, *host_path, found.file.new_name.empty() ? Leaf::name : Leaf::new_name);
    if (!file) return in_context("as the host reaches it", file.error());
    on_host = std::move(*file);
  }
  const Result<std::vector<stayd_identity>> identities = identify_();
  if (!identities) return identities.error();
  const stayd_identity* identity = identity_of(*identities, found.file.steps.back().file);
  if (identity == nullptr) return Error{"the kernel did not report what it is"};
  if (on_host && !is_same(identity, identity_of(*identities, on_host->steps.back().file)))
    return Error{"the host reaches something else by " + escape(*host_path)};
  const FoundFile& file = on_host ? *on_host : found.file;

  Attempt attempt;
  attempt.kind = attempt_kind(wanted.kind);
  attempt.read = wanted.read;
  attempt.write = wanted.write;
  attempt.touched = judge.labels_read;
  Result<FileFacts> facts = facts_of(file, *identities, host_path.value_or(found.path_in_fs));
  if (!facts) return facts.error();
  attempt.file = std::move(*facts);

  stayd_object object = object_for(wanted);
  object.inode = identity->inode;
  object.device = identity->device;
  object.inode_generation = identity->inode_generation;
  if (wanted.kind == OperationKind::create) object.hash = siphash(hash_key_, file.new_name);
  if (wanted.kind == OperationKind::exec) {
    const Result<struct ::statx> status = look_at(file.steps.back().file);
    if (!status) return status.error();
    const Result<std::uint32_t> origins = origins_of(file);
    if (!origins) return origins.error();
    attempt.program.origins = *origins;
    attempt.program.arguments = wanted.arguments;
    object.hash = exec_hash(hash_key_, wanted.arguments, change_time_ns(*status), status->stx_size);
  }
  Foreseen result = foreseen(wanted, object, judge, decide(judge.policy, attempt));
  result.operation.path = host_path.value_or(found.path_in_fs);
  result.operation.off_host = !host_path;
  return {boost::system::in_place_value, std::move(result)};
}

Foreseen Foresight::of_destination(const Wanted& wanted, const Address& address,
                                   const std::vector<std::string>& names, const Judge& judge) {
  stayd_object object = object_for(wanted);
  const Address destination = normalised(address);
  std::memcpy(object.address, destination.data(), destination.size());
  object.port = wanted.endpoint.port;
  object.protocol = wanted.endpoint.protocol;
  Attempt attempt;
  attempt.kind = Attempt::Kind::network;
  attempt.touched = judge.labels_read;
  attempt.destination = {.address = destination,
                         .port = wanted.endpoint.port,
                         .protocol = wanted.endpoint.protocol,
                         .hosts = names};
  Foreseen result = foreseen(wanted, object, judge, decide(judge.policy, attempt));
  result.operation.endpoint = {
      .address = destination, .port = wanted.endpoint.port, .protocol = wanted.endpoint.protocol};
  return result;
}

}  // namespace stayd
