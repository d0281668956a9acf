// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "base/escape.h"
#include "base/json.h"
#include "base/regular_file.h"
#include "base/users.h"
#include "base/yaml.h"
#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/new_file.h"
#include "ctl/people_text.h"
#include "identity/people.h"

namespace stayd {
namespace {

constexpr std::chrono::milliseconds kAskAgainAfter{200};
constexpr int kAsks = 100;

// Who that is, as Teams says at this moment: names change and pass to others, object ids do not.
Result<NewAccount> resolve(const Arguments& arguments) {
  Client client(arguments.socket_path);
  const nlohmann::json question = {{"user", arguments.teams_user}};
  Result<nlohmann::json> reply = client.request("POST", "/v1/teams/resolve", question);
  for (int asks = 1; reply && reply->value("pending", false); ++asks) {
    if (asks == kAsks) return Error{"Teams does not answer; see stayctl status"};
    std::this_thread::sleep_for(kAskAgainAfter);
    reply = client.request("POST", "/v1/teams/resolve", question);
  }
  if (!reply) return reply.error();
  NewAccount added{.id = arguments.operands[0],
                   .name = reply->value("name", arguments.teams_user),
                   .account = {},
                   .groups = arguments.groups};
  for (const auto& [part, key] :
       {std::pair{&added.account.tenant, "tenant"}, std::pair{&added.account.object, "object"}}) {
    Result<std::string> guid = canonical_guid(reply->value(key, ""));
    if (!guid) return in_context("stayd's answer", guid.error());
    *part = std::move(*guid);
  }
  return added;
}

Result<> write_people(const std::string& file, const NewAccount& added) {
  std::error_code error;
  const bool is_new = !std::filesystem::exists(file, error) && !error;
  std::string before;
  if (!is_new) {
    Result<std::string> text = read_regular_file(file, kMaxYamlSize, Trust::unwritable);
    if (!text) return text.error();
    before = std::move(*text);
  }
  const Result<std::string> after = with_account(before, file, added);
  if (!after) return after.error();
  // What would not be believed at the next reload is not written.
  if (Result<People> people = People::parse(*after, file, uid_of_login); !people)
    return people.error();
  return is_new ? write_new_file(file, *after) : replace_file(file, *after);
}

}  // namespace

int run_people_add(const Arguments& arguments, const Console& console) {
  if (arguments.teams_user.empty())
    return console.fail(Error{"say who that is: stayctl people add " +
                              escape(arguments.operands[0], 80) + " --teams USER@DOMAIN"},
                        kExitUsage);
  const Result<NewAccount> added = resolve(arguments);
  if (!added) return console.fail(added.error());
  std::error_code error;
  const bool was_there = std::filesystem::exists(arguments.people, error);
  if (Result<> written = write_people(arguments.people, *added); !written)
    return console.fail(written.error());
  if (arguments.json) {
    console.out << dump({{"id", added->id},
                         {"tenant", added->account.tenant},
                         {"object", added->account.object}})
                << '\n';
    return kExitOk;
  }
  console.out << escape(added->id) << " is " << escape(added->name) << ", "
              << to_string(added->account) << "\n";
  if (!was_there)
    console.out << escape(arguments.people)
                << " is new: from now on, only people who are in it may answer\n";
  console.out << "It counts from the next reload: stayctl policy reload\n";
  return kExitOk;
}

}  // namespace stayd
