// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/zip_file.h"

#include <zlib.h>

#include <cstdint>

namespace stayd::teams {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kCentralHeader = 0x02014b50;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::uint16_t kVersion = 10;              // 1.0: nothing but stored files
constexpr std::uint16_t kFirstDate = 1U << 5 | 1U;  // 1 January 1980, the first there is

void put(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += char(value >> (8 * i) & 0xff);
}
void put16(std::string& out, std::uint32_t value) { put(out, value, 2); }
void put32(std::string& out, std::uint32_t value) { put(out, value, 4); }

// Writes what both headers of a file have in common, from the version on.
void put_file(std::string& out, const ZipEntry& entry) {
  const auto size = static_cast<std::uint32_t>(entry.bytes.size());
  put16(out, kVersion);
  put16(out, 0);  // flags
  put16(out, 0);  // stored
  put16(out, 0);  // midnight
  put16(out, kFirstDate);
  put32(out, static_cast<std::uint32_t>(
                 crc32(0, reinterpret_cast<const Bytef*>(entry.bytes.data()), size)));
  put32(out, size);
  put32(out, size);
  put16(out, static_cast<std::uint32_t>(entry.name.size()));
  put16(out, 0);  // extra field
}

}  // namespace

std::string zip_file(std::span<const ZipEntry> entries) {
  std::string out;
  std::string directory;
  for (const ZipEntry& entry : entries) {
    const auto offset = static_cast<std::uint32_t>(out.size());
    put32(out, kLocalHeader);
    put_file(out, entry);
    out += entry.name + entry.bytes;

    put32(directory, kCentralHeader);
    put16(directory, kVersion);
    put_file(directory, entry);
    put16(directory, 0);  // comment
    put16(directory, 0);  // disk
    put16(directory, 0);  // internal attributes
    put32(directory, 0);  // external attributes
    put32(directory, offset);
    directory += entry.name;
  }
  const auto start = static_cast<std::uint32_t>(out.size());
  out += directory;
  put32(out, kEnd);
  put32(out, 0);  // disks
  put16(out, static_cast<std::uint32_t>(entries.size()));
  put16(out, static_cast<std::uint32_t>(entries.size()));
  put32(out, static_cast<std::uint32_t>(directory.size()));
  put32(out, start);
  put16(out, 0);  // comment
  return out;
}

}  // namespace stayd::teams
