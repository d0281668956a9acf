// SPDX-License-Identifier: Apache-2.0
#include "proposals/proposal.h"

#include <gmock/gmock.h>

#include "policy/parser.h"
#include "support/operation_builder.h"

namespace stayd::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kPolicy =
    "# Ours.\n"
    "policy: support-agent\n"
    "labels: {data: [/srv/customers]}\n"
    "files: {default: allow, read: {hold: [data, \"**/.env\"]}, create: {hold: [/srv/out]}}\n"
    "network: {default: hold, dns: [10.0.0.2], hold: [\"files.example.org:443/tcp\"]}\n"
    "exec: {default: hold}\n"
    "flows: [{after: {read: data}, network: hold}]\n";

Ticket ticket_of(Operation operation, const std::string& rule = "files.read.hold: data") {
  Ticket ticket;
  ticket.id = 17;
  ticket.operation = std::move(operation);
  ticket.workload = "/ai.slice/support-agent.service";
  ticket.policy = "support-agent";
  ticket.rule = rule;
  Decision approval;
  approval.choice = Choice::approve;
  approval.propose_rule = true;
  approval.name = "Alice Ng";
  approval.account = "unix:1000";
  approval.reason = "each night\npolicy: other";
  ticket.decisions = {approval};
  ticket.evidence.precedent = {.approved = 4, .denied = 1, .last = kNoon};
  ticket.outcome = Outcome::approved;
  return ticket;
}

Operation to(std::uint8_t host) {
  Operation operation = an_operation(1);
  operation.kind = OperationKind::connect;
  operation.path.clear();
  operation.read = false;
  operation.endpoint = {.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, host},
                        .port = 443,
                        .protocol = 6,
                        .scope_id = 0};
  return operation;
}

std::string proposed(const Ticket& ticket, const std::string& policy = kPolicy) {
  Result<Proposal> proposal =
      propose(ticket, policy, "/etc/stayd/policies/s.yaml",
              {{}, [](const Policy& each) -> Result<Policy> { return each; }}, kNoon);
  if (!proposal) return "error: " + proposal.error().message;
  EXPECT_TRUE(parse_policy(proposal->text, "p")) << proposal->text;
  return proposal->text;
}

TEST(Proposal, IsThePolicyWithTheOneRuleAndWhySoInFrontOfIt) {
  const std::string text = proposed(ticket_of(an_operation(1)));
  EXPECT_THAT(text, HasSubstr("read: {allow: [\"/srv/customers/list.csv\"], hold: [data"));
  EXPECT_THAT(text, HasSubstr("\n# Ours.\npolicy: support-agent\n"));
  for (const char* part :
       {"from ticket 17, ", "What      open for reading /srv/customers/list.csv",
        "Held by   files.read.hold: data", "by Alice Ng (unix:1000): each night\\npolicy: other",
        "approved 4, denied 1, last 2023-", "files.read.allow: /srv/customers/list.csv", "WIDER"})
    EXPECT_THAT(text, HasSubstr(part));
}

TEST(Proposal, NamesEveryRuleThatTheOperationNeeds) {
  Operation both = an_operation(1);
  both.write = true;
  EXPECT_THAT(proposed(ticket_of(both)), AllOf(HasSubstr("# Rule      files.read.allow"),
                                               HasSubstr("# Rule      files.write.allow")));
  Operation rename = an_operation(1);
  rename.kind = OperationKind::rename;
  rename.path = "/tmp/a";
  rename.new_path = "/srv/out/a";
  rename.replaces = true;
  EXPECT_THAT(proposed(ticket_of(rename)), AllOf(HasSubstr("files.rename.allow: /tmp/a"),
                                                 HasSubstr("files.create.allow: /srv/out/a"),
                                                 HasSubstr("files.delete.allow: /srv/out/a")));
  Operation exec = an_operation(1);
  exec.kind = OperationKind::exec;
  exec.path = "/usr/bin/git";
  exec.arguments = {"git", "push"};
  EXPECT_THAT(proposed(ticket_of(exec)), AllOf(HasSubstr("exec.allow: /usr/bin/git"),
                                               HasSubstr("WIDER     the program with any")));
  EXPECT_THAT(proposed(ticket_of(to(7))), HasSubstr("network.allow: 192.0.2.7:443/tcp"));
}

TEST(Proposal, ThereIsNoneWhereNoNarrowerRuleWouldHelp) {
  Operation pattern = an_operation(1);
  pattern.path = "/srv/x/.env";
  EXPECT_THAT(proposed(ticket_of(pattern)),
              HasSubstr("error: it would still be held by files.read"));

  Ticket flow = ticket_of(to(7));
  flow.evidence.touched = {"data", "a label of an earlier version"};
  EXPECT_THAT(proposed(flow), HasSubstr("error: it would still be held by "));

  EXPECT_THAT(
      proposed(ticket_of(to(7), "network.hold: files.example.org:443/tcp")),
      HasSubstr("error: it would still be held by network.hold: files.example.org:443/tcp"));
}

TEST(Proposal, ThereIsNoneForWhatNoRuleCanName) {
  for (const char* path : {"/srv/[a]", "/srv/a\n", "/srv/\xff"}) {
    Operation operation = an_operation(1);
    operation.path = path;
    EXPECT_THAT(proposed(ticket_of(operation)), HasSubstr("error: no rule can name the path"));
  }
  Operation elsewhere = an_operation(1);
  elsewhere.off_host = true;
  EXPECT_THAT(proposed(ticket_of(elsewhere)), HasSubstr("error: no path of this host"));
  Ticket flood = ticket_of(an_operation(1));
  flood.flood = true;
  EXPECT_THAT(proposed(flood), HasSubstr("error: it was about the number of tickets"));
}

TEST(Proposal, ThereIsNoneOfAPolicyThatIsAnotherNow) {
  std::string other = kPolicy;
  other.replace(other.find("support-agent"), 13, "other");
  EXPECT_THAT(proposed(ticket_of(an_operation(1)), other), HasSubstr("error: "));
  EXPECT_THAT(proposed(ticket_of(an_operation(1)), "nonsense"), HasSubstr("error: "));
}

TEST(Proposal, AnAbstractSocketIsNamedWithoutAPath) {
  Operation socket = an_operation(1);
  socket.kind = OperationKind::unix_socket;
  socket.read = false;
  socket.path = "@bus";
  std::string policy = kPolicy;
  policy.replace(policy.find("files.example.org:443/tcp"), 25, "unix:/run");
  EXPECT_THAT(proposed(ticket_of(socket), policy), HasSubstr("network.allow: unix:@bus"));
}

}  // namespace
}  // namespace stayd::test
