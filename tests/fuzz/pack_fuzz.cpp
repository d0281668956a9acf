// SPDX-License-Identifier: Apache-2.0
// Any bytes as a pack give a policy that is nowhere laxer than without it, or one error with its
// place.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "policy/attempt.h"
#include "policy/parser.h"
#include "policy/path_tree.h"
#include "policy/workload_user.h"

namespace {

constexpr const char* kPolicy =
    "policy: p\n"
    "network: {default: hold, dns: [10.0.0.2], allow: [10.0.0.0/8, a.example.com], deny: "
    "[\"192.0.2.1:22\"]}\n"
    "files: {default: hold, read: {allow: [/a], deny: [/a/b]}, write: {allow: [/a/b/c]}}\n"
    "exec: {default: audit, allow: [/a], deny: [writable]}\n";

constexpr const char* kOperations[] = {"open:/a/b/c/d:readwrite", "open:/a/x:read",
                                       "create:/a/b/c/d",         "delete:/a",
                                       "exec:/a/b push",          "exec:writable:/b/c",
                                       "connect:10.1.2.3:22",     "connect:a.example.com:443",
                                       "connect:unix:/a/s"};

void require(bool condition) {
  if (!condition) std::abort();
}

stayd::Verdict verdict(const stayd::CompiledPolicy& policy, stayd::PathTree& tree,
                       const std::string& operation) {
  return stayd::decide(policy, *stayd::parse_attempt(operation, tree)).verdict;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string pack(reinterpret_cast<const char*>(data), size);
  const stayd::PackSource packs = [&](const std::string&) -> stayd::Result<stayd::PackText> {
    return stayd::PackText{"k", pack};
  };
  const std::string use = std::string(kPolicy) + "use: [k]\n";
  stayd::Result<stayd::Policy> policy = stayd::parse_policy(
      use + "with: {files: [/a/b, \"**/*.x\"], hosts: [10.9.0.0/16]}\n", "p", packs);
  if (!policy) policy = stayd::parse_policy(use, "p", packs);  // it has other parameters
  if (!policy) {
    const std::string& message = policy.error().message;
    require(message.starts_with("p:") || message.starts_with("k:"));
    require(message.find("; ") != std::string::npos);
    return 0;
  }
  policy = stayd::for_user(*policy, {"/a", 1000});
  static const stayd::Policy alone = *stayd::parse_policy(kPolicy, "p");
  stayd::PathTree tree;
  const stayd::Result<stayd::CompiledPolicy> before = stayd::compile(alone, tree.resolver());
  const stayd::Result<stayd::CompiledPolicy> after = stayd::compile(*policy, tree.resolver());
  require(before.has_value());
  if (!after) return 0;  // more rules for one address, or labels, than there can be
  for (const char* operation : kOperations)
    require(verdict(*after, tree, operation) >= verdict(*before, tree, operation));
  return 0;
}
