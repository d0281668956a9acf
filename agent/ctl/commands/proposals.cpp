// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>
#include <string>

#include "base/json.h"
#include "channels/terminal/text.h"
#include "ctl/client.h"
#include "ctl/command.h"

namespace stayd {
namespace {

std::string text(const nlohmann::json& proposal, const char* name) {
  return member_at(proposal, name).is_null() ? "?"
                                             : terminal::printable(any_text_at(proposal, name));
}

int run(const Console& console) {
  const Result<nlohmann::json> reply = Client(console.socket_path).request("GET", "/v1/proposals");
  if (!reply) return console.fail(reply.error());
  const auto proposals = reply->find("proposals");
  if (proposals == reply->end() || !proposals->is_array())
    return console.fail(Error{"stayd sent no list of proposals"});
  if (console.json || proposals->empty())
    return console.answer(*proposals, "There are no proposals.");
  console.out << terminal::fit("TICKET", 7) << ' ' << terminal::fit("WRITTEN", 24) << ' '
              << terminal::fit("POLICY", 20) << " FILE\n";
  for (const nlohmann::json& each : *proposals)
    console.out << terminal::fit(text(each, "ticket"), 7) << ' '
                << terminal::fit(text(each, "written"), 24) << ' '
                << terminal::fit(text(each, "policy"), 20) << ' ' << text(each, "file") << '\n';
  console.out << "As root, compare one with the policy in force: stayctl policy diff FILE\n";
  return kExitOk;
}

}  // namespace

Command proposals_command() {
  return {.name = "proposals", .summary = "list the rules that await review", .run = run};
}

}  // namespace stayd
