// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "trials/trial.h"

namespace stayd::test {
namespace {

constexpr std::size_t kLabels = 3;

class Writer {
 public:
  Writer(Randomness& random, const World& world) : random_(random), world_(world) {}

  std::string labels() {
    std::string text = "labels:\n";
    for (std::size_t i = 0; i < kLabels; ++i) {
      text += "  l" + std::to_string(i) + ": [" + in_quotes(place());
      for (std::size_t more = random_.below(3); more > 0; --more)
        text += ", " + in_quotes(random_.one_in(3) ? pattern() : place());
      text += "]\n";
    }
    return text;
  }

  std::string network() {
    std::string text = "network:\n  default: " + verdict(false) + "\n";
    const bool hosts = random_.one_in(5);
    text += lists("  ", 8, [&](bool) { return destination(hosts); });
    if (hosts) text += "  dns: [\"10.1.2.4\"]\n";
    return text;
  }

  std::string files() {
    std::string text = "files:\n  default: " + verdict(false) + "\n";
    for (const char* access : {"read", "write", "create", "delete", "rename"}) {
      if (random_.one_in(4)) continue;
      const std::string rules = lists("    ", 4, [&](bool lax) { return thing(lax); });
      if (!rules.empty()) text += std::string("  ") + access + ":\n" + rules;
    }
    return text;
  }

  std::string exec() {
    return "exec:\n  default: " + verdict(false) + "\n" +
           lists("  ", 5, [&](bool lax) { return program(lax); });
  }

  std::string flows() {
    std::string text = "flows:\n";
    for (std::size_t count = 1 + random_.below(3); count > 0; --count) {
      text += "  - {after: {read: [" + label() + (random_.one_in(3) ? ", " + label() : "") + "]}";
      const std::string what = random_.word({"network", "write", "exec"});
      text += ", " + what + ": " + verdict(true);
      // Few and narrow, so that one address has not too many rules.
      if (what == "network" && random_.one_in(2))
        text += ", except: [\"" +
                random_.word({"10.1.0.0/16", "10.1.2.3:1070", "0.0.0.0/0:1063", "127.0.0.0/8",
                              "2001:db8::/32", "::/0"}) +
                "\"]";
      if (what != "write" && random_.one_in(2)) text += ", write: " + verdict(true);
      text += "}\n";
    }
    return text;
  }

 private:
  static std::string in_quotes(const std::string& text) {
    return text.starts_with('{') ? text : "\"" + text + "\"";
  }

  std::string verdict(bool strict) {
    return strict ? random_.word({"audit", "hold", "deny"})
                  : random_.word({"allow", "allow", "audit", "audit", "hold", "deny"});
  }

  // Up to `most` rules, each item by `make`, which is told whether they are to allow.
  template <class Make>
  std::string lists(const std::string& indent, std::size_t most, Make make) {
    std::map<std::string, std::string> by_verdict;
    for (std::size_t count = random_.below(most + 1); count > 0; --count) {
      const std::string of = verdict(false);
      std::string& list = by_verdict[of];
      list += (list.empty() ? "" : ", ") + in_quotes(make(of == "allow"));
    }
    std::string text;
    for (const auto& [of, list] : by_verdict) text += indent + of + ": [" + list + "]\n";
    return text;
  }

  std::string label() { return "l" + std::to_string(random_.below(kLabels)); }

  // What is there, what will be, and what never is.
  std::string place() {
    const std::string& known = random_.pick(world_.places);
    if (random_.one_in(12)) return known + "/missing";
    if (random_.one_in(12)) return world_.root + "/nowhere/" + random_.word({"x", "y"});
    return random_.one_in(16) ? world_.root : known;
  }

  std::string pattern() {
    const std::string& name = random_.pick(world_.names);
    const std::size_t dot = name.rfind('.');
    switch (random_.below(8)) {
      case 0:
        return "**/" + name;
      case 1:
        return "**/*." + (dot + 1 < name.size() ? name.substr(dot + 1) : "csv");
      case 2:
        return "**/" + name.substr(0, 2) + "*";
      case 3:
        return world_.root + random_.word({"/a/**", "/*/b/**", "/e/f/*", "/a/b/**/*.csv"});
      case 4:
        return random_.pick(world_.places) + random_.word({"/*", "/**", "*"});
      case 5:
        return random_.word({"**/o1*/*", "**/o?/**", "**/[a-l]*", "**/*.*", "**/*_*"});
      case 6:
        return world_.root + "/nowhere/**/x*";
      default:
        return "**/b/**/" + name;
    }
  }

  std::string thing(bool lax) {
    if (random_.one_in(4)) return label();
    if (!lax && random_.one_in(3)) return pattern();
    return place();
  }

  std::string program(bool lax) {
    if (random_.one_in(4)) return "sha256:" + random_.pick(world_.digests);
    if (!lax && random_.one_in(3)) return random_.word({"memfd", "deleted", "writable"});
    if (!lax && random_.one_in(3))
      return random_.word({"git push*", "tool *", "* --force*", "tool push x y*", "*-f", "* pull"});
    if (!lax && random_.one_in(3))
      return random_.word({"{tool: git, words: [push]}", "{tool: git, options: [--force, -f]}",
                           "{tool: [tool, id_run], words: [[push, pull]]}",
                           "{tool: tool, words: [push], options: [\"x *\"]}", "{tool: r.pem}"});
    return thing(lax);
  }

  std::string destination(bool hosts) {
    if (random_.one_in(4) && !world_.abstract_sockets.empty())
      return "unix:" + (random_.one_in(2) ? random_.pick(world_.abstract_sockets) : place());
    const std::string ports = random_.word(
        {"", "", ":1000-1200", ":1070", ":1063", ":1100-1300/tcp", "/udp", ":1-1150/udp", "/tcp"});
    if (hosts && random_.one_in(4)) return random_.word({"files.example.org", "*.example.net"});
    const std::string network = random_.word(
        {"10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3", "10.1.9.9", "0.0.0.0/0",
         "2001:db8::/32", "2001:db8:1::/48", "::/0", "127.0.0.0/8", "::1", "fd00::1"});
    const bool bracket = network.find("::") != network.npos && ports.starts_with(':');
    return bracket ? "[" + network + "]" + ports : network + ports;
  }

  Randomness& random_;
  const World& world_;
};

}  // namespace

std::string random_policy(Randomness& random, const World& world, bool with_flows) {
  Writer writer(random, world);
  std::string text = writer.labels() + writer.network() + writer.files() + writer.exec();
  if (with_flows) text += writer.flows();
  return text;
}

}  // namespace stayd::test
