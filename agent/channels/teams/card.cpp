// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/card.h"

#include "base/json.h"
#include "channels/teams/click_check.h"
#include "channels/teams/ticket_rows.h"

namespace stayd::teams {
namespace {

using nlohmann::json;

constexpr std::size_t kShortDigest = 12;  // digits that people see
constexpr Space kSpaces[] = {{480, 8, true}, {240, 6, true}, {120, 4, true}, {64, 2, false}};

// True if something in it is not what a person would have typed: it may have been made to look
// like something else.
bool is_strange(const json& body) {
  const std::string text = dump(body);
  return text.find("\\\\u{") != text.npos || text.find("\\\\x") != text.npos;
}

json data_for(const std::string& subject, const std::string& nonce) {
  return {{"v", 1}, {"rid", subject}, {"n", nonce}};
}

json choices() {
  json list = json::array();
  for (const auto& [value, title] : {std::pair{"process-15m", "this process, 15 minutes"},
                                     {"workload-15m", "the whole workload, 15 minutes"},
                                     {"workload-1h", "the whole workload, 1 hour"}})
    list.push_back({{"title", title}, {"value", value}});
  return {{"type", "Input.ChoiceSet"},
          {"id", "for"},
          {"label", "The same again passes, for"},
          {"style", "compact"},
          {"value", "process-15m"},
          {"choices", std::move(list)}};
}

// A choice of its own, out of the way: what is pressed most grants least.
json approve_for(const json& data) {
  json chosen = data;
  chosen["scope"] = "chosen";
  json body = json::array({choices()});
  json actions = json::array({button(kApprove, {"Approve for that time"}, {"positive"}, chosen)});
  body.push_back({{"type", "ActionSet"}, {"actions", std::move(actions)}});
  return {{"type", "Action.ShowCard"},
          {"title", "Approve for…"},
          {"card", {{"type", "AdaptiveCard"}, {"version", "1.5"}, {"body", std::move(body)}}}};
}

json details_link(const Ticket& ticket, const CardOptions& options) {
  return {{"type", "Action.OpenUrl"},
          {"title", "Details"},
          {"url", options.details_url + "/tickets/" + std::to_string(ticket.id)}};
}

void add_actions(json& body, const Ticket& ticket, const CardOptions& options) {
  json actions = json::array();
  if (options.buttons) {
    body.push_back({{"type", "Input.Text"},
                    {"id", "reason"},
                    {"label", "Reason (needed to deny)"},
                    {"isMultiline", true},
                    {"maxLength", 300}});
    const json data = data_for(std::to_string(ticket.id), options.nonce);
    json once = data;
    once["scope"] = "once";
    actions.push_back(button(kApprove, {"Approve once"}, {"positive"}, once));
    actions.push_back(button(kDeny, {"Deny"}, {"destructive"}, data));
    if (!ticket.flood) actions.push_back(approve_for(data));
  } else {
    body.push_back(note_block({"It is answered on the host, with stayctl, not here."}));
  }
  if (!options.details_url.empty()) actions.push_back(details_link(ticket, options));
  if (!actions.empty()) body.push_back({{"type", "ActionSet"}, {"actions", std::move(actions)}});
}

json build(const Ticket& ticket, const CardOptions& options, const Space& space) {
  const bool open = ticket.outcome == Outcome::open;
  json body = json::array({heading(open ? question_of(ticket) : ending_of(ticket))});
  body.push_back(
      row({"Request"}, std::to_string(ticket.id) + " " + ticket.digest.substr(0, kShortDigest)));
  if (!open) add_ending_rows(body, ticket, space);
  add_operation_rows(body, ticket, space);
  if (is_strange(body))
    body.push_back(note_block({"Some of this is not plain ASCII text and may look like something "
                               "else; it is shown escaped."},
                              {"Warning"}));
  if (open) {
    add_waiting_rows(body, ticket, space);
    add_actions(body, ticket, options);
  }
  return card_of(std::move(body), open ? Literal{"Approval request: update Teams to answer it."}
                                       : Literal{"Approval request: it is over."});
}

}  // namespace

json ticket_card(const Ticket& ticket, const CardOptions& options) {
  json card;
  for (const Space& space : kSpaces) {
    card = build(ticket, options, space);
    if (dump(activity_with(card, summary_of(ticket))).size() <= kMaxActivity) break;
  }
  return card;
}

json test_card(const std::string& id, const std::string& nonce, std::string_view state) {
  json body = json::array({heading({"Test: nothing waits for this"})});
  body.push_back(row({"Request"}, id));
  if (!state.empty()) {
    body.push_back(row({"Answer"}, escape(state)));
    return card_of(std::move(body), {"Test request: it is over."});
  }
  json data = data_for(id, nonce);
  json once = data;
  once["scope"] = "once";
  json actions = json::array({button(kApprove, {"Approve once"}, {"positive"}, once),
                              button(kDeny, {"Deny"}, {"destructive"}, data)});
  body.push_back({{"type", "ActionSet"}, {"actions", std::move(actions)}});
  return card_of(std::move(body), {"Test request: update Teams to answer it."});
}

json text_card(std::string_view title, const std::vector<std::string>& lines) {
  json body = json::array({runs(escape(title), false)});
  for (const std::string& line : lines) body.push_back(runs(line, false));
  return card_of(std::move(body), {"A message of stayd: update Teams to see it."});
}

json activity_with(json card, const std::string& summary) {
  return {{"type", "message"},
          {"summary", summary},
          {"channelData", {{"notification", {{"alert", true}}}}},
          {"attachments", json::array({{{"contentType", "application/vnd.microsoft.card.adaptive"},
                                        {"content", std::move(card)}}})}};
}

std::string summary_of(const Ticket& ticket) {
  const std::string id = std::to_string(ticket.id);
  if (ticket.outcome == Outcome::open) return "Approval request " + id;
  return std::string(ending_of(ticket).text) + " (request " + id + ")";
}

std::string duration_text(std::chrono::milliseconds time) {
  const std::int64_t s = std::max<std::int64_t>(time.count() / 1000, 0);
  if (s < 60) return std::to_string(s) + " s";
  if (s < 3600) return std::to_string(s / 60) + " m";
  const std::string hours = std::to_string(s / 3600) + " h";
  return s % 3600 < 60 ? hours : hours + " " + std::to_string(s % 3600 / 60) + " m";
}

}  // namespace stayd::teams
