// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "policy/decision.h"
#include "policy/policy.h"

namespace stayd {

// The rule that judged, for whoever was refused by it: enough to find and quote it. Of a label it
// names only the entry that was met, because the whole list would say what else is worth having.
struct RuleReference {
  std::string file;  // the policy's or the pack's, as it was read; empty: it is not known
  int line = 0;      // from 1 on; 0: it is not known
  std::string text;  // "files.read.hold: secrets (**/.env)", "network.default: deny"

  bool operator==(const RuleReference&) const = default;
};

// `id` is of a rule of this policy; 0 is the default for such an operation. `paths` are those that
// the operation is about, as the host calls them. The text is empty if there is no such rule.
RuleReference rule_reference(const Policy& policy, std::uint32_t id, Attempt::Kind kind,
                             std::span<const std::string> paths);

// Of a rule of which only the words are known any more.
RuleReference reference_by_text(std::string_view rule_text);

// "files.read.hold: secrets" of "files.read.hold: secrets (/home/dev/.ssh, **/.env)", of a pack's
// rule likewise; any other rule's text is returned as it is.
std::string without_entries(std::string_view rule_text);

}  // namespace stayd
