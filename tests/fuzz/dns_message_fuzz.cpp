// SPDX-License-Identifier: Apache-2.0
// What a resolver, or whoever says that it is one, sends: whatever the bytes, an answer about one
// host's name or an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "dns/dns_message.h"
#include "policy/values.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> message(reinterpret_cast<const std::byte*>(data), size);
  const stayd::Result<stayd::DnsAnswer> answer = stayd::parse_dns_answer(message);
  if (!answer) {
    require(!answer.error().message.empty());
    return 0;
  }
  require(stayd::is_host_name(answer->name));
  require(answer->type == 1 || answer->type == 28);
  require(answer->addresses.size() <= stayd::kMaxInOneAnswer);
  for (const stayd::NamedAddress& each : answer->addresses)
    require(answer->type == 28 || stayd::contains(stayd::all_of_ipv4(), each.address));
  // Who may be asked for it can be asked.
  require(stayd::make_dns_query(1, answer->name, answer->type).has_value());
  return 0;
}
