// SPDX-License-Identifier: Apache-2.0
#include "gate/judged_arguments.h"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace stayd {

void set_judged_arguments(Operation& operation, JudgedArguments judged) {
  std::size_t shown = 0;
  if (!judged.words.empty()) operation.arguments.clear();
  for (const std::string& word : judged.words) {
    if (shown + word.size() + 1 > STAYD_ARGV_SIZE) break;
    shown += word.size() + 1;
    operation.arguments.push_back(word);
  }
  if (operation.arguments.empty() && !judged.words.empty())
    operation.arguments.push_back(judged.words.front().substr(0, STAYD_ARGV_SIZE));
  operation.arguments_incomplete = !judged.whole || shown != operation.argument_facts.size;
  operation.judged_arguments = std::make_shared<const JudgedArguments>(std::move(judged));
}

}  // namespace stayd
