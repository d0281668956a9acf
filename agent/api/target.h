// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/beast/http/verb.hpp>
#include <string>
#include <string_view>

#include "api/backend.h"

namespace stayd {

// A request's target while a route is looked for. Valid as long as the target's text.
class Target {
 public:
  explicit Target(std::string_view text);

  // True if the route is this one; '*' in `pattern` stands for one segment of the path.
  bool matches(boost::beast::http::verb method, boost::beast::http::verb route_method,
               std::string_view pattern);
  std::string_view id() const { return id_; }  // what stood for the '*' of the last match
  std::string_view query() const { return query_; }

  // Once no route has matched: says what would.
  Reply no_route() const;

 private:
  std::string_view path_, query_, id_;
  std::string allowed_;  // methods, of routes with this path
};

}  // namespace stayd
