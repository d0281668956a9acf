// SPDX-License-Identifier: Apache-2.0
#include "workloads/host_resolvers.h"

#include <fstream>
#include <string>

namespace stayd {

std::vector<Address> host_resolvers() {
  std::ifstream file("/etc/resolv.conf");
  std::vector<Address> resolvers;
  for (std::string word; file >> word;) {
    if (word != "nameserver" || !(file >> word)) continue;
    if (Result<Destinations> server = parse_destinations(word))
      resolvers.push_back(server->prefix.address);
  }
  return resolvers;
}

}  // namespace stayd
