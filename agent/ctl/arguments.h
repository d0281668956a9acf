// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace stayd {

struct Command;

inline constexpr const char* kPolicyDirectory = "/etc/stayd/policies";

// A command line that makes sense.
struct Arguments {
  const Command* command = nullptr;   // null with --help alone and with --version
  std::vector<std::string> operands;  // as many as the command takes
  std::string socket_path;
  bool json = false;
  bool help = false;
  bool version = false;
  bool all = false;
  std::chrono::seconds grant_for{0};  // zero: once, or until it ends
  std::string scope;                  // "process" or "workload"; empty: by grant_for
  std::int64_t uses = 0;              // zero: any number
  bool propose_rule = false;
  std::string workload;  // a cgroup
  std::string reason;
  std::string as;        // "unit:x.service"
  std::string policies;  // a directory; empty: what stayd goes by
  std::string people = "/etc/stayd/people.yaml";
  std::string record = "/var/log/stayd/record.jsonl";
  std::vector<std::string> touched;  // labels
  std::chrono::seconds since{0};     // zero: from the beginning
  std::string key = "/var/lib/stayd/record.pub";
  std::string expect;  // "NUMBER:HASH"
  std::string heads;   // a file, or "-"
  std::string ticket;  // an id
  std::string format;
  std::string mode;  // of Teams, as all below
  std::string cloud;
  std::string tenant;
  std::string app_id;
  std::string endpoint;
  std::string config = "/etc/stayd/stayd.yaml";
  std::string package = "stayd-teams.zip";
  bool behind_proxy = false;
  std::string teams_user;  // "alice@example.com"
  std::vector<std::string> groups;
};

// Reads the words after the program's name against the tables in commands.h. Options may
// stand anywhere, as "--name value" or "--name=value"; after "--" everything is an operand.
Result<Arguments> parse_arguments(std::span<const std::string> words);

}  // namespace stayd
