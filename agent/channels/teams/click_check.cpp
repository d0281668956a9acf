// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/click_check.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace stayd::teams {
namespace {

std::string normal_url(std::string_view url) {
  std::string normal(url);
  std::ranges::transform(normal, normal.begin(), [](unsigned char c) { return std::tolower(c); });
  if (normal.ends_with('/')) normal.pop_back();
  return normal;
}

// Real tokens have it in lower case, the documentation has not.
bool has_service_claim(const nlohmann::json& claims, std::string_view url) {
  for (const char* name : {"serviceurl", "serviceUrl"}) {
    const auto claim = claims.find(name);
    if (claim == claims.end()) continue;
    const auto* text = claim->get_ptr<const std::string*>();
    return text != nullptr && normal_url(*text) == normal_url(url);
  }
  return false;
}

// In a channel both say it, in a personal chat one does.
bool is_of_tenant(const Activity& activity, const std::string& tenant) {
  const bool in_conversation = !activity.conversation_tenant.empty();
  const bool in_channel = !activity.channel_tenant.empty();
  if (activity.is_personal() ? !in_conversation && !in_channel : !in_conversation || !in_channel)
    return false;
  const auto is_ours = [&](const std::string& text) {
    const Result<std::string> guid = canonical_guid(text);
    return guid && *guid == tenant;
  };
  return (!in_conversation || is_ours(activity.conversation_tenant)) &&
         (!in_channel || is_ours(activity.channel_tenant));
}

bool is_equal_in_constant_time(std::string_view a, std::string_view b) {
  return !a.empty() && a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

struct Duration {
  std::string_view name;
  Scope scope;
  std::chrono::seconds time;
};
constexpr Duration kDurations[] = {
    {"process-15m", Scope::process, std::chrono::minutes(15)},
    {"workload-15m", Scope::workload, std::chrono::minutes(15)},
    {"workload-1h", Scope::workload, std::chrono::hours(1)},
    {"directory-15m", Scope::directory, std::chrono::minutes(15)},
    {"directory-1h", Scope::directory, std::chrono::hours(1)},
    {"host-15m", Scope::host, std::chrono::minutes(15)},
    {"host-1h", Scope::host, std::chrono::hours(1)},
    {"rule-15m", Scope::rule, std::chrono::minutes(15)},
};

bool read_scope(const Click& click, Decision& decision) {
  if (click.scope == "once") return true;
  if (click.scope != "chosen") return false;
  const auto chosen = std::ranges::find(kDurations, click.duration, &Duration::name);
  if (chosen == std::end(kDurations)) return false;
  decision.scope = chosen->scope;
  decision.grant_for = chosen->time;
  return true;
}

}  // namespace

std::string_view name_of(RejectReason refusal) {
  switch (refusal) {
    case RejectReason::channel:
      return "channel";
    case RejectReason::endorsement:
      return "endorsement";
    case RejectReason::service_claim:
      return "service_claim";
    case RejectReason::service_host:
      return "service_host";
    case RejectReason::recipient:
      return "recipient";
    case RejectReason::tenant:
      return "tenant";
    case RejectReason::sender:
      return "sender";
    case RejectReason::automatic:
      return "automatic";
    case RejectReason::verb:
      return "verb";
    case RejectReason::subject:
      return "subject";
    case RejectReason::conversation:
      return "conversation";
    case RejectReason::nonce:
      return "nonce";
    case RejectReason::scope:
      return "scope";
    case RejectReason::hash:
      return "hash";
  }
  return "unknown";
}

std::string_view explanation_of(RejectReason refusal) {
  switch (refusal) {
    case RejectReason::sender:
      return "It is not known who you are here: only people of this organisation can answer.";
    case RejectReason::automatic:
      return "Nobody pressed that button.";
    case RejectReason::subject:
      return "This is not known any more.";
    case RejectReason::conversation:
      return "This card was not posted here.";
    case RejectReason::nonce:
      return "This card is out of date: answer on the newest one.";
    case RejectReason::scope:
      return "Choose for how long it is approved.";
    case RejectReason::hash:
      return "That is not the code that the request shows: look at it again.";
    default:
      return "This cannot be answered.";
  }
}

bool is_service_url(std::string_view text, const Config& config) {
  const Result<http::Url> url = http::parse_url(text);
  return url && url->secure && url->port == 443 && url->target.find('?') == std::string::npos &&
         std::ranges::find(config.service_hosts, url->host) != config.service_hosts.end();
}

std::optional<RejectReason> check_origin(const Activity& activity, const VerifiedToken& token,
                                         const Config& config) {
  if (activity.channel_id != "msteams") return RejectReason::channel;
  if (std::ranges::find(token.endorsements, activity.channel_id) == token.endorsements.end())
    return RejectReason::endorsement;
  if (!has_service_claim(token.claims, activity.service_url)) return RejectReason::service_claim;
  if (!is_service_url(activity.service_url, config)) return RejectReason::service_host;
  if (activity.recipient != config.bot_id()) return RejectReason::recipient;
  if (!is_of_tenant(activity, config.tenant)) return RejectReason::tenant;
  return std::nullopt;
}

namespace {

// The card that is where the activity comes from.
boost::system::result<const PostedCard*, RejectReason> card_here(
    const Activity& activity, const std::map<Place, PostedCard>& cards) {
  if (activity.sender_object.empty()) return RejectReason::sender;
  if (cards.empty()) return RejectReason::subject;
  const auto here = std::ranges::find_if(cards, [&](const auto& entry) {
    return without_thread(entry.second.conversation) == activity.conversation;
  });
  const bool elsewhere = !activity.channel.empty() && activity.channel != activity.conversation;
  if (here == cards.end() || elsewhere) return RejectReason::conversation;
  return &here->second;
}

Answer answer_on(const PostedCard& card, const Activity& activity, Choice choice,
                 const Config& config) {
  Answer answer{.decision = {}, .account = TeamsAccount{config.tenant, activity.sender_object}};
  answer.decision.digest = card.digest;
  answer.decision.choice = choice;
  answer.decision.channel = "teams";
  return answer;
}

}  // namespace

CheckedClick check_click(const Activity& activity, const std::map<Place, PostedCard>& cards,
                         const Config& config) {
  const Click& click = *activity.click;
  if (click.verb != kApprove && click.verb != kDeny) return RejectReason::verb;
  if (click.automatic) return RejectReason::automatic;
  const auto card = card_here(activity, cards);
  if (!card) return card.error();
  if (!is_equal_in_constant_time((*card)->nonce, click.nonce)) return RejectReason::nonce;
  const Choice choice = click.verb == kApprove ? Choice::approve : Choice::deny;
  Answer answer = answer_on(**card, activity, choice, config);
  answer.decision.reason = click.reason;
  if (choice == Choice::approve && !read_scope(click, answer.decision)) return RejectReason::scope;
  return answer;
}

CheckedClick check_click(const Activity& activity, const Command& command,
                         const std::map<Place, PostedCard>& cards, const Config& config) {
  const auto card = card_here(activity, cards);
  if (!card) return card.error();
  const bool approves = command.kind == Command::Kind::approve;
  if (approves &&
      (command.hash.size() < kShortestHash || !(*card)->digest.starts_with(command.hash)))
    return RejectReason::hash;
  Answer answer = answer_on(**card, activity, approves ? Choice::approve : Choice::deny, config);
  answer.decision.ticket = command.ticket;
  answer.decision.reason = command.reason;
  return answer;
}

}  // namespace stayd::teams
