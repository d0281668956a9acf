// SPDX-License-Identifier: Apache-2.0
#include "redaction/names.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "redaction/ascii.h"
#include "redaction/word_list.h"

namespace stayd::redaction {
namespace {

constexpr std::size_t kMaxName = 96;

// A word that ends in one of these names a secret: PGPASSWORD, requirepass, authtoken, bindpw.
constexpr auto kEndings = std::to_array<std::string_view>(
    {"password",  "passwords",  "passwd",    "passphrase", "passcode",   "pass",
     "pwd",       "pw",         "secret",    "token",      "credential", "creds",
     "apikey",    "authkey",    "accesskey", "secretkey",  "privatekey", "privkey",
     "masterkey", "accountkey", "sharedkey", "sessid",     "mnemonic",   "psk"});

constexpr auto kExact = std::to_array<std::string_view>(
    {"authorization", "bearer", "cookie", "cred", "credentials", "jwt", "jsessionid", "masterauth",
     "otp", "passwort", "sessionid", "userpass"});

// Words that end like a secret and are none.
constexpr auto kOrdinary = std::to_array<std::string_view>(
    {"allpass", "askpass", "bandpass", "bypass", "compass", "encompass", "highpass", "keepass",
     "lastpass", "lowpass", "multipass", "overpass", "surpass", "trespass", "twopass",
     "underpass"});

// Before "token" or "pass": the tokens of a language model, the passes of an encoder.
constexpr auto kCounted = std::to_array<std::string_view>(
    {"bos", "cls", "eos", "first",  "high",   "image", "low",    "mask",    "max",  "min", "multi",
     "num", "pad", "per", "render", "second", "sep",   "single", "special", "stop", "two", "unk"});

// Words after that of a secret that leave it one: DB_PASSWORD_PROD, secret-string.
constexpr auto kQualifiers = std::to_array<std::string_view>(
    {"base", "binary",     "current", "default", "dev",       "hash",      "live",
     "main", "new",        "old",     "plain",   "plaintext", "previous",  "primary",
     "prod", "production", "raw",     "ro",      "rw",        "secondary", "staging",
     "str",  "string",     "test",    "text",    "val",       "value"});

// Words after that of a secret that make the value something else: TOKEN_URL, SECRET_NAME.
constexpr auto kAbout = std::to_array<std::string_view>(
    {"algorithm",  "alg",      "argument", "arn",      "audience",  "backend",  "bucket",
     "budget",     "bytes",    "cache",    "callback", "char",      "chars",    "class",
     "column",     "command",  "cost",     "count",    "counts",    "days",     "dir",
     "directory",  "disabled", "enabled",  "endpoint", "engine",    "env",      "environment",
     "expiration", "expires",  "expiry",   "family",   "fd",        "field",    "file",
     "filename",   "files",    "folder",   "format",   "group",     "header",   "helper",
     "hint",       "host",     "hours",    "id",       "ids",       "index",    "interval",
     "issuer",     "kind",     "label",    "length",   "level",     "lifetime", "limit",
     "list",       "location", "manager",  "max",      "method",    "min",      "minutes",
     "mode",       "mount",    "name",     "names",    "namespace", "owner",    "path",
     "policy",     "port",     "prefix",   "prompt",   "provider",  "ref",      "region",
     "required",   "reset",    "role",     "rotation", "scope",     "scopes",   "seconds",
     "service",    "size",     "source",   "stdin",    "store",     "suffix",   "timeout",
     "ttl",        "type",     "uri",      "url",      "usage",     "version"});

// Before "key": what is looked up, pressed or published.
constexpr auto kOpenKeys = std::to_array<std::string_view>(
    {"alt",       "any",         "apt",      "arrow",   "bucket", "cache",    "candidate",
     "composite", "composer",    "config",   "control", "ctrl",   "data",     "default",
     "dict",      "doc",         "edit",     "enter",   "entry",  "escape",   "event",
     "field",     "foreign",     "function", "gpg",     "group",  "hash",     "host",
     "hot",       "idempotency", "index",    "item",    "join",   "json",     "kms",
     "label",     "lookup",      "map",      "message", "meta",   "metadata", "metric",
     "modifier",  "natural",     "node",     "object",  "order",  "parent",   "partition",
     "pgp",       "press",       "primary",  "pub",     "public", "quick",    "range",
     "record",    "redis",       "registry", "repo",    "return", "routing",  "row",
     "search",    "shard",       "shift",    "socket",  "sort",   "ssh",      "surrogate",
     "tab",       "tag",         "topic",    "unique"});

// Before "key": often the name of a file.
constexpr auto kFileKeys = std::to_array<std::string_view>(
    {"account", "age",        "ca",       "cert", "certificate", "client",      "deploy",
     "ecdsa",   "encryption", "identity", "pem",  "private",     "rsa",         "server",
     "service", "signing",    "ssl",      "tls",  "user",        "verification"});

// Before "key", where more words follow: API_KEY_ACME.
constexpr auto kSecretKeys = std::to_array<std::string_view>(
    {"access", "account", "api", "auth", "encryption", "master", "private", "secret"});

// First words of options that ask for something to be done and take no secret.
constexpr auto kSwitches = std::to_array<std::string_view>(
    {"allow",   "ask",    "change", "check",  "create",   "delete", "disable", "edit",
     "enable",  "export", "forgot", "gen",    "generate", "get",    "hide",    "import",
     "list",    "new",    "no",     "only",   "print",    "prompt", "read",    "remember",
     "require", "reset",  "revoke", "rotate", "save",     "show",   "skip",    "store",
     "use",     "verify", "with",   "without"});

constexpr auto kPlainWords = std::to_array<std::string_view>(
    {"authorization", "bearer", "cookie",   "credential", "credentials", "creds",
     "jwt",           "key",    "keys",     "otp",        "pass",        "passcode",
     "passphrase",    "passwd", "password", "passwords",  "psk",         "pw",
     "pwd",           "secret", "secrets",  "token",      "tokens"});

// "apiToken2" is {"api", "token"}.
std::vector<std::string> words_of(std::string_view name) {
  if (name.size() > kMaxName) name.remove_prefix(name.size() - kMaxName);
  std::vector<std::string> words;
  bool inside = false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!is_letter_or_digit(c)) {
      inside = false;
      continue;
    }
    const bool next_is_lower = i + 1 < name.size() && is_lower(name[i + 1]);
    const bool begins = inside && is_upper(c) && (!is_upper(name[i - 1]) || next_is_lower);
    if (!inside || begins) words.emplace_back();
    words.back() += lower(c);
    inside = true;
  }
  for (std::string& word : words)
    while (word.size() > 1 && is_digit(word.back())) word.pop_back();
  return words;
}

bool names_a_secret(std::string_view word, std::string_view before) {
  if (has(kExact, word)) return true;
  if (has(kOrdinary, word)) return false;
  if ((word == "token" || word == "pass") && has(kCounted, before)) return false;
  return std::ranges::any_of(kEndings, [word](auto ending) { return word.ends_with(ending); });
}

NameKind kind_of_key(std::string_view before) {
  if (before.empty()) return NameKind::weak;
  if (has(kOpenKeys, before)) return NameKind::ordinary;
  return has(kFileKeys, before) ? NameKind::file : NameKind::secret;
}

bool is_inside(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string_view before = i == 0 ? std::string_view() : std::string_view(words[i - 1]);
    const bool is_short = words[i] == "pass" || words[i] == "pw" || words[i] == "pwd";
    if (words[i] == "key" ? has(kSecretKeys, before)
                          : !is_short && !has(kExact, words[i]) && names_a_secret(words[i], before))
      return true;
  }
  return false;
}

}  // namespace

NameKind kind_of_name(std::string_view name) {
  std::vector<std::string> words = words_of(name);
  while (words.size() > 1 && (has(kQualifiers, words.back()) || is_digit(words.back()[0])))
    words.pop_back();
  if (words.empty()) return NameKind::ordinary;
  const std::string& last = words.back();
  const std::string before = words.size() > 1 ? words[words.size() - 2] : "";
  if (last == "key") return kind_of_key(before);
  if (last == "keys") return has(kSecretKeys, before) ? NameKind::secret : NameKind::ordinary;
  // PWD and OLDPWD are directories, and Pwd is a password in the connection string of a database.
  if (before.empty() && (last == "pwd" || last == "oldpwd")) return NameKind::file;
  if (last == "credential" || last == "credentials") return NameKind::file;
  if (last == "auth" && name.ends_with("_auth") && name.size() <= 7) return NameKind::secret;
  if (last == "sig" || last == "signature" || last == "auth" || last == "hmac")
    return before == "amz" || before == "goog" ? NameKind::secret : NameKind::signature;
  if (last == "code" && before.empty()) return NameKind::weak;
  if (last == "id" && before == "secret") return NameKind::weak;
  if (name.ends_with("sonar.login")) return NameKind::secret;
  if (names_a_secret(last, before)) return NameKind::secret;
  return is_inside(words) && !has(kAbout, last) ? NameKind::inside : NameKind::ordinary;
}

bool is_switch(std::string_view option) {
  const std::vector<std::string> words = words_of(option);
  return words.size() > 1 && has(kSwitches, words.front());
}

bool is_plain_word(std::string_view name) { return has(kPlainWords, lower(name)); }

}  // namespace stayd::redaction
