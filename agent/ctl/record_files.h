// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "audit/record_reader.h"
#include "base/result.h"
#include "ctl/option.h"

namespace stayd {

// The files of the record that a command reads: those named, or else the whole record.
struct RecordFiles {
  std::vector<std::string> files;
  std::string record = "/var/log/stayd/record.jsonl";

  Operand operand() { return any_operands("FILE", files); }
  Option option();
  Result<audit::RecordReader> open() const;
};

}  // namespace stayd
