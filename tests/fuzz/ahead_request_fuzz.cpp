// SPDX-License-Identifier: Apache-2.0
// The body of a request in advance: any bytes give one that can be looked up, or one clear error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/ahead_request.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool has_zero(const std::string& text) { return text.find('\0') != text.npos; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const stayd::Result<stayd::AheadRequest> request = stayd::read_ahead_request(body);
  if (!request) {
    require(!request.error().message.empty());
    return 0;
  }
  require(!request->reason.empty() && request->reason.size() <= stayd::AheadRequest::kMaxReason);
  const stayd::Wanted& wanted = request->wanted;
  switch (wanted.kind) {
    case stayd::OperationKind::open:
      require(wanted.read || wanted.write);
      [[fallthrough]];
    case stayd::OperationKind::create:
    case stayd::OperationKind::remove:
      require(wanted.path.starts_with('/') && !has_zero(wanted.path));
      break;
    case stayd::OperationKind::exec:
      require(!wanted.arguments.empty() && !wanted.arguments.front().empty());
      for (const std::string& each : wanted.arguments) require(!has_zero(each));
      break;
    case stayd::OperationKind::connect:
    case stayd::OperationKind::send:
      require(wanted.endpoint.port != 0 && wanted.endpoint.protocol != 0);
      break;
    default:
      require(false);
  }
  return 0;
}
