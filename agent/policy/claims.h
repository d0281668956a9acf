// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "policy/policy.h"

namespace stayd {

// The rules about one access of one identity, name or pattern; for compile_files.cpp only. Rules
// and paths must outlive it.
class RankedRules {
 public:
  void add_own(const Rule& rule);
  // `path` names a directory with this identity's mount somewhere below it.
  void add_above(const std::string& path, const Rule& rule);
  // Takes `other`'s rules about places that these say nothing about.
  void fill_from(const RankedRules& other);

  // nullptr: nothing is said. A rule that names the identity beats those of directories above its
  // mount, and of these one that is below another beats it.
  const Rule* winner() const;

 private:
  const Rule* own_ = nullptr;
  std::map<std::string_view, const Rule*> above_;
};

// The rules of all layers about one identity, name or pattern, layer by layer.
class Claims {
 public:
  RankedRules& of(const Rule& rule, Access access);
  // Where creation, deletion and renaming are not mentioned, writing decides.
  void fill_from_write();
  // Returns the layer's rule about the access to exactly this; nullptr: there is none.
  const Rule* said(std::uint16_t layer, std::size_t access) const;
  void add_layers(std::set<std::uint16_t>& layers) const;

 private:
  std::map<std::uint16_t, std::array<RankedRules, STAYD_ACCESS_COUNT>> by_layer_;
};

}  // namespace stayd
