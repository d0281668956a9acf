// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "policy/pack.h"

namespace stayd {

struct DaemonOptions {
  std::string runtime_dir = "/run/stayd";    // socket, lock, assignments
  std::string state_dir = "/var/lib/stayd";  // store, keys, proposals
  std::string bpffs_dir = "/sys/fs/bpf/stayd";
  std::string record_file = "/var/log/stayd/record.jsonl";
  std::string policy_dir = "/etc/stayd/policies";        // *.yaml, applied to the cgroups they name
  std::string pack_dirs{kPackDirectories};               // that policies may use
  std::string record_config = "/etc/stayd/record.yaml";  // may be missing
  std::string people_file = "/etc/stayd/people.yaml";
  std::string config_file = "/etc/stayd/stayd.yaml";  // channels; may be missing
  std::string group = "stayd";                        // may use the socket, besides root
  // How long held threads wait for the next agent after this one stopped: as long as systemd gives
  // a service to start in (DefaultTimeoutStartSec=).
  std::chrono::seconds restart_limit{90};
};

}  // namespace stayd
