// SPDX-License-Identifier: Apache-2.0
#include "ctl/story_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "channels/terminal/text.h"
#include "channels/terminal/ticket_view.h"

namespace stayd {
namespace {

using nlohmann::json;
using terminal::printable;
using terminal::Tone;

constexpr std::size_t kTimeColumn = 26;
constexpr std::size_t kNameColumn = 10;

std::string text(const json& value, const char* name) {
  return printable(any_text_at(value, name));
}

struct Told {
  std::string name;
  std::vector<std::string> lines;
  Tone tone = Tone::plain;
};

Told asked(const json& event) {
  const terminal::TicketView ticket = terminal::view_of(member_at(event, "shown"));
  Told told{"asked",
            {ticket.action + " " + (ticket.command.empty() ? ticket.object : ticket.command)}};
  if (!ticket.program.empty())
    told.lines.push_back("by " + ticket.program + " [" + std::to_string(ticket.pid) + "], " +
                         ticket.user);
  if (!ticket.ancestry.empty()) told.lines.push_back("from " + ticket.ancestry.front());
  told.lines.push_back("of the workload " + ticket.workload);
  told.lines.push_back("held by " + ticket.rule + " of the policy " + ticket.policy);
  const json& evidence = member_at(member_at(event, "shown"), "circumstances");
  if (evidence.is_object()) {
    const std::string claim = text(member_at(evidence, "intent"), "claim");
    if (!claim.empty()) told.lines.push_back("it claims: " + claim);
    const json& touched = member_at(evidence, "touched");
    if (touched.is_array() && !touched.empty())
      told.lines.push_back("had read from " + printable(dump(touched)));
  }
  told.lines.push_back("hold " + text(event, "hold") + ", digest " + ticket.digest);
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

Told told(const json& event) {
  const std::string name = text(event, "event");
  if (name == "ticket_opened") return asked(event);
  if (name == "decision" || name == "decision_refused") return answered(event);
  if (name == "granted") return granted(event, "granted");
  if (name == "grant_ended") return granted(event, "grant over");
  if (name == "ticket_closed") return closed(event);
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
                                                    : " fails with EPERM";
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
