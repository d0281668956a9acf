// SPDX-License-Identifier: Apache-2.0
#include "channels/terminal/text.h"

#include <algorithm>

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
