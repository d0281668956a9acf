// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace stayd::redaction {

// The name of an option, a variable or a member of an object says this of its value.
enum class NameKind {
  ordinary,  // --key-type, KEYBOARD, max_tokens, primary_key
  secret,    // DB_PASS, --client-secret, apiToken, X-Api-Key
  inside,    // TOKEN_ACME: a secret if it is assigned; no option is named like this
  file,      // --tls-key, credentials: a secret unless the value is the path of a file
  weak,      // key, code, secret_id: a secret if the value looks like one
  signature  // sig, auth: a secret in the query of a URL
};

// Reads the words that the name is made of: they end at '-', '_', '.', anything else that is
// neither letter nor digit, and where camelCase begins the next one. The last 96 bytes count.
NameKind kind_of_name(std::string_view name);

// True for --no-password, --with-token, --generate-key and others like them, whose next word is
// not a value.
bool is_switch(std::string_view option);

// True for "password", "token", "key" and others like them, which prose has as well. "db_password"
// and "requirepass" are not such words.
bool is_plain_word(std::string_view name);

}  // namespace stayd::redaction
