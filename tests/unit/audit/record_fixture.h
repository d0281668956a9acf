// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "audit/key_file.h"
#include "audit/record.h"
#include "base/json.h"
#include "unit/audit/chain_builder.h"

namespace stayd::test {

// A record in a directory of its own, with a clock that stands still.
class RecordFile : public ::testing::Test {
 protected:
  RecordFile() {
    std::string name = ::testing::TempDir() + "stayd-record-XXXXXX";
    dir_ = ::mkdtemp(name.data());
    options_.path = dir_ + "/record.jsonl";
    options_.key_directory = dir_ + "/key";
    options_.clock = [this] { return now_; };
    options_.keep = {.bytes = 0, .at_most = {}, .at_least = {}};
  }
  ~RecordFile() override { std::filesystem::remove_all(dir_); }

  Record open() const {
    Result<Record> record = Record::open(options_);
    if (!record) throw std::runtime_error(record.error().message);
    return std::move(*record);
  }
  nlohmann::json event(int i = 0) const {
    return {{"event", "operation"}, {"time", rfc3339(now_)}, {"i", i}};
  }

  static std::string text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string text() const { return text(options_.path); }
  std::vector<nlohmann::json> lines() const {
    std::vector<nlohmann::json> lines;
    std::ifstream file(options_.path);
    for (std::string line; std::getline(file, line);)
      if (Result<nlohmann::json> value = parse_json(line)) lines.push_back(*value);
    return lines;
  }
  std::vector<std::string> events() const {
    std::vector<std::string> names;
    for (const nlohmann::json& line : lines()) names.push_back(line.value("event", ""));
    return names;
  }
  // All files, as an auditor with the public key sees them.
  audit::Verification verify_files(std::map<std::uint64_t, std::string> expected = {}) const {
    audit::Verifier verifier({*audit::load_public_keys(options_.key_directory + "/record.pub"),
                              std::move(expected), true});
    auto files = *audit::rotated_files(options_.path);
    files.push_back({options_.path, 0, 0, {}});
    for (const audit::RotatedFile& file : files) {
      verifier.begin_file(std::filesystem::path(file.path).filename());
      const std::string all = text(file.path);
      for (std::size_t at = 0; at < all.size();) {
        const std::size_t end = std::min(all.find('\n', at), all.size());
        verifier.line(std::string_view(all).substr(at, end - at), end < all.size());
        at = end + 1;
      }
    }
    return verifier.finish();
  }

  TimePoint now_ = kNoon;
  std::string dir_;
  RecordOptions options_;
};

}  // namespace stayd::test
