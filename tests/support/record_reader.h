// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "support/stayd_process.h"

namespace stayd::test {

// What stayd writes to its record from now on.
class RecordReader {
 public:
  explicit RecordReader(const std::string& path) : file_(path) { file_.seekg(0, std::ios::end); }

  // The lines that have been completed since the last call.
  std::vector<Json> next() {
    std::vector<Json> lines;
    file_.clear();
    for (char byte; file_.get(byte);) {
      if (byte != '\n') {
        line_ += byte;
        continue;
      }
      lines.push_back(Json::parse(line_));
      line_.clear();
    }
    return lines;
  }

 private:
  std::ifstream file_;
  std::string line_;
};

}  // namespace stayd::test
