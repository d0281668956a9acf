// SPDX-License-Identifier: Apache-2.0
#include "kernel/decoder.h"

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "stayd/counters.h"

namespace stayd {
namespace {

constexpr std::uint32_t kNoLogin = 4294967295u;

template <class T>
bool copy(std::span<const std::byte> bytes, T& value) {
  if (bytes.size() < sizeof(T)) return false;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return true;
}

std::string_view text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::string_view> split_at_nul(std::string_view bytes) {
  std::vector<std::string_view> parts;
  while (!bytes.empty()) {
    std::size_t end = bytes.find('\0');
    parts.push_back(bytes.substr(0, end));
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
  }
  return parts;
}

bool known(std::uint32_t operation, std::uint32_t disposition) {
  return operation >= STAYD_OP_OPEN && operation < STAYD_OP_END &&
         disposition >= STAYD_DISPOSITION_HELD && disposition < STAYD_DISPOSITION_END;
}

Caller caller_of(const stayd_operation_event& event) {
  Caller caller;
  caller.pid = static_cast<std::int32_t>(event.tgid);
  caller.start_ns = event.process_start_ns;
  caller.thread = static_cast<std::int32_t>(event.tid);
  caller.parent = static_cast<std::int32_t>(event.parent_tgid);
  caller.uid = event.uid;
  caller.gid = event.gid;
  if (event.login_uid != kNoLogin) caller.login_uid = event.login_uid;
  caller.cgroup_id = event.cgroup_id;
  caller.comm.assign(event.comm, ::strnlen(event.comm, sizeof(event.comm)));
  return caller;
}

Result<KernelEvent> decode_operation(std::span<const std::byte> bytes) {
  stayd_operation_event event{};
  if (!copy(bytes, event)) return Error{"operation event: too short"};
  const stayd_object& object = event.object;
  if (!known(object.operation, event.disposition))
    return Error{"operation event: unknown operation or disposition"};
  const bool waits = event.disposition == STAYD_DISPOSITION_HELD ||
                     event.disposition == STAYD_DISPOSITION_DEFERRED;
  if (waits != (event.hold_id != 0))
    return Error{"operation event: hold id and disposition disagree"};

  Operation operation;
  operation.hold_id = event.hold_id;
  operation.kind = static_cast<OperationKind>(object.operation);
  operation.disposition = static_cast<Disposition>(event.disposition);
  operation.read =
      operation.kind == OperationKind::open && object.access & (1u << STAYD_ACCESS_READ);
  operation.write =
      operation.kind == OperationKind::open && object.access & (1u << STAYD_ACCESS_WRITE);
  operation.workload = {event.workload.slot, event.workload.generation};
  operation.caller = caller_of(event);
  operation.syscall = event.syscall;
  operation.compat = event.flags & STAYD_EVENT_COMPAT;
  operation.open_flags = event.open_flags;
  operation.policy = event.policy;
  operation.rule = event.rule;
  operation.object = object;
  operation.incomplete = event.flags & STAYD_EVENT_INCOMPLETE;
  operation.verdict = static_cast<std::uint8_t>(event.verdict);
  operation.node = event.node;
  operation.generation = event.generation;
  operation.place = event.place;
  operation.failure = event.failure < STAYD_COUNT_END ? event.failure : 0;

  std::span<const std::byte> rest = bytes.subspan(sizeof(event));
  if (has_path(operation.kind)) {
    if (rest.size() < STAYD_PATH_SIZE || event.path_size > STAYD_PATH_SIZE)
      return Error{"operation event: path does not fit"};
    const std::string_view path = text(rest.first(event.path_size));
    operation.path = event.flags & STAYD_EVENT_ABSTRACT
                         ? "@" + std::string(path)
                         : join_path(path, event.flags & STAYD_EVENT_PATH_TRUNCATED);
    rest = rest.subspan(STAYD_PATH_SIZE);
  } else {
    std::memcpy(operation.endpoint.address.data(), object.address, sizeof(object.address));
    operation.endpoint.port = object.port;
    operation.endpoint.protocol = object.protocol;
    operation.endpoint.scope_id = object.scope_id;
    operation.pending = operation.kind == OperationKind::connect &&
                        (event.flags & STAYD_EVENT_MAY_PEND) != 0 &&
                        (operation.disposition == Disposition::held ||
                         operation.disposition == Disposition::deferred);
  }
  const bool exec = operation.kind == OperationKind::exec;
  const bool link =
      operation.kind == OperationKind::create && (event.flags & STAYD_EVENT_LINK) != 0;
  if (exec || link || operation.kind == OperationKind::rename) {
    if (rest.size() < STAYD_ARGV_SIZE + sizeof(stayd_node) + sizeof(stayd_arguments) ||
        event.argv_size > STAYD_ARGV_SIZE)
      return Error{"operation event: arguments do not fit"};
    copy(rest.subspan(STAYD_ARGV_SIZE), operation.target);
  }
  if (link) {
    operation.new_path = std::move(operation.path);
    operation.path = join_path(text(rest.first(event.argv_size)), false);
  }
  if (operation.kind == OperationKind::rename) {
    operation.new_path = join_path(text(rest.first(event.argv_size)), false);
    operation.replaces = event.open_flags != 0;
  }
  if (exec) {
    for (std::string_view argument : split_at_nul(text(rest.first(event.argv_size))))
      operation.arguments.emplace_back(argument);
    operation.arguments_incomplete =
        event.flags & (STAYD_EVENT_ARGV_TRUNCATED | STAYD_EVENT_ARGV_UNREADABLE);
    copy(rest.subspan(STAYD_ARGV_SIZE + sizeof(stayd_node)), operation.argument_facts);
  }
  return KernelEvent(std::move(operation));
}

Result<KernelEvent> decode_dns(std::span<const std::byte> bytes) {
  stayd_dns_event event{};
  if (!copy(bytes, event)) return Error{"DNS event: too short"};
  std::span<const std::byte> payload = bytes.subspan(sizeof(event));
  if (event.payload_size > payload.size()) return Error{"DNS event: the payload does not fit"};
  payload = payload.first(event.payload_size);
  DnsPacket packet;
  packet.workload = {event.workload.slot, event.workload.generation};
  packet.time_ns = event.header.time_ns;
  std::memcpy(packet.source.data(), event.source, sizeof(event.source));
  std::memcpy(packet.destination.data(), event.destination, sizeof(event.destination));
  packet.source_port = event.source_port;
  packet.destination_port = event.destination_port;
  packet.protocol = event.protocol;
  packet.sequence = event.sequence;
  packet.begins = event.begins != 0;
  packet.payload.assign(payload.begin(), payload.end());
  return KernelEvent(std::move(packet));
}

}  // namespace

std::string join_path(std::string_view names, bool truncated) {
  const std::vector<std::string_view> parts = split_at_nul(names);
  std::string path = truncated ? "…" : "";
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) path.append("/").append(*part);
  return path.empty() ? "/" : path;
}

Result<KernelEvent> decode_event(std::span<const std::byte> bytes) {
  stayd_event_header header{};
  if (!copy(bytes, header)) return Error{"event: too short for a header"};
  if (header.size != bytes.size()) return Error{"event: size field and size disagree"};
  switch (header.kind) {
    case STAYD_EVENT_OPERATION:
      return decode_operation(bytes);
    case STAYD_EVENT_RESUMED:
    case STAYD_EVENT_SUPERSEDED:
    case STAYD_EVENT_GONE: {
      stayd_hold_event event{};
      if (!copy(bytes, event)) return Error{"hold event: too short"};
      if (header.kind != STAYD_EVENT_RESUMED)
        return KernelEvent(HoldGone{
            event.hold_id,
            header.kind == STAYD_EVENT_SUPERSEDED ? HoldEnd::superseded : HoldEnd::caller_gone,
            header.time_ns});
      return KernelEvent(HoldResumed{event.hold_id, static_cast<std::int32_t>(event.tgid),
                                     static_cast<std::int32_t>(event.tid), event.slot,
                                     event.syscall});
    }
    case STAYD_EVENT_SIGNAL: {
      stayd_signal_event event{};
      if (!copy(bytes, event)) return Error{"signal event: too short"};
      return KernelEvent(SignalSent{static_cast<std::int32_t>(event.tgid),
                                    static_cast<std::int32_t>(event.tid), event.signal,
                                    event.group != 0});
    }
    case STAYD_EVENT_CGROUP:
      return KernelEvent(CgroupMade{});
    case STAYD_EVENT_CGROUP_GONE: {
      stayd_cgroup_event event{};
      if (!copy(bytes, event)) return Error{"cgroup event: too short"};
      return KernelEvent(CgroupGone{{event.workload.slot, event.workload.generation}});
    }
    case STAYD_EVENT_DNS:
      return decode_dns(bytes);
    case STAYD_EVENT_LABELS_READ: {
      stayd_labels_read_event event{};
      if (!copy(bytes, event)) return Error{"labels read event: too short"};
      return KernelEvent(LabelsRead{{event.workload.slot, event.workload.generation},
                                    event.labels,
                                    static_cast<std::int32_t>(event.tgid)});
    }
    case STAYD_EVENT_ENTRY: {
      stayd_entry_event event{};
      if (!copy(bytes, event)) return Error{"entry event: too short"};
      return KernelEvent(EntryChanged{event.policy});
    }
    case STAYD_EVENT_KILLED: {
      stayd_hold_event event{};
      if (!copy(bytes, event)) return Error{"killed event: too short"};
      return KernelEvent(ArgumentsChanged{static_cast<std::int32_t>(event.tgid)});
    }
    case STAYD_EVENT_TRIED: {
      stayd_hold_event event{};
      if (!copy(bytes, event)) return Error{"tried event: too short"};
      return KernelEvent(ConnectionTried{event.hold_id});
    }
    default:
      return Error{"event: unknown kind " + std::to_string(header.kind)};
  }
}

}  // namespace stayd
