// SPDX-License-Identifier: Apache-2.0
// An operation as somebody writes it: any bytes give one that can be decided, or an error that
// says what to write.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "policy/explanation.h"
#include "policy/parser.h"

namespace {

constexpr std::string_view kPolicy = R"(policy: p
labels: {data: [/srv, "**/.env", "/home/*/x"]}
network:
  default: hold
  dns: [10.0.0.2]
  allow: ["10.0.0.0/8:443/tcp", "*.example.org", "unix:/run/x.sock"]
  deny: ["[2001:db8::/32]:80", "files.example.org:443", "unix:@name"]
files:
  default: allow
  read: {hold: [data]}
  write: {deny: [/etc], hold: [data]}
  delete: {hold: ["**/*.pem"]}
exec:
  default: audit
  hold: [data, "git push*", {tool: git, words: [push], options: [-f, "+*"]}]
  deny: [memfd, deleted, writable, {tool: [curl, wget], pipes_into: [sh, bash]}]
flows: [{after: {read: data}, network: deny, write: hold}]
)";

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const stayd::Policy policy = *stayd::parse_policy(kPolicy, "p");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  stayd::PathTree tree;
  const stayd::Result<stayd::Attempt> attempt = stayd::parse_attempt(text, tree);
  if (!attempt) {
    require(attempt.error().message.find("; ") != std::string::npos);
    return 0;
  }
  const stayd::Result<stayd::Explanation> explanation =
      stayd::explain(policy, *attempt, tree, {"data"});
  require(explanation && !explanation->rule.empty());
  return 0;
}
