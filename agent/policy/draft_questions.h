// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "policy/draft_rules.h"
#include "policy/learn.h"

namespace stayd {

// What would have to be added to a draft so that something is allowed.
struct DraftAddition {
  enum class Kind { network, files, exec, without };
  Kind kind = Kind::files;
  Access access = Access::write;  // of files
  std::string pack{};             // of `without`
  std::string entry{};            // not quoted; of `without`: YAML on one line
  auto operator<=>(const DraftAddition&) const = default;
};

// A question as a draft puts it.
struct DraftQuestion {
  std::string text;                         // whole sentences, without line breaks
  std::vector<Question::Example> examples;  // what has to be allowed
  std::vector<DraftAddition> own{};         // what the policy itself can say for it
  std::vector<DraftAddition> additions{};   // that allow it
  bool can_be_allowed = false;              // with them
};

// First what packs hold, secrets before all; then the destinations.
std::vector<DraftQuestion> questions_of(const Observations& seen, const DraftBase& base);

// Finds, with the engine that will decide, what allows each of them on top of the draft. Compiles
// the draft a few times, however many questions there are.
void find_additions(std::vector<DraftQuestion>& questions, const DraftRules& rules,
                    const DraftBase& base);

// "network.allow: [\"files.example.org:443/tcp\"]": a line for each list that is added to.
std::vector<std::string> lines_of(const std::vector<DraftAddition>& additions);

// A draft without its head, which decides nothing.
std::string with_additions(DraftRules rules, const DraftBase& base,
                           const std::vector<DraftAddition>& additions);

}  // namespace stayd
