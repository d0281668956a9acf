// SPDX-License-Identifier: Apache-2.0
#include "context/container.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/json.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxState = 1 << 20;

struct Form {
  std::string_view prefix;
  std::string_view suffix;
  const char* runtime;
};
constexpr Form kForms[] = {
    {"docker-", ".scope", "docker"},
    {"libpod-", ".scope", "podman"},
    {"cri-containerd-", ".scope", "containerd"},
    {"crio-", ".scope", "cri-o"},
};

bool is_id(std::string_view text) {
  return text.size() >= 12 && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// Returns the files in which a runtime keeps what it knows of a container; * is the identifier.
std::vector<std::string> state_files(const std::string& runtime) {
  if (runtime == "docker") return {"/var/lib/docker/containers/*/config.v2.json"};
  if (runtime == "containerd")
    return {"/run/containerd/io.containerd.runtime.v2.task/k8s.io/*/config.json",
            "/run/containerd/io.containerd.runtime.v2.task/default/*/config.json",
            "/run/containerd/io.containerd.runtime.v2.task/moby/*/config.json"};
  return {"/var/lib/containers/storage/overlay-containers/*/userdata/config.json",
          "/run/containers/storage/overlay-containers/*/userdata/config.json"};
}

std::string read_state(const std::string& path) {
  std::ifstream file(path);
  std::string text(kMaxState + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text.size() > kMaxState ? std::string() : text;
}

// Docker: {"Config": {"Labels": {…}}}. OCI runtime specification: {"annotations": {…}}.
const nlohmann::json* labels_of(const nlohmann::json& state) {
  if (!state.is_object()) return nullptr;
  const auto annotations = state.find("annotations");
  if (annotations != state.end()) return &*annotations;
  const auto config = state.find("Config");
  if (config == state.end() || !config->is_object()) return nullptr;
  const auto labels = config->find("Labels");
  return labels == config->end() ? nullptr : &*labels;
}

}  // namespace

std::optional<ContainerId> container_of(std::string_view cgroup) {
  const std::size_t slash = cgroup.rfind('/');
  if (slash == cgroup.npos) return std::nullopt;
  const std::string_view last = cgroup.substr(slash + 1);
  for (const Form& form : kForms) {
    if (!last.starts_with(form.prefix) || !last.ends_with(form.suffix)) continue;
    std::string_view id = last.substr(form.prefix.size());
    id.remove_suffix(form.suffix.size());
    if (is_id(id)) return ContainerId{form.runtime, std::string(id)};
  }
  if (cgroup.substr(0, slash).ends_with("/docker") && is_id(last))
    return ContainerId{"docker", std::string(last)};
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> container_labels(std::string_view cgroup,
                                                                  const std::string& root) {
  const std::optional<ContainerId> container = container_of(cgroup);
  if (!container) return {};
  for (std::string path : state_files(container->runtime)) {
    path.replace(path.find('*'), 1, container->id);
    const std::string text = read_state(root + path);
    if (text.empty()) continue;
    const Result<nlohmann::json> state = parse_json(text);
    const nlohmann::json* labels = state ? labels_of(*state) : nullptr;
    if (!labels || !labels->is_object()) continue;
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& [key, value] : labels->items())
      if (value.is_string()) found.emplace_back(key, value.get<std::string>());
    return found;
  }
  return {};
}

}  // namespace stayd
