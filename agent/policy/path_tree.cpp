// SPDX-License-Identifier: Apache-2.0
#include "policy/path_tree.h"

#include <algorithm>
#include <filesystem>

#include "policy/values.h"

namespace stayd {
namespace {

constexpr int kMaxLinks = 40;  // as path_resolution(7)

std::string above(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string last_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

std::string PathTree::linked(std::string path) const {
  for (int hops = 0; hops < kMaxLinks; ++hops) {
    const auto links = [&](std::string at) {
      while (at != "/" && !links_.contains(at)) at = above(at);
      return at;
    };
    const std::string link = links(path);
    if (link == "/") break;
    const std::string& to = links_.at(link);
    path = normal_path((to == "/" ? "" : to) + path.substr(link.size()));
    if (path.empty()) path = "/";
  }
  return path;
}

std::string PathTree::followed(const std::string& path) const {
  if (!links_.empty()) return linked(path);
  if (!follows_links_) return path;
  std::error_code error;
  const std::filesystem::path real = std::filesystem::weakly_canonical(path, error);
  return error ? path : normal_path(real.string());
}

Identity PathTree::identity_of(const std::string& path) {
  return identities_.try_emplace(path, Identity{identities_.size() + 1, 1}).first->second;
}

FileFacts PathTree::facts(const std::string& path) {
  FileFacts facts;
  facts.path = followed(path);
  for (std::string at = facts.path; at != "/"; at = above(at))
    facts.steps.push_back({identity_of(at), last_of(at)});
  facts.steps.push_back({identity_of("/"), ""});
  return facts;
}

FileFacts PathTree::known(const std::string& path) const {
  FileFacts facts;
  facts.path = path;
  const auto step = [&](const std::string& at, std::string name) {
    const auto found = identities_.find(at);
    facts.steps.push_back(
        {found == identities_.end() ? Identity{} : found->second, std::move(name)});
  };
  for (std::string at = path; at != "/"; at = above(at)) step(at, last_of(at));
  step("/", "");
  return facts;
}

FileFacts PathTree::new_name(const std::string& path) {
  FileFacts facts = this->facts(path);
  facts.steps.front().identity = {};
  return facts;
}

Located PathTree::locate(const std::string& path) {
  Located located;
  const std::string real = followed(path);
  located.identities = {identity_of(real)};
  for (std::string at = real; at != "/"; at = above(at))
    located.components.push_back({{identity_of(above(at)), last_of(at)}, identity_of(at)});
  std::reverse(located.components.begin(), located.components.end());
  return located;
}

PathResolver PathTree::resolver() {
  return [this](const std::string& path) -> Result<Located> { return locate(path); };
}

}  // namespace stayd
