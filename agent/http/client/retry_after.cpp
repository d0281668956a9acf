// SPDX-License-Identifier: Apache-2.0
#include "http/client/retry_after.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace stayd::http {
namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 7> kLongDays = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes a date from its front, piece by piece; a piece that is not there spoils the rest.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool complete() const { return good_ && rest_.empty(); }

  Reader& literal(std::string_view expected) {
    if (rest_.starts_with(expected)) {
      rest_.remove_prefix(expected.size());
    } else {
      good_ = false;
    }
    return *this;
  }

  // The place of the one of `words` that is next.
  template <std::size_t N>
  unsigned word(const std::array<std::string_view, N>& words) {
    for (unsigned i = 0; i < N; ++i) {
      if (!rest_.starts_with(words[i])) continue;
      rest_.remove_prefix(words[i].size());
      return i;
    }
    good_ = false;
    return 0;
  }

  int digits(std::size_t count) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_.empty() || !is_digit(rest_.front())) {
        good_ = false;
        return 0;
      }
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }

  // Two places, of which a blank may be the first.
  int padded_digits() {
    if (!rest_.starts_with(' ')) return digits(2);
    rest_.remove_prefix(1);
    return digits(1);
  }

 private:
  std::string_view rest_;
  bool good_ = true;
};

struct Parts {
  int year = 0;
  unsigned month = 0;  // from 0
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

void read_clock(Reader& in, Parts& parts) {
  parts.hour = in.digits(2);
  parts.minute = in.literal(":").digits(2);
  parts.second = in.literal(":").digits(2);
}

// Sun, 06 Nov 1994 08:49:37 GMT
bool read_imf_fixdate(std::string_view text, Parts& parts) {
  Reader in(text);
  in.word(kDays);
  parts.day = in.literal(", ").digits(2);
  parts.month = in.literal(" ").word(kMonths);
  parts.year = in.literal(" ").digits(4);
  read_clock(in.literal(" "), parts);
  return in.literal(" GMT").complete();
}

// Sunday, 06-Nov-94 08:49:37 GMT
bool read_rfc850_date(std::string_view text, int this_year, Parts& parts) {
  Reader in(text);
  in.word(kLongDays);
  parts.day = in.literal(", ").digits(2);
  parts.month = in.literal("-").word(kMonths);
  parts.year = this_year / 100 * 100 + in.literal("-").digits(2);
  if (parts.year > this_year + 50) parts.year -= 100;
  read_clock(in.literal(" "), parts);
  return in.literal(" GMT").complete();
}

// Sun Nov  6 08:49:37 1994
bool read_asctime_date(std::string_view text, Parts& parts) {
  Reader in(text);
  in.word(kDays);
  parts.month = in.literal(" ").word(kMonths);
  parts.day = in.literal(" ").padded_digits();
  read_clock(in.literal(" "), parts);
  parts.year = in.literal(" ").digits(4);
  return in.complete();
}

std::optional<TimePoint> time_of(const Parts& parts) {
  const std::chrono::year_month_day date{std::chrono::year(parts.year),
                                         std::chrono::month(parts.month + 1),
                                         std::chrono::day(static_cast<unsigned>(parts.day))};
  // A leap second is written 60.
  if (!date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(parts.hour) +
         std::chrono::minutes(parts.minute) + std::chrono::seconds(parts.second);
}

}  // namespace

std::optional<TimePoint> parse_http_date(std::string_view text, TimePoint now) {
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
  Parts parts;
  if (read_imf_fixdate(text, parts) || read_rfc850_date(text, int{today.year()}, parts) ||
      read_asctime_date(text, parts))
    return time_of(parts);
  return std::nullopt;
}

std::optional<milliseconds> parse_retry_after(std::string_view value, TimePoint now,
                                              milliseconds at_most) {
  if (const auto date = parse_http_date(value, now)) {
    return std::clamp(*date - now, milliseconds(0), at_most);
  }
  if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit)) return std::nullopt;
  const std::int64_t limit = at_most / std::chrono::seconds(1) + 1;
  std::int64_t seconds = 0;
  for (const char digit : value) {
    seconds = seconds * 10 + (digit - '0');
    if (seconds > limit) return at_most;
  }
  return std::min<milliseconds>(std::chrono::seconds(seconds), at_most);
}

}  // namespace stayd::http
