// SPDX-License-Identifier: Apache-2.0
#include "audit/verifier.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"

namespace stayd::audit {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxGaps = 1000;

std::string number_text(std::uint64_t first, std::uint64_t last) {
  if (first == last) return "number " + std::to_string(first);
  return "numbers " + std::to_string(first) + " to " + std::to_string(last);
}
std::string number_text(std::uint64_t number) { return number_text(number, number); }

std::string place_text(const Place& place) { return place.file + ":" + std::to_string(place.line); }

json members_of(const Line& line) {
  const Result<json> members = parse_json(line.text);
  return members && members->is_object() ? *members : json::object();
}

}  // namespace

// One problem for one line: what else is wrong with it follows from the first.
std::size_t Verifier::problem(const Place& where, std::string what) {
  std::vector<Finding>& problems = result_.problems;
  const auto same = std::ranges::find(problems, where, &Finding::where);
  if (same != problems.end()) return static_cast<std::size_t>(same - problems.begin());
  if (problems.size() == kMaxFindings) {
    ++result_.more_problems;
    return kMaxFindings;
  }
  problems.push_back({where, std::move(what)});
  return problems.size() - 1;
}

void Verifier::note(const Place& where, std::string what) {
  if (result_.notes.size() < kMaxFindings) result_.notes.push_back({where, std::move(what)});
}

void Verifier::line(std::string_view text, bool ended, bool continues) {
  if (continues && torn_) {
    torn_->digest.add(text);
    if (ended) torn_->digest.add("\n");
    torn_->bytes += text.size() + (ended ? 1 : 0);
    torn_->ended = ended;
    return;
  }
  ++here_.line;
  const Result<Line> line = parse_line(text);
  if (!line) return add_torn(text, ended, line.error().message);
  settle_torn(*line);
  if (!ended) note(here_, number_text(line->number) + " lacks the end of its line");
  Seen now{line->number, hash_of(text), std::string(line->previous), here_};
  const bool belongs = place(std::move(now));
  torn_lines_ = 0;
  if (belongs) read(*line);
}

void Verifier::add_torn(std::string_view text, bool ended, const std::string& why) {
  if (!torn_) torn_ = Torn{};
  torn_->digest.add(text);
  if (ended) torn_->digest.add("\n");
  torn_->bytes += text.size() + (ended ? 1 : 0);
  torn_->ended = ended;
  ++torn_->count;
  if (torn_->pieces.size() < kMaxFindings)
    torn_->pieces.push_back({here_, "this line was changed, or put in: " + why});
}

void Verifier::settle_torn(const Line& line) {
  std::uint64_t bytes = 0;
  bool accounts = false;
  if (line.event == "record_repaired") {
    const json members = members_of(line);
    bytes = count_at(members, "torn_bytes");
    accounts = torn_ && bytes == torn_->bytes &&
               text_at(members, "torn_sha256") == torn_->digest.hex() &&
               line.number == (last_ ? last_->number : 0) + 1 &&
               line.previous == (last_ ? last_->hash : Head{}.hash);
  }
  if (accounts) {
    note(torn_->pieces.front().where, std::to_string(bytes) + " bytes were cut short in writing; " +
                                          number_text(line.number) + " accounts for them");
  } else if (torn_) {
    for (Finding& piece : torn_->pieces) problem(piece.where, std::move(piece.what));
    torn_lines_ = torn_->count;
  }
  if (bytes != 0 && !accounts)
    problem(here_, number_text(line.number) + " accounts for " + std::to_string(bytes) +
                       " bytes before it that are not there: they were changed or removed");
  torn_.reset();
}

void Verifier::start_run(const Seen& at) { run_ = {at.number, 0}; }

void Verifier::end_run() {
  if (run_.proven != 0) result_.proven.push_back({run_.first, run_.proven});
  run_ = {};
}

bool Verifier::place(Seen now) {
  ++result_.lines;
  if (!last_) {
    first_ = now;
    if (now.number == 1 && now.previous != Head{}.hash)
      problem(now.where, "number 1 names a line before it");
    start_run(now);
    last_ = std::move(now);
    return true;
  }
  if (doubt_ && settle_doubt(now)) {
    end_run();
    start_run(now);
    last_ = std::move(now);
    return true;
  }
  const std::uint64_t expected = last_->number + 1;
  if (now.number < expected) {
    stray(now);
    return false;
  }
  if (now.number == expected && now.previous == last_->hash) {
    last_ = std::move(now);
    return true;
  }
  if (now.number == expected && torn_lines_ == 0) {
    doubt_ = Doubt{*last_, now, run_};
    start_run(now);
    last_ = std::move(now);
    return true;
  }
  end_run();
  // Lines that can no longer be parsed have been reported already.
  if (now.number - expected > torn_lines_) {
    const Range missing{expected, now.number - 1};
    const std::string lines = missing.first == missing.last ? " is" : " are";
    const std::size_t index =
        problem(now.where, number_text(missing.first, missing.last) + lines + " missing between " +
                               number_text(last_->number) + " (" + place_text(last_->where) +
                               ") and " + number_text(now.number));
    if (gaps_.size() < kMaxGaps) gaps_.push_back({missing, index});
  }
  start_run(now);
  last_ = std::move(now);
  return true;
}

// True: `now` follows a line that was changed, so that nothing can be asked of its link.
bool Verifier::settle_doubt(const Seen& now) {
  const Doubt doubt = std::move(*doubt_);
  doubt_.reset();
  const Seen& before = doubt.before;
  const Seen& line = doubt.line;
  if (now.number == line.number && now.previous == before.hash) {
    problem(line.where, number_text(line.number) +
                            " does not follow the line before it, and the "
                            "next line, of the same number, does: this one was put in");
    run_ = doubt.run;
    last_ = before;
    return false;
  }
  const Run run = run_;
  run_ = doubt.run;
  end_run();
  run_ = run;
  const bool stands = line.genuine || (now.number == line.number + 1 && now.previous == line.hash);
  if (stands && before.genuine)
    problem(line.where, number_text(line.number) + " does not follow " +
                            number_text(before.number) +
                            ", whose signature is valid: it and what follows come from elsewhere");
  else if (stands)
    problem(before.where, number_text(before.number) +
                              " was changed after it was written, or what follows it comes from "
                              "elsewhere: " +
                              number_text(line.number) + " (" + place_text(line.where) +
                              ") names another hash for it");
  else
    problem(line.where, number_text(line.number) +
                            " was changed after it was written, or comes from elsewhere: it names "
                            "another hash than that of " +
                            number_text(before.number) + " (" + place_text(before.where) + ")");
  return !stands && now.number == line.number + 1;
}

void Verifier::stray(const Seen& now) {
  if (stray_ && now.number == stray_->number + 1 && now.previous == stray_->hash) {
    // One block, one finding.
    if (stray_problem_ < result_.problems.size()) {
      std::string& what = result_.problems[stray_problem_].what;
      const std::size_t end = what.find(':');
      what.replace(0, std::min(end, what.size()), number_text(stray_first_, now.number));
    }
    stray_ = now;
    return;
  }
  const auto gap = std::ranges::find_if(gaps_, [&](const Gap& each) {
    return now.number >= each.missing.first && now.number <= each.missing.last;
  });
  std::string what = number_text(now.number) + ": ";
  if (now.hash == last_->hash) {
    what += "this line is a copy of the one before it";
  } else if (now.number == last_->number && now.previous == last_->previous) {
    what += "two different lines with one number follow the same line, this one and " +
            place_text(last_->where) + ": two writers wrote, or one of them was put in";
  } else if (gap != gaps_.end()) {
    what += "out of order, after " + number_text(last_->number);
    if (gap->problem < result_.problems.size())
      result_.problems[gap->problem].what =
          number_text(gap->missing.first, gap->missing.last) +
          " should stand before this line: " + "the order was changed (see " +
          place_text(now.where) + ")";
  } else {
    what += "here again, after " + number_text(last_->number) +
            ": copied from another place, or two writers wrote";
  }
  stray_first_ = now.number;
  stray_problem_ = problem(now.where, std::move(what));
  stray_ = now;
}

void Verifier::read(const Line& line) {
  if (const auto expected = options_.expected.find(line.number);
      expected != options_.expected.end()) {
    if (expected->second == last_->hash)
      run_.proven = line.number;
    else
      problem(here_, number_text(line.number) +
                         " is not the line that was expected: it, or a line before it, was "
                         "rewritten");
    options_.expected.erase(expected);
  }
  if (line.time < last_time_ && times_back_++ == 0) first_time_back_ = here_;
  last_time_ = line.time;
  ++unsigned_lines_;
  if (line.event == "signature") read_signature(line);
  if (promised_ != 0 && unsigned_lines_ > promised_ + kMoreUnsigned &&
      !std::exchange(unsigned_said_, true))
    problem(here_, "more than " + std::to_string(promised_ + kMoreUnsigned) +
                       " lines up to this one have no signature, though one was promised after "
                       "each " +
                       std::to_string(promised_) + ": signatures were taken out");
  const bool was_closed = before_event_ == "record_closed" && last_event_ == "signature";
  if (was_closed && line.event != "record_opened" && line.event != "record_begin" &&
      line.event != "record_repaired")
    problem(here_, number_text(line.number) + " follows a clean stop, and no start");
  if (line.event == "record_opened" || line.event == "record_begin") {
    const json members = members_of(line);
    if (line.event == "record_opened") promised_ = count_at(members, "sign_lines");
    if (const std::uint64_t format = count_at(members, "format"); format != kFormat)
      problem(here_, "format " + std::to_string(format) + " is not one that this version knows");
  }
  if (line.event == "record_removed") {
    const json members = members_of(line);
    const auto up_to = members.find("up_to");
    if (up_to != members.end() && up_to->is_object())
      removed_ = Head{count_at(*up_to, "seq"), text_at(*up_to, "hash")};
  }
  before_event_ = std::move(last_event_);
  last_event_ = line.event;
}

void Verifier::read_signature(const Line& line) {
  unsigned_lines_ = 0;
  unsigned_said_ = false;
  const Result<Signature> signature = parse_signature(line);
  if (!signature) {
    problem(here_, number_text(line.number) + " is not a valid signature any more: it was changed");
    return;
  }
  const auto key = std::ranges::find(options_.keys, signature->key, &PublicKey::id);
  if (key == options_.keys.end()) {
    problem(here_, number_text(line.number) + " is signed with the key " + signature->key +
                       ", which was not given: it is of another installation, or --key is");
    return;
  }
  if (!verifies(*signature, *key)) {
    problem(here_, "the signature of " + number_text(line.number) +
                       " is not valid: this line was changed, or made without the key");
    return;
  }
  run_.proven = line.number;
  last_->genuine = true;
  if (doubt_ && doubt_->line.number == line.number) doubt_->line.genuine = true;
  result_.signed_at = line.time;
  result_.signed_by = signature->key;
}

void Verifier::finish_begin() {
  if (!first_ || first_->number == 1) return;
  const std::uint64_t before = first_->number - 1;
  const std::string begins = "the record begins with " + number_text(first_->number) + ": ";
  if (removed_ && removed_->number == before && removed_->hash != first_->previous)
    problem(first_->where, begins +
                               "it does not follow the line up to which older files were "
                               "removed");
  else if (removed_ && removed_->number >= before)
    note(first_->where, begins + "retention removed what came before, as a line of it says");
  else if (options_.complete)
    problem(first_->where, begins + "no line of it says that " + number_text(1, before) +
                               " were removed by retention");
  else
    note(first_->where, begins + "what came before was not looked at");
}

void Verifier::finish_end() {
  if (torn_) {
    const std::string bytes = std::to_string(torn_->bytes);
    if (torn_->count == 1 && !torn_->ended)
      note(torn_->pieces.front().where,
           "it ends in the middle of a line, after " + bytes +
               " bytes of it: it is being written, or its writer was stopped, or it was cut here");
    else
      for (Finding& piece : torn_->pieces) problem(piece.where, std::move(piece.what));
  }
  if (doubt_ && doubt_->line.genuine) {
    settle_doubt(Seen{});
  } else if (doubt_) {
    // Nothing follows that would tell which.
    const Run run = std::exchange(run_, doubt_->run);
    end_run();
    run_ = run;
    problem(doubt_->line.where, number_text(doubt_->line.number) + ", or " +
                                    number_text(doubt_->before.number) + " before it (" +
                                    place_text(doubt_->before.where) +
                                    "), was changed: it names another hash");
  }
  end_run();
}

void Verifier::check_expected() {
  for (const auto& [number, hash] : options_.expected) {
    if (last_ && first_ && number < first_->number) {
      note(first_->where, number_text(number) + " was expected, and is before the first line");
    } else if (!last_ || number > last_->number) {
      problem(last_ ? last_->where : here_,
              "the record ends with " + number_text(last_ ? last_->number : 0) + ", and " +
                  number_text(number) + " was expected: its end was cut off");
    } else if (result_.problems.empty()) {
      problem(last_->where, number_text(number) + " was expected, and is not there");
    }
  }
}

Verification Verifier::finish() {
  finish_end();
  finish_begin();
  check_expected();
  if (times_back_ != 0)
    note(first_time_back_,
         "times go back here" +
             (times_back_ == 1 ? std::string()
                               : ", and " + std::to_string(times_back_ - 1) + " times more") +
             ": the clock was set, or a crash left something to be told later; the order is that "
             "of the numbers");
  if (first_) result_.first = first_->number;
  if (last_) result_.last = {last_->number, last_->hash};
  result_.closed = before_event_ == "record_closed" && last_event_ == "signature" && !torn_;
  if (result_.proven.empty() && result_.problems.empty())
    problem(first_ ? first_->where : here_,
            first_ ? "no line is signed with a key that was given" : "there is no line");
  return std::move(result_);
}

}  // namespace stayd::audit
