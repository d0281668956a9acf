// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "audit/journal.h"
#include "audit/key_file.h"
#include "audit/record_reader.h"
#include "audit/verifier.h"
#include "base/json.h"
#include "channels/terminal/text.h"
#include "ctl/command.h"
#include "ctl/record_files.h"
#include "presentation/sentences.h"

namespace stayd {
namespace {

using audit::Finding;
using audit::Range;
using audit::RecordReader;
using audit::Verification;
using audit::Verifier;
using nlohmann::json;
using terminal::printable;

using Heads = std::map<std::uint64_t, std::string>;

struct Options {
  RecordFiles record;
  std::string key = "/var/lib/stayd/record.pub";
  std::string expect;  // "NUMBER:HASH"
  std::string heads;   // a file, or "-"
};

constexpr std::size_t kMaxHeads = 1'000'000;
constexpr std::size_t kHashDigits = 64;

// Error: the number has another hash already.
Result<> add_head(Heads& heads, const std::string& number, const std::string& hash) {
  std::uint64_t value = 0;
  const char* end = number.data() + number.size();
  const auto [stopped, error] = std::from_chars(number.data(), end, value);
  const bool digits =
      hash.size() == kHashDigits && hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (error != std::errc{} || stopped != end || !digits)
    return Error{"'" + printable(number) + ":" + printable(hash) +
                 "' is not a number and a hash of 64 hexadecimal digits"};
  if (heads.size() == kMaxHeads) return Error{"more than a million heads are too many"};
  const auto [known, is_new] = heads.emplace(value, hash);
  if (!is_new && known->second != hash)
    return Error{"number " + number +
                 " was anchored with two different hashes: the record was "
                 "rewritten, or the heads are of more than one record"};
  return {};
}

// As `journalctl -o json` prints entries; those of other records, by their key, do not count.
Result<> read_heads(const std::string& path, const std::vector<audit::PublicKey>& keys,
                    Heads& heads) {
  std::ifstream file(path == "-" ? "/dev/stdin" : path);
  if (!file) return Error{path + ": cannot be read"};
  for (std::string line; std::getline(file, line);) {
    const Result<json> entry = parse_json(line);
    if (!entry || !entry->is_object())
      return Error{path + ": not the output of journalctl -o json"};
    const std::string number = text_at(*entry, "STAYD_RECORD_SEQ");
    const std::string key = text_at(*entry, "STAYD_RECORD_KEY");
    if (number.empty() || std::ranges::find(keys, key, &audit::PublicKey::id) == keys.end())
      continue;
    if (Result<> added = add_head(heads, number, text_at(*entry, "STAYD_RECORD_HASH")); !added)
      return in_context(path, added.error());
  }
  return {};
}

Result<Verifier::Options> verifier_options(const Options& given) {
  Verifier::Options options;
  Result<std::vector<audit::PublicKey>> keys = audit::load_public_keys(given.key);
  if (!keys) return keys.error();
  options.keys = std::move(*keys);
  options.complete = given.record.files.empty();
  if (!given.expect.empty()) {
    const std::size_t colon = std::min(given.expect.find(':'), given.expect.size());
    const std::string hash = given.expect.substr(std::min(colon + 1, given.expect.size()));
    if (Result<> added = add_head(options.expected, given.expect.substr(0, colon), hash); !added)
      return in_context("--expect", added.error());
  }
  if (!given.heads.empty())
    if (Result<> read = read_heads(given.heads, options.keys, options.expected); !read)
      return in_context("--heads", read.error());
  return {boost::system::in_place_value, std::move(options)};
}

std::string numbers(const Range& range) {
  if (range.first == range.last) return "number " + std::to_string(range.first);
  return "numbers " + std::to_string(range.first) + " to " + std::to_string(range.last);
}

// The parts of first … last that are not in `proven`, which is in order.
std::vector<Range> not_proven(const Verification& result) {
  std::vector<Range> rest;
  std::uint64_t next = result.first;
  for (const Range& range : result.proven) {
    if (range.first > next) rest.push_back({next, range.first - 1});
    next = std::max(next, range.last + 1);
  }
  if (next <= result.last.number) rest.push_back({next, result.last.number});
  return rest;
}

json to_json(const Finding& finding) {
  return {{"file", finding.where.file}, {"line", finding.where.line}, {"what", finding.what}};
}

json to_json(const std::vector<Range>& ranges) {
  json list = json::array();
  for (const Range& range : ranges) list.push_back({{"first", range.first}, {"last", range.last}});
  return list;
}

json to_json(const Verification& result, std::size_t files) {
  json problems = json::array();
  json notes = json::array();
  for (const Finding& each : result.problems) problems.push_back(to_json(each));
  for (const Finding& each : result.notes) notes.push_back(to_json(each));
  return {{"intact", result.intact()},
          {"problems", std::move(problems)},
          {"more_problems", result.more_problems},
          {"notes", std::move(notes)},
          {"proven", to_json(result.proven)},
          {"not_proven", to_json(not_proven(result))},
          {"files", files},
          {"lines", result.lines},
          {"first", result.first},
          {"last", {{"seq", result.last.number}, {"hash", result.last.hash}}},
          {"signed_at", result.signed_at},
          {"signed_by", result.signed_by},
          {"closed", result.closed}};
}

void print(std::ostream& out, const Verification& result, std::size_t files, bool has_heads) {
  const auto list = [&out](const std::vector<Finding>& findings, const char* what) {
    for (const Finding& each : findings)
      out << printable(each.where.file) << ':' << each.where.line << ": " << what
          << printable(each.what) << '\n';
  };
  list(result.problems, "");
  if (result.more_problems != 0) out << "… and " << result.more_problems << " more\n";
  list(result.notes, "note: ");
  out << (result.intact() ? "intact: " : "NOT intact: ") << count_text(result.lines, "line").str()
      << " in " << count_text(files, "file").str() << ", "
      << numbers({result.first, result.last.number}) << '\n';
  for (const Range& range : result.proven)
    out << "proven:     " << numbers(range)
        << " are as they were written, in order, none missing\n";
  if (!result.signed_by.empty())
    out << "            last signature " << result.signed_at << ", key " << result.signed_by
        << '\n';
  for (const Range& range : not_proven(result))
    out << "not proven: " << numbers(range) << ", which no signature or expected head reaches\n";
  if (result.last.number != 0) {
    out << "not proven: that nothing stood after number " << result.last.number
        << (result.closed ? ", though it is a clean stop" : "");
    if (!has_heads)
      out << ": compare with the journal,\n            journalctl -o json MESSAGE_ID="
          << audit::kHeadMessage << " | stayctl audit verify --heads -";
    out << '\n' << "last line:  " << result.last.number << ':' << result.last.hash << '\n';
  }
}

int run(const Options& given, const Console& console) {
  Result<Verifier::Options> options = verifier_options(given);
  if (!options) return console.fail(options.error(), kExitUsage);
  const bool has_heads = !options->expected.empty();
  const Result<RecordReader> reader = given.record.open();
  if (!reader) return console.fail(reader.error());
  Verifier verifier(std::move(*options));
  std::string file;
  const Result<> read = reader->read([&](const audit::ReadLine& line) {
    if (line.file != file) verifier.begin_file(file = line.file);
    verifier.line(line.text, line.ended, line.continues);
    return true;
  });
  if (!read) return console.fail(read.error());
  const Verification result = verifier.finish();
  if (console.json)
    console.out << dump(to_json(result, reader->files().size())) << '\n';
  else
    print(console.out, result, reader->files().size(), has_heads);
  return result.intact() ? kExitOk : kExitFailure;
}

}  // namespace

Command audit_verify_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "audit verify",
          .summary = "verify the record's hash chain and signatures",
          .operands = {options->record.operand()},
          .options = {text_option("--key", "PUB.pem", "public keys [/var/lib/stayd/record.pub]",
                                  options->key),
                      text_option("--expect", "SEQ:HASH",
                                  "the number and hash of a line, known from elsewhere",
                                  options->expect),
                      text_option("--heads", "FILE",
                                  "such lines from journalctl -o json; - reads standard input",
                                  options->heads),
                      options->record.option()},
          .run = with(options, run)};
}

}  // namespace stayd
