// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/chain.h"
#include "audit/signing.h"
#include "base/digest.h"

namespace stayd::audit {

struct Place {
  std::string file;
  std::uint64_t line = 0;  // from 1
  bool operator==(const Place&) const = default;
};

struct Finding {
  Place where;
  std::string what;  // one sentence
};

// Numbers of lines, both included.
struct Range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  bool operator==(const Range&) const = default;
};

// The result of verifying a record. Without problems, the record is as it was written within the
// proven ranges.
struct Verification {
  std::vector<Finding> problems;  // in the order in which they were found; the first ones
  std::uint64_t more_problems = 0;
  std::vector<Finding> notes;  // worth knowing, but not a fault
  std::vector<Range> proven;   // as whoever holds the key, or knew the expected hash, wrote them
  std::uint64_t first = 0;     // number of the first line
  Head last;                   // of the last one
  std::uint64_t lines = 0;
  std::string signed_at;  // time of the last valid signature
  std::string signed_by;  // id of its key
  bool closed = false;    // ends with a clean stop

  bool intact() const { return problems.empty() && !proven.empty(); }
};

// Checks the lines of a record, one by one in the order of its files, in bounded memory. Pure.
// What each finding means, and what can not be found, is in docs/operate/record.md.
class Verifier {
 public:
  static constexpr std::size_t kMaxFindings = 100;
  static constexpr std::uint64_t kMoreUnsigned = 8;  // starts and repairs come on top

  struct Options {
    std::vector<PublicKey> keys;                    // whose signatures count
    std::map<std::uint64_t, std::string> expected;  // hash by number: heads kept elsewhere
    bool complete = false;  // the files are all there are, so that the first line is a question
  };
  explicit Verifier(Options options) : options_(std::move(options)) {}

  void begin_file(std::string name) { here_ = {std::move(name), 0}; }
  // A line without its newline; `ended`: it had one, as all but a file's last line have. One
  // that is longer than kMaxLine may come in parts, of which the later ones `continue` it.
  void line(std::string_view text, bool ended, bool continues = false);
  Verification finish();

 private:
  struct Seen {
    std::uint64_t number = 0;
    std::string hash;
    std::string previous;
    Place where;
    bool genuine = false;  // a valid signature
  };
  // Lines each of which follows the one before it.
  struct Run {
    std::uint64_t first = 0;
    std::uint64_t proven = 0;  // up to here
  };
  // A line that does not follow the one before it: the next one tells which of them is wrong.
  struct Doubt {
    Seen before;
    Seen line;
    Run run;  // that ended with `before`
  };
  struct Gap {
    Range missing;
    std::size_t problem;  // index
  };
  struct Torn {
    RunningDigest digest;
    std::uint64_t bytes = 0;
    std::uint64_t count = 0;
    bool ended = true;
    std::vector<Finding> pieces;  // the first ones
  };

  std::size_t problem(const Place& where, std::string what);
  void note(const Place& where, std::string what);
  void add_torn(std::string_view text, bool ended, const std::string& why);
  void settle_torn(const Line& line);
  bool place(Seen now);  // false: it does not belong here
  bool settle_doubt(const Seen& now);
  void stray(const Seen& now);
  void start_run(const Seen& at);
  void end_run();
  void read(const Line& line);
  void read_signature(const Line& line);
  void check_expected();
  void finish_begin();
  void finish_end();

  Options options_;
  Verification result_;
  Place here_;
  std::optional<Seen> first_;
  std::optional<Seen> last_;
  std::optional<Doubt> doubt_;
  std::optional<Seen> stray_;  // the last line that did not belong
  std::uint64_t stray_first_ = 0;
  std::size_t stray_problem_ = 0;
  std::optional<Torn> torn_;
  std::uint64_t torn_lines_ = 0;  // just before this line, and reported
  Run run_;
  std::vector<Gap> gaps_;
  std::uint64_t unsigned_lines_ = 0;
  std::uint64_t promised_ =
      0;  // the record promises a signature after this many lines; 0: not known
  bool unsigned_said_ = false;
  std::optional<Head> removed_;  // up to here, by retention
  std::string before_event_;     // of the two lines before
  std::string last_event_;
  std::string last_time_;
  std::uint64_t times_back_ = 0;
  Place first_time_back_;
};

}  // namespace stayd::audit
