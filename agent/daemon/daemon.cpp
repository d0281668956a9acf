// SPDX-License-Identifier: Apache-2.0
#include "daemon/daemon.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "audit/events.h"
#include "base/digest.h"
#include "base/escape.h"
#include "base/log.h"
#include "context/process.h"
#include "daemon/service_manager.h"
#include "daemon/urgency.h"

namespace stayd {
namespace {

namespace asio = boost::asio;

// Tickets that ended before are left to the record.
constexpr std::chrono::days kKeepClosed{30};

// A container is given the directory, so that it finds the socket of the next agent, too, and no
// other. Here it has its short name as well.
Result<> make_self_directory(const std::string& runtime_dir) {
  const std::string directory = runtime_dir + "/self", name = runtime_dir + "/self.sock";
  if (::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) return errno_error(directory);
  if (::chmod(directory.c_str(), 0755) != 0) return errno_error(directory);
  std::error_code error;
  if (!std::filesystem::is_symlink(name, error)) std::filesystem::remove(name, error);
  if (::symlink("self/self.sock", name.c_str()) != 0 && errno != EEXIST) return errno_error(name);
  return {};
}

// Each workload has its own connections, and some of them wait: all have to fit.
ServerLimits self_limits() {
  ServerLimits limits;
  limits.connections = STAYD_MAX_WORKLOADS * limits.connections_per_peer;
  return limits;
}

}  // namespace

Daemon::Daemon(DaemonOptions options, Programs programs, WorkloadId self_test, Record record,
               std::unique_ptr<Database> database, People people, ChatChannels::Settings channels)
    : options_(std::move(options)),
      programs_(std::move(programs)),
      record_(std::move(record)),
      database_(std::move(database)),
      store_(*database_),
      tables_(programs_),
      workloads_(programs_, tables_, mounts_),
      control_(programs_, tables_, workloads_, evaluator_,
               {.policy_dir = options_.policy_dir,
                .packs = packs_in(split_directories(options_.pack_dirs), Trust::unwritable),
                .assignments = options_.runtime_dir + "/assignments.json"},
               people,
               {.tell_desk = [this](DeskNotice notice) { intake_.take(std::move(notice)); },
                .apply_soon = [this] { periodic_.apply_soon(); },
                .apply_again = [this] { periodic_.apply_again(); }}),
      gate_(programs_, tables_, workloads_, control_, evaluator_),
      terminal_([this] {
        if (server_) server_->notify();
      }),
      approvals_(store_, record_, gate_, std::move(people),
                 {.changed =
                      [this] {
                        if (server_) server_->notify();
                        periodic_.arm(approvals_.next_deadline());
                      },
                  .flush_soon = [this] { periodic_.flush_soon(); },
                  .propose = [this](const Ticket& ticket) { proposer_.propose_for(ticket); },
                  .told = [this] { wake_workloads(); }}),
      proposer_(gate_, approvals_, options_.state_dir + "/proposals",
                packs_in(split_directories(options_.pack_dirs), Trust::unwritable)),
      contexts_(gate_, mounts_, store_),
      learning_(context_.get_executor(),
                {.put_under =
                     [this](const std::string& cgroup, const std::optional<Policy>& policy) {
                       return policy && policy->report_once ? gate_.put_under(cgroup, *policy)
                                                            : gate_.put_back(cgroup, policy);
                     },
                 .sent =
                     [this](const std::string& cgroup) {
                       const WorkloadPtr workload = gate_.workload_at(cgroup);
                       return workload ? gate_.sent(workload->id) : Sent{};
                     }}),
      self_answers_(gate_, approvals_, contexts_),
      self_service_(self_answers_),
      intake_(gate_, approvals_, contexts_, mounts_, self_test,
              {.began_ns = boot_time_ns(),
               .describe_caller = [](Caller& caller) { describe_caller(caller); },
               .observed =
                   [this](const std::string& cgroup, const Operation& operation) {
                     if (!learning_.learns(cgroup)) return;
                     learning_.observe(
                         cgroup, operation,
                         gate_.names_of(operation.workload, operation.endpoint.address));
                   },
               .ended =
                   [this](WorkloadId workload) {
                     self_service_.forget(workload);
                     self_answers_.forget(workload);
                   }}),
      channel_settings_(std::move(channels)),
      admin_({.gate = gate_,
              .approvals = approvals_,
              .record = record_,
              .terminal = terminal_,
              .proposer = proposer_,
              .learning = learning_,
              .load_people = [this] { return load_people(options_.people_file); },
              .people_changed = [this] { chats_->people_changed(); },
              .teams = [this] { return chats_ ? chats_->teams() : nullptr; },
              .packs = packs_in(split_directories(options_.pack_dirs), Trust::unwritable)}),
      peers_(tables_),
      periodic_(context_.get_executor(), mounts_,
                {.stop = [this] { stop(); },
                 .reload =
                     [this] {
                       if (Result<nlohmann::json> reloaded = admin_.reload(); !reloaded)
                         log_error("reload: {}", escape(reloaded.error().message));
                     },
                 .mounts_changed = [this] { control_.locate_all_again(); },
                 .clock_set = [this] { tick(); },
                 .deadline = [this] { tick(); },
                 .look_after = [this] { look_after(wall_clock()); },
                 .flush = [this] { approvals_.flush(wall_clock()); },
                 .apply_policies = [this] { control_.apply_policies(); }}),
      evaluator_(
          programs_, tables_, mounts_,
          [this](HoldId hold, DeferredVerdict verdict) { gatekeeper_->rule(hold, verdict); },
          [this](std::uint32_t policy) {
            asio::post(context_, [this, policy] { control_.locate_again(policy); });
          }),
      events_(context_.get_executor(),
              {.desk = [this](DeskNotice notice) { intake_.take(std::move(notice)); },
               .cgroups_changed = [this] { control_.cgroups_changed(); },
               .entry_changed = [this](const EntryChanged& changed) { control_.on(changed); }}) {
  approvals_.add_channel(terminal_);
}

Result<> Daemon::start() {
  Result<std::unique_ptr<ChatChannels>> chats = ChatChannels::create(
      context_.get_executor(), std::move(channel_settings_), *database_, approvals_);
  if (!chats) return chats.error();
  chats_ = std::move(*chats);
  if (Result<> gate = start_gate(); !gate) return gate;
  if (Result<> talking = chats_->start(); !talking) return talking;
  periodic_.start();
  periodic_.arm(approvals_.next_deadline());
  if (Result<> serving = start_serving(); !serving) return serving;
  return record_.append(audit::started(enforcement(), wall_clock()));
}

Result<> Daemon::start_gate() {
  // What waited belongs to the tables that it waited in: another boot, another version or
  // another loading has none of it.
  const SipHashKey& key = programs_.hash_key();
  const std::string epoch = sha256_hex({reinterpret_cast<const char*>(&key), sizeof(key)});
  if (Result<> loaded = approvals_.load(epoch, wall_clock()); !loaded) return loaded;
  Result<std::unique_ptr<Gatekeeper>> gatekeeper = Gatekeeper::start(
      programs_, tables_, evaluator_,
      [this](KernelNotice notice) { events_.put(std::move(notice)); }, approvals_.waiting());
  if (!gatekeeper) return gatekeeper.error();
  gatekeeper_ = std::move(*gatekeeper);
  gate_.set_gatekeeper(*gatekeeper_, events_);
  programs_.answer_from(boot_time_ns());
  control_.start();
  approvals_.resume(wall_clock());
  return {};
}

Result<> Daemon::start_serving() {
  Result<std::unique_ptr<Server>> server =
      Server::create(context_.get_executor(),
                     {.socket_path = options_.runtime_dir + "/stayd.sock", .group = options_.group},
                     admin_, peers_);
  if (!server) return server.error();
  server_ = std::move(*server);
  if (Result<> made = make_self_directory(options_.runtime_dir); !made) return made;
  Result<std::unique_ptr<Server>> self_server =
      Server::create(context_.get_executor(),
                     {.socket_path = options_.runtime_dir + "/self/self.sock",
                      .group = {},
                      .everybody = true,
                      .limits = self_limits()},
                     self_service_, peers_);
  if (!self_server) return self_server.error();
  self_server_ = std::move(*self_server);
  return {};
}

// Once for all that happens before the executor has time: a flood of refusals wakes a waiting
// request once, and not for each of them.
void Daemon::wake_workloads() {
  if (std::exchange(waking_workloads_, true)) return;
  asio::post(context_, [this] {
    waking_workloads_ = false;
    if (self_server_) self_server_->notify();
  });
}

void Daemon::run() {
  periodic_.wait_for_signals();
  context_.run();
}

// What waits is handed to the agent that comes next; if none does, it is denied.
void Daemon::stop() {
  const Urgency urgency;
  service_manager::stopping();
  server_->stop();
  self_server_->stop();
  chats_->stop();
  periodic_.stop();
  programs_.expect_restart(
      boot_time_ns() +
      static_cast<std::uint64_t>(std::chrono::nanoseconds(options_.restart_limit).count()));
  gatekeeper_->hand_over();
  events_.drain();
  approvals_.flush(wall_clock());
  approvals_.note(audit::stopped(wall_clock()));
  if (Result<> closed = record_.close(); !closed) log_error("record: {}", closed.error().message);
  context_.stop();
}

void Daemon::look_after(TimePoint now) {
  approvals_.look_after_grants(now);
  control_.look_after();
  if (const Result<Pruned> pruned = store_.prune(now - kKeepClosed); !pruned)
    log_error("store: {}", pruned.error().message);
  approvals_.look_after_channels(now);
  if (Result<> signed_ = record_.tick(); !signed_) log_error("record: {}", signed_.error().message);
}

void Daemon::tick() {
  approvals_.tick(wall_clock());
  periodic_.arm_again(approvals_.next_deadline());
}

}  // namespace stayd
