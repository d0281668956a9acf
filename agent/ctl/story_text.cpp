// SPDX-License-Identifier: Apache-2.0
#include "ctl/story_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "channels/terminal/text.h"
#include "presentation/sentences.h"

namespace stayd {
namespace {

using nlohmann::json;
using terminal::printable;
using terminal::Tone;

constexpr std::size_t kTimeColumn = 26;
constexpr std::size_t kNameColumn = 10;
constexpr std::size_t kMaxItems = 1000;  // of a list; stayd records fewer

std::string text(const json& value, const char* name) {
  return printable(any_text_at(value, name));
}

struct Told {
  std::string name;
  std::vector<std::string> lines;
  Tone tone = Tone::plain;
};

Told asked(const json& event) {
  const TicketFacts ticket = facts_of(member_at(event, "shown"));
  const Shown command = command_line(ticket.arguments, kMaxItems);
  Told told{"asked", {}};
  const auto add = [&told](const Shown& line) { told.lines.push_back(line.str()); };
  add(command.empty() ? operation_text(ticket) : action_of(ticket) + " " + command);
  if (!ticket.caller.program.empty()) add("by " + program_text(ticket) + ", " + user_text(ticket));
  if (!ticket.caller.ancestry.empty()) {
    const CallerFacts::Ancestor& parent = ticket.caller.ancestry.front();
    const Shown from = "from " + ancestor_text(parent);
    const Shown as = command_line(parent.arguments, kMaxItems);
    add(as.empty() ? from : from + ": " + as);
  }
  add("of the workload " + Shown(ticket.workload));
  add("held by " + Shown(ticket.rule) + " of the policy " + ticket.policy);
  if (ticket.evidence && !ticket.evidence->claim.empty())
    add("it claims: " + Shown(ticket.evidence->claim));
  if (ticket.evidence && !ticket.evidence->labels_read.empty())
    add("had read from " + list_text(ticket.evidence->labels_read, kMaxItems));
  told.lines.push_back("hold " + text(event, "hold") + ", digest " + ticket.digest.str());
  return told;
}

std::string person_of(const json& decision) {
  const std::string person = text(decision, "person");
  const std::string account = text(decision, "account");
  const std::string channel = text(decision, "channel");
  return (person.empty() ? "somebody" : person) + (account.empty() ? "" : " (" + account + ")") +
         (channel.empty() ? "" : " over " + channel);
}

std::string scope_of(const json& decision) {
  if (text(decision, "choice") != "approve") return "";
  const std::string scope = text(decision, "scope");
  const std::string seconds = text(decision, "grant_for_s");
  std::string told = scope.empty() || scope == "once" ? ", this once" : ", for the " + scope;
  if (!seconds.empty() && seconds != "0") told += ", for " + seconds + " s";
  return told;
}

Told answered(const json& event) {
  const json& decision = member_at(event, "decision");
  const bool approves = text(decision, "choice") == "approve";
  Told told{"answered",
            {std::string(approves ? "approve" : "deny") + " by " + person_of(decision) +
             scope_of(decision)},
            approves ? Tone::good : Tone::bad};
  if (const std::string reason = text(decision, "reason"); !reason.empty())
    told.lines.push_back("because: " + reason);
  if (const std::string how = text(event, "how"); !how.empty()) told.lines.push_back(how);
  if (text(event, "event") == "decision_refused") {
    told.name = "refused";
    told.tone = Tone::warning;
    told.lines.push_back("was not taken: " + text(event, "why"));
  }
  return told;
}

Told granted(const json& event, const char* name) {
  const json& grant = member_at(event, "grant");
  const std::string uses = text(grant, "uses");
  const std::string expires = text(grant, "expires");
  Told told{name,
            {text(grant, "what") + " for the " + text(grant, "scope") + ", until " +
             (expires.empty() ? "it ends" : expires) + ", " +
             (uses.empty() ? "any number of times" : uses + " times")}};
  if (const std::string by = text(event, "by"); !by.empty()) told.lines.push_back("by " + by);
  return told;
}

Told proposed(const json& event) {
  const std::string why = text(event, "why");
  if (!why.empty()) return {"no rule", {"none could be proposed: " + why}, Tone::warning};
  return {"rule", {"proposed " + text(event, "rules"), "in " + text(event, "file")}};
}

Told closed(const json& event) {
  const std::string outcome = text(event, "outcome");
  Told told{"outcome", {outcome}, outcome == "approved" ? Tone::good : Tone::bad};
  const json& decision = member_at(event, "decision");
  if (decision.is_object()) told.lines[0] += " by " + person_of(decision);
  if (const std::string joined = text(event, "joined"); !joined.empty() && joined != "1")
    told.lines.push_back(joined + " attempts");
  return told;
}

// Answered at once, by what was said to this ticket.
Told again(const json& event) {
  const bool allow = flag_at(event, "allow");
  const json& operation = member_at(event, "operation");
  return {"again",
          {"process " + text(member_at(operation, "caller"), "pid") + " tried it, and " +
           (allow ? "went on" : "was refused at once")},
          allow ? Tone::good : Tone::bad};
}

Told told(const json& event) {
  const std::string name = text(event, "event");
  if (name == "ticket_opened") return asked(event);
  if (name == "decision" || name == "decision_refused") return answered(event);
  if (name == "granted") return granted(event, "granted");
  if (name == "grant_ended") return granted(event, "grant over");
  if (name == "ticket_closed") return closed(event);
  if (name == "operation") return again(event);
  if (name == "hold_joined")
    return {
        "joined",
        {"hold " + text(event, "hold") + " waits, too; attempts so far: " + text(event, "joined")}};
  if (name == "rule_proposed") return proposed(event);
  if (name == "ticket_event") return {"then", {text(event, "what")}};
  if (name == "released") {
    const bool allow = flag_at(event, "allow");
    const std::string end = flag_at(event, "again") ? " is judged again"
                            : allow                 ? " goes on"
                                                    : " fails";
    return {"released", {"hold " + text(event, "hold") + end}, allow ? Tone::good : Tone::bad};
  }
  // One that this version knows nothing of.
  json rest = event;
  for (const char* known : {"seq", "prev", "time", "event", "ticket"}) rest.erase(known);
  return {name, {printable(dump(rest))}};
}

}  // namespace

std::string story_text(const audit::Story& story, TicketId ticket, int width, bool colour) {
  const std::size_t columns = static_cast<std::size_t>(std::clamp(width, 60, 400));
  std::string all;
  for (const std::vector<json>& telling : story.tellings()) {
    if (!all.empty()) all += "\n";
    all += terminal::styled("Ticket " + std::to_string(ticket), Tone::bold, colour) + "\n";
    for (const json& event : telling) {
      const Told each = told(event);
      std::string front = text(event, "time");
      front.resize(std::max(front.size() + 1, kTimeColumn), ' ');
      std::string name = each.name;
      name.resize(std::max(name.size(), kNameColumn), ' ');
      front += name + " ";
      Tone tone = each.tone;
      for (const std::string& line : each.lines) {
        for (const std::string& part : terminal::wrap(line, columns - kTimeColumn - kNameColumn)) {
          all += front + terminal::styled(part, tone, colour) + "\n";
          front.assign(front.size(), ' ');
        }
        tone = Tone::plain;
      }
    }
  }
  if (story.left_out() != 0)
    all += "... and " + std::to_string(story.left_out()) + " more events\n";
  return all;
}

}  // namespace stayd
