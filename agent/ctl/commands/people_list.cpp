// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "base/json.h"
#include "channels/terminal/text.h"
#include "ctl/command.h"
#include "ctl/people_file.h"
#include "identity/people.h"

namespace stayd {
namespace {

struct Options {
  std::string people = kPeopleFile;
};

nlohmann::json to_json(const People& people, const Person& person) {
  nlohmann::json accounts = nlohmann::json::array();
  for (const Account& account : person.accounts) accounts.push_back(to_string(account));
  nlohmann::json groups = nlohmann::json::array();
  for (const std::string_view group : people.groups())
    if (people.is_in(person.id, std::string(group))) groups.push_back(group);
  return {{"id", person.id},
          {"name", person.name},
          {"email", person.email},
          {"accounts", std::move(accounts)},
          {"groups", std::move(groups)}};
}

std::string joined(const nlohmann::json& texts) {
  std::string text;
  for (const nlohmann::json& each : texts)
    text += (text.empty() ? "" : ", ") + terminal::printable(each.get<std::string>());
  return text.empty() ? "-" : text;
}

int run(const Options& options, const Console& console) {
  const Result<People> people = load_people(options.people);
  if (!people) return console.fail(people.error());
  nlohmann::json list = nlohmann::json::array();
  for (const Person* person : people->members({})) list.push_back(to_json(*people, *person));
  if (console.json || !people->has_file())
    return console.answer(list, "There is no " + escape(options.people) +
                                    ": every user of this host who may use stayd's socket may "
                                    "answer.");
  console.out << terminal::fit("PERSON", 16) << ' ' << terminal::fit("NAME", 24) << ' '
              << terminal::fit("GROUPS", 24) << " ACCOUNTS\n";
  for (const nlohmann::json& each : list)
    console.out << terminal::fit(each["id"].get<std::string>(), 16) << ' '
                << terminal::fit(terminal::printable(each["name"].get<std::string>()), 24) << ' '
                << terminal::fit(joined(each["groups"]), 24) << ' ' << joined(each["accounts"])
                << '\n';
  return kExitOk;
}

}  // namespace

Command people_list_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "people list",
          .summary = "list the people who may answer",
          .options = {people_option(options->people)},
          .run = with(options, run)};
}

}  // namespace stayd
