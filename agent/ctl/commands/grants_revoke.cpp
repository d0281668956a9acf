// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "ctl/client.h"
#include "ctl/command.h"

namespace stayd {
namespace {

struct Options {
  std::string id;
};

Operand grant_operand(std::string& to) {
  return {
      "ID", [&to](const std::string& word) -> Result<> {
        if (word.empty() || !std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; }))
          return Error{"'" + escape(word, 80) +
                       "' is not the id of a grant; see: stayctl grants list"};
        to = word;
        return {};
      }};
}

int run(const Options& options, const Console& console) {
  const Result<nlohmann::json> reply =
      Client(console.socket_path).request("DELETE", "/v1/grants/" + options.id);
  if (!reply) return console.fail(reply.error());
  return console.answer(*reply,
                        "grant " + options.id + " revoked; matching operations will be held again");
}

}  // namespace

Command grants_revoke_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "grants revoke",
          .summary = "revoke a grant",
          .operands = {grant_operand(options->id)},
          .run = with(options, run)};
}

}  // namespace stayd
