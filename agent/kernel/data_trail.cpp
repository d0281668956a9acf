// SPDX-License-Identifier: Apache-2.0
#include "kernel/data_trail.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string_view>
#include <tuple>

#include "kernel/decoder.h"

namespace stayd {
namespace {

// Nothing is there of a slot that cannot be read.
template <class Value>
Value read(const Maps::PerSlot<Value>& map, std::uint32_t slot) {
  return map.get(slot).value_or(Value{});
}

}  // namespace

DataTrail::DataTrail(const Programs& programs)
    : files_read_(programs.maps().files_read), sent_(programs.maps().sent) {}

FilesRead DataTrail::files_read(std::uint32_t slot) const {
  const stayd_files_read first = read(files_read_, slot);
  return files_read_of(first, read(files_read_, slot));
}

Sent DataTrail::sent(std::uint32_t slot) const { return sent_of(read(sent_, slot)); }

void DataTrail::forget(std::uint32_t slot) {
  files_read_.set(slot, {});
  sent_.set(slot, {});
}

FilesRead files_read_of(const stayd_files_read& first, const stayd_files_read& second) {
  FilesRead result{.count = second.count, .latest = {}};
  std::map<std::uint64_t, FilesRead::File> by_serial;
  for (std::size_t i = 0; i < STAYD_FILES_READ; ++i) {
    const stayd_file_read& file = first.latest[i];
    const bool whole = std::memcmp(&file, &second.latest[i], sizeof(file)) == 0;
    if (!whole || file.serial == 0 || file.busy != 0 || file.path_size > sizeof(file.path))
      continue;
    by_serial[file.serial] = {file.device, join_path({file.path, file.path_size},
                                                     file.path_flags & STAYD_EVENT_PATH_TRUNCATED)};
  }
  for (auto& [serial, file] : by_serial) result.latest.push_back(std::move(file));
  return result;
}

Sent sent_of(const stayd_sent& noted) {
  using Key = std::tuple<std::array<std::uint8_t, 16>, std::uint16_t, std::uint16_t>;
  std::map<Key, std::uint64_t> by_destination;
  for (const stayd_sent_to& each : noted.to) {
    if (each.state != STAYD_SENT_KNOWN) continue;
    by_destination[{std::to_array(each.address), each.port, each.protocol}] += each.bytes;
  }
  Sent result{.bytes = noted.bytes, .to = {}};
  for (const auto& [key, bytes] : by_destination) {
    const auto& [address, port, protocol] = key;
    result.to.push_back(
        {.endpoint = {.address = address, .port = port, .protocol = protocol, .scope_id = 0},
         .names = {},
         .bytes = bytes});
  }
  std::ranges::stable_sort(result.to, std::ranges::greater(), &SentTo::bytes);
  return result;
}

}  // namespace stayd
