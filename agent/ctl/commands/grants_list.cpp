// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>
#include <string>

#include "base/json.h"
#include "channels/terminal/text.h"
#include "ctl/client.h"
#include "ctl/command.h"

namespace stayd {
namespace {

std::string text(const nlohmann::json& grant, const char* name, const char* missing) {
  return member_at(grant, name).is_null() ? missing : terminal::printable(any_text_at(grant, name));
}

std::string line(const nlohmann::json& grant) {
  std::string scope = text(grant, "scope", "?");
  if (scope == "process") scope += " " + text(grant, "process", "?");
  return terminal::fit(text(grant, "id", "?"), 5) + " " + terminal::fit(scope, 15) + " " +
         terminal::fit(text(grant, "expires", "when it ends"), 24) + " " +
         terminal::fit(text(grant, "uses", "any"), 5) + " " +
         terminal::fit(text(grant, "person", "?"), 12) + " " + text(grant, "what", "?") + " (" +
         text(grant, "workload", "?") + ")\n";
}

int run(const Console& console) {
  const Result<nlohmann::json> reply = Client(console.socket_path).request("GET", "/v1/grants");
  if (!reply) return console.fail(reply.error());
  const auto grants = reply->find("grants");
  if (grants == reply->end() || !grants->is_array())
    return console.fail(Error{"stayd sent no list of grants"});
  if (console.json || grants->empty()) return console.answer(*grants, "There are no grants.");
  console.out << terminal::fit("GRANT", 5) << ' ' << terminal::fit("SCOPE", 15) << ' '
              << terminal::fit("EXPIRES", 24) << ' ' << terminal::fit("USES", 5) << ' '
              << terminal::fit("BY", 12) << " WHAT\n";
  for (const nlohmann::json& grant : *grants) console.out << line(grant);
  return kExitOk;
}

}  // namespace

Command grants_list_command() {
  return {.name = "grants list", .summary = "list the grants in force", .run = run};
}

}  // namespace stayd
