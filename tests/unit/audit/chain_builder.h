// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>
#include <string>
#include <vector>

#include <algorithm>
#include <map>

#include "audit/chain.h"
#include "audit/redactor.h"
#include "audit/signing.h"
#include "audit/verifier.h"
#include "base/digest.h"
#include "base/rfc3339.h"
#include "support/operation_builder.h"

namespace stayd::test {

using Lines = std::vector<std::string>;

// Builds records in memory, by the same pure functions as the real ones.
class ChainBuilder {
 public:
  explicit ChainBuilder(audit::Head head = {}) : head_(std::move(head)) {}

  void add(nlohmann::json event) {
    event.emplace("time", rfc3339(time_));
    push(*audit::line_text(head_, redactor_.apply(std::move(event))));
  }
  void sign() { push(*audit::signature_text(head_, rfc3339(time_), key_)); }
  void open(std::uint64_t sign_lines = 1000) {
    add({{"event", "record_opened"}, {"format", 1}, {"sign_lines", sign_lines}});
    sign();
  }
  void close() {
    add({{"event", "record_closed"}});
    sign();
  }
  void set_time(TimePoint time) { time_ = time; }
  void push(std::string line) {
    head_ = {head_.number + 1, audit::hash_of(line)};
    lines_.push_back(std::move(line));
  }

  Lines& lines() { return lines_; }
  const audit::Head& head() const { return head_; }
  const audit::SigningKey& key() const { return key_; }

 private:
  audit::SigningKey key_ = *audit::SigningKey::generate();
  audit::Redactor redactor_ = *audit::Redactor::create({}, "key");
  audit::Head head_;
  TimePoint time_ = kNoon;
  Lines lines_;
};

// A record of `count` lines and some, with a signature here and there, and a clean stop.
inline ChainBuilder random_chain(std::mt19937& random, int count) {
  ChainBuilder chain;
  chain.open();
  for (int i = 0; i < count; ++i) {
    chain.add({{"event", "operation"},
               {"text", std::string(random() % 20, static_cast<char>('a' + random() % 26))}});
    if (random() % 4 == 0) chain.sign();
  }
  chain.close();
  return chain;
}

// As a file has them, each with its newline.
inline std::string text_of(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

inline audit::Verification verify_text(const std::string& text, audit::Verifier::Options options) {
  audit::Verifier verifier(std::move(options));
  verifier.begin_file("record");
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    verifier.line(std::string_view(text).substr(at, end - at), end < text.size());
    at = end + 1;
  }
  return verifier.finish();
}

inline audit::Verification verify(const Lines& lines, const audit::SigningKey& key,
                                  std::map<std::uint64_t, std::string> expected = {},
                                  bool complete = false) {
  return verify_text(text_of(lines), {{key.public_key()}, std::move(expected), complete});
}

// All findings, for messages and for matching.
inline std::string findings(const audit::Verification& result) {
  std::string text;
  for (const audit::Finding& each : result.problems)
    text += each.where.file + ":" + std::to_string(each.where.line) + ": " + each.what + "\n";
  for (const audit::Finding& each : result.notes)
    text +=
        "note " + each.where.file + ":" + std::to_string(each.where.line) + ": " + each.what + "\n";
  return text;
}

inline bool names_line(const audit::Verification& result, std::uint64_t line) {
  const std::string text = findings(result);
  return text.find("record:" + std::to_string(line) + ":") != std::string::npos ||
         text.find("record:" + std::to_string(line) + ")") != std::string::npos;
}

}  // namespace stayd::test
