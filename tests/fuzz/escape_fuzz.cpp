// SPDX-License-Identifier: Apache-2.0
// Whatever bytes are escaped: printable ASCII in one line, nothing that opens a template or is
// swallowed, the bytes come back, and a bound is kept.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/escape.h"

namespace {

void check_harmless(const std::string& text) {
  const auto printable = [](char c) { return c >= 0x20 && c <= 0x7e; };
  if (!std::all_of(text.begin(), text.end(), printable)) std::abort();
  if (text.find("{{") != std::string::npos || text.find("  ") != std::string::npos) std::abort();
  if (text.starts_with(' ') || text.ends_with(' ')) std::abort();
}

}  // namespace

// The first byte is the bound.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::string text = stayd::escape(bytes, stayd::kUnbounded);
  check_harmless(text);
  // So that no two have the same text.
  if (stayd::unescape(text) != bytes) std::abort();

  const std::size_t bound = std::size_t{data[0]} * 4;
  const std::string cut = stayd::escape(bytes, bound);
  check_harmless(cut);
  if (cut.size() > std::max(bound, stayd::kSmallestEscapeBound)) std::abort();
  if (text.size() <= bound && cut != text) std::abort();
  if (cut != text && stayd::unescape(cut)) std::abort();

  // Text of somebody else may be anything; it must not do harm, either.
  (void)stayd::unescape(bytes);
  return 0;
}
