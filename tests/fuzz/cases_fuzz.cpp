// SPDX-License-Identifier: Apache-2.0
// A file of cases: any bytes give cases, each of which passes or fails with its place, or one
// error with its place.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "policy/cases.h"
#include "policy/parser.h"

namespace {

constexpr std::string_view kPolicy = R"(policy: p
labels: {data: [/srv/customers, "**/.env"], other: [/x]}
network: {default: hold, dns: [10.0.0.2], allow: ["*.example.org"], deny: [169.254.169.254]}
files: {default: allow, read: {hold: [data]}, write: {deny: [/etc]}}
exec: {default: allow, hold: ["git push*"], deny: [memfd]}
flows: [{after: {read: data}, network: deny}]
)";

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const stayd::Policy policy = *stayd::parse_policy(kPolicy, "p");
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const stayd::Result<stayd::CaseFile> cases = stayd::parse_cases(text, "c");
  if (!cases) {
    require(cases.error().message.starts_with("c:"));
    return 0;
  }
  require(!cases->cases.empty() && cases->policy.find('/') == std::string::npos);
  const stayd::Result<stayd::CaseReport> report = stayd::run_cases(*cases, policy);
  require(report.has_value());
  require(report->passed + report->failures.size() == cases->cases.size());
  for (const std::string& failure : report->failures) require(failure.starts_with("c:"));
  return 0;
}
