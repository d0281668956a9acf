// SPDX-License-Identifier: Apache-2.0
#include "store/cbor.h"

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

namespace stayd {
namespace {

// RFC 8949, section 3.1.
enum Major { kUnsigned, kNegative, kBytes, kText, kArray, kMap, kTag, kSimple };

// The library's reader recurses with what it reads, into nested chunks of strings even without
// a word to its caller; so the shape is checked first, by a loop.
class Shape {
 public:
  Shape(std::string_view bytes, const CborLimits& limits) : bytes_(bytes), limits_(limits) {}

  Result<> check() {
    if (bytes_.size() > limits_.bytes)
      return Error{"CBOR is larger than " + std::to_string(limits_.bytes) + " bytes"};
    std::vector<std::uint64_t> to_come{1};  // items, of each level
    while (!to_come.empty()) {
      if (to_come.back() == 0) {
        to_come.pop_back();
        continue;
      }
      --to_come.back();
      std::uint64_t items = 0;
      if (const char* wrong = read_item(items)) return at(wrong);
      if (items > 0) to_come.push_back(items);
      if (to_come.size() > limits_.depth + 1) return at("nested too deeply");
    }
    if (offset_ != bytes_.size()) return at("something follows the value");
    return {};
  }

 private:
  Error at(const char* wrong) const {
    return Error{"not the CBOR that was written, at byte " + std::to_string(offset_) + ": " +
                 wrong};
  }

  // What is wrong, or nullptr; `items` are those that belong to this one.
  const char* read_item(std::uint64_t& items) {
    if (offset_ == bytes_.size()) return "it ends too early";
    const auto head = static_cast<unsigned char>(bytes_[offset_]);
    const int major = head >> 5;
    const int info = head & 31;
    if (info > 27) return "a length that is not definite";
    ++offset_;
    std::uint64_t argument = static_cast<std::uint64_t>(info);
    if (info > 23) {
      const std::size_t size = std::size_t{1} << (info - 24);
      if (bytes_.size() - offset_ < size) return "it ends too early";
      argument = 0;
      for (std::size_t i = 0; i < size; ++i)
        argument = argument << 8 | static_cast<unsigned char>(bytes_[offset_++]);
    }
    const std::size_t left = bytes_.size() - offset_;
    switch (major) {
      case kUnsigned:
        return nullptr;
      case kNegative:
        return argument > std::uint64_t{std::numeric_limits<std::int64_t>::max()}
                   ? "a number out of range"
                   : nullptr;
      case kBytes:
      case kText:
        if (argument > left) return "it ends too early";
        offset_ += argument;
        return nullptr;
      case kArray:
      case kMap:
        // Each item takes a byte at least.
        if (argument > left) return "it ends too early";
        items = major == kMap ? 2 * argument : argument;
        return nullptr;
      case kTag:
        return "a tag";
      default:
        return info < 20 || info > 22 ? "a simple value or a fraction" : nullptr;
    }
  }

  std::string_view bytes_;
  const CborLimits& limits_;
  std::size_t offset_ = 0;
};

}  // namespace

std::string dump_cbor(const nlohmann::json& value) {
  std::string bytes;
  nlohmann::json::to_cbor(value, bytes);
  return bytes;
}

Result<nlohmann::json> parse_cbor(std::string_view bytes, const CborLimits& limits) {
  if (Result<> fit = Shape(bytes, limits).check(); !fit) return fit.error();
  try {
    return {boost::system::in_place_value, nlohmann::json::from_cbor(bytes)};
  } catch (const nlohmann::json::exception&) {
    return Error{"not the CBOR that was written: a key that is not text"};
  }
}

}  // namespace stayd
