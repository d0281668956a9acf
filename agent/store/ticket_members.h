// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <type_traits>

#include "tickets/grant.h"
#include "tickets/ticket.h"

// The members of everything that is stored, each once, for reading and writing alike. A member
// that is added to a struct does not compile here until it has its line; then raise
// kCodecVersion, and say in store/body_versions.cpp what it is in older bodies; or make it a
// flag(), which is stored only if it is set, so that older bodies stay as they are. The bytes of
// stayd_object and stayd_node are stored as they are in memory, so changing those counts, too.
namespace stayd::codec {

template <class T, class Stored>
concept Of = std::same_as<std::remove_const_t<T>, Stored>;

void members(auto& io, Of<WorkloadId> auto& value) {
  auto& [slot, generation] = value;
  io("slot", slot)("generation", generation);
}

void members(auto& io, Of<ProcessInstance> auto& value) {
  auto& [pid, start_ns] = value;
  io("pid", pid)("start_ns", start_ns);
}

void members(auto& io, Of<Ancestor> auto& value) {
  auto& [pid, program, arguments] = value;
  io("pid", pid)("program", program)("arguments", arguments);
}

void members(auto& io, Of<Caller> auto& value) {
  auto& [pid, start_ns, thread, parent, uid, gid, login_uid, cgroup_id, cgroup, comm, program,
         ancestry] = value;
  io("pid", pid)("start_ns", start_ns)("thread", thread)("parent", parent);
  io("uid", uid)("gid", gid)("login_uid", login_uid)("cgroup_id", cgroup_id);
  io("cgroup", cgroup)("comm", comm)("program", program)("ancestry", ancestry);
}

void members(auto& io, Of<Endpoint> auto& value) {
  auto& [address, port, protocol, scope_id] = value;
  io("address", address)("port", port)("protocol", protocol)("scope_id", scope_id);
}

void members(auto& io, Of<Operation> auto& value) {
  auto& [hold_id, kind, disposition, read, write, workload, caller, time, path, new_path, off_host,
         arguments, arguments_incomplete, argument_facts, judged_arguments, endpoint, pending,
         syscall, compat, open_flags, policy, rule, object, incomplete, verdict, node, target,
         replaces, generation, place, failure, times] = value;
  io("hold_id", hold_id)("kind", kind)("disposition", disposition)("read", read)("write", write);
  io("workload", workload)("caller", caller)("time", time)("path", path)("new_path", new_path);
  io("off_host", off_host)("arguments", arguments)("arguments_incomplete", arguments_incomplete);
  io("endpoint", endpoint)("syscall", syscall)("compat", compat)("open_flags", open_flags);
  io.flag("pending", pending);
  io("policy", policy)("rule", rule)("object", object)("incomplete", incomplete);
  io("verdict", verdict)("node", node)("target", target)("replaces", replaces)(
      "generation", generation)("times", times);
}

void members(auto& io, Of<Intent> auto& value) {
  auto& [text, declared, process, login_uid] = value;
  io("text", text)("declared", declared)("process", process)("login_uid", login_uid);
}

void members(auto& io, Of<SentTo> auto& value) {
  auto& [endpoint, names, bytes] = value;
  io("endpoint", endpoint)("names", names)("bytes", bytes);
}

void members(auto& io, Of<Precedent> auto& value) {
  auto& [approved, denied, last] = value;
  io("approved", approved)("denied", denied)("last", last);
}

void members(auto& io, Of<Evidence> auto& value) {
  auto& [host, unit, container, user, login_user, intent, touched, files_read, files_read_count,
         sent, bytes_sent, precedent] = value;
  io("host", host)("unit", unit)("container", container)("user", user)("login_user", login_user);
  io("intent", intent)("touched", touched)("files_read", files_read);
  io("files_read_count", files_read_count)("sent", sent)("bytes_sent", bytes_sent);
  io("precedent", precedent);
}

void members(auto& io, Of<Excluded> auto& value) {
  auto& [person, why] = value;
  io("person", person)("why", why);
}

void members(auto& io, Of<Escalation> auto& value) {
  auto& [after, to] = value;
  io("after", after)("to", to);
}

void members(auto& io, Of<Decision> auto& value) {
  auto& [ticket, digest, choice, scope, grant_for, uses, propose_rule, break_glass, reason, person,
         name, account, behind, channel] = value;
  io("ticket", ticket)("digest", digest)("choice", choice)("scope", scope);
  io("grant_for", grant_for)("uses", uses)("propose_rule", propose_rule);
  io("break_glass", break_glass)("reason", reason)("person", person)("name", name);
  io("account", account)("behind", behind)("channel", channel);
}

void members(auto& io, Of<TicketEvent> auto& value) {
  auto& [time, what] = value;
  io("time", time)("what", what);
}

void members(auto& io, Of<Ticket> auto& value) {
  auto& [id, flood, operation, workload, policy, rule, rule_class, evidence, quorum, excluded,
         opened, deadline, digest, asked, escalations, holds, cannot_wait_joined, linger,
         caller_left, joined, decisions, snooze, history, outcome, closed] = value;
  io("id", id)("flood", flood)("operation", operation)("workload", workload)("policy", policy);
  io("rule", rule)("class", rule_class)("circumstances", evidence)("quorum", quorum);
  io("excluded", excluded);
  io("opened", opened)("deadline", deadline)("digest", digest)("asked", asked);
  io("escalations", escalations)("holds", holds)("cannot_wait_joined", cannot_wait_joined);
  io("linger", linger)("caller_left", caller_left);
  io("joined", joined)("decisions", decisions)("put_off", snooze)("history", history);
  io("outcome", outcome)("closed", closed);
}

void members(auto& io, Of<Grant> auto& value) {
  auto& [id, ticket, workload, object, scope, process, workload_name, what, person, granted,
         expires, uses, end] = value;
  io("id", id)("ticket", ticket)("workload", workload)("object", object)("scope", scope);
  io("process", process)("workload_name", workload_name)("what", what)("person", person);
  io("granted", granted)("expires", expires)("uses", uses)("end", end);
}

}  // namespace stayd::codec
