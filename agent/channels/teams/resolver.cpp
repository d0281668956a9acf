// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/resolver.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>

#include "base/escape.h"

namespace stayd::teams {

namespace asio = boost::asio;

Result<nlohmann::json> Resolver::resolve(const std::string& user,
                                         std::vector<std::string> conversations,
                                         const std::string& service_url) {
  const Time now = Time::clock::now();
  std::erase_if(*entries_, [&](const auto& entry) {
    return entry.second.found && now - entry.second.asked > kKept;
  });
  const auto known = entries_->find(user);
  if (known != entries_->end() && known->second.found) {
    const Result<Member> found = *known->second.found;
    if (!found) {
      entries_->erase(known);  // the next time it is asked anew
      return found.error();
    }
    return {boost::system::in_place_value, nlohmann::json{{"pending", false},
                                                          {"tenant", found->tenant},
                                                          {"object", found->object},
                                                          {"name", escape(found->name)}}};
  }
  if (known == entries_->end()) {
    if (conversations.empty())
      return Error{
          "the bot knows no conversation whose members it could look through: write a "
          "channel of a team that has it into 'channels', or let somebody install it"};
    if (entries_->size() >= kMax) return Error{"too many are being looked up; try again later"};
    (*entries_)[user].asked = now;
    asio::co_spawn(executor_,
                   ask(entries_, connector_, user, std::move(conversations), service_url),
                   asio::detached);
  }
  return {boost::system::in_place_value, nlohmann::json{{"pending", true}}};
}

asio::awaitable<void> Resolver::ask(std::shared_ptr<Entries> entries, Connector& connector,
                                    std::string user, std::vector<std::string> conversations,
                                    std::string service_url) {
  Result<Member> found = Error{"not found"};
  for (const std::string& each : conversations) {
    const Lookup lookup = co_await connector.member(service_url, each, user);
    if (lookup.delivered.what == Delivery::done)
      found = lookup.member;
    else
      found = Error{lookup.delivered.error};
    if (found) break;
  }
  if (!found) found = in_context(escape(user), found.error());
  (*entries)[user].found = std::move(found);
}

}  // namespace stayd::teams
