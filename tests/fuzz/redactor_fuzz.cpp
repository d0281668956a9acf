// SPDX-License-Identifier: Apache-2.0
// Any arguments of a program, and any text, are recorded in bounded time, and nothing of a known
// secret is left: whatever stands before it, a token is found by its form and a value by its
// option.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "audit/redactor.h"
#include "base/escape.h"
#include "base/json.h"

namespace {

constexpr const char* kToken = "AKIAIOSFODNN7EXAMPLE";
constexpr const char* kValue = "hunter2hunter2";

bool has(const nlohmann::json& text, const char* secret) {
  return text.get<std::string>().find(secret) != std::string::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const stayd::audit::Redactor redactor = *stayd::audit::Redactor::create({}, "key");
  std::vector<std::string> arguments(1);
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == 0)
      arguments.emplace_back();
    else
      arguments.back() += static_cast<char>(data[i]);
  }
  const std::size_t own = arguments.size();
  arguments.insert(arguments.end(), {"--client-secret", kValue, kToken});
  nlohmann::json list = nlohmann::json::array();
  for (const std::string& each : arguments) list.push_back(stayd::escape(each, stayd::kUnbounded));
  const auto safe = redactor.apply({{"event", "e"}, {"arguments", list}});
  const nlohmann::json& recorded = safe.value()["arguments"];
  if (recorded.size() != arguments.size()) std::abort();
  if (has(recorded[own + 1], kValue) || has(recorded[own + 2], kToken)) std::abort();
  (void)redactor.redact({reinterpret_cast<const char*>(data), size});
  return 0;
}
