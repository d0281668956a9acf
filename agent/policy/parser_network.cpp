// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>

#include <algorithm>

#include "policy/glob.h"
#include "policy/policy_reader.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxResolvers = 64;
constexpr std::size_t kMaxAbstractName = 107;  // unix(7): sun_path without the leading zero
constexpr std::uint16_t kDnsPort = 53;

// True if the text has something that only a name can have: letters that no hexadecimal group has,
// or a wildcard.
bool looks_like_name(std::string_view host) {
  return host.find(':') == host.npos && host.find('/') == host.npos &&
         std::any_of(host.begin(), host.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '*' || c >= 0x80;
         });
}

// A name that is one if `name` is a pattern for names.
std::string plain_name(std::string name) {
  std::replace(name.begin(), name.end(), '*', 'x');
  return name;
}

bool has_wildcard_at_end(std::string_view name) {
  const std::size_t star = name.rfind('*');
  if (star == name.npos) return false;
  name.remove_prefix(star);
  return std::count(name.begin(), name.end(), '.') < 2;
}

}  // namespace

void PolicyReader::read_network(const YamlNode& node) {
  if (!check_map(node, "'network'", kNetworkKeys)) return;
  policy_.network_default = read_default(node, "network", policy_.defaults_at.network);
  if (auto* sockets = node.find("unix")) {
    const std::optional<Verdict> verdict = parse_verdict(sockets->text);
    if (!verdict)
      fail(sockets->at, shown(*sockets) + " is not a verdict; write allow, audit, hold or deny");
    policy_.unix_default = verdict.value_or(Verdict::deny);
    policy_.defaults_at.unix_sockets = sockets->at;
  }
  for_rule(node, "network", [&](Verdict verdict, const YamlNode& item, const std::string& name) {
    read_destination(verdict, item, name);
  });
  for_item(node.find("dns"), "network.dns", [&](const YamlNode& item) { read_resolver(item); });
  if (policy_.resolvers.size() > kMaxResolvers)
    fail(node.at, "more than 64 resolvers under 'dns'; name those that the workload uses");
  if (auto* confirm = node.find("confirm_dns")) {
    policy_.confirm_dns = confirm->text != "false";
    if (confirm->text != "true" && confirm->text != "false")
      fail(confirm->at, shown(*confirm) + " is neither 'true' nor 'false'; write one of them");
  }
  if (!policy_.hosts.empty() && policy_.resolvers.empty() && !is_pack())
    fail(node.at, "host names need a resolver to believe; add 'dns: [\"10.0.0.2\"]'");
}

bool PolicyReader::is_host(const YamlNode& item) {
  if (item.text.find("://") != item.text.npos) return false;
  const Result<PortsText> parts = split_ports(item.text);
  return parts && looks_like_name(parts->host);
}

void PolicyReader::read_destination(Verdict verdict, const YamlNode& item,
                                    const std::string& name) {
  if (item.text.starts_with("unix:")) return read_unix(verdict, item, name);
  if (is_host(item)) {
    std::optional<HostRule> host = read_host(item);
    if (!host) return;
    host->rule = make_rule(verdict, item.at, name + item.text);
    policy_.hosts.push_back(std::move(*host));
  } else if (const std::optional<Destinations> to = read_addresses(item)) {
    policy_.network.push_back({make_rule(verdict, item.at, name + item.text), *to});
  }
}

std::optional<Destinations> PolicyReader::read_addresses(const YamlNode& item) {
  if (item.text.find("://") != item.text.npos) {
    fail(item.at, in_quotes(item.text) +
                      " is a URL, of which the kernel sees only host and port; write "
                      "files.example.org:443");
    return std::nullopt;
  }
  const Result<Destinations> destinations = parse_destinations(item.text);
  if (destinations) return *destinations;
  fail(item.at, destinations.error().message);
  return std::nullopt;
}

std::optional<HostRule> PolicyReader::read_host(const YamlNode& item) {
  const auto wrong = [&](const std::string& what) {
    fail(item.at, in_quotes(item.text) + what);
    return std::nullopt;
  };
  const PortsText parts = *split_ports(item.text);
  HostRule rule;
  rule.name = parts.host;
  rule.below = rule.name.starts_with("*.");
  if (rule.below) rule.name.erase(0, 2);
  if (rule.name.ends_with('.')) rule.name.pop_back();
  std::transform(rule.name.begin(), rule.name.end(), rule.name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (std::any_of(rule.name.begin(), rule.name.end(), [](unsigned char c) { return c >= 0x80; })) {
    return wrong(" is not ASCII; write its xn-- form");
  }
  if (rule.name == "localhost") {
    fail(item.at, "'localhost' is not asked of a resolver; write 127.0.0.0/8 and ::1");
    return std::nullopt;
  }
  if (has_wildcard_at_end(rule.name)) {
    return wrong(
        " has a wildcard in its last two parts, and so means hosts of anybody; write "
        "sts.*.example.com");
  }
  if (!is_host_name(plain_name(rule.name))) {
    return wrong(
        " is neither an address nor a host name of two parts or more; write 192.0.2.7, "
        "10.0.0.0/8, files.example.org:443 or *.example.org");
  }
  rule.first_port = parts.first_port;
  rule.last_port = parts.last_port;
  rule.protocol = parts.protocol;
  return rule;
}

void PolicyReader::read_unix(Verdict verdict, const YamlNode& item, const std::string& name) {
  YamlNode socket = item;
  socket.text.erase(0, std::string_view("unix:").size());
  if (!socket.text.starts_with('@')) {
    if (!socket.text.starts_with('/') && !socket.text.starts_with("~/")) {
      return fail(item.at, in_quotes(item.text) +
                               " names no socket; write unix:/run/x.sock, or "
                               "unix:@name for an abstract one");
    }
    if (is_glob(socket.text)) {
      return fail(item.at, in_quotes(item.text) +
                               " is a pattern, which nobody can match in time for a socket; name "
                               "the socket or its directory");
    }
    return add_path_rule(verdict, socket, name + "unix:", Access::unix_socket);
  }
  socket.text.erase(0, 1);
  if (socket.text.empty() || socket.text.size() > kMaxAbstractName)
    return fail(item.at, "an abstract socket's name has 1 to 107 bytes; write unix:@name");
  policy_.abstract_sockets.push_back({make_rule(verdict, item.at, name + item.text), socket.text});
}

// Asking it is allowed: a workload that may reach hosts by name has to find out where they are.
void PolicyReader::read_resolver(const YamlNode& item) {
  if (!check_text(item, "network.dns")) return;
  Result<Destinations> resolver = parse_destinations(item.text);
  if (!resolver || resolver->prefix.bits != 128 || resolver->last_port != 65535 ||
      resolver->protocol != 0) {
    return fail(item.at,
                in_quotes(item.text) + " is not the address of a resolver; write 10.0.0.2");
  }
  policy_.resolvers.push_back(resolver->prefix.address);
  resolver->first_port = resolver->last_port = kDnsPort;
  policy_.network.push_back(
      {make_rule(Verdict::allow, item.at, "network.dns: " + item.text), *resolver});
}

}  // namespace stayd
