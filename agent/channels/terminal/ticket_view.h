// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace stayd::terminal {

struct DecisionView {
  bool approve = false;
  std::string person;
  std::string channel;
  std::string reason;
  std::string scope;  // "once", "process", "workload"
  std::int64_t grant_for_s = 0;
  std::int64_t uses = 0;  // 0: any number
  bool break_glass = false;
};

// ", and so does the same again of that process for 15m"; empty for once.
std::string grant_text(const DecisionView& decision);

// What is drawn of a ticket. Every string is printable ASCII: this is where JSON from the
// socket stops being trusted, so nothing else here reads it.
struct TicketView {
  std::uint64_t id = 0;
  std::string digest;
  std::string workload;
  std::string policy;
  std::string rule;
  std::int64_t opened_ms = 0;
  std::int64_t deadline_ms = 0;
  std::optional<std::int64_t> closed_ms;
  std::uint64_t waiting = 0;
  std::uint64_t joined = 0;
  std::string outcome;  // "open": not ended
  std::optional<DecisionView> decision;
  bool flood = false;
  std::int64_t quorum = 1;
  std::size_t approvals = 0;
  std::vector<std::string> asked;    // groups; empty: everybody who may answer
  std::vector<std::string> history;  // "2026-01-31T09:05:07.042Z escalated to oncall"
  std::vector<std::string> data;     // "labels read: customer-data", …
  std::string intent;                // the workload's claim
  std::string precedent;             // "approved 3 times before"

  std::string kind;
  std::string action;   // "open for reading", "connect to", "run"
  std::string object;   // path or endpoint
  std::string command;  // exec: the arguments, quoted where they need it
  bool command_incomplete = false;
  bool cannot_wait = false;
  std::string identity;  // "device 254:3, inode 0x64"; empty for the network
  std::string syscall;   // "openat", "openat (x32)"

  std::string program;
  std::string comm;
  std::string user;   // "uid 1000 (alice), gid 1000, logged in as uid 1000 (alice)"
  std::string where;  // "host h, unit x.service, docker 0123456789ab"
  std::string cgroup;
  std::int64_t pid = 0;
  std::int64_t thread = 0;
  std::vector<std::string> ancestry;  // "/usr/bin/bash [4200]: bash -l", parent first

  bool is_open() const { return outcome == "open"; }
};

// Members that are missing or of another type stay empty. `ticket` is what
// tickets/ticket_json.h describes.
TicketView view_of(const nlohmann::json& ticket);

// One word or a word in double quotes, so that two different lists never read the same.
std::string in_quotes(const std::string& argument);

}  // namespace stayd::terminal
