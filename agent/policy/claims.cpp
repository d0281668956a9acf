// SPDX-License-Identifier: Apache-2.0
#include "policy/claims.h"

namespace stayd {
namespace {

const Rule* stricter_rule(const Rule* a, const Rule* b) {
  if (!a || !b) return a ? a : b;
  return b->verdict > a->verdict ? b : a;
}

bool is_above(std::string_view directory, std::string_view path) {
  if (directory == "/") return path != "/";
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

}  // namespace

void RankedRules::add_own(const Rule& rule) { own_ = stricter_rule(own_, &rule); }

void RankedRules::add_above(const std::string& path, const Rule& rule) {
  above_[path] = stricter_rule(above_[path], &rule);
}

void RankedRules::fill_from(const RankedRules& other) {
  if (!own_) own_ = other.own_;
  above_.insert(other.above_.begin(), other.above_.end());
}

const Rule* RankedRules::winner() const {
  if (own_) return own_;
  const Rule* best = nullptr;
  for (const auto& [path, rule] : above_) {
    bool outdone = false;
    for (const auto& other : above_) outdone = outdone || is_above(path, other.first);
    if (!outdone) best = stricter_rule(best, rule);
  }
  return best;
}

RankedRules& Claims::of(const Rule& rule, Access access) {
  return by_layer_[rule.layer][static_cast<std::size_t>(access)];
}

void Claims::fill_from_write() {
  for (auto& [layer, rules] : by_layer_)
    for (const std::size_t access : {STAYD_ACCESS_CREATE, STAYD_ACCESS_DELETE, STAYD_ACCESS_RENAME})
      rules[access].fill_from(rules[STAYD_ACCESS_WRITE]);
}

const Rule* Claims::said(std::uint16_t layer, std::size_t access) const {
  const auto found = by_layer_.find(layer);
  return found == by_layer_.end() ? nullptr : found->second[access].winner();
}

void Claims::add_layers(std::set<std::uint16_t>& layers) const {
  for (const auto& [layer, rules] : by_layer_) layers.insert(layer);
}

}  // namespace stayd
