// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>
#include <vector>

#include "policy/values.h"

namespace stayd {
namespace {

constexpr Option kGlobalOptions[] = {
    {"--json", "", "answer in JSON",
     [](Arguments& arguments, const std::string&) -> Result<> {
       arguments.json = true;
       return {};
     }},
    {"--socket", "PATH", "stayd's socket (else $STAYD_SOCKET, else /run/stayd/stayd.sock)",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       if (value.empty()) return Error{"a path is empty"};
       arguments.socket_path = value;
       return {};
     }},
    {"--help", "", "show this, or a command's own help",
     [](Arguments& arguments, const std::string&) -> Result<> {
       arguments.help = true;
       return {};
     }},
    {"--version", "", "show the version",
     [](Arguments& arguments, const std::string&) -> Result<> {
       arguments.version = true;
       return {};
     }},
};

constexpr Option kCommandOptions[] = {
    {"--all", "", "closed tickets, too",
     [](Arguments& arguments, const std::string&) -> Result<> {
       arguments.all = true;
       return {};
     }},
    {"--for", "15m", "for how long",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       const std::optional<std::chrono::seconds> duration = parse_duration(value);
       if (!duration) return Error{quoted(value) + " is not a duration such as 90s, 15m or 2h"};
       arguments.grant_for = *duration;
       return {};
     }},
    {"--scope", "process", "what the approval is for: once, process or workload",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       if (value != "once" && value != "process" && value != "workload")
         return Error{quoted(value) + " is not once, process or workload"};
       arguments.scope = value;
       return {};
     }},
    {"--uses", "N", "how often at most",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       const auto [end, error] =
           std::from_chars(value.data(), value.data() + value.size(), arguments.uses);
       if (error != std::errc{} || end != value.data() + value.size() || arguments.uses < 1)
         return Error{quoted(value) + " is not a number of uses"};
       return {};
     }},
    {"--propose-rule", "", "also write a policy change for review",
     [](Arguments& arguments, const std::string&) -> Result<> {
       arguments.propose_rule = true;
       return {};
     }},
    {"--workload", "CGROUP", "which workload",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.workload = value;
       return {};
     }},
    {"--as", "unit:NAME", "the workload, also slice:NAME or cgroup:/PATH",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.as = value;
       return {};
     }},
    {"--policies", "DIR", "policies to look in (else what is in force, or /etc/stayd/policies)",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.policies = value;
       return {};
     }},
    {"--people", "FILE", "who may answer (else /etc/stayd/people.yaml)",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.people = value;
       return {};
     }},
    {"--touched", "LABEL,LABEL", "labels that were read before",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       std::istringstream labels(value);
       for (std::string label; std::getline(labels, label, ',');)
         arguments.touched.push_back(label);
       return {};
     }},
    {"--record", "FILE", "the record (else /var/log/stayd/record.jsonl)",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.record = value;
       return {};
     }},
    {"--key", "PUB.pem", "public keys (else /var/lib/stayd/record.pub)",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.key = value;
       return {};
     }},
    {"--expect", "SEQ:HASH", "the number and hash of a line, known from elsewhere",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.expect = value;
       return {};
     }},
    {"--heads", "FILE", "the same from journalctl -o json; - reads them",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.heads = value;
       return {};
     }},
    {"--ticket", "ID", "which ticket",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.ticket = value;
       return {};
     }},
    {"--format", "ocsf", "ocsf, journal or plain",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.format = value;
       return {};
     }},
    {"--since", "24h", "only what happened in the last so many hours",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       const std::optional<std::chrono::seconds> duration = parse_duration(value);
       if (!duration) return Error{quoted(value) + " is not a duration such as 90m or 24h"};
       arguments.since = *duration;
       return {};
     }},
    {"--reason", "TEXT", "why; kept with the decision",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       if (value.empty()) return Error{"a reason is empty"};
       arguments.reason = value;
       return {};
     }},
    {"--mode", "bot", "bot (buttons), notify (posts only) or workflow (a webhook)",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.mode = value;
       return {};
     }},
    {"--cloud", "public", "Microsoft's cloud: public, usgov or china",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.cloud = value;
       return {};
     }},
    {"--tenant", "GUID", "Entra's directory (tenant) id",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.tenant = value;
       return {};
     }},
    {"--app-id", "GUID", "the bot's application (client) id",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.app_id = value;
       return {};
     }},
    {"--endpoint", "URL", "where Teams reaches stayd: https://HOST/api/messages",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.endpoint = value;
       return {};
     }},
    {"--behind-proxy", "", "a proxy of this host has the certificate, not stayd",
     [](Arguments& arguments, const std::string&) -> Result<> {
       arguments.behind_proxy = true;
       return {};
     }},
    {"--config", "FILE", "stayd's configuration (else /etc/stayd/stayd.yaml)",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.config = value;
       return {};
     }},
    {"--package", "FILE", "the app package to write (else stayd-teams.zip)",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.package = value;
       return {};
     }},
    {"--teams", "USER@DOMAIN", "their account of Teams",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       arguments.teams_user = value;
       return {};
     }},
    {"--groups", "GROUP,GROUP", "groups that they are in",
     [](Arguments& arguments, const std::string& value) -> Result<> {
       std::istringstream groups(value);
       for (std::string group; std::getline(groups, group, ',');) arguments.groups.push_back(group);
       return {};
     }},
};

constexpr Command kCommands[] = {
    {"status", "", {}, "what stayd does, and what it counted", run_status},
    {"watch", "", {}, "see what waits, live; answer with one key", run_watch},
    {"list", "", {"--all"}, "tickets that wait", run_list},
    {"show", "ID", {}, "one ticket", run_show},
    {"approve",
     "ID",
     {"--for", "--scope", "--uses", "--propose-rule", "--reason"},
     "let the operation go on",
     run_approve},
    {"deny", "ID", {"--reason"}, "refuse it (needs --reason)", run_deny},
    {"put-off", "ID", {"--for"}, "not now: say that you will look at it later", run_put_off},
    {"grants list", "", {}, "what approvals still allow", run_grants_list},
    {"grants revoke", "ID", {}, "take one back", run_grants_revoke},
    {"proposals", "", {}, "rules that wait to be looked at", run_proposals},
    {"break-glass",
     "",
     {"--workload", "--for", "--reason"},
     "root only: nothing is asked for a while; all are told",
     run_break_glass},
    {"assign", "WORKLOAD POLICY", {}, "make a cgroup a workload under a policy file", run_assign},
    {"release", "WORKLOAD", {}, "make it an ordinary cgroup again", run_release},
    {"doctor", "", {}, "what this kernel can enforce, and what to do if it cannot", run_doctor},
    {"teams setup",
     "",
     {"--mode", "--cloud", "--tenant", "--app-id", "--endpoint", "--behind-proxy", "--config",
      "--package"},
     "write the configuration for Teams, and its app to upload",
     run_teams_setup},
    {"teams test",
     "",
     {},
     "post a ticket that holds nothing, and wait for its answer",
     run_teams_test},
    {"teams", "", {}, "whom stayd reaches in Teams, and where", run_teams},
    {"people add",
     "ID",
     {"--teams", "--groups", "--people"},
     "let somebody answer in Teams, known by their object id",
     run_people_add},
    {"policy check",
     "FILE",
     {"--people"},
     "what is wrong with a policy file, or a directory of them",
     run_policy_check},
    {"policy explain",
     "[FILE] OPERATION",
     {"--as", "--policies", "--touched"},
     "what a policy says of an operation, every rule, and why",
     run_policy_explain},
    {"policy test", "DIR", {}, "run the cases kept beside policies", run_policy_test},
    {"policy diff",
     "NEW",
     {"--as", "--since", "--record"},
     "what would have been decided differently",
     run_policy_diff},
    {"policy reload", "", {}, "read the policy files anew", run_reload},
    {"audit verify",
     "[FILE...]",
     {"--key", "--expect", "--heads", "--record"},
     "what of the record is proven to be as it was written",
     run_audit_verify},
    {"audit show",
     "[FILE...]",
     {"--ticket", "--record"},
     "the story of one ticket, from the record",
     run_audit_show},
    {"audit export",
     "[FILE...]",
     {"--format", "--record"},
     "the record as OCSF, for a journal, or as text",
     run_audit_export},
    {"learn", "WORKLOAD", {"--for"}, "observe a workload, then draft a policy", run_learn},
};

constexpr std::size_t kUsageColumn = 42;
constexpr std::size_t kHelpWidth = 100;

std::string usage(const Command& command) {
  std::string text(command.name);
  if (!command.operands.empty()) text += " " + std::string(command.operands);
  for (const Option& option : kCommandOptions) {
    if (std::ranges::find(command.options, option.name) == command.options.end()) continue;
    text += " [" + std::string(option.name);
    if (!option.value.empty()) text += " " + std::string(option.value);
    text += "]";
  }
  return text;
}

std::string describe(std::span<const Option> options) {
  std::string text;
  std::size_t width = 16;
  for (const Option& option : options)
    width = std::max(width, option.name.size() + 1 + option.value.size());
  for (const Option& option : options) {
    std::string name(option.name);
    if (!option.value.empty()) name += " " + std::string(option.value);
    name.resize(std::max(name.size(), width), ' ');
    text += "  " + name + " " + std::string(option.summary) + "\n";
  }
  return text;
}

}  // namespace

std::span<const Option> command_options() { return kCommandOptions; }
std::span<const Option> global_options() { return kGlobalOptions; }
std::span<const Command> commands() { return kCommands; }

std::string help() {
  std::string text = "Usage: stayctl COMMAND\n\n";
  for (const Command& command : kCommands) {
    // One that is long has its summary below; one that is longer, its options in its own help.
    std::string name = "  " + usage(command);
    if (name.size() > kHelpWidth) name = "  " + std::string(command.name) + " [OPTION...]";
    name += name.size() > kUsageColumn ? "\n" + std::string(kUsageColumn, ' ')
                                       : std::string(kUsageColumn - name.size(), ' ');
    text += name + " " + std::string(command.summary) + "\n";
  }
  return text + "\n" + describe(kGlobalOptions) +
         "\nWORKLOAD is unit:NAME.service, slice:NAME.slice or cgroup:/PATH.\n"
         "Exit codes: 0 done, 1 failed, 2 not understood.\n";
}

std::string help(const Command& command) {
  std::string text =
      "Usage: stayctl " + usage(command) + "\n\n  " + std::string(command.summary) + "\n\n";
  std::vector<Option> options;
  for (const Option& option : kCommandOptions)
    if (std::ranges::find(command.options, option.name) != command.options.end())
      options.push_back(option);
  options.insert(options.end(), std::begin(kGlobalOptions), std::end(kGlobalOptions));
  return text + describe(options);
}

int run_stayctl(std::span<const std::string> words, const Console& console) {
  Result<Arguments> arguments = parse_arguments(words);
  if (!arguments) return console.fail(arguments.error(), kExitUsage);
  if (arguments->help) {
    console.out << (arguments->command != nullptr ? help(*arguments->command) : help());
    return kExitOk;
  }
  if (arguments->version) {
    console.out << "stayctl " STAYD_VERSION "\n";
    return kExitOk;
  }
  return arguments->command->run(*arguments, console);
}

}  // namespace stayd
