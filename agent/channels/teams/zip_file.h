// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace stayd::teams {

struct ZipEntry {
  std::string name;  // ASCII, without directories
  std::string bytes;
};

// A ZIP archive of the entries as they are, uncompressed: APPNOTE.TXT 4.3. The same entries give
// the same bytes. All together below 4 GiB, and fewer than 65536.
std::string zip_file(std::span<const ZipEntry> entries);

}  // namespace stayd::teams
