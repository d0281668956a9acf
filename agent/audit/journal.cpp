// SPDX-License-Identifier: Apache-2.0
#include "audit/journal.h"

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace stayd::audit {
namespace {

using nlohmann::json;

constexpr const char* kNotice = "5";  // syslog(3)
constexpr const char* kWarning = "4";

void add(JournalEntry& entry, const char* name, std::string value) {
  if (!value.empty()) entry.push_back({name, std::move(value)});
}

}  // namespace

JournalEntry head_entry(const Head& head, std::string_view key) {
  const std::string number = std::to_string(head.number);
  return {{"MESSAGE_ID", std::string(kHeadMessage)},
          {"MESSAGE", "record: number " + number + " has the hash " + head.hash},
          {"PRIORITY", kNotice},
          {"STAYD_RECORD_SEQ", number},
          {"STAYD_RECORD_HASH", head.hash},
          {"STAYD_RECORD_KEY", std::string(key)}};
}

JournalEntry entry_of(const json& event) {
  const std::string name = any_text_at(event, "event");
  const bool glass = name == "break_glass";
  if (name != "decision" && name != "decision_refused" && name != "ticket_closed" && !glass)
    return {};
  const auto found = event.find(glass ? "by" : "decision");
  const json answer = found != event.end() && found->is_object() ? *found : json::object();
  const std::string ticket = any_text_at(event, "ticket");
  const std::string outcome = any_text_at(event, "outcome");
  const std::string person = any_text_at(answer, "person");
  const std::string choice = any_text_at(answer, "choice");

  const std::string workload = any_text_at(event, glass ? "cgroup" : "workload");
  std::string message = "ticket " + ticket;
  if (glass)
    message = "break glass: " + person + " lets " + workload + " proceed without approval until " +
              any_text_at(event, "until");
  else if (name == "ticket_closed")
    message += " is " + outcome + (person.empty() ? "" : ", by " + person);
  else
    message += ": " + person + (name == "decision" ? " answered " : " may not answer ") + choice;
  JournalEntry entry = {
      {"MESSAGE_ID", std::string(name == "ticket_closed" ? kOutcomeMessage : kDecisionMessage)},
      {"MESSAGE", std::move(message)},
      {"PRIORITY", glass ? kWarning : kNotice}};
  add(entry, "STAYD_EVENT", name);
  add(entry, "STAYD_TICKET", ticket);
  add(entry, "STAYD_OUTCOME", outcome);
  add(entry, "STAYD_CHOICE", choice);
  add(entry, "STAYD_PERSON", person);
  add(entry, "STAYD_WORKLOAD", workload);
  return entry;
}

}  // namespace stayd::audit
