// SPDX-License-Identifier: Apache-2.0
#include "policy/draft.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "base/escape.h"
#include "policy/attempt.h"
#include "policy/draft_places.h"
#include "policy/glob.h"
#include "policy/parser.h"
#include "policy/values.h"

namespace stayd {
namespace {

constexpr std::size_t kHostsOfOneDomain = 5;
constexpr std::size_t kMaxShown = 50;
constexpr std::uint16_t kDnsPort = 53;

// What a draft holds although a directory above it is allowed, unless it was read.
constexpr const char* kSecrets[] = {"**/.env",   "**/.netrc",     "**/*.pem",  "**/*.key",
                                    "**/id_rsa", "**/id_ed25519", "**/.pgpass"};

constexpr std::pair<const char*, Access> kSections[] = {{"read", Access::read},
                                                        {"write", Access::write},
                                                        {"create", Access::create},
                                                        {"delete", Access::remove},
                                                        {"rename", Access::rename}};

std::string count(std::uint64_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string line(const std::string& path, const DraftPlace& place) {
  std::string text = "- " + yaml_text(path);
  if (place.files > 0)
    text += "  # WIDER: " + count(place.files, "file") + " seen below it";
  else if (place.listed)
    text += "  # WIDER: it was listed; what is below it comes with it";
  return text + "\n";
}

std::string address_text(const Address& address) {
  const Prefix prefix{address, 128};
  char text[INET6_ADDRSTRLEN] = {};
  const bool v4 = is_ipv4(prefix);
  ::inet_ntop(v4 ? AF_INET : AF_INET6, &address[v4 ? 12 : 0], text, sizeof(text));
  return v4 ? text : "[" + std::string(text) + "]";
}

// ":443/tcp"; what the language cannot express is omitted, and therefore allowed.
std::string ports_text(const Reached& to, bool& wider) {
  const bool known = to.protocol == IPPROTO_TCP || to.protocol == IPPROTO_UDP;
  wider = !known || to.port == 0;
  const char* protocol = to.protocol == IPPROTO_TCP ? "/tcp" : "/udp";
  return (wider ? "" : ":" + std::to_string(to.port)) + (known ? protocol : "");
}

std::string domain_of(const std::string& host) { return host.substr(host.find('.') + 1); }

class DraftWriter {
 public:
  DraftWriter(const Observations& seen, const DraftHead& head) : seen_(seen), head_(head) {}

  std::string write() {
    write_head();
    write_network();
    write_files();
    write_programs();
    write_rest();
    return std::move(out_);
  }

  // "read /home/alice": seen, and not allowed.
  const std::set<std::string>& unnamed() const { return unnamed_; }

 private:
  const std::set<std::string>& paths(Access access) const {
    static const std::set<std::string> kNone;
    const auto found = seen_.paths.find(access);
    return found == seen_.paths.end() ? kNone : found->second;
  }

  void write_head() {
    out_ = "# A draft, from " + count(seen_.operations, "different operation") + " of " +
           escape(head_.cgroup) + " in " + head_.period +
           ".\n# It allows what was seen and holds everything else. Read every line before you "
           "put it into\n# force: WIDER is said where it allows more than was seen; what did not "
           "happen is not in it.\n";
    if (seen_.left_out > 0)
      out_ += "# INCOMPLETE: " + std::to_string(seen_.left_out) +
              " operations were too many to keep.\n";
    const std::string last = head_.cgroup.substr(head_.cgroup.rfind('/') + 1);
    const std::string name = last.substr(0, last.rfind('.'));
    out_ += "policy: " + (is_name(name) ? name : std::string("draft")) + "\n";
    if (is_unit(last) && !is_glob(last) && last.ends_with(".service"))
      out_ += "applies_to: [{unit: " + yaml_text(last) + "}]\n";
    else if (is_cgroup(head_.cgroup) && can_be_named(head_.cgroup))
      out_ += "applies_to: [{cgroup: " + yaml_text(head_.cgroup) + "}]\n";
    out_ += "mode: observe  # until you trust it; then: enforce\n\n";
  }

  bool is_resolver(const Reached& to) const {
    return to.port == kDnsPort && std::find(head_.resolvers.begin(), head_.resolvers.end(),
                                            to.address) != head_.resolvers.end();
  }

  void write_network() {
    std::set<Address> resolvers;
    std::map<std::string, std::set<std::string>> hosts;  // by ports
    std::string addresses;
    for (const std::vector<Reached>& known_as : seen_.destinations) {
      const Reached& first = known_as.front();
      if (is_resolver(first)) {
        resolvers.insert(first.address);
        continue;
      }
      bool wider = false;
      const std::string ports = ports_text(first, wider);
      if (first.host.empty())
        addresses += "    - " + yaml_text(address_text(first.address) + ports) +
                     (wider ? "  # WIDER: whatever port\n" : "\n");
      else
        for (const Reached& each : known_as)
          if (is_host_name(each.host)) hosts[ports].insert(each.host);
    }
    if (!hosts.empty() && resolvers.empty())
      resolvers.insert(head_.resolvers.begin(), head_.resolvers.end());
    out_ += "network:\n  default: hold\n";
    if (!resolvers.empty()) {
      out_ += "  dns: [";
      for (const Address& each : resolvers) {
        std::string text = address_text(each);
        if (text.front() == '[') text = text.substr(1, text.size() - 2);
        out_ += (each == *resolvers.begin() ? "" : ", ") + yaml_text(text);
      }
      out_ += "]\n";
    }
    std::string names;
    for (const auto& [ports, of_ports] : hosts) names += host_lines(ports, of_ports);
    if (!names.empty() || !addresses.empty()) out_ += "  allow:\n" + names + addresses;
    if (!seen_.sockets.empty()) {
      out_ += "  # Unix sockets that were used; those that no rule names are allowed anyway:\n";
      for (const std::string& each : seen_.sockets)
        out_ += "  #   unix:" + escape(each, 300) + "\n";
    }
  }

  // Of many hosts in one domain the domain, unless it is one that strangers share.
  static std::string host_lines(const std::string& ports, const std::set<std::string>& hosts) {
    std::map<std::string, std::size_t> domains;
    for (const std::string& host : hosts) ++domains[domain_of(host)];
    std::string text;
    const auto stands = [&](const std::string& domain) {
      return domains[domain] >= kHostsOfOneDomain &&
             std::count(domain.begin(), domain.end(), '.') >= 2;
    };
    for (const auto& [domain, number] : domains)
      if (stands(domain))
        text += "    - " + yaml_text("*." + domain + ports) +
                "  # WIDER: " + count(number, "host") + " seen in it\n";
    for (const std::string& host : hosts)
      if (!stands(domain_of(host))) text += "    - " + yaml_text(host + ports) + "\n";
    return text;
  }

  // A rename must not take a file to where less is said of it, so what is moved to where it may
  // be read or written must be allowed to be read or written where it was.
  std::map<Access, DraftPaths> group_files() const {
    std::map<Access, std::set<std::string>> all = seen_.paths;
    std::map<Access, DraftPaths> grouped;
    for (bool again = true; again;) {
      again = false;
      for (const auto& [key, access] : kSections) grouped[access] = group_paths(all[access], seen_);
      for (const auto& [from, to] : seen_.moves)
        for (const Access access : {Access::read, Access::write})
          if (covers(grouped[access].places, to) && !covers(grouped[access].places, from))
            again |= all[access].insert(from).second;
    }
    return grouped;
  }

  void write_files() {
    out_ += "\nfiles:\n  default: hold\n";
    const std::map<Access, DraftPaths> grouped = group_files();
    for (const auto& [key, access] : kSections) {
      const DraftPaths& paths = grouped.at(access);
      const std::string secrets = access == Access::read ? unread_secrets(paths.places) : "";
      const std::string unsaid = access == Access::read || access == Access::write
                                     ? ""
                                     : only_written(grouped.at(Access::write).places, paths.places);
      if (!paths.places.empty() || !unsaid.empty()) out_ += "  " + std::string(key) + ":\n";
      if (!paths.places.empty()) {
        out_ += "    allow:\n";
        for (const auto& [path, place] : paths.places) out_ += "      " + line(path, place);
        out_ += secrets;
      }
      out_ += unsaid;
      for (const std::string& path : paths.unnamed) unnamed_.insert(std::string(key) + " " + path);
    }
  }

  // Where another access says nothing of what may be written, `write` would decide.
  static std::string only_written(const DraftPlaces& written, const DraftPlaces& allowed) {
    std::string list;
    for (const auto& [path, place] : written)
      if (!covers(allowed, path)) list += (list.empty() ? "" : ", ") + yaml_text(path);
    return list.empty() ? list : "    hold: [" + list + "]\n";
  }

  std::string unread_secrets(const DraftPlaces& places) const {
    const bool wider = std::any_of(places.begin(), places.end(),
                                   [](const auto& each) { return each.second.wider(); });
    std::string list;
    for (const char* glob : kSecrets) {
      const auto& read = paths(Access::read);
      if (std::any_of(read.begin(), read.end(),
                      [&](const std::string& path) { return matches_path(glob, path); }))
        continue;
      list += (list.empty() ? "" : ", ") + yaml_text(glob);
    }
    if (!wider || list.empty()) return {};
    return "    # Not seen to be read, wherever they are:\n    hold: [" + list + "]\n";
  }

  void write_programs() {
    out_ += "\nexec:\n  default: hold\n";
    DraftPlaces programs;
    for (const std::string& path : paths(Access::exec)) {
      const DraftPaths made = group_paths({path}, seen_);
      for (const auto& [place, what] : made.places) programs[place].files += what.files;
      for (const std::string& each : made.unnamed) unnamed_.insert("exec " + each);
    }
    if (programs.empty()) return;
    out_ += "  allow:\n";
    for (const auto& [path, place] : programs) {
      out_ += "    - " + yaml_text(path);
      if (place.files > 0) out_ += "  # WIDER: it made what it ran there, and may again";
      out_ += "\n";
    }
  }

  void write_rest() {
    const auto list = [this](const std::string& title, const std::set<std::string>& things) {
      if (things.empty()) return;
      out_ += "\n# " + title + "\n";
      std::size_t shown = 0;
      for (const std::string& each : things) {
        if (++shown > kMaxShown) break;
        out_ += "#   " + escape(each, 300) + "\n";
      }
      if (things.size() > kMaxShown)
        out_ += "#   and " + std::to_string(things.size() - kMaxShown) + " more\n";
    };
    list("Would be held, since allowing it would allow far more than was seen:", unnamed_);
    list(
        "Would be held, since no path of the host leads there (a pipe or memory opened by its "
        "descriptor,\n# a file system of the workload's own):",
        seen_.placeless);
  }

  const Observations& seen_;
  const DraftHead& head_;
  std::string out_;
  std::set<std::string> unnamed_;
};

// Everything that was seen, as unnamed() and as the language's own engine call it.
std::vector<std::pair<std::string, std::string>> attempts(const Observations& seen) {
  std::vector<std::pair<std::string, std::string>> all;
  const auto add = [&](const std::string& name, Access access, const char* before,
                       const char* after) {
    const auto found = seen.paths.find(access);
    if (found == seen.paths.end()) return;
    for (const std::string& path : found->second)
      all.emplace_back(name + " " + path, before + path + after);
  };
  add("read", Access::read, "open:", ":read");
  add("write", Access::write, "open:", ":write");
  add("create", Access::create, "create:", "");
  add("delete", Access::remove, "delete:", "");
  add("exec", Access::exec, "exec:", "");
  for (const auto& [from, to] : seen.moves)
    all.emplace_back("rename " + from, "replace:" + from + ":" + to);
  for (const std::vector<Reached>& known_as : seen.destinations) {
    const Reached& to = known_as.front();
    if (to.port == 0) continue;
    const char* protocol = to.protocol == IPPROTO_UDP ? "/udp" : "/tcp";
    all.emplace_back("", "connect:" + (to.host.empty() ? "" : to.host + "@") +
                             address_text(to.address) + ":" + std::to_string(to.port) + protocol);
  }
  return all;
}

// What the draft would hold of what was seen without saying so; empty unless something is wrong
// with it. The same engine decides as will when it is in force.
std::string check(const std::string& text, const Observations& seen,
                  const std::set<std::string>& unnamed) {
  const Result<Policy> policy = parse_policy(text, "draft");
  if (!policy) return "# NOT A POLICY YET: " + escape(policy.error().message) + "\n";
  PathTree tree;
  const Result<CompiledPolicy> compiled = compile(*policy, tree.resolver());
  if (!compiled) return "# NOT A POLICY YET: " + escape(compiled.error().message) + "\n";
  std::string held;
  std::size_t number = 0;
  for (const auto& [name, operation] : attempts(seen)) {
    if (unnamed.contains(name)) continue;
    const Result<Attempt> attempt = parse_attempt(operation, tree);
    if (!attempt || decide(*compiled, *attempt).verdict <= Verdict::audit) continue;
    if (++number <= kMaxShown) held += "#   " + escape(operation, 300) + "\n";
  }
  return held.empty() ? "" : "\n# Would be held all the same:\n" + held;
}

}  // namespace

std::string draft(const Observations& seen, const DraftHead& head) {
  DraftWriter writer(seen, head);
  const std::string text = writer.write();
  return text + check(text, seen, writer.unnamed());
}

}  // namespace stayd
