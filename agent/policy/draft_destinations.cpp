// SPDX-License-Identifier: Apache-2.0
#include "policy/draft_destinations.h"

#include <netinet/in.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/escape.h"

namespace stayd {
namespace {

constexpr std::size_t kHostsOfOneDomain = 5;
constexpr std::size_t kMaxShown = 200;

std::string domain_of(const std::string& host) { return host.substr(host.find('.') + 1); }

// ":443/tcp"; what the language cannot express is omitted, and therefore allowed.
DestinationText ports_text(const Reached& to) {
  const bool known = to.protocol == IPPROTO_TCP || to.protocol == IPPROTO_UDP;
  const bool any_port = !known || to.port == 0;
  const char* protocol = to.protocol == IPPROTO_TCP ? "/tcp" : "/udp";
  return {(any_port ? "" : ":" + std::to_string(to.port)) + (known ? protocol : ""), any_port};
}

// The hosts of one port.
struct Hosts {
  std::set<std::string> allowed;
  std::set<std::string> domains_of_questions;

  bool stands(const std::string& domain, std::size_t number) const {
    return number >= kHostsOfOneDomain && std::ranges::count(domain, '.') >= 2 &&
           !domains_of_questions.contains(domain);
  }
};

void add_hosts(const std::string& ports, const Hosts& hosts, std::vector<DraftLine>& lines) {
  std::map<std::string, std::size_t> domains;
  for (const std::string& host : hosts.allowed) ++domains[domain_of(host)];
  for (const auto& [domain, number] : domains)
    if (hosts.stands(domain, number))
      lines.push_back(
          {"*." + domain + ports, "WIDER: " + std::to_string(number) + " hosts seen in it"});
  for (const std::string& host : hosts.allowed)
    if (!hosts.stands(domain_of(host), domains[domain_of(host)])) lines.push_back({host + ports});
}

std::string size_text(std::uint64_t bytes) {
  if (bytes >= 1 << 20) return std::to_string(bytes >> 20) + " MiB";
  return std::to_string(bytes >> 10) + " KiB";
}

}  // namespace

DestinationText destination_text(const Reached& to) {
  DestinationText ports = ports_text(to);
  return {(to.host.empty() ? address_text(to.address) : to.host) + ports.text, ports.any_port};
}

std::vector<DraftLine> allowed_destinations(const Observations& seen) {
  std::map<std::string, Hosts> hosts;  // by ports
  std::vector<DraftLine> addresses;
  for (const auto& [to, contacts] : seen.destinations) {
    const DestinationText text = destination_text(to);
    if (to.host.empty()) {
      if (!contacts.is_question())
        addresses.push_back({text.text, text.any_port ? "WIDER: whatever port" : ""});
      continue;
    }
    Hosts& of_ports = hosts[ports_text(to).text];
    if (contacts.is_question())
      of_ports.domains_of_questions.insert(domain_of(to.host));
    else
      of_ports.allowed.insert(to.host);
  }
  std::vector<DraftLine> lines;
  for (const auto& [ports, of_ports] : hosts) add_hosts(ports, of_ports, lines);
  lines.insert(lines.end(), addresses.begin(), addresses.end());
  return lines;
}

std::string reasons(const Contacts& contacts) {
  std::string text;
  if (!contacts.after.empty())
    text = "It was first reached after " + escape(contacts.after, kMaxShown) + " was read.";
  else if (contacts.times < 2)
    text = "It was reached once.";
  else if (contacts.certain < 2)
    text = "It was reached " + std::to_string(contacts.times) +
           " times, but no more than once for certain: other names stand for its address, or "
           "something had been read that must not leave.";
  if (contacts.bytes >= 1024)
    text += (text.empty() ? "" : " ") + std::string("It got ") + size_text(contacts.bytes) +
            " at the first contact.";
  return text;
}

}  // namespace stayd
