// SPDX-License-Identifier: Apache-2.0
#include "presentation/ticket_facts.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/rfc3339.h"
#include "tickets/ticket_json.h"

namespace stayd {
namespace {

using nlohmann::json;

// Reads texts, none longer than `max`.
class Reader {
 public:
  explicit Reader(std::size_t max) : max_(max) {}

  Escaped text(const json& value, const char* name) const {
    return escape_once(Untrusted(text_at(value, name)), max_);
  }
  Escaped long_text(const json& value, const char* name) const {
    return escape_once(Untrusted(text_at(value, name)), max_ > kUnbounded / 4 ? max_ : max_ * 4);
  }
  std::vector<Escaped> texts(const json& value, const char* name) const {
    std::vector<Escaped> result;
    for (std::string& each : texts_at(value, name))
      result.push_back(escape_once(Untrusted(std::move(each)), max_));
    return result;
  }

 private:
  std::size_t max_;
};

// Within the years that RFC 3339 can write.
TimePoint time_at(const json& value, const char* name) {
  constexpr std::int64_t kMax = 253'402'300'799'999;
  return TimePoint(
      std::chrono::milliseconds(std::clamp<std::int64_t>(number_at(value, name), 0, kMax)));
}

template <class Enum>
std::optional<Enum> enum_at(const json& value, const char* name,
                            std::initializer_list<Enum> known) {
  const std::string word = text_at(value, name);
  for (const Enum each : known)
    if (word == to_string(each)) return each;
  return std::nullopt;
}

DecisionFacts decision_from(const json& decision, const Reader& reader) {
  constexpr std::int64_t kMaxSeconds = 1'000'000'000'000;
  return {
      .approve = text_at(decision, "choice") == "approve",
      .person = reader.text(decision, "name"),
      .channel = reader.text(decision, "channel"),
      .reason = reader.long_text(decision, "reason"),
      .scope = enum_at(decision, "scope", {Scope::process, Scope::workload}).value_or(Scope::once),
      .grant_for_s = std::clamp<std::int64_t>(number_at(decision, "grant_for_s"), 0, kMaxSeconds),
      .uses = number_at(decision, "uses"),
      .break_glass = flag_at(decision, "break_glass")};
}

EvidenceFacts evidence_from(const json& evidence, const Reader& reader) {
  EvidenceFacts facts{.host = reader.text(evidence, "host"),
                      .unit = reader.text(evidence, "unit"),
                      .container = reader.text(evidence, "container"),
                      .user = reader.text(evidence, "user"),
                      .login_user = reader.text(evidence, "login_user"),
                      .claim = reader.text(member_at(evidence, "intent"), "claim"),
                      .labels_read = reader.texts(evidence, "touched"),
                      .files_read = reader.texts(evidence, "files_read"),
                      .files_read_count = count_at(evidence, "files_read_count"),
                      .sent = {},
                      .bytes_sent = count_at(evidence, "bytes_sent"),
                      .answered_before = {}};
  for (const json& each : list_at(evidence, "sent"))
    facts.sent.push_back(
        {reader.text(each, "to"), reader.texts(each, "names"), count_at(each, "bytes")});
  const json& precedent = member_at(evidence, "precedent");
  facts.approved_before = count_at(precedent, "approved");
  facts.denied_before = count_at(precedent, "denied");
  facts.answered_before = parse_rfc3339(text_at(precedent, "last"));
  return facts;
}

CallerFacts caller_from(const json& caller, const Reader& reader) {
  CallerFacts facts{.pid = number_at(caller, "pid"),
                    .thread = number_at(caller, "thread"),
                    .uid = number_at(caller, "uid"),
                    .gid = number_at(caller, "gid"),
                    .login_uid = {},
                    .program = reader.text(caller, "program"),
                    .comm = reader.text(caller, "comm"),
                    .cgroup = reader.text(caller, "cgroup"),
                    .ancestry = {}};
  if (member_at(caller, "login_uid").is_number_integer())
    facts.login_uid = number_at(caller, "login_uid");
  for (const json& each : list_at(caller, "ancestry"))
    facts.ancestry.push_back(
        {reader.text(each, "program"), number_at(each, "pid"), reader.texts(each, "arguments")});
  return facts;
}

void read_operation(TicketFacts& facts, const json& operation, const Reader& reader) {
  facts.kind = enum_at(operation, "kind",
                       {OperationKind::open, OperationKind::create, OperationKind::connect,
                        OperationKind::send, OperationKind::exec, OperationKind::remove,
                        OperationKind::rename, OperationKind::unix_socket});
  facts.kind_word = reader.text(operation, "kind");
  for (const std::string& access : texts_at(operation, "access")) {
    facts.for_reading |= access == "read";
    facts.for_writing |= access == "write";
  }
  const bool is_network = !member_at(operation, "endpoint").is_null();
  facts.object = reader.text(operation, is_network ? "endpoint" : "path");
  facts.new_name = reader.text(operation, "new_path");
  facts.linked_to = reader.text(operation, "linked");
  facts.arguments = reader.texts(operation, "arguments");
  facts.arguments_incomplete = flag_at(operation, "arguments_incomplete");
  facts.cannot_wait = text_at(operation, "disposition") == "cannot_wait";
  facts.pending = flag_at(operation, "pending");
  if (!is_network) {
    facts.device = reader.text(member_at(operation, "identity"), "device");
    facts.inode = reader.text(member_at(operation, "identity"), "inode");
  }
  const json& call = member_at(operation, "syscall");
  facts.syscall = reader.text(call, "name");
  if (text_at(call, "abi") != "x86-64") facts.abi = reader.text(call, "abi");
  facts.caller = caller_from(member_at(operation, "caller"), reader);
}

}  // namespace

TicketFacts facts_of(const json& ticket, std::size_t text_max) {
  const Reader reader(text_max);
  TicketFacts facts;
  facts.id = count_at(ticket, "id");
  facts.digest = reader.text(ticket, "digest");
  facts.workload = reader.text(ticket, "workload");
  facts.policy = reader.text(ticket, "policy");
  facts.rule = reader.text(ticket, "rule");
  facts.rule_class = reader.text(ticket, "class");
  facts.opened = time_at(ticket, "opened_ms");
  facts.deadline = time_at(ticket, "deadline_ms");
  if (member_at(ticket, "closed_ms").is_number_integer())
    facts.closed = time_at(ticket, "closed_ms");
  facts.waiting = count_at(ticket, "waiting");
  facts.attempts = count_at(ticket, "joined");
  facts.caller_left = parse_rfc3339(text_at(ticket, "caller_left"));
  facts.lingers_until = parse_rfc3339(text_at(ticket, "lingers_until"));
  facts.quorum = std::max<std::uint64_t>(count_at(ticket, "quorum"), 1);
  facts.outcome = enum_at(ticket, "outcome",
                          {Outcome::open, Outcome::approved, Outcome::denied, Outcome::expired,
                           Outcome::no_approver, Outcome::cancelled, Outcome::superseded});
  facts.outcome_word = reader.text(ticket, "outcome");
  for (const json& each : list_at(ticket, "decisions"))
    facts.approvals.push_back(decision_from(each, reader));
  if (member_at(ticket, "decision").is_object())
    facts.decision = decision_from(member_at(ticket, "decision"), reader);
  facts.flood = flag_at(ticket, "flood");
  facts.asked = reader.texts(ticket, "asked");
  for (const json& each : list_at(ticket, "history"))
    facts.history.push_back({reader.text(each, "time"), reader.text(each, "what")});
  if (member_at(ticket, "circumstances").is_object())
    facts.evidence = evidence_from(member_at(ticket, "circumstances"), reader);
  read_operation(facts, member_at(ticket, "operation"), reader);
  return facts;
}

TicketFacts facts_of(const Ticket& ticket, std::size_t text_max) {
  // No list but that of the arguments is ever longer.
  constexpr std::size_t kMaxList = 64;
  const auto cut = [](auto& list) {
    if (list.size() > kMaxList) list.resize(kMaxList);
  };
  Ticket bounded = ticket;
  cut(bounded.operation.arguments);
  cut(bounded.operation.caller.ancestry);
  cut(bounded.evidence.touched);
  cut(bounded.evidence.files_read);
  cut(bounded.asked);
  TicketFacts facts = facts_of(to_json(bounded, text_max), text_max);
  facts.more_arguments = ticket.operation.arguments.size() - bounded.operation.arguments.size();
  return facts;
}

}  // namespace stayd
