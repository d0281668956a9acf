// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "context/operation.h"

namespace stayd {

// The workload's own statement of what it is about to do, and why: a claim, never believed.
struct Intent {
  std::string text;  // the workload's bytes
  TimePoint declared{};
  std::int32_t process = 0;
  std::optional<std::uint32_t> login_uid;  // of the process
};

struct SentTo {
  Endpoint endpoint;
  std::vector<std::string> names;  // what DNS has told the workload that it stands for
  std::uint64_t bytes = 0;         // payload
};

// The files of labels that a workload has read, since it was assigned.
struct FilesRead {
  struct File {
    std::uint32_t device = 0;  // the kernel's s_dev
    std::string path;          // from the root of its file system, or "…/the/last/of/it"
  };
  std::uint64_t count = 0;
  std::vector<File> latest;  // the latest last, at most STAYD_FILES_READ
};

// Counts what a workload has sent since it was assigned.
struct Sent {
  std::uint64_t bytes = 0;  // in all, to `to` and elsewhere
  std::vector<SentTo> to;   // most bytes first, at most STAYD_DESTINATIONS; without names
};

// The answers to operations like this one before.
struct Precedent {
  std::uint64_t approved = 0;
  std::uint64_t denied = 0;
  std::optional<TimePoint> last;  // answered; nothing: never seen
};

// The circumstances in which a ticket was opened, for the person who answers it. Strings are as
// they were found, and some are the workload's bytes: escape them to show them.
struct Evidence {
  static constexpr std::size_t kMaxFiles = 16;
  static constexpr std::size_t kMaxDestinations = 8;

  std::string host;
  std::string unit;        // systemd's, by the cgroup; empty: none
  std::string container;   // "docker 0123456789ab"; empty: none
  std::string user;        // login of the caller's uid; empty: it has none
  std::string login_user;  // login of its login session
  std::optional<Intent> intent;
  std::vector<std::string> touched;     // labels read so far
  std::vector<std::string> files_read;  // of labels, the latest last, at most kMaxFiles …
  std::uint64_t files_read_count = 0;   // … of so many, since it became a workload
  std::vector<SentTo> sent;             // most bytes first, at most kMaxDestinations …
  std::uint64_t bytes_sent = 0;         // … of so many, to wherever
  Precedent precedent;
};

// {host, unit, container, user, login_user, intent: null or {claim, declared, process},
//  touched, files_read, files_read_count, sent: [{to, names, bytes}], bytes_sent,
//  precedent: {approved, denied, last or null}}; strings through escape() with `text_max`.
nlohmann::json to_json(const Evidence& evidence, std::size_t text_max = 512);

}  // namespace stayd
