// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/ocsf.h"

namespace stayd::audit {

enum class ExportFormat {
  plain,    // "TIME EVENT member=value …", a line for each
  ocsf,     // a JSON object in each line: audit/ocsf.h
  journal,  // the Journal Export Format, https://systemd.io/JOURNAL_EXPORT_FORMATS
};
std::optional<ExportFormat> parse_export_format(std::string_view name);

// Turns the lines of a record, one after another, into another format. Pure.
class Exporter {
 public:
  explicit Exporter(ExportFormat format) : format_(format) {}

  // Returns the line in this format, with its newlines; "" for a line that is not a record's, or
  // for which the format has no place.
  std::string convert(std::string_view line);

 private:
  ExportFormat format_;
  OcsfMapper ocsf_;
  std::int64_t last_ms_ = 1;  // Unix time of the last line that had one
};

}  // namespace stayd::audit
