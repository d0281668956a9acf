// SPDX-License-Identifier: Apache-2.0
#include "channels/terminal/text.h"

#include <algorithm>
#include <cstdio>

namespace stayd::terminal {

std::string printable(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

std::string clip(std::string_view text, std::size_t width) {
  if (text.size() <= width) return std::string(text);
  if (width < 5) return std::string(text.substr(0, width));
  // The end of a path says more than its beginning.
  const std::size_t shown = width - 2;
  const std::size_t head = shown / 3;
  return std::string(text.substr(0, head)) + ".." +
         std::string(text.substr(text.size() - (shown - head)));
}

std::string fit(std::string_view text, std::size_t width) {
  std::string out = clip(text, width);
  out.resize(width, ' ');
  return out;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  width = std::max<std::size_t>(width, 1);
  std::vector<std::string> lines;
  while (text.size() > width) {
    const std::size_t space = text.substr(0, width).rfind(' ');
    const bool near_end = space != std::string_view::npos && space > width / 2;
    const std::size_t size = near_end ? space + 1 : width;
    lines.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  lines.emplace_back(text);
  return lines;
}

std::string duration_text(std::int64_t milliseconds) {
  const std::int64_t seconds = std::max<std::int64_t>(milliseconds, 0) / 1000;
  const auto pair = [](std::int64_t large, char unit, std::int64_t small, char small_unit) {
    char text[48];
    std::snprintf(text, sizeof text, "%lld%c%02lld%c", static_cast<long long>(large), unit,
                  static_cast<long long>(small), small_unit);
    return std::string(text);
  };
  if (seconds < 60) return std::to_string(seconds) + "s";
  if (seconds < 3600) return pair(seconds / 60, 'm', seconds % 60, 's');
  if (seconds < 86400) return pair(seconds / 3600, 'h', seconds / 60 % 60, 'm');
  return pair(seconds / 86400, 'd', seconds / 3600 % 24, 'h');
}

std::string count_text(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string styled(std::string_view text, Tone tone, bool colour) {
  const char* code = "";
  switch (tone) {
    case Tone::plain:
      return std::string(text);
    case Tone::bold:
      code = "1";
      break;
    case Tone::dim:
      code = "2";
      break;
    case Tone::good:
      code = "32";
      break;
    case Tone::bad:
      code = "31";
      break;
    case Tone::warning:
      code = "33";
      break;
    case Tone::selected:
      code = "7";
      break;
  }
  if (!colour || text.empty()) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

}  // namespace stayd::terminal
