// SPDX-License-Identifier: Apache-2.0
#include "audit/record.h"

#include <fcntl.h>
#include <sys/file.h>

#include <nlohmann/json.hpp>

#include "audit/key_file.h"
#include "audit/writer.h"

namespace stayd {
namespace {

constexpr std::string_view kRedactionKey = "stayd redaction key 1";

// A file of its own, since the record's own changes its name.
Result<Fd> lock(const std::string& record) {
  const std::string path = record + ".lock";
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return errno_error("open " + path);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
    return errno_error("record " + record + " is written by another process; lock " + path);
  return fd;
}

}  // namespace

Result<Record> Record::open(RecordOptions options) {
  if (!options.clock) options.clock = wall_clock;
  if (options.sign_lines == 0) return Error{"record: a signature after 0 lines is not possible"};
  Result<Fd> locked = lock(options.path);
  if (!locked) return locked.error();
  Result<audit::SigningKey> key =
      audit::load_signing_key(options.key_directory, options.credentials);
  if (!key) return in_context("record", key.error());
  Result<audit::Redactor> redactor =
      audit::Redactor::create(options.redact, key->derived(kRedactionKey));
  if (!redactor) return in_context("record", redactor.error());
  auto writer = std::make_unique<Writer>(std::move(options), std::move(*locked), std::move(*key),
                                         std::move(*redactor));
  if (Result<> started = writer->start(); !started) return started.error();
  return Record(std::move(writer));
}

Record::Record(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}
Record::Record(Record&&) noexcept = default;
Record& Record::operator=(Record&&) noexcept = default;
Record::~Record() = default;

Result<> Record::append(const nlohmann::json& event, Durable durable) {
  return writer_->append(event, durable);
}
Result<bool> Record::has(const nlohmann::json& members) const { return writer_->has(members); }
Result<> Record::tick() { return writer_->tick(); }
std::optional<TimePoint> Record::next_tick() const { return writer_->next_tick(); }
Result<> Record::close() { return writer_->close(); }
const audit::Head& Record::head() const { return writer_->head(); }
nlohmann::json Record::status() const { return writer_->status(); }

}  // namespace stayd
