// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/time.h"

// Hand-written, since RFC 9110 asks a recipient to read two obsolete forms of a date besides the
// current one, and no small library in Debian 12 does; curl_getdate() takes far more than these.
namespace stayd::http {

// A date of RFC 9110, section 5.6.7, in any of its three forms; nothing if it is none. `now`
// tells the century of a year with two digits: more than 50 years ahead means the past one. The
// name of the weekday must be one, but is not compared with the date.
std::optional<TimePoint> parse_http_date(std::string_view text, TimePoint now);

// Returns how long the field Retry-After (RFC 9110, section 10.2.3) asks to wait from `now` on. The
// value is in seconds or a date; nothing: it is neither. Never negative, at most `at_most`.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, TimePoint now,
                                                           std::chrono::milliseconds at_most);

}  // namespace stayd::http
