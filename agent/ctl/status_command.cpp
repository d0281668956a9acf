// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>
#include <string>

#include "base/escape.h"
#include "base/json.h"
#include "ctl/client.h"
#include "ctl/commands.h"

namespace stayd {
namespace {

constexpr std::size_t kKeyColumn = 28;
constexpr int kDeepest = 8;  // shown by indenting; what is deeper is shown as JSON

// Shows whatever the daemon says, so that a new member needs no new stayctl.
void print(std::ostream& out, const nlohmann::json& value, int depth) {
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  for (const auto& [key, member] : value.items()) {
    const std::string name = value.is_array() ? "-" : escape(key);
    if (member.is_structured() && !member.empty() && depth < kDeepest) {
      out << indent << name << '\n';
      print(out, member, depth + 1);
      continue;
    }
    std::string shown;
    if (member.is_string())
      shown = escape(member.get_ref<const std::string&>());
    else
      shown = member.is_structured() && member.empty() ? "none" : escape(dump(member));
    std::string label = indent + name;
    if (!value.is_array()) label.resize(std::max(label.size(), kKeyColumn), ' ');
    out << label << ' ' << shown << '\n';
  }
}

int show(const char* target, const Arguments& arguments, const Console& console) {
  Result<nlohmann::json> status = Client(arguments.socket_path).request("GET", target);
  if (!status) return console.fail(status.error());
  if (arguments.json)
    console.out << dump(*status) << '\n';
  else
    print(console.out, *status, 0);
  return kExitOk;
}

}  // namespace

int run_status(const Arguments& arguments, const Console& console) {
  return show("/v1/status", arguments, console);
}

int run_teams(const Arguments& arguments, const Console& console) {
  return show("/v1/teams", arguments, console);
}

}  // namespace stayd
