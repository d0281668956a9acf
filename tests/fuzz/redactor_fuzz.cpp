// SPDX-License-Identifier: Apache-2.0
// Any arguments of a program are recorded in bounded time, and nothing of a known secret is left.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "audit/redactor.h"
#include "base/escape.h"
#include "base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const stayd::audit::Redactor redactor = *stayd::audit::Redactor::create({}, "key");
  constexpr const char* kSecret = "AKIAIOSFODNN7EXAMPLE";
  std::vector<std::string> arguments(1);
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == 0)
      arguments.emplace_back();
    else
      arguments.back() += static_cast<char>(data[i]);
  }
  arguments.push_back(kSecret);
  nlohmann::json list = nlohmann::json::array();
  for (const std::string& each : arguments) list.push_back(stayd::escape(each, stayd::kUnbounded));
  const auto safe = redactor.apply({{"event", "e"}, {"arguments", list}});
  const nlohmann::json& recorded = safe.value()["arguments"];
  if (recorded.size() != arguments.size()) std::abort();
  if (recorded.back().get<std::string>().find(kSecret) != std::string::npos) std::abort();
  (void)redactor.redact({reinterpret_cast<const char*>(data), size});
  return 0;
}
