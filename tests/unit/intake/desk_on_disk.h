// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "approval/approval_service.h"
#include "intake/intake.h"
#include "store/schema.h"
#include "support/steps.h"
#include "support/temp_dir.h"
#include "unit/intake/recorded_gate.h"

namespace stayd::test {

// The desk, from intake to the disk: a real store and a real record in a directory of the test's
// own, and a recorded gate in the place of a kernel.
class DeskOnDisk {
  TempDir directory_;  // before all that is in it

 public:
  explicit DeskOnDisk(People people = People::without_file()) : people_(std::move(people)) {
    for (const char* each : {"state", "key"}) {
      std::filesystem::create_directory(directory_ / each);
      std::filesystem::permissions(directory_ / each, std::filesystem::perms::owner_all);
    }
    begin();
  }

  // Another agent; the one before ended as if it had been killed.
  void begin() {
    intake.reset();
    contexts.reset();
    approvals.reset();
    store.reset();
    database_.reset();
    record.reset();
    database_ = *Database::open(directory_ / "state/stayd.db", schema());
    store.emplace(*database_);
    RecordOptions options;
    options.path = directory_ / "record.jsonl";
    options.key_directory = directory_ / "key";
    options.clock = [this] { return now; };
    record.emplace(*Record::open(std::move(options)));
    approvals.emplace(*store, *record, gate, people_,
                      ApprovalService::Callbacks{
                          .changed = [] {}, .flush_soon = [] {}, .told = [this] { told(); }});
    contexts.emplace(
        gate, mounts, *store, [this](const Mounts&, std::uint32_t, std::string_view path) {
          return has_steps ? steps_to(std::string(path), inode) : std::vector<FileStep>();
        });
    intake.emplace(
        gate, *approvals, *contexts, mounts, kSelfTest,
        Intake::Callbacks{.clock = [this] { return now; },
                          .began_ns = kBegan,
                          .describe_caller = [this](Caller&) { ++described; },
                          .observed = [this](const std::string& cgroup,
                                             const Operation&) { observed.push_back(cgroup); },
                          .ended = [this](WorkloadId id) { forgotten.push_back(id); }});
    const Result<> loaded = approvals->load("one", now);
    if (!loaded) throw std::runtime_error(loaded.error().message);
  }

  void take(DeskNotice notice) { intake->take(std::move(notice)); }
  std::vector<std::string> calls() { return std::exchange(gate.calls, {}); }

  // The lines of the record with this event, or all.
  std::vector<nlohmann::json> recorded(const std::string& event = "") {
    std::vector<nlohmann::json> lines;
    std::ifstream file(directory_ / "record.jsonl");
    for (std::string line; std::getline(file, line);)
      if (nlohmann::json each = nlohmann::json::parse(line);
          event.empty() || each.value("event", "") == event)
        lines.push_back(std::move(each));
    return lines;
  }
  std::vector<std::string> events() {
    std::vector<std::string> names;
    for (const nlohmann::json& line : recorded())
      if (const std::string name = line.value("event", ""); !name.empty()) names.push_back(name);
    return names;
  }

  static constexpr std::uint64_t kBegan = 1'000'000'000;  // of this agent, CLOCK_BOOTTIME
  static constexpr WorkloadId kSelfTest{.slot = 0, .generation = 1};

  TimePoint now = kNoon;
  RecordedGate gate;
  bool has_steps = true;      // it is known where files are …
  std::uint64_t inode = 100;  // … and this one has whatever path is looked for
  // One mount, of the whole file system that operations are in: paths stay as they are reported.
  MountTable mounts{mount_file()};
  std::optional<DeskStore> store;
  std::optional<Record> record;
  std::optional<ApprovalService> approvals;
  std::optional<TicketContextBuilder> contexts;
  std::optional<Intake> intake;
  int described = 0;
  std::vector<std::string> observed;
  std::vector<WorkloadId> forgotten;
  std::function<void()> told = [] {};  // a workload was told something of itself

 private:
  std::string mount_file() const {
    std::ofstream(directory_ / "mountinfo") << "1 0 0:0 / / rw - tmpfs tmpfs rw\n";
    return directory_ / "mountinfo";
  }

  People people_;
  std::unique_ptr<Database> database_;
};

}  // namespace stayd::test
