// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "base/escape.h"
#include "base/json.h"
#include "channels/terminal/text.h"
#include "ctl/client.h"
#include "ctl/commands.h"

namespace stayd {
namespace {

std::string text(const nlohmann::json& grant, const char* name, const char* missing) {
  const auto found = grant.find(name);
  if (found == grant.end() || found->is_null()) return missing;
  if (found->is_string()) return terminal::printable(found->get_ref<const std::string&>());
  return terminal::printable(dump(*found));
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

}  // namespace

int run_grants_list(const Arguments& arguments, const Console& console) {
  const Result<nlohmann::json> reply = Client(arguments.socket_path).request("GET", "/v1/grants");
  if (!reply) return console.fail(reply.error());
  const auto grants = reply->find("grants");
  if (grants == reply->end() || !grants->is_array())
    return console.fail(Error{"stayd sent no list of grants"});
  if (arguments.json) {
    console.out << dump(*grants) << '\n';
    return kExitOk;
  }
  if (grants->empty()) {
    console.out << "Nothing is granted.\n";
    return kExitOk;
  }
  console.out << terminal::fit("GRANT", 5) << ' ' << terminal::fit("SCOPE", 15) << ' '
              << terminal::fit("EXPIRES", 24) << ' ' << terminal::fit("USES", 5) << ' '
              << terminal::fit("BY", 12) << " WHAT\n";
  for (const nlohmann::json& grant : *grants) console.out << line(grant);
  return kExitOk;
}

int run_grants_revoke(const Arguments& arguments, const Console& console) {
  const std::string& id = arguments.operands[0];
  if (id.empty() || !std::ranges::all_of(id, [](char c) { return c >= '0' && c <= '9'; }))
    return console.fail(
        Error{"'" + escape(id, 80) + "' is not the id of a grant; see: stayctl grants list"},
        kExitUsage);
  const Result<nlohmann::json> reply =
      Client(arguments.socket_path).request("DELETE", "/v1/grants/" + id);
  if (!reply) return console.fail(reply.error());
  console.out << (arguments.json ? dump(*reply)
                                 : "grant " + id + " is revoked: what it allowed is asked about")
              << '\n';
  return kExitOk;
}

int run_break_glass(const Arguments& arguments, const Console& console) {
  if (arguments.workload.empty() || arguments.reason.empty() || arguments.grant_for.count() == 0)
    return console.fail(
        Error{"say which, for how long and why: stayctl break-glass --workload CGROUP --for 15m "
              "--reason TEXT"},
        kExitUsage);
  const Result<nlohmann::json> reply = Client(arguments.socket_path)
                                           .request("POST", "/v1/break-glass",
                                                    {{"cgroup", arguments.workload},
                                                     {"seconds", arguments.grant_for.count()},
                                                     {"reason", arguments.reason}});
  if (!reply) return console.fail(reply.error());
  console.out << (arguments.json
                      ? dump(*reply)
                      : "the glass is broken: " + arguments.workload + " goes on unasked for " +
                            terminal::duration_text(arguments.grant_for.count() * 1000) +
                            "; everybody is told, and the record has your name")
              << '\n';
  return kExitOk;
}

}  // namespace stayd
