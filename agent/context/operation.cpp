// SPDX-License-Identifier: Apache-2.0
#include "context/operation.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

#include "context/operation_text.h"

namespace stayd {
namespace {

bool is_v4_mapped(const std::array<std::uint8_t, 16>& address) {
  constexpr std::array<std::uint8_t, 12> kPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::equal(kPrefix.begin(), kPrefix.end(), address.begin());
}

std::string address_text(const Endpoint& endpoint) {
  char text[INET6_ADDRSTRLEN] = "";
  if (is_v4_mapped(endpoint.address)) {
    ::inet_ntop(AF_INET, endpoint.address.data() + 12, text, sizeof text);
    return text;
  }
  ::inet_ntop(AF_INET6, endpoint.address.data(), text, sizeof text);
  std::string bracketed = std::string("[") + text;
  if (endpoint.scope_id != 0) bracketed.append("%").append(std::to_string(endpoint.scope_id));
  return bracketed + "]";
}

std::string protocol_text(std::uint16_t protocol) {
  switch (protocol) {
    case IPPROTO_ICMP:
      return "icmp";
    case IPPROTO_TCP:
      return "tcp";
    case IPPROTO_UDP:
      return "udp";
    case IPPROTO_ICMPV6:
      return "icmpv6";
    case IPPROTO_SCTP:
      return "sctp";
    case IPPROTO_UDPLITE:
      return "udplite";
    case IPPROTO_MPTCP:
      return "mptcp";
    default:
      return "protocol " + std::to_string(protocol);
  }
}

}  // namespace

std::string to_string(const Endpoint& endpoint) {
  return address_text(endpoint) + ":" + std::to_string(endpoint.port) + "/" +
         protocol_text(endpoint.protocol);
}

std::string object_text(const Operation& operation) {
  return has_path(operation.kind) ? operation.path : to_string(operation.endpoint);
}

const char* to_string(OperationKind kind) {
  switch (kind) {
    case OperationKind::open:
      return "open";
    case OperationKind::create:
      return "create";
    case OperationKind::connect:
      return "connect";
    case OperationKind::send:
      return "send";
    case OperationKind::exec:
      return "exec";
    case OperationKind::remove:
      return "delete";
    case OperationKind::rename:
      return "rename";
    case OperationKind::unix_socket:
      return "unix";
  }
  return "unknown";
}

}  // namespace stayd
