// SPDX-License-Identifier: Apache-2.0
#include "daemon.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <variant>

#include "api/server.h"
#include "asks/asks.h"
#include "assignments.h"
#include "audit/events.h"
#include "audit/record.h"
#include "audit/record_config.h"
#include "base/escape.h"
#include "base/fd.h"
#include "base/log.h"
#include "context/mounts.h"
#include "context/process.h"
#include "kernel/gatekeeper.h"
#include "kernel/self_test.h"
#include "kernel/workloads.h"
#include "policy/learn.h"
#include "policy/values.h"
#include "tickets/desk.h"
#include "tickets/ticket_json.h"

namespace stayd {
namespace {

namespace asio = boost::asio;

TimePoint now() {
  return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

// Wall-clock time as the kernel side counts it. The clock being set between the two reads
// moves one expiry by as much, and never makes a closed one open.
std::uint64_t to_boot_ns(TimePoint time) {
  const std::int64_t ahead = std::chrono::nanoseconds(time - now()).count();
  const auto boot = static_cast<std::int64_t>(boot_time_ns());
  return static_cast<std::uint64_t>(std::max<std::int64_t>(boot + ahead, 1));
}

// The rule in words. The kernel side may still hold by a version that has been replaced.
std::string rule_text(const Workload& workload, const Operation& operation) {
  if (operation.policy != workload.policy_id) return "a rule of an earlier version of the policy";
  const std::vector<std::string>& rules = workload.compiled->rules;
  if (operation.rule != 0 && operation.rule < rules.size()) return rules[operation.rule];
  switch (operation.kind) {
    case OperationKind::open:
    case OperationKind::create:
    case OperationKind::remove:
    case OperationKind::rename:
      return "files.default";
    case OperationKind::unix_socket:
    case OperationKind::connect:
    case OperationKind::send:
      return "network.default";
    case OperationKind::exec:
      return "exec.default";
  }
  return "default";
}

std::string read_file(const char* path) {
  std::ifstream file(path);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

// The desk thread: owns every part, in the order in which they depend on each other, and
// carries values between them.
class Daemon final : public Service {
 public:
  Daemon(DaemonOptions options, Programs programs, Record record)
      : options_(std::move(options)),
        programs_(std::move(programs)),
        record_(std::move(record)),
        tables_(programs_),
        workloads_(programs_, tables_),
        assignments_(workloads_, options_.runtime_dir + "/assignments.json"),
        timer_(context_),
        record_timer_(context_),
        signals_(context_, SIGTERM, SIGINT),
        reload_signal_(context_, SIGHUP),
        mounts_(context_),
        asks_(
            programs_, tables_,
            [this](HoldId hold, Ruling ruling) { gatekeeper_->rule(hold, ruling); },
            [this](std::uint32_t policy) {
              asio::post(context_, [this, policy] { locate_again(policy); });
            }) {}

  Result<> start();
  void run();

  Result<> admit(const Peer& peer) override;
  nlohmann::json status() override;
  nlohmann::json tickets(bool include_closed) override;
  std::uint64_t revision() override { return desk_.revision(); }
  Result<nlohmann::json> ticket(TicketId id) override;
  Result<nlohmann::json> decide(Decision decision) override;
  Result<nlohmann::json> assign(const std::string& cgroup, const std::string& policy_file) override;
  Result<nlohmann::json> release(const std::string& cgroup) override;
  Result<nlohmann::json> reload() override;
  Result<nlohmann::json> start_learning(const std::string& cgroup,
                                        std::chrono::seconds limit) override;
  Result<nlohmann::json> end_learning(const std::string& cgroup) override;

 private:
  // A workload that is being learned, and what it is under otherwise.
  struct Lesson {
    Learner learner;
    std::optional<Policy> before;
    TimePoint begun;
    asio::steady_timer limit;
    bool over = false;
  };

  void on(Operation operation);
  void on(const HoldGone& gone);
  void on(const CgroupMade& made);
  void on(const LabelsTouched& touched);
  void on(const EntryChanged& changed) { locate_again(changed.policy); }
  void on(const ArgumentsChanged& changed);
  void apply_policies();
  void publish_policies();
  void locate_again(std::uint32_t policy_id);
  Result<> put_under(const std::string& cgroup, const Policy& policy);
  void stop_learning(const std::string& cgroup, Lesson& lesson);
  void watch_mounts();
  void watch_reload();
  bool is_owner(const Decision& decision) const;
  static std::vector<std::string> label_names(const Workload& workload, std::uint64_t labels);
  nlohmann::json workload_json(const Workload& workload) const;

  void note_raised(TicketId id, bool joined, HoldId hold);
  void carry_out(const Effects& effects);
  void carry_out(const Changed& changed);
  void carry_out(const Refused& refused);
  void carry_out(const Grant& grant);
  void carry_out(const Release& release);

  Result<> write(const nlohmann::json& event, Durable durable = Durable::no);
  void watch_record();
  void note(const nlohmann::json& event);
  void arm_timer();

  DaemonOptions options_;
  Programs programs_;
  Record record_;
  Tables tables_;
  Workloads workloads_;
  Assignments assignments_;
  Desk desk_;
  asio::io_context context_{1};
  asio::steady_timer timer_;
  asio::steady_timer record_timer_;
  bool record_watched_ = false;
  asio::signal_set signals_;
  asio::signal_set reload_signal_;
  asio::posix::stream_descriptor mounts_;
  std::unique_ptr<Server> server_;
  Asks asks_;                               // outlives the gatekeeper, which consults it
  std::unique_ptr<Gatekeeper> gatekeeper_;  // its thread ends before all that it uses
  std::optional<TimePoint> armed_for_;
  std::map<std::string, Lesson> lessons_;  // by cgroup
  bool policies_due_ = false;
  std::set<std::string> policy_errors_;  // said already
  std::string record_error_;             // why nothing can be recorded now; empty: it can
};

Result<> Daemon::start() {
  Result<std::unique_ptr<Gatekeeper>> gatekeeper =
      Gatekeeper::start(programs_, tables_, asks_, [this](Notice notice) {
        asio::post(context_, [this, notice = std::move(notice)]() mutable {
          std::visit([this](auto& each) { on(std::move(each)); }, notice);
        });
      });
  if (!gatekeeper) return gatekeeper.error();
  gatekeeper_ = std::move(*gatekeeper);

  for (const Error& error : assignments_.restore()) log_error("restore: {}", error.message);
  for (const Error& error : assignments_.load_policies(options_.policy_dir))
    log_error("policy: {}", error.message);
  programs_.report_cgroups(assignments_.any_policy());
  apply_policies();
  watch_mounts();
  watch_reload();

  Result<std::unique_ptr<Server>> server = Server::create(
      context_.get_executor(),
      {.socket_path = options_.runtime_dir + "/stayd.sock", .group = options_.group}, *this);
  if (!server) return server.error();
  server_ = std::move(*server);
  return write(audit::started(to_string(programs_.attachment()), now()));
}

void Daemon::run() {
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    server_->stop();
    timer_.cancel();
    reload_signal_.cancel();
    context_.stop();
  });
  context_.run();
  note(audit::stopped(now()));
  if (Result<> closed = record_.close(); !closed) log_error("record: {}", closed.error().message);
}

void Daemon::on(Operation operation) {
  const Workload* workload = workloads_.find(operation.workload);
  operation.time = now();
  if (operation.path.starts_with('/')) {
    const std::string mounts = read_file("/proc/self/mountinfo");
    operation.path = host_path(mounts, operation.object.device, operation.path);
    if (!operation.new_path.empty())
      operation.new_path = host_path(mounts, operation.object.device, operation.new_path);
  }
  const bool held = operation.disposition == Disposition::held;
  if (!workload) {
    // Tagged by an earlier agent, and its policy cannot be read any more.
    note(audit::operation(operation, "unknown workload: denied"));
    if (held) gatekeeper_->answer(operation.hold_id, false, 0);
    return;
  }
  const TicketContext context{.workload = workload->cgroup,
                              .policy = workload->policy.name,
                              .rule = rule_text(*workload, operation),
                              .timeout = workload->policy.approval.timeout};
  // Reading /proc costs more than all the rest, and an operation that joins a ticket is
  // not shown.
  const bool joins = desk_.would_join(operation);
  if (!joins) describe_caller(operation.caller);
  if (auto lesson = lessons_.find(workload->cgroup);
      lesson != lessons_.end() && !lesson->second.over)
    lesson->second.learner.observe(operation,
                                   asks_.names_of(operation.workload, operation.endpoint.address));
  if (!held && operation.disposition != Disposition::cannot_wait) {
    note(audit::operation(operation, context.rule));
    return;
  }
  const HoldId hold = operation.hold_id;
  const Effects effects = desk_.hold_raised(std::move(operation), context, now());
  for (const Effect& effect : effects)
    if (const auto* changed = std::get_if<Changed>(&effect))
      note_raised(changed->ticket, joins, hold);
  carry_out(effects);
}

void Daemon::note_raised(TicketId id, bool joined, HoldId hold) {
  const Ticket* ticket = desk_.find(id);
  if (!ticket || ticket->outcome != Outcome::open) return;
  note(joined ? audit::joined(*ticket, hold, now()) : audit::opened(*ticket));
}

void Daemon::on(const HoldGone& gone) {
  carry_out(desk_.hold_gone(gone.hold, now(), gone.superseded));
}

// Cgroups come in groups: one scan for all that have been made until it begins.
void Daemon::on(const CgroupMade&) {
  if (std::exchange(policies_due_, true)) return;
  asio::post(context_, [this] { apply_policies(); });
}

void Daemon::on(const LabelsTouched& touched) {
  const Workload* workload = workloads_.find(touched.workload);
  if (!workload) return;
  note(audit::touched(workload->cgroup, label_names(*workload, touched.labels), touched.process,
                      now()));
}

void Daemon::on(const ArgumentsChanged& changed) {
  log_warning("process {} was killed before it ran: its arguments were not those judged",
              changed.process);
  note(audit::killed(changed.process, now()));
}

// The gatekeeper's thread decides by what is in force; the kernel side has it already.
void Daemon::publish_policies() {
  auto policies = std::make_shared<Asks::Policies>();
  for (const auto& [cgroup, workload] : workloads_.all())
    policies->by_id.emplace(workload.policy_id, workload.compiled);
  asks_.set_policies(std::move(policies));
}

void Daemon::locate_again(std::uint32_t policy_id) {
  if (const Workload* workload = workloads_.find_policy(policy_id)) {
    const WorkloadId id = workload->id;
    const std::string cgroup = workload->cgroup;
    Result<bool> changed = workloads_.locate_again(cgroup);
    if (!changed) log_error("{}", escape(changed.error().message));
    if (changed && *changed) {
      publish_policies();
      carry_out(desk_.policy_changed(id, now()));
    }
    programs_.forget_judged();
  }
  asks_.located(policy_id);
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

Result<nlohmann::json> Daemon::reload() {
  std::vector<WorkloadId> changed;
  const std::vector<Error> errors = assignments_.reload(options_.policy_dir, changed);
  programs_.report_cgroups(assignments_.any_policy());
  apply_policies();
  for (const WorkloadId id : changed) {
    if (const Workload* workload = workloads_.find(id))
      note(audit::assigned(workload->cgroup, workload->policy.name, workload->policy.file, now()));
    carry_out(desk_.policy_changed(id, now()));
  }
  std::string complaints;
  for (const Error& error : errors) complaints += (complaints.empty() ? "" : "\n") + error.message;
  if (!errors.empty()) return Error{complaints};
  return {boost::system::in_place_value, nlohmann::json{{"workloads", changed.size()}}};
}

void Daemon::apply_policies() {
  policies_due_ = false;
  std::set<std::string> errors;
  for (const Error& error : assignments_.apply_policies()) errors.insert(error.message);
  // Each new cgroup brings the same ones again.
  for (const std::string& error : errors)
    if (!policy_errors_.contains(error)) log_error("apply policy: {}", escape(error));
  policy_errors_ = std::move(errors);
  publish_policies();
}

void Daemon::carry_out(const Effects& effects) {
  for (const Effect& effect : effects)
    std::visit([this](const auto& each) { carry_out(each); }, effect);
  if (!effects.empty() && server_) server_->notify();
  arm_timer();
}

void Daemon::carry_out(const Changed& changed) {
  const Ticket* ticket = desk_.find(changed.ticket);
  if (ticket && ticket->outcome != Outcome::open) note(audit::closed(*ticket));
}

void Daemon::carry_out(const Refused& refused) { note(audit::refused(refused, now())); }

void Daemon::carry_out(const Grant& grant) {
  Result<> granted = tables_.grant(grant.workload, grant.object,
                                   {.expires_ns = to_boot_ns(grant.expires),
                                    .uses = grant.uses,
                                    .last_use_ns = 0,
                                    .last_socket = 0});
  if (!granted) log_error("grant: {}", granted.error().message);
  note(audit::granted(grant, now()));
}

void Daemon::carry_out(const Release& release) {
  note(audit::released(release, now()));
  if (release.again) return gatekeeper_->judge_again(release.hold);
  gatekeeper_->answer(release.hold, release.allow,
                      release.allow ? to_boot_ns(release.valid_until) : 0);
}

Result<> Daemon::write(const nlohmann::json& event, Durable durable) {
  Result<> written = record_.append(event, durable);
  watch_record();
  const std::string error = written ? "" : written.error().message;
  if (error != record_error_ && !error.empty())
    log_error("record: {}; approvals are refused until it can be written", error);
  if (error != record_error_ && error.empty()) log_info("record: can be written again");
  record_error_ = error;
  return written;
}

// The record signs what has been without a signature for some time.
void Daemon::watch_record() {
  const std::optional<TimePoint> due = record_.next_tick();
  if (record_watched_ || !due) return;
  record_watched_ = true;
  record_timer_.expires_after(std::max(*due - now(), std::chrono::milliseconds(1000)));
  record_timer_.async_wait([this](const boost::system::error_code& error) {
    record_watched_ = false;
    if (error) return;
    if (Result<> signed_now = record_.tick(); !signed_now)
      log_error("record: {}", signed_now.error().message);
    watch_record();
  });
}

// For what has happened already: a failure is said by write(), and stops approvals.
void Daemon::note(const nlohmann::json& event) { (void)write(event); }

void Daemon::arm_timer() {
  const std::optional<TimePoint> due = desk_.next_deadline();
  if (due == armed_for_) return;
  armed_for_ = due;
  timer_.cancel();
  if (!due) return;
  timer_.expires_after(std::max(*due - now(), std::chrono::milliseconds(0)));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    armed_for_.reset();
    carry_out(desk_.tick(now()));
  });
}

Result<> Daemon::admit(const Peer& peer) {
  Result<bool> tagged = tables_.is_tagged(peer.pid);
  if (!tagged) return tagged.error();
  if (*tagged) return Error{"a workload cannot answer for itself"};
  return {};
}

std::vector<std::string> Daemon::label_names(const Workload& workload, std::uint64_t labels) {
  std::vector<std::string> names;
  for (std::size_t bit = 0; bit < workload.compiled->labels.size(); ++bit)
    if (labels >> bit & 1) names.push_back(workload.compiled->labels[bit]);
  return names;
}

nlohmann::json Daemon::workload_json(const Workload& workload) const {
  nlohmann::json not_there = nlohmann::json::array();
  for (const Unresolved& each : workload.compiled->unresolved)
    not_there.push_back(escape(each.path + ": " + each.reason));
  return {{"cgroup", escape(workload.cgroup)},
          {"policy", escape(workload.policy.name)},
          {"policy_file", escape(workload.policy.file)},
          {"mode", workload.policy.observe ? "observe" : "enforce"},
          {"touched", label_names(workload, tables_.touched(workload.id.slot))},
          {"not_labelled", std::move(not_there)}};
}

nlohmann::json Daemon::status() {
  const Gatekeeper::Load load = gatekeeper_->load();
  nlohmann::json workloads = nlohmann::json::array();
  for (const auto& [cgroup, workload] : workloads_.all())
    workloads.push_back(workload_json(workload));
  const HostNames::Counts dns = asks_.dns_counts();
  nlohmann::json record = record_.status();
  record["error"] = record_error_;
  nlohmann::json counters = nlohmann::json::object();
  for (const auto& [name, value] : tables_.counters()) counters[name] = value;
  return {
      {"version", STAYD_VERSION},
      {"enforcement", to_string(programs_.attachment())},
      {"tickets_open", desk_.open_tickets().size()},
      {"gatekeeper",
       {{"waiting", load.waiting},
        {"parked", load.parked},
        {"asked", load.asked},
        {"real_time", load.real_time}}},
      {"dns", {{"seen", dns.seen}, {"confirmed", dns.confirmed}, {"unconfirmed", dns.unconfirmed}}},
      {"record", std::move(record)},
      {"workloads", std::move(workloads)},
      {"counters", std::move(counters)}};
}

nlohmann::json Daemon::tickets(bool include_closed) {
  nlohmann::json result = nlohmann::json::array();
  if (include_closed) {
    const std::vector<const Ticket*> closed = desk_.closed_tickets();
    for (auto each = closed.rbegin(); each != closed.rend(); ++each)
      result.push_back(to_json(**each));
  }
  for (const Ticket* each : desk_.open_tickets()) result.push_back(to_json(*each));
  return result;
}

Result<nlohmann::json> Daemon::ticket(TicketId id) {
  const Ticket* found = desk_.find(id);
  if (!found) return Error{"there is no ticket " + std::to_string(id)};
  return {boost::system::in_place_value, to_json(*found)};
}

// A policy names its owner by login, or by an address that begins with it.
bool Daemon::is_owner(const Decision& decision) const {
  const Ticket* ticket = desk_.find(decision.ticket);
  const Workload* workload = ticket ? workloads_.find(ticket->operation.workload) : nullptr;
  if (!workload || decision.login.empty()) return false;
  const std::string& owner = workload->policy.owner;
  return owner.substr(0, owner.find('@')) == decision.login;
}

Result<nlohmann::json> Daemon::decide(Decision decision) {
  const Ticket* asked = desk_.find(decision.ticket);
  const std::string workload = asked ? asked->workload : "";
  Result<> acceptable = desk_.check(decision, now());
  if (acceptable && is_owner(decision))
    acceptable = Error{"the owner of a workload cannot answer for it"};
  if (!acceptable) {
    note(audit::decision_refused(decision, workload, acceptable.error().message, now()));
    return acceptable.error();
  }
  // What cannot be recorded is not approved; a refusal stands all the same.
  Result<> recorded = write(audit::decided(decision, workload, now()), Durable::yes);
  if (!recorded && decision.choice == Choice::approve)
    return in_context("the decision cannot be recorded", recorded.error());
  Result<Effects> effects = desk_.decide(decision, now());
  if (!effects) return effects.error();
  carry_out(*effects);
  return ticket(decision.ticket);
}

Result<nlohmann::json> Daemon::assign(const std::string& cgroup, const std::string& policy_file) {
  Result<const Workload*> assigned = assignments_.assign(cgroup, policy_file);
  if (!assigned) return assigned.error();
  const Workload& workload = **assigned;
  publish_policies();
  note(audit::assigned(workload.cgroup, workload.policy.name, workload.policy.file, now()));
  carry_out(desk_.policy_changed(workload.id, now()));
  nlohmann::json reply = workload_json(workload);
  return {boost::system::in_place_value, std::move(reply)};
}

Result<nlohmann::json> Daemon::release(const std::string& cgroup) {
  Result<Workload> released = assignments_.release(cgroup);
  if (!released) return released.error();
  publish_policies();
  asks_.forget(released->id);
  note(audit::unassigned(released->cgroup, now()));
  carry_out(desk_.workload_released(released->id, now()));
  return {boost::system::in_place_value, nlohmann::json{{"cgroup", escape(released->cgroup)}}};
}

// The resolvers that this host's programs ask, resolv.conf(5).
std::vector<Address> host_resolvers() {
  std::ifstream file("/etc/resolv.conf");
  std::vector<Address> resolvers;
  for (std::string word; file >> word;) {
    if (word != "nameserver" || !(file >> word)) continue;
    if (Result<Destinations> server = parse_destinations(word))
      resolvers.push_back(server->prefix.address);
  }
  return resolvers;
}

Result<> Daemon::put_under(const std::string& cgroup, const Policy& policy) {
  Result<const Workload*> assigned = workloads_.assign(cgroup, policy);
  if (!assigned) return assigned.error();
  publish_policies();
  note(audit::assigned((*assigned)->cgroup, policy.name, policy.file, now()));
  carry_out(desk_.policy_changed((*assigned)->id, now()));
  return {};
}

Result<nlohmann::json> Daemon::start_learning(const std::string& name, std::chrono::seconds limit) {
  const std::string cgroup = normal_cgroup(name);
  if (lessons_.contains(cgroup)) return Error{cgroup + " is being learned already"};
  std::optional<Policy> before;
  if (auto known = workloads_.all().find(cgroup); known != workloads_.all().end())
    before = known->second.policy;
  if (Result<> put = put_under(cgroup, learning_policy(host_resolvers())); !put) return put.error();
  auto [entry, is_new] = lessons_.try_emplace(
      cgroup, Lesson{{}, std::move(before), now(), asio::steady_timer(context_, limit)});
  entry->second.limit.async_wait([this, cgroup](const boost::system::error_code& error) {
    if (auto lesson = lessons_.find(cgroup); !error && lesson != lessons_.end())
      stop_learning(cgroup, lesson->second);
  });
  return {boost::system::in_place_value, nlohmann::json{{"cgroup", escape(cgroup)}}};
}

// What has been learned is kept until somebody takes it.
void Daemon::stop_learning(const std::string& cgroup, Lesson& lesson) {
  if (std::exchange(lesson.over, true)) return;
  Result<> back;
  if (lesson.before)
    back = put_under(cgroup, *lesson.before);
  else if (Result<nlohmann::json> released = release(cgroup); !released)
    back = released.error();
  if (!back) log_error("end of learning: {}", escape(back.error().message));
}

Result<nlohmann::json> Daemon::end_learning(const std::string& name) {
  const auto lesson = lessons_.find(normal_cgroup(name));
  if (lesson == lessons_.end()) return Error{"nothing is learned about " + name};
  stop_learning(lesson->first, lesson->second);
  const auto period =
      std::chrono::duration_cast<std::chrono::seconds>(now() - lesson->second.begun);
  const std::string unit = std::filesystem::path(lesson->first).stem().string();
  nlohmann::json reply = {
      {"operations", lesson->second.learner.operations()},
      {"draft", lesson->second.learner.draft(is_name(unit) ? unit : "draft",
                                             std::to_string(period.count()) + " s")}};
  lessons_.erase(lesson);
  return {boost::system::in_place_value, std::move(reply)};
}

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
Result<Programs> enforce(const std::string& bpffs_dir) {
  const std::string lsm_list = "," + read_file("/sys/kernel/security/lsm");
  std::vector<Attachment> ways{Attachment::fmod_ret};
  if (lsm_list == "," || lsm_list.find(",bpf") != std::string::npos)
    ways.insert(ways.begin(), Attachment::lsm);
  std::string reasons;
  for (const Attachment way : ways) {
    Result<Programs> programs = Programs::load({.attachment = way, .pin_directory = bpffs_dir});
    Result<> proven = programs ? programs->become_agent() : Result<>(programs.error());
    if (proven) {
      Tables tables(*programs);
      proven = self_test(*programs, tables);
    }
    if (proven) return programs;
    reasons.append(reasons.empty() ? "" : "; ")
        .append(to_string(way))
        .append(": " + proven.error().message);
  }
  return Error{"this kernel cannot enforce (" + reasons + "). Run: stayctl doctor"};
}

}  // namespace

Result<> run_daemon(const DaemonOptions& options) {
  if (Result<> blocked = Gatekeeper::block_child_signals(); !blocked) return blocked;
  Result<Fd> locked = lock(options.runtime_dir);
  if (!locked) return locked.error();
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(options.record_file).parent_path(),
                                      ignored);
  Result<RecordOptions> how = audit::load_record_options(options.record_config);
  if (!how) return how.error();
  how->path = options.record_file;
  how->key_directory = options.key_dir;
  if (const char* credentials = std::getenv("CREDENTIALS_DIRECTORY"))
    how->credentials = credentials;
  how->journal = audit::system_journal();
  Result<Record> record = Record::open(std::move(*how));
  if (!record) return record.error();
  Result<Programs> programs = enforce(options.bpffs_dir);
  if (!programs) return programs.error();

  Daemon daemon(options, std::move(*programs), std::move(*record));
  if (Result<> started = daemon.start(); !started) return started.error();
  std::printf("stayd: ready (%s)\n", daemon.status()["enforcement"].get<std::string>().c_str());
  std::fflush(stdout);
  daemon.run();
  return {};
}

}  // namespace stayd
