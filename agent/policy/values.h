// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "policy/policy.h"

// The single values of the policy language.
namespace stayd {

inline constexpr std::size_t kMaxName = 64;
inline constexpr std::size_t kMaxPath = STAYD_PATH_SIZE - 1;
inline constexpr std::chrono::seconds kMaxTimeout = std::chrono::hours(7 * 24);

// Names of policies and labels: 1 to kMaxName letters, digits, '.', '_' or '-'.
bool is_name(std::string_view text);

// "x.service", "x.scope", "x.slice"; '*' and '?' for parts of the name.
bool is_unit(std::string_view text);

// "/ai.slice/x.scope", "/ai.slice/*.scope", "/ai.slice/**"
bool is_cgroup(std::string_view text);

// RFC 1123, in lower case, of at least two labels, without a dot at the end.
bool is_host_name(std::string_view text);

// "alice" or "alice@example.com"
bool is_person(std::string_view text);

// Without "." and "..", double slashes and one at the end; symbolic links are not followed.
std::string normal_path(std::string_view path);

// A number of files that a flow can be about.
inline constexpr std::uint32_t kMaxFiles = 1'000'000;
// Decimal digits alone, from 1 to `max`.
std::optional<std::uint32_t> parse_count(std::string_view text, std::uint32_t max);

std::optional<Verdict> parse_verdict(std::string_view text);

// Sixty-four hexadecimal digits.
std::optional<Sha256> parse_sha256(std::string_view text);

// "90s", "30m", "2h"; from 1 s to kMaxTimeout.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);
// The same the other way round.
std::string to_text(std::chrono::seconds duration);

// As a YAML value: double-quoted, with what is not ASCII as YAML's \U escapes: nothing in it can
// look like something else.
std::string yaml_text(const std::string& text);

}  // namespace stayd
