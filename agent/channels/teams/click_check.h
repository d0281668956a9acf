// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "channels/channel.h"
#include "channels/teams/activity.h"
#include "channels/teams/command.h"
#include "channels/teams/config.h"
#include "channels/teams/posted.h"
#include "identity/jwt.h"

namespace stayd::teams {

// The reason why a message is not believed, or not acted on.
enum class RejectReason : std::uint8_t {
  // Reasons that apply to any activity: it is not from where it says, or not for us.
  channel,        // not Teams, but another channel of the bot service
  endorsement,    // the key that signed may not speak for Teams
  service_claim,  // the token is for another serviceUrl
  service_host,   // the serviceUrl is not one of this cloud's
  recipient,      // another bot
  tenant,
  // Reasons that apply to a click:
  sender,        // without an object id: anonymous, a bot
  automatic,     // a client refreshed the card: nobody decided
  verb,          // not one of ours
  subject,       // about nothing that is known here
  conversation,  // not where the card is
  nonce,         // of another card, or of what it showed before
  scope,
  hash,  // of a written approval: not that of the ticket
};
std::string_view name_of(RejectReason refusal);
// For whoever pressed the button.
std::string_view explanation_of(RejectReason refusal);

// True if the activity is from where it says: what the signature of its token does not bind.
std::optional<RejectReason> check_origin(const Activity& activity, const VerifiedToken& token,
                                         const Config& config);

// True if our token may be sent there: https, no port but the usual one, a host of the cloud's.
bool is_service_url(std::string_view url, const Config& config);

using CheckedClick = boost::system::result<Answer, RejectReason>;

// Returns what the click decides, as far as the channel can say. `cards` are those of the ticket
// that it is about. Person, approvers, expiry and the digest are the desk's to check; the digest is
// the one that the card with this nonce showed.
CheckedClick check_click(const Activity& activity, const std::map<Place, PostedCard>& cards,
                         const Config& config);

// The same for what was written: approve or deny. The card says which ticket, its hash that it is
// the one that was looked at.
CheckedClick check_click(const Activity& activity, const Command& command,
                         const std::map<Place, PostedCard>& cards, const Config& config);

inline constexpr std::string_view kApprove = "stayd.approve";
inline constexpr std::string_view kDeny = "stayd.deny";

}  // namespace stayd::teams
