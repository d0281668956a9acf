// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "audit/record.h"
#include "base/result.h"

namespace stayd::audit {

// Reads from YAML how the record is kept; every key may be missing:
//
//   sign:   { lines: 1000, every: 5m }
//   rotate: { size: 64MiB, every: 7d }
//   keep:   { size: 8GiB, at_most: 400d, at_least: 7d }   # 0: no such limit
//   redact: ["regular expression", …]                     # besides the built-in ones
//
// Durations in s, m, h, d, sizes in KiB, MiB, GiB. Strict, as policies are: errors are
// "FILE:LINE:COLUMN: what; what to do". Only these options are set.
Result<RecordOptions> parse_record_options(std::string_view text, const std::string& file);

// A file that is not there gives what is usual.
Result<RecordOptions> load_record_options(const std::string& file);

}  // namespace stayd::audit
