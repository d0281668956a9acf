// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "policy/draft_rules.h"
#include "policy/learn.h"

namespace stayd {

// "files.example.org:443/tcp", as a rule names it. `any_port`: the language cannot say which.
struct DestinationText {
  std::string text;
  bool any_port = false;
};
DestinationText destination_text(const Reached& to);

// The lines that allow what is not a question: of many hosts in one domain the domain, unless
// strangers share it or a question is in it.
std::vector<DraftLine> allowed_destinations(const Observations& seen);

// Why a person decides about it, in whole sentences without line breaks.
std::string reasons(const Contacts& contacts);

}  // namespace stayd
