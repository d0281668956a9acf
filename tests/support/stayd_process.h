// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "support/waiting.h"

namespace stayd::test {

using Json = nlohmann::json;

// The stayd of this build, run as its users run it and talked to over its socket. All
// calls throw std::runtime_error with stayd's last words when it is not as it should be.
class StaydProcess {
 public:
  // Keeps its files below `directory`.
  explicit StaydProcess(std::string directory);
  ~StaydProcess();
  StaydProcess(const StaydProcess&) = delete;
  StaydProcess& operator=(const StaydProcess&) = delete;

  // Returns once it says that it is ready. `more`: options besides those of all tests.
  void start(const std::vector<std::string>& more = {});
  // The same in two steps.
  void begin(const std::vector<std::string>& more = {});
  void get_ready();
  // True if that is on its standard output now. Takes what is there.
  bool has_said(const std::string& text);
  void stop();  // SIGTERM
  void kill();  // SIGKILL
  bool running();
  pid_t pid() const { return pid_; }
  const std::string& attachment() const { return attachment_; }  // "lsm" or "fmod_ret"
  std::string socket_path() const { return directory_ + "/run/stayd.sock"; }
  std::string policy_directory() const { return directory_ + "/policies"; }  // not there
  std::string pack_directory() const { return directory_ + "/packs"; }       // not there
  std::string people_path() const { return directory_ + "/people.yaml"; }    // not there
  // What this version has pinned: "maps/answers".
  std::string pinned(const std::string& name) const;
  std::string record_key_path() const { return directory_ + "/state/record.pub"; }
  std::string record_path() const { return directory_ + "/record.jsonl"; }

  Result<Json> try_request(const std::string& method, const std::string& target,
                           const Json& body = nullptr) const;
  Json request(const std::string& method, const std::string& target,
               const Json& body = nullptr) const;

  Json status() const { return request("GET", "/v1/status"); }
  std::int64_t counter(const std::string& name) const { return status()["counters"][name]; }
  std::string last_words() const;  // its log's, and how it died, for messages
  std::int64_t parked() const { return status()["gatekeeper"]["parked"]; }

 private:
  void end(int signal);

  std::string directory_;
  std::string attachment_;
  std::string death_;  // how it ended, if nobody told it to
  pid_t pid_ = -1;
  Fd output_;
  std::string said_;
};

// A program of this build by its path below the build directory: "agent/ctl/stayctl".
std::string built_program(const std::string& path);

}  // namespace stayd::test
