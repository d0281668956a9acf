// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "audit/current_file.h"
#include "audit/record.h"
#include "audit/redactor.h"
#include "audit/signing.h"
#include "base/fd.h"

namespace stayd {

// Writes the record on behalf of Record. Its own lines, all but signatures, go through the
// redactor, too:
//
//   record_begin     first line of each file: format, host, the file before
//   record_opened    each start: key, how often it signs, where it continues
//   signature        audit/signing.h
//   record_repaired  bytes before it that do not form a line, or what else went wrong before it
//   record_removed   the oldest files are about to be removed: up to which number and hash
//   record_closed    a clean stop; only a signature follows
class Record::Writer {
 public:
  Writer(RecordOptions options, Fd lock, audit::SigningKey key, audit::Redactor redactor);

  Result<> start();
  Result<> append(const nlohmann::json& event, Durable durable);
  Result<bool> has(const nlohmann::json& members) const;
  Result<> tick();
  std::optional<TimePoint> next_tick() const;
  Result<> close();
  const audit::Head& head() const { return head_; }
  nlohmann::json status() const;

 private:
  // Opens the current file, and finds out where to continue unless that is known.
  Result<> attach();
  // Puts right whatever keeps the next line from being a line of the chain.
  Result<> make_ready();
  Result<> repair();
  Result<> rotate_if_due();
  Result<> rotate();
  Result<> remove_old();
  Result<> sign();
  Result<> sync();
  Result<> write(const nlohmann::json& event);
  Result<> write_text(const std::string& line);
  void wrote(const std::string& line);

  TimePoint now() const;
  nlohmann::json own_event(const char* name) const;

  RecordOptions options_;
  Fd lock_;  // of the file that keeps other writers out
  audit::SigningKey key_;
  audit::Redactor redactor_;
  std::string key_id_;
  std::string host_;

  std::optional<audit::CurrentFile> file_;  // none: attach() has to find it
  audit::Head head_;
  std::string file_before_;           // the file that the current one continues
  std::uint64_t unsigned_lines_ = 0;  // written since the last signature
  TimePoint unsigned_since_;
  std::string unsure_;  // why the last lines may not be on the disk; said by the next one
  std::string trouble_;
  std::uint64_t rotate_again_at_ = 0;  // number; after a rotation that failed
  bool closed_ = false;
};

}  // namespace stayd
