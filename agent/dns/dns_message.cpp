// SPDX-License-Identifier: Apache-2.0
#include "dns/dns_message.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "policy/values.h"

// Last, since it makes bool a macro of its own.
#include <ldns/ldns.h>

namespace stayd {
namespace {

constexpr int kMaxAliases = 16;
constexpr std::uint16_t kDatagramSize = 1232;  // fits into one packet everywhere

struct FreePacket {
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
};

// Empty if the bytes are not a host name.
std::string host_name(const ldns_rdf* name) {
  const std::unique_ptr<char, decltype(&std::free)> text(ldns_rdf2str(name), &std::free);
  if (!text) return {};
  std::string host(text.get());
  if (host.ends_with('.')) host.pop_back();
  std::transform(host.begin(), host.end(), host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return is_host_name(host) ? host : std::string();
}

bool is_about(const ldns_rr* record, const ldns_rdf* name, ldns_rr_type type) {
  return ldns_rr_get_type(record) == type && ldns_rr_get_class(record) == LDNS_RR_CLASS_IN &&
         ldns_rr_rd_count(record) == 1 && ldns_dname_compare(ldns_rr_owner(record), name) == 0;
}

bool read_address(const ldns_rr* record, Address& address) {
  const ldns_rdf* data = ldns_rr_rdf(record, 0);
  const std::size_t size = ldns_rdf_size(data);
  if (size == 16) {
    std::memcpy(address.data(), ldns_rdf_data(data), 16);
    return true;
  }
  if (size != 4) return false;
  address = all_of_ipv4().address;
  std::memcpy(&address[12], ldns_rdf_data(data), 4);
  return true;
}

void collect(const ldns_rr_list* records, const ldns_rdf* name, ldns_rr_type type,
             DnsAnswer& answer) {
  std::uint32_t ttl = 0xffffffff;
  for (int alias = 0; name && alias <= kMaxAliases; alias++) {
    const ldns_rdf* next = nullptr;
    for (std::size_t i = 0; i < ldns_rr_list_rr_count(records); i++) {
      const ldns_rr* record = ldns_rr_list_rr(records, i);
      NamedAddress found;
      if (is_about(record, name, type) && read_address(record, found.address)) {
        if (answer.addresses.size() == kMaxInOneAnswer) return;
        found.ttl = std::min(ttl, ldns_rr_ttl(record));
        answer.addresses.push_back(found);
      } else if (is_about(record, name, LDNS_RR_TYPE_CNAME)) {
        next = ldns_rr_rdf(record, 0);
        ttl = std::min(ttl, ldns_rr_ttl(record));
      }
    }
    name = next;
  }
}

}  // namespace

Result<DnsAnswer> parse_dns_answer(std::span<const std::byte> message) {
  ldns_pkt* parsed = nullptr;
  const ldns_status status =
      ldns_wire2pkt(&parsed, reinterpret_cast<const std::uint8_t*>(message.data()), message.size());
  const std::unique_ptr<ldns_pkt, FreePacket> packet(parsed);
  if (status != LDNS_STATUS_OK)
    return Error{std::string("not a DNS message: ") + ldns_get_errorstr_by_id(status)};
  if (!ldns_pkt_qr(parsed) || ldns_pkt_get_opcode(parsed) != LDNS_PACKET_QUERY)
    return Error{"not a response to a query"};
  const ldns_rr_list* questions = ldns_pkt_question(parsed);
  if (ldns_rr_list_rr_count(questions) != 1) return Error{"not about one name"};
  const ldns_rr* question = ldns_rr_list_rr(questions, 0);
  const ldns_rr_type type = ldns_rr_get_type(question);
  if (ldns_rr_get_class(question) != LDNS_RR_CLASS_IN ||
      (type != LDNS_RR_TYPE_A && type != LDNS_RR_TYPE_AAAA))
    return Error{"not about addresses"};
  if (ldns_pkt_get_rcode(parsed) != LDNS_RCODE_NOERROR)
    return Error{"the resolver says error " + std::to_string(ldns_pkt_get_rcode(parsed))};

  DnsAnswer answer;
  answer.name = host_name(ldns_rr_owner(question));
  if (answer.name.empty()) return Error{"not about a host's name"};
  answer.type = static_cast<std::uint16_t>(type);
  answer.truncated = ldns_pkt_tc(parsed);
  collect(ldns_pkt_answer(parsed), ldns_rr_owner(question), type, answer);
  return answer;
}

Result<std::vector<std::byte>> make_dns_query(std::uint16_t id, const std::string& name,
                                              std::uint16_t type) {
  ldns_pkt* made = nullptr;
  const ldns_status status = ldns_pkt_query_new_frm_str(&made, name.c_str(), ldns_rr_type(type),
                                                        LDNS_RR_CLASS_IN, LDNS_RD);
  const std::unique_ptr<ldns_pkt, FreePacket> packet(made);
  if (status != LDNS_STATUS_OK) return Error{"cannot ask for " + name};
  ldns_pkt_set_id(made, id);
  ldns_pkt_set_edns_udp_size(made, kDatagramSize);
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (ldns_pkt2wire(&bytes, made, &size) != LDNS_STATUS_OK) return Error{"cannot ask for " + name};
  const std::unique_ptr<std::uint8_t, decltype(&std::free)> owner(bytes, &std::free);
  const auto* begin = reinterpret_cast<const std::byte*>(bytes);
  return {boost::system::in_place_value, std::vector<std::byte>(begin, begin + size)};
}

}  // namespace stayd
