// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "base/escape.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/people_file.h"
#include "ctl/people_text.h"

namespace stayd {
namespace {

struct Options {
  std::string id;
  std::string teams_user;  // "alice@example.com"
  std::vector<std::string> groups;
  std::string people = kPeopleFile;
};

constexpr std::chrono::milliseconds kRetryAfter{200};
constexpr int kMaxRequests = 100;

// Asks Teams who that is: names change and pass to others, object ids do not.
Result<NewAccount> resolve(const Options& options, const Console& console) {
  Client client(console.socket_path);
  const nlohmann::json question = {{"user", options.teams_user}};
  Result<nlohmann::json> reply = client.request("POST", "/v1/teams/resolve", question);
  for (int requests = 1; reply && reply->value("pending", false); ++requests) {
    if (requests == kMaxRequests) return Error{"Teams does not answer; see stayctl status"};
    std::this_thread::sleep_for(kRetryAfter);
    reply = client.request("POST", "/v1/teams/resolve", question);
  }
  if (!reply) return reply.error();
  NewAccount added{.id = options.id,
                   .name = reply->value("name", options.teams_user),
                   .account = {},
                   .groups = options.groups};
  for (const auto& [part, key] :
       {std::pair{&added.account.tenant, "tenant"}, std::pair{&added.account.object, "object"}}) {
    Result<std::string> guid = canonical_guid(reply->value(key, ""));
    if (!guid) return in_context("stayd's answer", guid.error());
    *part = std::move(*guid);
  }
  return added;
}

int run(const Options& options, const Console& console) {
  const Result<NewAccount> added = resolve(options, console);
  if (!added) return console.fail(added.error());
  const Result<bool> is_new = change_people(options.people, [&](const std::string& before) {
    return with_account(before, options.people, *added);
  });
  if (!is_new) return console.fail(is_new.error());
  std::string text =
      escape(added->id) + " is " + escape(added->name) + ", " + to_string(added->account) + "\n";
  if (*is_new)
    text += escape(options.people) + " is new: only the people in it may answer from now on\n";
  return console.answer(
      {{"id", added->id}, {"tenant", added->account.tenant}, {"object", added->account.object}},
      text + kReloadHint);
}

}  // namespace

Command people_add_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "people add",
          .summary = "let a person answer in Teams",
          .operands = {operand("ID", options->id)},
          .options = {required(text_option("--teams", "USER@DOMAIN",
                                           "the person's account in Teams", options->teams_user)),
                      list_option("--groups", "GROUP,GROUP", "groups that the person joins",
                                  options->groups),
                      people_option(options->people)},
          .run = with(options, run)};
}

}  // namespace stayd
