// SPDX-License-Identifier: Apache-2.0
// Any bytes give a policy or one error with its place; a policy compiles and can be asked.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/decision.h"
#include "policy/parser.h"

namespace {

// Every path is somewhere, and a few share one place.
stayd::Result<std::vector<stayd::Identity>> resolve(const std::string& path) {
  std::vector<stayd::Identity> identities{{path.size() % 7, 1}, {path.size() % 3, 2}};
  return identities;
}

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  stayd::Result<stayd::Policy> policy = stayd::parse_policy(text, "p");
  if (!policy) {
    require(policy.error().message.starts_with("p:"));
    require(policy.error().message.find("; ") != std::string::npos);
    return 0;
  }
  require(!stayd::describe(*policy).empty());
  stayd::Result<stayd::CompiledPolicy> compiled = stayd::compile(*policy, resolve);
  if (!compiled) return 0;

  stayd::Address loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
  require(stayd::decide_network(*compiled, loopback, 443, 6).rule < compiled->rules.size());
  for (const auto& [identity, node] : compiled->nodes) {
    require(stayd::decide_exec(*compiled, {&identity, 1}).rule < compiled->rules.size());
  }
  return 0;
}
