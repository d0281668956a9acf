// SPDX-License-Identifier: Apache-2.0
#include "identity/account.h"

#include <algorithm>
#include <cctype>

#include "base/escape.h"

namespace stayd {
namespace {

struct ToString {
  std::string operator()(const UnixAccount& account) const {
    return "unix:" + std::to_string(account.uid);
  }
  std::string operator()(const TeamsAccount& account) const {
    return "teams:" + escape(account.tenant) + "/" + escape(account.object);
  }
  std::string operator()(const SlackAccount& account) const {
    return "slack:" + escape(account.team) + "/" + escape(account.user);
  }
  std::string operator()(const OidcAccount& account) const {
    return "oidc:" + escape(account.issuer) + "#" + escape(account.subject);
  }
};

}  // namespace

std::string to_string(const Account& account) { return std::visit(ToString{}, account); }

Result<std::string> canonical_guid(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  const auto fits = [](char c, char shape) {
    return shape == '-' ? c == '-' : std::isxdigit(static_cast<unsigned char>(c)) != 0;
  };
  if (text.size() != kShape.size() || !std::equal(text.begin(), text.end(), kShape.begin(), fits))
    return Error{"'" + escape(text, 80) + "' is not an id; write " + std::string(kShape) +
                 ", hexadecimal"};
  std::string guid(text);
  std::ranges::transform(guid, guid.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return {boost::system::in_place_value, std::move(guid)};
}

}  // namespace stayd
