// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "audit/chain.h"
#include "audit/journal.h"
#include "audit/record_files.h"
#include "base/result.h"

namespace stayd {

struct RecordOptions {
  std::string path = "/var/log/stayd/record.jsonl";
  std::string key_directory = "/var/lib/stayd";  // record.key and record.pub
  std::string credentials;                       // $CREDENTIALS_DIRECTORY; empty: none

  // A signature is due after this many lines, or this long after the first unsigned one.
  std::uint64_t sign_lines = 1000;
  std::chrono::seconds sign_every = std::chrono::minutes(5);
  // A new file once the current one is so large or so old.
  std::uint64_t rotate_bytes = std::uint64_t{64} << 20;
  std::chrono::seconds rotate_every = std::chrono::hours(7 * 24);
  audit::Retention keep;

  std::vector<std::string> redact;  // patterns in addition to the default ones

  std::function<TimePoint()> clock;         // empty: the system's
  std::shared_ptr<audit::Journal> journal;  // empty: nothing is sent
};

enum class Durable : bool { no, yes };

// The files in which every operation that was not plainly allowed, every answer and every
// outcome is a line of one chain (audit/chain.h), signed at intervals (audit/signing.h), with
// secrets taken out (audit/redactor.h). Appends only. Whoever approves has to record it first,
// and does not approve what could not be recorded.
//
// Stopped at any byte, a record continues as one chain: what was cut short stays where it is, is
// marked, and the next line accounts for it. docs/operate/record.md says what that looks like, and
// what the chain proves.
//
// One owner, one thread at a time, one process: others are locked out.
class Record {
 public:
  // Goes on where the files end, or begins; signs what it finds. Errors: another process writes
  // to it, the key (audit/key_file.h), a pattern, a file that is not a record or cannot be written.
  static Result<Record> open(RecordOptions options);
  Record(Record&&) noexcept;
  Record& operator=(Record&&) noexcept;
  ~Record();  // does not sign: see close()

  // One write for the line of `event`, which has `event` and `time`. With Durable::yes the
  // line is on the disk once this returns. After an error the event counts as not recorded,
  // the record's end is put right by the next call that can, and the next call may succeed.
  Result<> append(const nlohmann::json& event, Durable durable = Durable::no);

  // True if there is a line of which all of these members are part, in the current file or the
  // one before.
  Result<bool> has(const nlohmann::json& members) const;

  // Signs what has been without a signature for too long.
  Result<> tick();
  // Returns the time at which tick() has something to do; nothing: not before the next append().
  std::optional<TimePoint> next_tick() const;

  // Ends it with a signature, on the disk. Nothing can be appended any more.
  Result<> close();

  const audit::Head& head() const;
  // {file, number, hash, key, unsigned: lines, trouble: what does not work although events are
  // recorded, or ""}
  nlohmann::json status() const;

 private:
  class Writer;
  explicit Record(std::unique_ptr<Writer> writer);
  std::unique_ptr<Writer> writer_;
};

}  // namespace stayd
