// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/card.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/json.h"
#include "channels/teams/click_check.h"
#include "channels/teams/elements.h"
#include "presentation/sentences.h"
#include "presentation/ticket_presentation.h"

namespace stayd::teams {
namespace {

using nlohmann::json;

constexpr std::size_t kShortDigest = 12;  // digits that people see
constexpr std::size_t kMaxReason = 300;   // characters that fit the input
constexpr std::string_view kDetails = "details";

// The size to which each text and each list is cut: less until the card fits.
struct Space {
  std::size_t text;
  std::size_t items;
  Level level;
};
constexpr Space kSpaces[] = {
    {480, 8, Level::usual}, {240, 6, Level::usual}, {120, 4, Level::usual}, {64, 2, Level::needed}};

json data_for(const std::string& subject, const std::string& nonce) {
  return {{"v", 1}, {"rid", subject}, {"n", nonce}};
}

struct ScopeName {
  Scope scope;
  Literal name;
};
constexpr ScopeName kScopeNames[] = {{Scope::directory, "This directory: "},
                                     {Scope::host, "This host: "},
                                     {Scope::rule, "This rule: "}};

struct Choice {
  Scope scope;
  InputChoice shown;
};
// As click_check.cpp reads them.
constexpr Choice kChoices[] = {
    {Scope::process, {"this process, 15 minutes", "process-15m"}},
    {Scope::workload, {"the whole workload, 15 minutes", "workload-15m"}},
    {Scope::workload, {"the whole workload, 1 hour", "workload-1h"}},
    {Scope::directory, {"this directory, 15 minutes", "directory-15m"}},
    {Scope::directory, {"this directory, 1 hour", "directory-1h"}},
    {Scope::host, {"this host, 15 minutes", "host-15m"}},
    {Scope::host, {"this host, 1 hour", "host-1h"}},
    {Scope::rule, {"this rule, 15 minutes", "rule-15m"}},
};

// Choices of their own, out of the way: what is pressed most grants least. What they let through
// stands beside them; nothing if the ticket offers none.
std::optional<Action> approve_for(const TicketFacts& ticket, json data) {
  data["scope"] = "chosen";
  std::vector<InputChoice> choices;
  for (const Choice& each : kChoices)
    if (std::ranges::find(ticket.scopes, each.scope, &ScopeFacts::scope) != ticket.scopes.end())
      choices.push_back(each.shown);
  if (choices.empty()) return std::nullopt;
  CardBody body;
  body.choice_input("for", "Also allow, for", choices);
  for (const ScopeFacts& each : ticket.scopes)
    if (const auto named = std::ranges::find(kScopeNames, each.scope, &ScopeName::scope);
        named != std::end(kScopeNames))
      body.text(named->name + each.lets_through);
  body.actions({Action::button(kApprove, "Approve for that time", "positive", std::move(data))});
  return Action::unfold("Approve for...", std::move(body));
}

std::vector<Action> answers(const json& data) {
  json once = data;
  once["scope"] = "once";
  return {Action::button(kApprove, "Approve once", "positive", once),
          Action::button(kDeny, "Deny", "destructive", data)};
}

void add_actions(CardBody& body, const TicketFacts& ticket, const CardOptions& options) {
  const std::string id = std::to_string(ticket.id);
  std::vector<Action> actions;
  if (options.buttons) {
    body.text_input("reason", "Reason (needed to deny)", kMaxReason);
    const json data = data_for(id, options.nonce);
    actions = answers(data);
    if (std::optional<Action> chosen = approve_for(ticket, data))
      actions.push_back(std::move(*chosen));
  } else {
    body.note("It is answered on the host, with stayctl, not here.");
  }
  if (!options.details_url.empty())
    actions.push_back(Action::link("In the browser", options.details_url + "/tickets/" + id));
  actions.push_back(Action::toggle("Details", kDetails));
  body.actions(actions);
}

// All that is not needed for an answer.
CardBody details_of(const TicketFacts& ticket, const TicketPresentation& presented, Level to) {
  CardBody details;
  details.row({"Request", {{number(ticket.id) + " " + head_of(ticket.digest, kShortDigest)}}});
  for (const Row& row : presented.rows) details.row(row, Level::usual, to);
  return details;
}

json build(const TicketFacts& ticket, const CardOptions& options, const Space& space) {
  const TicketPresentation presented = present(ticket, space.items);
  CardBody body;
  body.heading(presented.heading);
  body.sentence(presented.sentence);
  for (const Row& row : presented.rows) body.row(row, Level::needed, Level::needed);
  body.folded(kDetails, details_of(ticket, presented, space.level));
  if (!ticket.is_open()) {
    body.actions({Action::toggle("Details", kDetails)});
    return card_of(std::move(body), "Approval request: it is over.");
  }
  add_actions(body, ticket, options);
  return card_of(std::move(body), "Approval request: update Teams to answer it.");
}

}  // namespace

json ticket_card(const Ticket& ticket, const CardOptions& options) {
  const std::string summary = summary_of(ticket);
  static_assert(std::size(kSpaces) == kShortest + 1);
  json card;
  std::size_t size = kMaxActivity + 1;
  std::size_t still_shorter = options.shorter;
  for (const Space& space : kSpaces) {
    json next = build(facts_of(ticket, space.text), options, space);
    const std::size_t next_size = dump(activity_with(next, summary)).size();
    if (!card.is_null() && next_size >= size) continue;
    const bool fits_already = size <= kMaxActivity;
    if (fits_already && still_shorter == 0) break;
    if (fits_already) --still_shorter;
    card = std::move(next);
    size = next_size;
  }
  return card;
}

json test_card(const std::string& id, const std::string& nonce, const Shown& state) {
  CardBody body;
  body.heading("Test: nothing waits for this");
  body.row({"Request", {{escape(Untrusted(id))}}});
  if (!state.empty()) {
    body.row({"Answer", {{state}}});
    return card_of(std::move(body), "Test request: it is over.");
  }
  body.actions(answers(data_for(id, nonce)));
  return card_of(std::move(body), "Test request: update Teams to answer it.");
}

json text_card(const Shown& title, const std::vector<Shown>& lines) {
  CardBody body;
  body.text(title);
  for (const Shown& line : lines) body.text(line);
  return card_of(std::move(body), "A message of stayd: update Teams to see it.");
}

json activity_with(json card, const std::string& summary) {
  return {{"type", "message"},
          {"summary", summary},
          {"channelData", {{"notification", {{"alert", true}}}}},
          {"attachments", json::array({{{"contentType", "application/vnd.microsoft.card.adaptive"},
                                        {"content", std::move(card)}}})}};
}

std::string summary_of(const Ticket& ticket) {
  if (ticket.outcome == Outcome::open) return "Approval request " + std::to_string(ticket.id);
  const TicketPresentation presented = present(facts_of(ticket, kSmallestEscapeBound), 1);
  return (presented.heading + (" (request " + number(ticket.id) + ")")).str();
}

Shown line_of(const Ticket& ticket, TimePoint now) {
  constexpr std::size_t kMaxText = 120;
  const TicketFacts facts = facts_of(ticket, kMaxText);
  const Shown what = facts.flood ? Shown("flood") : facts.kind_word + " " + facts.object;
  return number(facts.id) + " " + head_of(facts.digest, kShortDigest) + " " + what + ", " +
         facts.workload + ", for " + duration_text(now - facts.opened);
}

}  // namespace stayd::teams
