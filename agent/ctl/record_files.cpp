// SPDX-License-Identifier: Apache-2.0
#include "ctl/record_files.h"

namespace stayd {

Option RecordFiles::option() {
  return text_option("--record", "FILE", "the record [/var/log/stayd/record.jsonl]", record);
}

Result<audit::RecordReader> RecordFiles::open() const {
  return files.empty() ? audit::RecordReader::open_all(record) : audit::RecordReader::open(files);
}

}  // namespace stayd
