// SPDX-License-Identifier: Apache-2.0
#include "api/target.h"

#include <algorithm>
#include <optional>

namespace stayd {
namespace {

// Returns the part of `path` that stands for the '*' of `pattern`, empty if it has none, or nothing
// if they do not match.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
  std::size_t star = pattern.find('*');
  if (star == std::string_view::npos)
    return pattern == path ? std::optional(std::string_view()) : std::nullopt;
  std::string_view before = pattern.substr(0, star);
  std::string_view after = pattern.substr(star + 1);
  if (path.size() <= before.size() + after.size()) return std::nullopt;
  if (!path.starts_with(before) || !path.ends_with(after)) return std::nullopt;
  std::string_view segment = path.substr(before.size(), path.size() - before.size() - after.size());
  if (segment.find('/') != std::string_view::npos) return std::nullopt;
  return segment;
}

}  // namespace

Reply error_reply(unsigned status, std::string_view message) {
  return Reply{status, {{"error", message}}};
}

Target::Target(std::string_view text) {
  const std::size_t question = std::min(text.find('?'), text.size());
  path_ = text.substr(0, question);
  query_ = text.substr(std::min(text.size(), question + 1));
}

bool Target::matches(boost::beast::http::verb method, boost::beast::http::verb route_method,
                     std::string_view pattern) {
  const std::optional<std::string_view> id = match(pattern, path_);
  if (!id) return false;
  id_ = *id;
  if (method == route_method) return true;
  allowed_ += (allowed_.empty() ? "" : " or ") + std::string(to_string(route_method));
  return false;
}

Reply Target::no_route() const {
  if (!allowed_.empty())
    return error_reply(405, std::string(path_) + " takes " + allowed_ + " only");
  return error_reply(404, "there is no " + std::string(path_));
}

}  // namespace stayd
