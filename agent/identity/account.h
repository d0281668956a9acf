// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <compare>
#include <string>
#include <variant>

#include "base/result.h"

namespace stayd {

// The account by which a channel knows who answered: an identifier that the other system calls
// immutable, never a name that its user can change.

struct UnixAccount {
  uid_t uid = 0;
  auto operator<=>(const UnixAccount&) const = default;
};

// Entra's object id within a tenant; both canonical GUIDs in lower case.
struct TeamsAccount {
  std::string tenant;
  std::string object;
  auto operator<=>(const TeamsAccount&) const = default;
};

struct SlackAccount {
  std::string team;  // or the enterprise
  std::string user;
  auto operator<=>(const SlackAccount&) const = default;
};

// OpenID Connect Core 1.0, section 2: `iss` and `sub`.
struct OidcAccount {
  std::string issuer;
  std::string subject;
  auto operator<=>(const OidcAccount&) const = default;
};

using Account = std::variant<UnixAccount, TeamsAccount, SlackAccount, OidcAccount>;

// "unix:1000", "teams:TENANT/OBJECT", "slack:TEAM/USER", "oidc:ISSUER#SUBJECT"; escaped.
std::string to_string(const Account& account);

// A GUID as 8-4-4-4-12 hexadecimal digits, in lower case; the error says what to write.
Result<std::string> canonical_guid(std::string_view text);

}  // namespace stayd
