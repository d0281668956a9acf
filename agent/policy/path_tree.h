// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "policy/compiler.h"
#include "policy/decision.h"

namespace stayd {

// Files without a kernel: each path is an identity of its own, so that a policy can be
// explained and tested on a machine that has none of its files. Every path is there.
class PathTree {
 public:
  // `follows_links`: symbolic links of this host's files mean what they point to.
  explicit PathTree(bool follows_links = false) : follows_links_(follows_links) {}

  // A name that leads elsewhere, as a symbolic link or a bind mount does, with all below it. Both
  // paths are absolute and plain; of several links along a path the longest counts first.
  void add_link(const std::string& from, const std::string& to) { links_[from] = to; }

  // `path` is absolute and plain.
  FileFacts facts(const std::string& path);
  // The same of a name that nothing has yet.
  FileFacts new_name(const std::string& path);

  // The facts of a path of which no component is a link, as a kernel reports it. It does not become
  // part of the tree: what the tree does not know has no identity, and no rule names it.
  FileFacts known(const std::string& path) const;

  // For compile(); valid while this is.
  PathResolver resolver();
  Located locate(const std::string& path);

 private:
  std::string followed(const std::string& path) const;
  std::string linked(std::string path) const;
  Identity identity_of(const std::string& path);

  bool follows_links_;
  std::map<std::string, std::string> links_;
  std::map<std::string, Identity> identities_;
};

}  // namespace stayd
