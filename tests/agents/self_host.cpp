// SPDX-License-Identifier: Apache-2.0
//
// self.sock without a kernel: the desk from intake to the socket as the daemon has it, and one
// workload, to which everybody belongs who connects. What a kernel would report comes as lines of
// JSON on DIR/kernel.sock, and each is answered by a line:
//
//   {"deny": PATH}                    a rule denies reading it → {}
//   {"hold": ID, "path": PATH}        a person is asked → {"ticket": ID}
//   {"leave": ID}                     the hold ends, because its caller was killed → {}
//   {"answer": ID, "choice": "approve" | "deny", "reason": TEXT}   → {"error": TEXT}
//   {"intent": true}                  → {"intent": TEXT}, what the workload said last
//
// Usage: self_host DIR. The socket is DIR/self.sock. Says {"ready": true} when it is there; the end
// of its standard input ends it.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "api/self_service.h"
#include "api/server.h"
#include "base/json.h"
#include "daemon/self_answers.h"
#include "policy/parser.h"
#include "unit/intake/desk_on_disk.h"

namespace stayd {
namespace {

namespace asio = boost::asio;
using nlohmann::json;
using Protocol = asio::local::stream_protocol;

constexpr const char* kPolicy = R"(policy: agent
labels: {secrets: [/home/dev/.ssh, "**/.env"]}
network: {default: hold}
files:
  default: allow
  read: {deny: [secrets]}
exec: {default: allow}
)";

class InTheWorkload final : public PeerRecords {
 public:
  Result<> watch(int) override { return {}; }
  Result<Peer> peer_of(int socket) override {
    Result<Peer> peer = credentials_of(socket);
    if (peer) peer->workload = test::kWorkload;
    return peer;
  }
};

class Host {
 public:
  explicit Host(const std::string& directory)
      : acceptor_(context_, Protocol::endpoint(directory + "/kernel.sock")),
        input_(context_, ::dup(STDIN_FILENO)) {
    desk_.told = [this] {
      if (server_) server_->notify();
    };
    desk_.now = wall_clock();
    desk_.begin();
    WorkloadFacts& workload = desk_.gate.add_workload();
    workload.policy = *parse_policy(kPolicy, "/etc/stayd/policies/agent.yaml");
    workload.rules = {{.text = "default"}, words_of(workload.policy.paths.at(0).rule)};
    answers_ = std::make_unique<SelfAnswers>(desk_.gate, *desk_.approvals, *desk_.contexts,
                                             SelfAnswers::Callbacks{});
    service_ = std::make_unique<SelfService>(*answers_);
    server_ =
        *Server::create(context_.get_executor(),
                        {.socket_path = directory + "/self.sock", .group = "", .everybody = true},
                        *service_, peers_);
  }

  void run() {
    std::cout << R"({"ready": true})" << std::endl;
    accept();
    input_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [this](const boost::system::error_code&) { context_.stop(); });
    context_.run();
  }

 private:
  // One line of one connection after the other.
  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, Protocol::socket socket) {
      if (error) return;
      asio::streambuf buffer;
      boost::system::error_code ended;
      asio::read_until(socket, buffer, '\n', ended);
      std::istream stream(&buffer);
      std::string line;
      std::getline(stream, line);
      const json answer = line.empty() ? json() : carry_out(json::parse(line));
      asio::write(socket, asio::buffer(dump(answer) + "\n"), ended);
      accept();
    });
  }

  json carry_out(const json& command) {
    desk_.now = wall_clock();
    if (command.contains("deny")) {
      Operation operation = reported(0, command["deny"]);
      operation.disposition = Disposition::denied;
      desk_.take(std::move(operation));
      return json::object();
    }
    if (command.contains("hold")) {
      desk_.take(reported(command["hold"], command["path"]));
      return {{"ticket", desk_.approvals->open_tickets().back()->id}};
    }
    if (command.contains("leave")) {
      desk_.take(HoldGone{.hold = command["leave"], .why = HoldEnd::caller_gone});
      return json::object();
    }
    if (command.contains("answer")) return answer(command);
    const Intent* intent = desk_.contexts->intent_of(test::kWorkload);
    return {{"intent", intent != nullptr ? intent->text : ""}};
  }

  static Operation reported(HoldId hold, const std::string& path) {
    Operation operation = test::a_reported(hold, 100 + hold);
    operation.path = path;
    return operation;
  }

  json answer(const json& command) {
    const Ticket* ticket = desk_.approvals->find(command["answer"].get<TicketId>());
    Answer answer;
    answer.account = UnixAccount{1001};  // not the one that the workload runs as
    answer.decision.ticket = ticket->id;
    answer.decision.digest = ticket->digest;
    answer.decision.choice = command["choice"] == "approve" ? Choice::approve : Choice::deny;
    answer.decision.reason = command.value("reason", "said at a terminal");
    answer.decision.channel = "terminal";
    const auto answered = desk_.approvals->answer(std::move(answer), desk_.now);
    return {{"error", answered ? "" : answered.error().message}};
  }

  asio::io_context context_{1};
  test::DeskOnDisk desk_;
  std::unique_ptr<SelfAnswers> answers_;
  std::unique_ptr<SelfService> service_;
  InTheWorkload peers_;
  std::unique_ptr<Server> server_;
  Protocol::acceptor acceptor_;
  asio::posix::stream_descriptor input_;
};

}  // namespace
}  // namespace stayd

int main(int argc, char** argv) {
  // As stayd does; standard output is for answers.
  spdlog::set_default_logger(spdlog::stderr_logger_mt("self_host"));
  try {
    stayd::Host(argc > 1 ? argv[1] : ".").run();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "self_host: " << error.what() << '\n';
    return 1;
  }
}
