// SPDX-License-Identifier: Apache-2.0
// The daemon's start: everything that it owns, in the order in which it is made.
#include <fcntl.h>
#include <malloc.h>
#include <sys/file.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "audit/journal.h"
#include "audit/record_config.h"
#include "base/fd.h"
#include "daemon/daemon.h"
#include "daemon/service_manager.h"
#include "daemon/urgency.h"
#include "doctor/self_test.h"
#include "store/schema.h"

namespace stayd {
namespace {

// Held for as long as the process lives: two agents would answer each other's holds.
Result<Fd> lock(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return Error{directory + ": " + error.message()};
  const std::string path = directory + "/lock";
  Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file) return errno_error(path);
  if (::flock(file.get(), LOCK_EX | LOCK_NB))
    return errno_error(path + ": is another stayd running?");
  return file;
}

// The strongest way that provably works on this kernel.
Result<std::pair<Programs, WorkloadId>> enforce(const std::string& bpffs_dir) {
  std::string lsm_list;
  std::getline(std::ifstream("/sys/kernel/security/lsm"), lsm_list);
  lsm_list.insert(0, ",");
  std::vector<Attachment> ways{Attachment::fmod_ret};
  if (lsm_list == "," || lsm_list.find(",bpf") != std::string::npos)
    ways.insert(ways.begin(), Attachment::lsm);
  std::string reasons;
  for (const Attachment way : ways) {
    Result<Programs> programs = Programs::load({.attachment = way, .pin_directory = bpffs_dir});
    Result<> proven = programs ? programs->become_agent() : Result<>(programs.error());
    if (proven) {
      Tables tables(*programs);
      Result<WorkloadId> tested = self_test(*programs, tables);
      if (tested) return std::pair(std::move(*programs), *tested);
      proven = tested.error();
    }
    reasons.append(reasons.empty() ? "" : "; ")
        .append(to_string(way))
        .append(": " + proven.error().message);
  }
  return Error{"this kernel cannot enforce (" + reasons + "). Run: stayctl doctor"};
}

const char* credentials_directory() {
  const char* directory = ::secure_getenv("CREDENTIALS_DIRECTORY");
  return directory != nullptr ? directory : "";
}

}  // namespace

Result<> run_daemon(const DaemonOptions& options) {
  // mallopt(3): a threshold that is set stays as it is. By itself it would rise with the first
  // large arguments of an execve, and every thread that has judged some would keep their memory.
  ::mallopt(M_MMAP_THRESHOLD, 32 << 10);
  std::optional<Urgency> urgency(std::in_place);
  if (Result<> blocked = Gatekeeper::block_child_signals(); !blocked) return blocked;
  Result<Fd> locked = lock(options.runtime_dir);
  if (!locked) return locked.error();
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(options.record_file).parent_path(),
                                      ignored);
  Result<People> people = load_people(options.people_file);
  if (!people) return people.error();
  Result<ChatChannels::Settings> channels =
      ChatChannels::read(options.config_file, credentials_directory());
  if (!channels) return channels.error();
  Result<RecordOptions> record_options = audit::load_record_options(options.record_config);
  if (!record_options) return record_options.error();
  record_options->path = options.record_file;
  record_options->key_directory = options.state_dir;
  record_options->credentials = credentials_directory();
  record_options->journal = audit::system_journal();
  Result<std::unique_ptr<Database>> database =
      Database::open(options.state_dir + "/stayd.db", schema());
  if (!database) return database.error();
  Result<Record> record = Record::open(std::move(*record_options));
  if (!record) return record.error();
  Result<std::pair<Programs, WorkloadId>> enforcing = enforce(options.bpffs_dir);
  if (!enforcing) return enforcing.error();
  auto& [programs, self_test] = *enforcing;

  Daemon daemon(options, std::move(programs), self_test, std::move(*record), std::move(*database),
                std::move(*people), std::move(*channels));
  if (Result<> started = daemon.start(); !started) return started.error();
  std::printf("stayd: ready (%s)\n", daemon.enforcement());
  std::fflush(stdout);
  service_manager::ready(daemon.summary());
  urgency.reset();
  daemon.run();
  return {};
}

}  // namespace stayd
