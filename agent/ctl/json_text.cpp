// SPDX-License-Identifier: Apache-2.0
#include "ctl/json_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "base/json.h"

namespace stayd {
namespace {

constexpr std::size_t kKeyColumn = 28;
constexpr int kMaxDepth = 8;

void add(std::string& text, const nlohmann::json& value, int depth) {
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  for (const auto& [key, member] : value.items()) {
    const std::string name = value.is_array() ? "-" : escape(key);
    if (member.is_structured() && !member.empty() && depth < kMaxDepth) {
      text += indent + name + "\n";
      add(text, member, depth + 1);
      continue;
    }
    std::string shown;
    if (member.is_string())
      shown = escape(member.get_ref<const std::string&>());
    else
      shown = member.is_structured() && member.empty() ? "none" : escape(dump(member));
    std::string label = indent + name;
    if (!value.is_array()) label.resize(std::max(label.size(), kKeyColumn), ' ');
    text += label + " " + shown + "\n";
  }
}

}  // namespace

std::string json_text(const nlohmann::json& value) {
  std::string text;
  add(text, value, 0);
  return text;
}

}  // namespace stayd
