// SPDX-License-Identifier: Apache-2.0
#include "daemon/startup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <variant>

#include "audit/events.h"
#include "base/digest.h"
#include "base/escape.h"
#include "base/log.h"
#include "base/users.h"
#include "context/mounts.h"
#include "context/process.h"
#include "daemon/daemon.h"
#include "daemon/service_manager.h"
#include "daemon/urgency.h"
#include "tickets/approvers.h"

namespace stayd {
namespace {

namespace asio = boost::asio;

// Of an agent that is being replaced: for so long its holds wait for the next one. They go round
// and round meanwhile, at the machine's cost.
constexpr std::chrono::milliseconds kReadAtOnce{2};
constexpr std::chrono::milliseconds kFlushAfter{20};
constexpr std::chrono::milliseconds kLookAgainAfter{2};
constexpr std::chrono::seconds kGrantsPeriod{30};
// What ended before is left to the record.
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

std::string read_file(const char* path) {
  std::ifstream file(path);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

}  // namespace

Daemon::Daemon(DaemonOptions options, Programs programs, WorkloadId self_test, Record record,
               std::unique_ptr<Database> database, People people, ChatChannels::Settings channels)
    : options_(std::move(options)),
      programs_(std::move(programs)),
      self_test_(self_test),
      record_(std::move(record)),
      database_(std::move(database)),
      store_(*database_),
      tables_(programs_),
      workloads_(programs_, tables_),
      assignments_(workloads_, options_.runtime_dir + "/assignments.json",
                   [this](const Policy& policy) {
                     const People& known = approvals_.people();
                     return check_people(policy, known, known.owners(policy.owner, uid_of_login));
                   }),
      gate_actions_(tables_),
      context_builder_(tables_, workloads_.trail(), store_,
                       {.of_address =
                            [this](WorkloadId workload, const Address& address) {
                              return evaluator_.names_of(workload, address);
                            },
                        .host_path =
                            [this](std::uint32_t device, const std::string& path) {
                              return host_path(mounts(), device, path);
                            }}),
      proposals_(options_.state_dir + "/proposals"),
      terminal_([this] {
        ++announcements_;
        if (server_) server_->notify();
      }),
      approvals_(store_, record_, gate_actions_, std::move(people),
                 {.changed =
                      [this] {
                        if (server_) server_->notify();
                        arm_timer();
                      },
                  .flush_soon = [this] { flush_soon(); },
                  .propose = [this](const Ticket& ticket) { propose_rule(ticket); }}),
      channel_settings_(std::move(channels)),
      timer_(context_),
      grants_timer_(context_),
      record_timer_(context_),
      flush_timer_(context_),
      cgroups_timer_(context_),
      signals_(context_, SIGTERM, SIGINT),
      reload_signal_(context_, SIGHUP),
      clock_watch_(context_.get_executor(),
                   [this] {
                     approvals_.tick(wall_clock());
                     armed_for_.reset();
                     arm_timer();
                   }),
      mounts_(context_),
      learning_(context_.get_executor(),
                [this](const std::string& cgroup, const std::optional<Policy>& policy) {
                  return policy && policy->report_once ? put_under(cgroup, policy)
                                                       : restore_after_learning(cgroup, policy);
                }),
      self_service_(*this),
      peers_(tables_),
      evaluator_(
          programs_, tables_,
          [this](HoldId hold, DeferredVerdict verdict) { gatekeeper_->rule(hold, verdict); },
          [this](std::uint32_t policy) {
            asio::post(context_, [this, policy] { locate_again(policy); });
          }),
      kernel_events_([this] { asio::post(context_, [this] { read_kernel_events(); }); }) {
  approvals_.add_channel(terminal_);
}

Result<> Daemon::start() {
  Result<std::unique_ptr<ChatChannels>> chats = ChatChannels::create(
      context_.get_executor(), std::move(channel_settings_), *database_, approvals_);
  if (!chats) return chats.error();
  chats_ = std::move(*chats);
  // What waited belongs to the tables that it waited in: another boot, another version or
  // another loading has none of it.
  const SipHashKey& key = programs_.hash_key();
  const std::string epoch = sha256_hex({reinterpret_cast<const char*>(&key), sizeof(key)});
  if (Result<> loaded = approvals_.load(epoch, wall_clock()); !loaded) return loaded;

  Result<std::unique_ptr<Gatekeeper>> gatekeeper = Gatekeeper::start(
      programs_, tables_, evaluator_,
      [this](KernelNotice notice) { kernel_events_.put(std::move(notice)); }, approvals_.waiting());
  if (!gatekeeper) return gatekeeper.error();
  gatekeeper_ = std::move(*gatekeeper);
  gate_actions_.set_gatekeeper(*gatekeeper_);
  programs_.answer_from(boot_time_ns());

  for (const Error& error : assignments_.restore()) {
    log_error("restore: {}", error.message);
    ++faults_at_start_;
  }
  for (const Error& error : assignments_.load_policies(options_.policy_dir)) {
    log_error("policy: {}", error.message);
    ++faults_at_start_;
  }
  programs_.report_cgroups(assignments_.any_policy());
  apply_policies();
  approvals_.resume(wall_clock());
  if (Result<> talking = chats_->start(); !talking) return talking;
  watch_mounts();
  watch_reload();
  watch_grants();
  watch_record();
  clock_watch_.begin();
  arm_timer();

  Result<std::unique_ptr<Server>> server =
      Server::create(context_.get_executor(),
                     {.socket_path = options_.runtime_dir + "/stayd.sock", .group = options_.group},
                     *this, peers_);
  if (!server) return server.error();
  server_ = std::move(*server);
  if (Result<> made = make_self_directory(options_.runtime_dir); !made) return made;
  Result<std::unique_ptr<Server>> self_server = Server::create(
      context_.get_executor(),
      {.socket_path = options_.runtime_dir + "/self/self.sock", .group = {}, .everybody = true},
      self_service_, peers_);
  if (!self_server) return self_server.error();
  self_server_ = std::move(*self_server);
  return record_.append(audit::started(to_string(programs_.attachment()), wall_clock()));
}

std::string Daemon::summary() const {
  const std::size_t faults = faults_at_start_ + policy_errors_.size();
  std::string text = std::string("Enforcing (") + to_string(programs_.attachment()) +
                     "); workloads: " + std::to_string(workloads_.all().size());
  if (faults > 0)
    text += "; policies that could not be applied: " + std::to_string(faults) + ", see the log";
  return text;
}

void Daemon::run() {
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (!error) stop();
  });
  context_.run();
}

// What waits is handed to the agent that comes next; if none does, it is denied.
void Daemon::stop() {
  const Urgency urgency;
  service_manager::stopping();
  server_->stop();
  self_server_->stop();
  chats_->stop();
  timer_.cancel();
  programs_.expect_restart(
      boot_time_ns() +
      static_cast<std::uint64_t>(std::chrono::nanoseconds(options_.restart_limit).count()));
  gatekeeper_->hand_over();
  while (std::optional<KernelNotice> notice = kernel_events_.take())
    std::visit([this](auto& each) { on(std::move(each)); }, *notice);
  approvals_.flush(wall_clock());
  approvals_.note(audit::stopped(wall_clock()));
  if (Result<> closed = record_.close(); !closed) log_error("record: {}", closed.error().message);
  context_.stop();
}

// For a short time at once, so that those who answer are served while a workload is busy.
void Daemon::read_kernel_events() {
  const auto begun = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begun < kReadAtOnce) {
    std::optional<KernelNotice> notice = kernel_events_.take();
    if (!notice) {
      if (const std::uint64_t left_out = kernel_events_.left_out(); left_out > 0)
        approvals_.note(audit::left_out(left_out, wall_clock()));
      return;
    }
    std::visit([this](auto& each) { on(std::move(each)); }, *notice);
  }
  asio::post(context_, [this] { read_kernel_events(); });
}

void Daemon::on(Operation operation) {
  const Workload* workload = workloads_.find(operation.workload);
  const TimePoint now = wall_clock();
  operation.time = now;
  if (operation.path.starts_with('/')) {
    // What a person is to see is not from before the last mount.
    if (operation.disposition == Disposition::held) mounts_text_.clear();
    std::optional<std::string> path =
        find_host_path(mounts(), operation.object.device, operation.path);
    operation.off_host = !path;
    if (path) operation.path = std::move(*path);
    if (!operation.new_path.empty())
      operation.new_path = host_path(mounts(), operation.object.device, operation.new_path);
  }
  const bool held = operation.disposition == Disposition::held;
  if (!workload) {
    // Or tagged by an earlier agent, and its policy cannot be read any more.
    const bool is_test = operation.workload == self_test_;
    approvals_.note(
        audit::operation(operation, is_test ? "self-test" : "unknown workload: denied"));
    if (held) gatekeeper_->answer(operation.hold_id, HoldAnswer::deny, 0);
    return;
  }
  // It was asked under a policy that has been replaced meanwhile.
  if (held && operation.policy != workload->policy_id)
    return gatekeeper_->answer(operation.hold_id, HoldAnswer::judge_again, 0);
  // Reading /proc costs more than all the rest, and an operation that joins a ticket is
  // not shown.
  const bool joins = approvals_.would_join(operation);
  if (!joins) describe_caller(operation.caller);
  // It may have ended before it could be looked at.
  if (operation.caller.cgroup.empty()) operation.caller.cgroup = workload->cgroup;
  learning_.observe(workload->cgroup, operation,
                    evaluator_.names_of(operation.workload, operation.endpoint.address));
  if (!held && operation.disposition != Disposition::cannot_wait) {
    const std::string rule = rule_text(*workload, operation);
    if (operation.disposition == Disposition::denied)
      approvals_.denials().add(
          workload->id, denial_of(operation, operation.failure != 0 ? "unjudged" : "policy", rule));
    approvals_.note(audit::operation(operation, rule));
    return;
  }
  TicketContext context;
  if (!joins) {
    context = context_builder_.prepare(operation, *workload, approvals_.people(), now);
    context.reachable =
        approvals_.has_enough_reachable_approvers(context.approval, context.excluded);
  }
  approvals_.raise(std::move(operation), context, now);
}

// Cgroups come in groups: one scan for all that have been made until it begins.
void Daemon::on(const CgroupMade&) {
  if (std::exchange(policies_due_, true)) return;
  asio::post(context_, [this] { apply_policies(); });
}

void Daemon::on(const LabelsRead& touched) {
  const Workload* workload = workloads_.find(touched.workload);
  if (!workload) return;
  approvals_.note(audit::touched(workload->cgroup, label_names(*workload, touched.labels),
                                 touched.process, wall_clock()));
}

void Daemon::on(const ArgumentsChanged& changed) {
  log_warning("process {} was killed before it ran: its arguments were not those judged",
              changed.process);
  approvals_.note(audit::killed(changed.process, wall_clock()));
}

const std::string& Daemon::mounts() {
  if (mounts_text_.empty()) mounts_text_ = read_file("/proc/self/mountinfo");
  return mounts_text_;
}

// The gatekeeper's thread decides by what is in force; the kernel side has it already.
void Daemon::publish_policies() {
  auto policies = std::make_shared<PolicyEvaluator::Policies>();
  workloads_.for_each([&](const Workload& workload) {
    policies->by_id.emplace(workload.policy_id, workload.compiled);
  });
  evaluator_.set_policies(std::move(policies));
}

void Daemon::locate_again(std::uint32_t policy_id) {
  if (const Workload* workload = workloads_.find_policy(policy_id)) {
    const WorkloadId id = workload->id;
    const std::string cgroup = workload->cgroup;
    Result<bool> changed = workloads_.locate_again(cgroup);
    if (!changed) log_error("{}", escape(changed.error().message));
    if (changed && *changed) {
      publish_policies();
      approvals_.change_policy(id, wall_clock());
    }
    programs_.forget_judged();
  }
  evaluator_.located(policy_id);
}

// The kernel says with POLLPRI that a mount came or went (proc(5) /proc/pid/mounts).
void Daemon::watch_mounts() {
  if (!mounts_.is_open()) {
    const int file = ::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    if (file < 0)
      return log_warning("cannot watch mounts: labels below new ones wait for a reload");
    mounts_.assign(file);
  }
  mounts_.async_wait(asio::posix::descriptor_base::wait_error,
                     [this](const boost::system::error_code& error) {
                       if (error) return;
                       mounts_text_.clear();
                       std::vector<std::uint32_t> policies;
                       for (const auto& [cgroup, workload] : workloads_.all())
                         policies.push_back(workload.policy_id);
                       for (const std::uint32_t policy : policies) locate_again(policy);
                       watch_mounts();
                     });
}

void Daemon::watch_reload() {
  reload_signal_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    if (Result<nlohmann::json> reloaded = reload(); !reloaded)
      log_error("reload: {}", escape(reloaded.error().message));
    watch_reload();
  });
}

void Daemon::watch_grants() {
  grants_timer_.expires_after(kGrantsPeriod);
  grants_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    approvals_.look_after_grants(wall_clock());
    // No event reports the end of a stray, and another cgroup may be waiting for its slot.
    if (workloads_.stray_count() > 0 || !workloads_.refused().empty()) apply_policies();
    if (const Result<Pruned> pruned = store_.prune(wall_clock() - kKeepClosed); !pruned)
      log_error("store: {}", pruned.error().message);
    approvals_.look_after_channels(wall_clock());
    watch_grants();
  });
}

// It has to be signed now and then.
void Daemon::watch_record() {
  record_timer_.expires_after(kGrantsPeriod);
  record_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    if (Result<> signed_ = record_.tick(); !signed_)
      log_error("record: {}", signed_.error().message);
    watch_record();
  });
}

// What a person decides is stored before it counts; the rest comes in groups.
void Daemon::flush_soon() {
  if (std::exchange(flush_due_, true)) return;
  flush_timer_.expires_after(kFlushAfter);
  flush_timer_.async_wait([this](const boost::system::error_code& error) {
    flush_due_ = false;
    if (!error) approvals_.flush(wall_clock());
  });
}

void Daemon::arm_timer() {
  const std::optional<TimePoint> due = approvals_.next_deadline();
  if (due == armed_for_) return;
  armed_for_ = due;
  timer_.cancel();
  if (!due) return;
  timer_.expires_after(std::max(*due - wall_clock(), std::chrono::milliseconds(0)));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    armed_for_.reset();
    approvals_.tick(wall_clock());
    arm_timer();
  });
}

// What is known of workloads whose cgroup is gone goes with their last task.
void Daemon::end_workloads() {
  const Result<std::vector<Workload>> ended = workloads_.collect();
  if (!ended) return log_error("{}", escape(ended.error().message));
  for (const Workload& workload : *ended) forget(workload);
}

void Daemon::forget(const Workload& workload) {
  evaluator_.forget(workload.id);
  context_builder_.forget(workload.id);
  self_service_.forget(workload.id);
  approvals_.note(audit::unassigned(workload.cgroup, wall_clock()));
  approvals_.release_workload(workload.id, wall_clock());
}

void Daemon::apply_policies() {
  policies_due_ = false;
  end_workloads();
  const auto cgroups = tables_.tagged_cgroups();
  std::set<std::string> errors;
  std::set<std::uint64_t> looked_at;
  for (const Error& error : assignments_.apply_policies(looked_at)) errors.insert(error.message);
  // Each new cgroup brings the same ones again.
  for (const std::string& error : errors)
    if (!policy_errors_.contains(error)) log_error("apply policy: {}", escape(error));
  policy_errors_ = std::move(errors);
  publish_policies();
  // A cgroup is reported a moment before its directory can be seen.
  if (!tables_.settle_cgroups(cgroups, looked_at) || std::exchange(policies_due_, true)) return;
  cgroups_timer_.expires_after(kLookAgainAfter);
  cgroups_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) apply_policies();
  });
}

}  // namespace stayd
