// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "ctl/command.h"
#include "ctl/people_file.h"
#include "ctl/people_text.h"

namespace stayd {
namespace {

struct Options {
  std::string id;
  std::string people = kPeopleFile;
};

int run(const Options& options, const Console& console) {
  const Result<bool> changed = change_people(options.people, [&](const std::string& before) {
    return without_person(before, options.people, options.id);
  });
  if (!changed) return console.fail(changed.error());
  return console.answer({{"id", options.id}}, escape(options.id) + " is removed from " +
                                                  escape(options.people) + "\n" + kReloadHint);
}

}  // namespace

Command people_remove_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "people remove",
          .summary = "remove a person from people.yaml",
          .operands = {operand("ID", options->id)},
          .options = {people_option(options->people)},
          .run = with(options, run)};
}

}  // namespace stayd
