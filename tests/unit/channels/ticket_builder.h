// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace stayd::test {

inline constexpr std::int64_t kNoonMs = 1'700'000'000'000;

// As tickets/ticket_json.h describes it: opened at noon, half an hour to answer.
inline nlohmann::json ticket_json(std::uint64_t id, const std::string& outcome = "open") {
  nlohmann::json ticket = {
      {"id", id},
      {"digest", "d" + std::to_string(id)},
      {"workload", "/ai.slice/support-agent.service"},
      {"policy", "support-agent"},
      {"rule", "files: hold /srv/customers"},
      {"opened_ms", kNoonMs},
      {"deadline_ms", kNoonMs + 30 * 60 * 1000},
      {"waiting", 1},
      {"joined", 1},
      {"outcome", outcome},
      {"closed_ms", nullptr},
      {"decision", nullptr},
      {"operation",
       {{"kind", "open"},
        {"disposition", "held"},
        {"access", {"read"}},
        {"path", "/srv/customers/list.csv"},
        {"syscall", {{"name", "openat"}, {"number", 257}, {"abi", "x86-64"}}},
        {"identity", {{"device", "254:3"}, {"inode", "0x64"}}},
        {"caller",
         {{"pid", 4242},
          {"thread", 4243},
          {"uid", 1000},
          {"gid", 1000},
          {"login_uid", nullptr},
          {"cgroup", "/ai.slice/support-agent.service"},
          {"comm", "python3"},
          {"program", "/usr/bin/python3.11"},
          {"ancestry",
           {{{"pid", 4200}, {"program", "/usr/bin/bash"}, {"arguments", {"bash", "run me"}}},
            {{"pid", 4100}, {"program", "/usr/sbin/sshd"}, {"arguments", {"sshd"}}}}}}}}}};
  if (outcome != "open") ticket["closed_ms"] = kNoonMs + 1000;
  return ticket;
}

// Only printable ASCII, newlines and the colours that we use ourselves.
inline bool is_harmless(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      const std::size_t end = text.find('m', i);
      if (end == std::string::npos || text[i + 1] != '[') return false;
      if (text.substr(i + 2, end - i - 2).find_first_not_of("0123456789") != std::string::npos) {
        return false;
      }
      i = end;
    } else if (text[i] != '\n' && (text[i] < 0x20 || text[i] > 0x7e)) {
      return false;
    }
  }
  return true;
}

// Puts `text` in place of every string.
inline void replace_strings(nlohmann::json& value, const std::string& text) {
  if (value.is_string()) value = text;
  if (value.is_structured()) {
    for (auto& member : value) replace_strings(member, text);
  }
}

}  // namespace stayd::test
