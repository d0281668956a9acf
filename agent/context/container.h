// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stayd {

struct ContainerId {
  std::string runtime;  // "docker", "podman", "containerd", "cri-o"
  std::string id;       // 12 to 64 hexadecimal digits
  bool operator==(const ContainerId&) const = default;
};

// The container whose cgroup this is, by the names that runtimes give: "docker-ID.scope",
// "/docker/ID", "libpod-ID.scope", "cri-containerd-ID.scope", "crio-ID.scope".
std::optional<ContainerId> container_of(std::string_view cgroup);

// The labels, or OCI annotations, that the runtime's state directory says the container has.
// Empty if there is none, or if it cannot be understood. The runtime writes it before it
// makes the cgroup; only root can. `root`: where "/" is, for tests.
std::vector<std::pair<std::string, std::string>> container_labels(std::string_view cgroup,
                                                                  const std::string& root = "");

}  // namespace stayd
