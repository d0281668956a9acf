// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "ctl/arguments.h"
#include "ctl/console.h"

namespace stayd {

struct Option {
  std::string_view name;
  std::string_view value;  // what help calls its value; empty: it has none
  std::string_view summary;
  Result<> (*set)(Arguments& arguments, const std::string& value);
};

struct Command {
  std::string_view name;
  std::string_view operands;                // "WORKLOAD POLICY"; "[FILE] X": the first may be
                                            // missing; "[FILE...]": any number
  std::array<std::string_view, 8> options;  // that it takes besides the global ones
  std::string_view summary;
  int (*run)(const Arguments& arguments, const Console& console);  // returns an ExitCode
};

std::span<const Option> command_options();
std::span<const Option> global_options();
std::span<const Command> commands();

std::string help();
std::string help(const Command& command);

// The whole of stayctl: `words` are the arguments without the program's name.
int run_stayctl(std::span<const std::string> words, const Console& console);

int run_audit_verify(const Arguments& arguments, const Console& console);
int run_audit_show(const Arguments& arguments, const Console& console);
int run_audit_export(const Arguments& arguments, const Console& console);
int run_policy_explain(const Arguments& arguments, const Console& console);
int run_policy_test(const Arguments& arguments, const Console& console);
int run_policy_diff(const Arguments& arguments, const Console& console);
int run_learn(const Arguments& arguments, const Console& console);
int run_reload(const Arguments& arguments, const Console& console);
int run_status(const Arguments& arguments, const Console& console);
int run_watch(const Arguments& arguments, const Console& console);
int run_list(const Arguments& arguments, const Console& console);
int run_show(const Arguments& arguments, const Console& console);
int run_approve(const Arguments& arguments, const Console& console);
int run_deny(const Arguments& arguments, const Console& console);
int run_put_off(const Arguments& arguments, const Console& console);
int run_grants_list(const Arguments& arguments, const Console& console);
int run_grants_revoke(const Arguments& arguments, const Console& console);
int run_proposals(const Arguments& arguments, const Console& console);
int run_break_glass(const Arguments& arguments, const Console& console);
int run_assign(const Arguments& arguments, const Console& console);
int run_release(const Arguments& arguments, const Console& console);
int run_doctor(const Arguments& arguments, const Console& console);
int run_teams_setup(const Arguments& arguments, const Console& console);
int run_teams(const Arguments& arguments, const Console& console);
int run_teams_test(const Arguments& arguments, const Console& console);
int run_people_add(const Arguments& arguments, const Console& console);
int run_policy_check(const Arguments& arguments, const Console& console);

}  // namespace stayd
