// SPDX-License-Identifier: Apache-2.0
#include "audit/writer.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "audit/record_reader.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/rfc3339.h"

namespace stayd {

using audit::CurrentFile;
using audit::Head;
using audit::RotatedFile;
using audit::Tail;
using nlohmann::json;

namespace {

// In the place of an event that is too large for a line: what joins it to others.
json stub_of(const json& event) {
  json stub = {{"too_large", true}};
  for (const auto& [name, value] : event.items())
    if (!value.is_structured() && name != "too_large") stub[name] = value;
  return stub;
}

// A line that is looked for is of a moment ago: in the current file, or before it was begun.
constexpr std::ptrdiff_t kFilesToSearch = 2;

// Until a rotation that failed is tried again.
constexpr std::uint64_t kLinesToRotateAgain = 1000;

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? escape(name) : "";
}

std::string file_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

// Also of a time before: the clock was set.
bool is_due(TimePoint since, std::chrono::seconds period, TimePoint now) {
  return now < since || now - since >= period;
}

}  // namespace

Record::Writer::Writer(RecordOptions options, Fd lock, audit::SigningKey key,
                       audit::Redactor redactor)
    : options_(std::move(options)),
      lock_(std::move(lock)),
      key_(std::move(key)),
      redactor_(std::move(redactor)),
      key_id_(key_.public_key().id()),
      host_(host_name()) {}

TimePoint Record::Writer::now() const { return options_.clock(); }

json Record::Writer::own_event(const char* name) const {
  return {{"event", name}, {"time", rfc3339(now())}};
}

Result<> Record::Writer::start() {
  if (Result<> attached = attach(); !attached) return attached;
  const Head before = head_;
  if (Result<> ready = make_ready(); !ready) return ready;
  json opened = own_event("record_opened");
  opened["format"] = audit::kFormat;
  opened["key"] = key_id_;
  opened["sign_lines"] = options_.sign_lines;
  opened["sign_seconds"] = options_.sign_every.count();
  opened["after"] = {{"seq", before.number}, {"hash", before.hash}};
  opened["pid"] = ::getpid();
  if (Result<> written = write(opened); !written) return written;
  return sign();
}

// Reading JSON takes its time: only of lines that have all the words.
Result<bool> Record::Writer::has(const json& members) const {
  Result<audit::RecordReader> all = audit::RecordReader::open_all(options_.path);
  if (!all) return all.error();
  std::vector<std::string> files = all->files();
  files.erase(files.begin(),
              files.end() - std::min<std::ptrdiff_t>(kFilesToSearch, std::ssize(files)));
  Result<audit::RecordReader> latest = audit::RecordReader::open(files);
  if (!latest) return latest.error();
  std::vector<std::string> words;
  for (const auto& [name, value] : members.items())
    words.push_back(json(name).dump() + ":" + value.dump());

  bool found = false;
  const Result<> read = latest->read([&](const audit::ReadLine& each) {
    const auto is_in = [&each](const std::string& word) {
      return each.text.find(word) != std::string_view::npos;
    };
    if (!std::ranges::all_of(words, is_in) || !audit::parse_line(each.text)) return true;
    const Result<json> line = parse_json(each.text);
    found = line && std::ranges::all_of(members.items(), [&line](const auto& member) {
              return line->value(member.key(), json()) == member.value();
            });
    return !found;
  });
  if (!read) return read.error();
  return found;
}

Result<> Record::Writer::attach() {
  file_.reset();
  Result<CurrentFile> file = CurrentFile::open(options_.path);
  if (!file) return file.error();
  Result<std::vector<RotatedFile>> rotated = audit::rotated_files(options_.path);
  if (!rotated) return in_context("record", rotated.error());
  file_before_ = rotated->empty() ? "" : file_name(rotated->back().path);
  // Trust what this writer knows over the files, which somebody may have changed since.
  std::optional<Head> found = file->last();
  for (auto each = rotated->rbegin(); head_.number == 0 && !found && each != rotated->rend();
       ++each) {
    const Result<Tail> tail = audit::tail_of(each->path);
    if (!tail) return in_context("record", tail.error());
    found = tail->head;
  }
  if (head_.number == 0 && found) head_ = *found;
  file_ = std::move(*file);
  return {};
}

Result<> Record::Writer::make_ready() {
  if (closed_) return Error{"the record is closed"};
  if (file_ && !file_->has_only_grown()) {
    unsure_ = "the file was removed, replaced or cut by somebody else";
    file_.reset();
  }
  if (!file_)
    if (Result<> attached = attach(); !attached) return attached;
  if (!file_->first() && file_->is_intact()) {
    json begin = own_event("record_begin");
    begin["format"] = audit::kFormat;
    begin["host"] = host_;
    begin["file_before"] = file_before_;
    if (Result<> written = write(begin); !written) return written;
  }
  if (file_->is_intact() && unsure_.empty()) return {};
  return repair();
}

Result<> Record::Writer::repair() {
  const Result<CurrentFile::Torn> torn = file_->torn();
  if (!torn) return torn.error();
  std::string why = unsure_;
  if (why.empty())
    why = torn->bytes != 0 ? "a line was cut short: the writer was stopped, or the disk was full"
                           : "the line before lacked its end: whoever wrote it was stopped, and "
                             "may not have acted on it";
  json event = own_event("record_repaired");
  event["torn_bytes"] = torn->bytes;
  if (torn->bytes != 0) event["torn_sha256"] = torn->sha256;
  event["why"] = escape(why);
  const Result<std::string> line = audit::line_text(head_, redactor_.apply(std::move(event)));
  if (!line) return line.error();
  if (Result<> mended = file_->mend(*line, {head_.number + 1, now()}); !mended) return mended;
  wrote(*line);
  unsure_.clear();
  return {};
}

void Record::Writer::wrote(const std::string& line) {
  head_ = {head_.number + 1, audit::hash_of(line)};
  if (unsigned_lines_++ == 0) unsigned_since_ = now();
}

Result<> Record::Writer::write_text(const std::string& line) {
  if (Result<> written = file_->write_line(line, {head_.number + 1, now()}); !written)
    return written;
  wrote(line);
  return {};
}

Result<> Record::Writer::write(const json& event) {
  Result<std::string> line = audit::line_text(head_, redactor_.apply(event));
  if (!line) line = audit::line_text(head_, redactor_.apply(stub_of(event)));
  if (!line) return line.error();
  return write_text(*line);
}

Result<> Record::Writer::sync() {
  Result<> synced = file_->sync();
  // The kernel forgets what it failed to write, so that a second try would succeed and mean
  // nothing (fsync(2), NOTES).
  if (!synced) unsure_ = "lines before may not be on the disk: " + synced.error().message;
  return synced;
}

Result<> Record::Writer::sign() {
  const Result<std::string> line = audit::signature_text(head_, rfc3339(now()), key_);
  if (!line) return line.error();
  if (Result<> written = write_text(*line); !written) return written;
  unsigned_lines_ = 0;
  // A head that is anchored outside must not be missing here after a power failure.
  if (Result<> synced = sync(); !synced) return synced;
  if (options_.journal) options_.journal->send(audit::head_entry(head_, key_id_));
  return {};
}

Result<> Record::Writer::append(const json& event, Durable durable) {
  if (Result<> ready = make_ready(); !ready) return ready;
  if (Result<> rotated = rotate_if_due(); !rotated) return rotated;
  // Signing failed before: no line without one goes beyond the promised number.
  if (unsigned_lines_ >= options_.sign_lines)
    if (Result<> done = sign(); !done) return done;
  if (Result<> written = write(event); !written) return written;
  // The event is recorded, whether or not this works: see above.
  if (unsigned_lines_ >= options_.sign_lines) (void)sign();
  if (durable == Durable::yes)
    if (Result<> synced = sync(); !synced) return synced;
  if (options_.journal)
    if (audit::JournalEntry entry = audit::entry_of(event); !entry.empty())
      options_.journal->send(std::move(entry));
  return {};
}

Result<> Record::Writer::tick() {
  if (closed_ || unsigned_lines_ == 0 || !is_due(unsigned_since_, options_.sign_every, now()))
    return {};
  if (Result<> ready = make_ready(); !ready) return ready;
  return sign();
}

std::optional<TimePoint> Record::Writer::next_tick() const {
  if (closed_ || unsigned_lines_ == 0) return std::nullopt;
  return unsigned_since_ + options_.sign_every;
}

Result<> Record::Writer::close() {
  if (closed_) return {};
  if (Result<> ready = make_ready(); !ready) return ready;
  if (Result<> written = write(own_event("record_closed")); !written) return written;
  if (Result<> done = sign(); !done) return done;
  closed_ = true;
  file_.reset();
  lock_.reset();
  return {};
}

json Record::Writer::status() const {
  return {{"file", escape(options_.path)},
          {"number", head_.number},
          {"hash", head_.hash},
          {"key", key_id_},
          {"unsigned", unsigned_lines_},
          {"trouble", trouble_}};
}

Result<> Record::Writer::rotate_if_due() {
  const bool due = file_->size() >= options_.rotate_bytes ||
                   (file_->first() && is_due(file_->first()->time, options_.rotate_every, now()));
  if (!due) trouble_.clear();
  if (!due || head_.number < rotate_again_at_) return {};
  Result<> rotated = rotate();
  const std::string trouble = rotated ? "" : escape(rotated.error().message);
  rotate_again_at_ = rotated ? 0 : head_.number + kLinesToRotateAgain;
  if (trouble != trouble_ && !trouble.empty())
    unsure_ = "the record continues in the same file, or nothing old could be removed: " + trouble;
  trouble_ = trouble;
  // A large file is better than none; what was written since may need to be put right.
  return make_ready();
}

Result<> Record::Writer::rotate() {
  if (unsigned_lines_ != 0)
    if (Result<> done = sign(); !done) return done;
  const std::string path =
      audit::rotated_path(options_.path, file_->first() ? file_->first()->number : 1);
  std::error_code error;
  if (std::filesystem::exists(path, error) || error)
    return Error{"rotate: " + path + " is there already"};
  std::filesystem::rename(options_.path, path, error);
  if (error) return Error{"rotate to " + path + ": " + error.message()};
  file_.reset();
  if (Result<> ready = make_ready(); !ready) return ready;
  if (Result<> synced = audit::sync_directory_of(options_.path); !synced) return synced;
  return remove_old();
}

Result<> Record::Writer::remove_old() {
  const Result<std::vector<RotatedFile>> files = audit::rotated_files(options_.path);
  if (!files) return files.error();
  const std::size_t count = audit::count_to_remove(*files, file_->size(), options_.keep, now());
  if (count == 0) return {};
  json names = json::array();
  for (std::size_t i = 0; i < count; ++i) names.push_back(file_name((*files)[i].path));
  const Result<Tail> last = audit::tail_of((*files)[count - 1].path);
  if (!last) return last.error();
  json event = own_event("record_removed");
  event["files"] = std::move(names);
  event["up_to"] = {{"seq", last->head ? last->head->number : 0},
                    {"hash", last->head ? last->head->hash : Head{}.hash}};
  // Said, signed and on the disk before it is done.
  if (Result<> written = write(event); !written) return written;
  if (Result<> done = sign(); !done) return done;
  for (std::size_t i = 0; i < count; ++i)
    if (::unlink((*files)[i].path.c_str()) != 0) return errno_error("remove " + (*files)[i].path);
  return audit::sync_directory_of(options_.path);
}

}  // namespace stayd
