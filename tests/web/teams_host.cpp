// SPDX-License-Identifier: Apache-2.0
//
// stayd from the desk outward, without a kernel: approval service, store, record, and the Teams
// channel as the daemon has them. What a kernel would raise comes as lines of JSON on standard
// input, and each is answered by a line on standard output:
//
//   {"raise": HOLD, "path": TEXT, …}   → {"ticket": ID}; see raise() for what else it may have
//   {"gone": HOLD}                     → {}
//   {"answer": ID, "choice": "approve" | "deny", "uid": N}   as from a terminal → {"error": TEXT}
//   {"state": true}                    → {"tickets": […], "released": [{hold, allow}], "trouble"}
//
// Usage: teams_host DIR. DIR has stayd.yaml and people.yaml, and gets the rest: the API's socket
// is DIR/stayd.sock. Says {"ready": true} when Teams can reach it; the end of the input ends it.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <iostream>
#include <nlohmann/json.hpp>

#include "api/server.h"
#include "approval/approval_service.h"
#include "base/json.h"
#include "channels/teams/teams_channel.h"
#include "channels/terminal/terminal_channel.h"
#include "store/schema.h"
#include "support/local_peers.h"
#include "support/operation_builder.h"
#include "tickets/ticket_json.h"
#include "unit/api/fake_service.h"

namespace stayd {
namespace {

namespace asio = boost::asio;
using nlohmann::json;

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}
void must(const Result<>& result) {
  if (!result) throw std::runtime_error(result.error().message);
}

// Notes what it is told.
class Kernel final : public KernelActions {
 public:
  void release(const Release& release) override {
    released.push_back({{"hold", release.hold}, {"allow", release.answer == HoldAnswer::allow}});
  }
  Result<> grant(const Grant&) override { return {}; }
  void revoke(const Grant&) override {}
  std::optional<std::int64_t> uses_left(const Grant& grant) override { return grant.uses; }
  bool lives(const ProcessInstance&) override { return true; }

  json released = json::array();
};

Record open_record(const std::string& directory) {
  RecordOptions options;
  options.path = directory + "/record.jsonl";
  options.key_directory = directory + "/key";
  return must(Record::open(std::move(options)));
}

teams::Config read_config(const std::string& directory) {
  auto config = must(teams::load_config(directory + "/stayd.yaml", ""));
  if (!config) throw std::runtime_error("no Teams in stayd.yaml");
  return std::move(*config);
}

class Host final : public FakeService {
 public:
  explicit Host(const std::string& directory)
      : record_(open_record(directory)),
        database_(must(Database::open(directory + "/stayd.db", schema()))),
        store_(*database_),
        terminal_([] {}),
        approvals_(store_, record_, kernel_, must(load_people(directory + "/people.yaml")),
                   {.changed = [this] { arm(); }, .flush_soon = [this] { flush_soon(); }}),
        timer_(context_),
        input_(context_, ::dup(STDIN_FILENO)) {
    teams_ = must(teams::TeamsChannel::create(context_.get_executor(), read_config(directory),
                                              *database_, approvals_, {}));
    approvals_.add_channel(terminal_);
    approvals_.add_channel(*teams_);
    must(approvals_.load("one", wall_clock()));
    approvals_.resume(wall_clock());
    must(teams_->start());
    server_ = must(Server::create(context_.get_executor(),
                                  {.socket_path = directory + "/stayd.sock", .group = {}}, *this,
                                  peers_));
    arm();
  }

  void run() {
    std::cout << R"({"ready": true})" << std::endl;
    read();
    context_.run();
  }

  TeamsService* teams() override { return teams_.get(); }

 private:
  void read() {
    asio::async_read_until(input_, buffer_, '\n',
                           [this](const boost::system::error_code& error, std::size_t) {
                             if (error) return stop();
                             std::string line;
                             std::istream stream(&buffer_);
                             std::getline(stream, line);
                             std::cout << dump(carry_out(json::parse(line))) << std::endl;
                             read();
                           });
  }

  void stop() {
    timer_.cancel();
    server_->stop();
    approvals_.flush(wall_clock());
    teams_->stop();
    context_.stop();
  }

  json carry_out(const json& command) {
    if (command.contains("raise")) return raise(command);
    if (command.contains("gone")) {
      approvals_.gone(command["gone"].get<HoldId>(), HoldEnd::caller_gone, wall_clock());
      return json::object();
    }
    if (command.contains("answer")) return answer(command);
    return state();
  }

  // {kind: "exec", path, arguments, inode, workload: N, quorum, timeout: s, approvers}: an
  // operation of its own unless `inode` and `workload` are those of another hold.
  json raise(const json& command) {
    const HoldId hold = command["raise"].get<HoldId>();
    WorkloadId workload = test::kWorkload;
    workload.slot = command.value("workload", workload.slot);
    Operation operation = test::an_operation(hold, command.value("inode", hold + 1000), workload);
    operation.time = wall_clock();
    operation.path = command.value("path", "/srv/customers/list.csv");
    operation.arguments = command.value("arguments", std::vector<std::string>());
    if (command.value("kind", "open") == "exec") operation.kind = OperationKind::exec;
    TicketContext context{.workload = "/ai.slice/support-agent.service",
                          .policy = "support-agent",
                          .rule = "files: hold /srv/customers"};
    context.approval.quorum = command.value("quorum", 1U);
    context.approval.wait_if_unreachable = true;
    context.approval.timeout = std::chrono::seconds(command.value("timeout", 1800));
    context.approval.approvers = command.value("approvers", std::vector<std::string>());
    const TicketId before =
        approvals_.open_tickets().empty() ? 0 : approvals_.open_tickets().back()->id;
    if (approvals_.would_join(operation))
      approvals_.join(operation, wall_clock());
    else
      approvals_.raise(std::move(operation), context, wall_clock());
    const auto open = approvals_.open_tickets();
    return {{"ticket", open.empty() ? before : open.back()->id}};
  }

  json answer(const json& command) {
    const Ticket* ticket = approvals_.find(command["answer"].get<TicketId>());
    if (ticket == nullptr) return {{"error", "no such ticket"}};
    Answer answer;
    answer.account = UnixAccount{command.value("uid", 1000U)};
    answer.decision.ticket = ticket->id;
    answer.decision.digest = ticket->digest;
    answer.decision.choice =
        command.value("choice", "") == "approve" ? Choice::approve : Choice::deny;
    answer.decision.reason = command.value("reason", "said at a terminal");
    answer.decision.channel = "terminal";
    const auto answered = approvals_.answer(std::move(answer), wall_clock());
    return {{"error", answered ? "" : answered.error().message}};
  }

  json state() {
    json tickets = json::array();
    for (TicketId id = 1; const Ticket* ticket = approvals_.find(id); ++id)
      tickets.push_back(to_json(*ticket));
    return {{"tickets", tickets},
            {"released", kernel_.released},
            {"trouble", teams_->trouble()},
            {"teams", teams_->overview()}};
  }

  void flush_soon() {
    asio::post(context_, [this] { approvals_.flush(wall_clock()); });
  }

  void arm() {
    const std::optional<TimePoint> due = approvals_.next_deadline();
    if (!due) return;
    timer_.expires_after(std::max(*due - wall_clock(), std::chrono::milliseconds(0)));
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      approvals_.tick(wall_clock());
      arm();
    });
  }

  asio::io_context context_{1};
  Record record_;
  std::unique_ptr<Database> database_;
  DeskStore store_;
  Kernel kernel_;
  TerminalChannel terminal_;
  ApprovalService approvals_;
  std::unique_ptr<teams::TeamsChannel> teams_;
  test::LocalPeers peers_;
  std::unique_ptr<Server> server_;
  asio::steady_timer timer_;
  asio::posix::stream_descriptor input_;
  asio::streambuf buffer_;
};

}  // namespace
}  // namespace stayd

int main(int argc, char** argv) {
  // As stayd does; standard output is for answers.
  spdlog::set_default_logger(spdlog::stderr_logger_mt("teams_host"));
  try {
    stayd::Host(argc > 1 ? argv[1] : ".").run();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "teams_host: " << error.what() << '\n';
    return 1;
  }
}
