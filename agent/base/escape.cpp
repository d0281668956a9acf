// SPDX-License-Identifier: Apache-2.0
#include "base/escape.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace stayd {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 0;  // bytes; 0: not valid UTF-8
};

// Rejects what Unicode calls ill-formed: overlong forms, surrogates, beyond U+10FFFF.
CodePoint decode_utf8(std::string_view bytes) {
  const auto at = [bytes](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  const std::uint8_t lead = at(0);
  std::size_t size = 0;
  char32_t value = 0;
  char32_t smallest = 0;
  if ((lead & 0xe0) == 0xc0) {
    size = 2, value = lead & 0x1f, smallest = 0x80;
  } else if ((lead & 0xf0) == 0xe0) {
    size = 3, value = lead & 0x0f, smallest = 0x800;
  } else if ((lead & 0xf8) == 0xf0) {
    size = 4, value = lead & 0x07, smallest = 0x10000;
  } else {
    return {};
  }
  if (bytes.size() < size) return {};
  for (std::size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xc0) != 0x80) return {};
    value = value << 6 | (at(i) & 0x3f);
  }
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < smallest || value > 0x10ffff || surrogate) return {};
  return {value, size};
}

void append_byte(std::string& out, char byte) {
  const auto value = static_cast<std::uint8_t>(byte);
  out += "\\x";
  out += kHexDigits[value >> 4];
  out += kHexDigits[value & 15];
}

void append_code_point(std::string& out, char32_t value) {
  out += "\\u{";
  for (int shift = 20; shift >= 0; shift -= 4) {
    if (shift >= 16 && value >> shift == 0) continue;
    out += kHexDigits[value >> shift & 15];
  }
  out += '}';
}

// Appends what stands for the bytes at `position`; returns how many they are.
std::size_t append_unit(std::string& out, std::string_view bytes, std::size_t position) {
  const char byte = bytes[position];
  const char previous = position == 0 ? '\0' : bytes[position - 1];
  switch (byte) {
    case '\\':
      out += "\\\\";
      return 1;
    case '\n':
      out += "\\n";
      return 1;
    case '\r':
      out += "\\r";
      return 1;
    case '\t':
      out += "\\t";
      return 1;
    case ' ':
      if (position == 0 || position + 1 == bytes.size() || previous == ' ') {
        append_byte(out, byte);
      } else {
        out += ' ';
      }
      return 1;
    case '{':
      if (previous == '{') {
        append_byte(out, byte);
      } else {
        out += '{';
      }
      return 1;
    default:
      break;
  }
  if (byte > 0x20 && byte < 0x7f) {
    out += byte;
    return 1;
  }
  if (static_cast<std::uint8_t>(byte) >= 0x80) {
    const CodePoint code_point = decode_utf8(bytes.substr(position));
    if (code_point.size != 0) {
      append_code_point(out, code_point.value);
      return code_point.size;
    }
  }
  append_byte(out, byte);
  return 1;
}

void append_utf8(std::string& out, std::uint32_t value) {
  const auto tail = [&out, value](int shift) {
    out += static_cast<char>(0x80 | (value >> shift & 0x3f));
  };
  if (value < 0x80) {
    out += static_cast<char>(value);
  } else if (value < 0x800) {
    out += static_cast<char>(0xc0 | value >> 6);
    tail(0);
  } else if (value < 0x10000) {
    out += static_cast<char>(0xe0 | value >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | value >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

// Reads at most `most` digits from the front of `text`; returns how many there were.
std::size_t read_hex(std::string_view text, std::size_t most, std::uint32_t& value) {
  std::size_t size = 0;
  value = 0;
  for (; size < text.size() && size < most; ++size) {
    const std::size_t digit = std::string_view(kHexDigits).find(text[size]);
    if (digit == std::string_view::npos) break;
    value = value << 4 | static_cast<std::uint32_t>(digit);
  }
  return size;
}

// Decodes the escape sequence after a backslash; returns its size, 0 if it is not a valid one.
std::size_t append_unescaped(std::string& out, std::string_view sequence) {
  if (sequence.empty()) return 0;
  constexpr std::string_view kNames = "\\nrt";
  constexpr std::string_view kMeanings = "\\\n\r\t";
  if (const std::size_t name = kNames.find(sequence[0]); name != kNames.npos) {
    out += kMeanings[name];
    return 1;
  }
  std::uint32_t value = 0;
  if (sequence[0] == 'x' && read_hex(sequence.substr(1), 2, value) == 2) {
    out += static_cast<char>(value);
    return 3;
  }
  if (!sequence.starts_with("u{")) return 0;
  const std::size_t digits = read_hex(sequence.substr(2), 6, value);
  if (digits == 0 || value > 0x10ffff || sequence.substr(2 + digits, 1) != "}") return 0;
  append_utf8(out, value);
  return digits + 3;
}

struct Boundary {
  std::size_t input;
  std::size_t output;
};

}  // namespace

std::string escape(std::string_view bytes, std::size_t max) {
  max = std::max(max, kSmallestEscapeBound);
  std::string out;
  out.reserve(bytes.size());
  std::vector<Boundary> boundaries;
  constexpr std::size_t kMaxCharactersPerByte = 4;
  const bool may_be_cut = bytes.size() > max / kMaxCharactersPerByte;
  for (std::size_t position = 0; position < bytes.size();) {
    if (may_be_cut) boundaries.push_back({position, out.size()});
    position += append_unit(out, bytes, position);
  }
  if (out.size() <= max) return out;
  boundaries.push_back({bytes.size(), out.size()});

  constexpr std::size_t kMarkSize = sizeof("\\[18446744073709551615 bytes left out]") - 1;
  const std::size_t shown = max - kMarkSize;
  const auto by_output = [](const Boundary& boundary, std::size_t output) {
    return boundary.output < output;
  };
  // The head ends at the last boundary within two thirds, the tail takes the rest.
  const auto after_head =
      std::lower_bound(boundaries.begin(), boundaries.end(), shown * 2 / 3 + 1, by_output);
  const Boundary head_end = *std::prev(after_head);
  const Boundary tail_begin = *std::lower_bound(after_head, boundaries.end(),
                                                out.size() - (shown - head_end.output), by_output);
  return out.substr(0, head_end.output) + "\\[" +
         std::to_string(tail_begin.input - head_end.input) + " bytes left out]" +
         out.substr(tail_begin.output);
}

std::optional<std::string> unescape(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('\\'), text.size());
    bytes += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::size_t size = append_unescaped(bytes, text.substr(1));
    if (size == 0) return std::nullopt;
    text.remove_prefix(size + 1);
  }
  return bytes;
}

}  // namespace stayd
