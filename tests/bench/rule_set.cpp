// SPDX-License-Identifier: Apache-2.0
#include "bench/rule_set.h"

#include <filesystem>
#include <fstream>
#include <vector>

namespace stayd::bench {
namespace {

namespace fs = std::filesystem;

// "rules/03/17/00412": a hundred files in a directory.
std::string file_of(const std::string& directory, std::size_t i, const char* kind) {
  const std::string place =
      directory + "/" + kind + "/" + std::to_string(i / 1000) + "/" + std::to_string(i / 100 % 10);
  fs::create_directories(place);
  return place + "/" + std::to_string(i);
}

std::string octets(std::size_t i) {
  return std::to_string(i / 250 % 250 + 1) + "." + std::to_string(i % 250 + 1);
}

std::string network_of(std::size_t i) {
  switch (i % 3) {
    case 0:
      return "10." + octets(i) + ".0/24";
    case 1:
      return "172.20." + octets(i) + ":443/tcp";
    default:
      return "\"2001:db8:" + std::to_string(i) + "::/48\"";
  }
}

void append(std::string& text, const char* name, const std::vector<std::string>& items) {
  text += std::string("    ") + name + ":\n";
  for (const std::string& item : items) text += "      - " + item + "\n";
}

}  // namespace

std::string rule_set(const std::string& directory, std::size_t rules) {
  std::vector<std::string> held, kept, networks{std::string(kDenied)}, programs;
  for (std::size_t i = 0; i + 4 < rules; ++i) {
    const std::string number = std::to_string(i);
    switch (i % 10) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const std::string file = file_of(directory, i, "files");
        if (i % 8 != 0) std::ofstream(file) << number;
        (i % 2 ? held : kept).push_back(file);
        break;
      }
      case 4:
        held.push_back("\"**/secret-" + number + "\"");
        break;
      case 5:
        held.push_back("\"**/*.k" + number + "\"");
        break;
      case 6:
        programs.push_back(file_of(directory, i, "programs"));
        std::ofstream(programs.back()) << number;
        break;
      default:
        networks.push_back(network_of(i));
    }
  }
  std::ofstream(directory + "/denied") << "no\n";
  if (programs.empty()) programs.push_back(directory + "/no-program");
  held.push_back(directory + "/held");
  std::string text =
      "policy: bench\napplies_to:\n  - cgroup: /nowhere\nnetwork:\n  default: allow\n  allow: [" +
      std::string(kAllowedByRule) + "]\n  deny:\n";
  for (const std::string& each : networks) text += "    - " + each + "\n";
  text += "files:\n  default: allow\n  read:\n    deny: [" + directory + "/denied]\n";
  append(text, "hold", held);
  if (!kept.empty()) {
    text += "  write:\n";
    append(text, "deny", kept);
  }
  text += "exec:\n  default: allow\n  hold:\n";
  for (const std::string& each : programs) text += "    - " + each + "\n";
  return text + "approval:\n  timeout: 1m\n";
}

}  // namespace stayd::bench
