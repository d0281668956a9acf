// SPDX-License-Identifier: Apache-2.0
#include "audit/ocsf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "audit/events.h"
#include "base/json.h"
#include "support/operation_builder.h"

namespace stayd {
namespace {

using namespace test;
using audit::OcsfMapper;
using nlohmann::json;

// What schema 1.7.0 requires of each class that is used, besides what it requires of all, and
// the activities that the class has.
struct ClassRules {
  const char* name;
  int category;
  std::vector<const char*> required;
  std::set<int> activities;
};
const std::map<int, ClassRules> kClasses = {
    {0, {"base_event", 0, {}, {0, 99}}},
    {1001, {"file_activity", 1, {"actor", "device", "file"}, {1, 2, 3, 4, 5, 14, 99}}},
    {1007, {"process_activity", 1, {"actor", "device", "process"}, {1, 2, 99}}},
    {1008, {"event_log_activity", 1, {"log_name"}, {2, 5, 6, 7, 99}}},
    {3003, {"authorize_session", 3, {"user", "privileges"}, {1}}},
    {3004, {"entity_management", 3, {"entity"}, {3, 8, 9, 11, 12, 13, 99}}},
    {4001, {"network_activity", 4, {"dst_endpoint"}, {1, 6}}},
    {6002, {"application_lifecycle", 6, {"app"}, {3, 4}}}};
constexpr const char* kAlwaysRequired[] = {"activity_id", "category_uid", "class_uid", "metadata",
                                           "severity_id", "time",         "type_uid"};
// Checks every object with that name, wherever it stands; lists are "one of".
const std::map<std::string, std::vector<const char*>> kRequiredOfObjects = {
    {"metadata", {"version", "product"}},
    {"device", {"type_id"}},
    {"file", {"name", "type_id"}},
    {"file_result", {"name", "type_id"}},
    {"connection_info", {"direction_id"}}};
const std::map<std::string, std::vector<const char*>> kOneOfObjects = {
    {"actor", {"process", "user", "session", "app_name", "app_uid", "invoked_by"}},
    {"process", {"pid", "uid", "cpid"}},
    {"parent_process", {"pid", "uid", "cpid"}},
    {"user", {"name", "uid", "account"}},
    {"dst_endpoint", {"ip", "uid", "name", "hostname"}},
    {"entity", {"name", "uid", "device", "group", "org", "policy", "user"}},
    {"policy", {"name", "type", "uid"}},
    {"product", {"name", "uid"}},
    {"app", {"name", "uid"}}};

void check_objects(const json& value, const std::string& place) {
  for (const auto& [name, member] : value.items()) {
    if (name == "unmapped" || !member.is_object()) continue;
    if (const auto rules = kRequiredOfObjects.find(name); rules != kRequiredOfObjects.end())
      for (const char* each : rules->second)
        EXPECT_TRUE(member.contains(each)) << place << "." << name << "." << each;
    if (const auto rules = kOneOfObjects.find(name); rules != kOneOfObjects.end())
      EXPECT_TRUE(std::ranges::any_of(rules->second,
                                      [&](const char* each) { return member.contains(each); }))
          << place << "." << name << ": " << dump(member);
    check_objects(member, place + "." + name);
  }
}

void check(const json& event) {
  for (const char* each : kAlwaysRequired) ASSERT_TRUE(event.contains(each)) << each;
  const auto rules = kClasses.find(event["class_uid"].get<int>());
  ASSERT_NE(rules, kClasses.end()) << dump(event);
  EXPECT_EQ(event["category_uid"], rules->second.category);
  EXPECT_EQ(event["type_uid"], rules->first * 100 + event["activity_id"].get<int>());
  EXPECT_TRUE(rules->second.activities.contains(event["activity_id"].get<int>())) << dump(event);
  for (const char* each : rules->second.required)
    EXPECT_TRUE(event.contains(each)) << rules->second.name << "." << each;
  EXPECT_EQ(event["metadata"]["version"], "1.7.0");
  check_objects(event, rules->second.name);
}

json mapped(const json& event) {
  const std::optional<json> result = OcsfMapper().map(event);
  EXPECT_TRUE(result) << dump(event);
  return result.value_or(json());
}

Operation operation(OperationKind kind) {
  Operation result = an_operation(7);
  result.kind = kind;
  result.caller.ancestry = {{1, "/bin/sh", {"sh", "-c", "x"}}};
  result.arguments = {"git", "push"};
  result.new_path = "/srv/new";
  result.endpoint.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7};
  result.endpoint.port = 443;
  result.endpoint.protocol = 6;
  return result;
}

Decision a_decision() {
  Decision decision;
  decision.ticket = 12;
  decision.choice = Choice::approve;
  decision.person = "alice";
  decision.account = "unix:1000";
  decision.reason = "planned";
  return decision;
}

TEST(Ocsf, EveryEventHasWhatItsClassRequires) {
  Ticket ticket;
  ticket.id = 12;
  ticket.operation = operation(OperationKind::open);
  ticket.outcome = Outcome::approved;
  ticket.decisions = {a_decision()};
  Grant grant;
  grant.ticket = 12;
  grant.what = "open /srv/x";
  std::vector<json> events = {
      audit::opened(ticket),
      audit::joined(ticket, 8, kNoon),
      audit::closed(ticket),
      audit::proposed(ticket, "files.read.allow: /srv/x", "/var/lib/stayd/proposals/1-x.yaml",
                      kNoon),
      audit::not_proposed(ticket, "no rule can name the path", kNoon),
      audit::happened(ticket, {kNoon, "escalated"}, kNoon),
      audit::decided(a_decision(), "/ai", kNoon),
      audit::decision_refused(a_decision(), "/ai", "too late", kNoon),
      audit::released({.hold = 7, .answer = HoldAnswer::allow, .valid_until = kNoon}, kNoon),
      audit::granted(grant, kNoon),
      audit::grant_ended(GrantEnded{grant, "alice"}, kNoon),
      audit::refused({7, kWorkload, "flooding"}, kNoon),
      audit::glass_broken("/ai", a_decision(), kNoon, kNoon),
      audit::intent("/ai", Intent{"why", kNoon, 1, std::nullopt}),
      audit::assigned("/ai", "support", "/etc/x.yaml", kNoon),
      audit::unassigned("/ai", kNoon),
      audit::touched("/ai", {"customer-data"}, 4242, kNoon),
      audit::killed(4242, kNoon),
      audit::started("lsm", kNoon),
      audit::stopped(kNoon),
      {{"event", "record_begin"}, {"time", "t"}, {"host", "h"}},
      {{"event", "record_repaired"}, {"time", "t"}},
      {{"event", "something_new"}, {"time", "t"}},
      {{"event", "operation"}},
      json::object()};
  for (const OperationKind kind :
       {OperationKind::open, OperationKind::create, OperationKind::remove, OperationKind::rename,
        OperationKind::exec, OperationKind::connect, OperationKind::send,
        OperationKind::unix_socket})
    events.push_back(audit::operation(operation(kind), "rule"));
  for (const json& event : events) {
    SCOPED_TRACE(dump(event).substr(0, 200));
    check(mapped(event));
  }
  EXPECT_FALSE(OcsfMapper().map({{"event", "signature"}}));
  EXPECT_FALSE(OcsfMapper().map(json::array()));
}

TEST(Ocsf, OperationsKeepWhoDidWhatAndWhatBecameOfIt) {
  Operation connect = operation(OperationKind::connect);
  connect.disposition = Disposition::denied;
  json event = mapped(audit::operation(connect, "rule"));
  EXPECT_EQ(event["class_uid"], 4001);
  EXPECT_EQ(event["dst_endpoint"], (json{{"ip", "192.0.2.7"}, {"port", 443}}));
  EXPECT_EQ(event["connection_info"]["protocol_name"], "tcp");
  EXPECT_EQ(event["action_id"], 2);
  EXPECT_EQ(event["disposition_id"], 2);
  EXPECT_EQ(event["actor"]["process"]["pid"], 4242);
  EXPECT_EQ(event["time"], 1'700'000'000'000);

  connect.endpoint.address = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  connect.endpoint.scope_id = 2;
  EXPECT_EQ(mapped(audit::operation(connect, "rule"))["dst_endpoint"]["ip"], "2001:db8::1");

  event = mapped(audit::operation(operation(OperationKind::exec), "rule"));
  EXPECT_EQ(event["process"]["cmd_line"], "git push");
  EXPECT_EQ(event["disposition_id"], 14) << "held: delayed";
  event = mapped(audit::answered(operation(OperationKind::exec), "rule", RuleClass::none, 12, 3));
  EXPECT_EQ(event["action_id"], 1) << "allowed at once by an earlier answer";
  event = mapped(audit::answered(operation(OperationKind::exec), "rule", RuleClass::none, 12, 0));
  EXPECT_EQ(event["action_id"], 2) << "denied at once by an earlier answer";
  EXPECT_EQ(event["disposition_id"], 2);
  event = mapped(audit::operation(operation(OperationKind::rename), "rule"));
  EXPECT_EQ(event["file_result"]["path"], "/srv/new");
}

TEST(Ocsf, TheClassOfTheRuleIsALabel) {
  const Operation exec = operation(OperationKind::exec);
  EXPECT_FALSE(mapped(audit::operation(exec, "rule"))["metadata"].contains("labels"));
  EXPECT_EQ(mapped(audit::operation(exec, "rule", RuleClass::data_export))["metadata"]["labels"],
            json({"data-export"}));
  Ticket ticket;
  ticket.operation = exec;
  ticket.rule_class = RuleClass::destructive;
  EXPECT_EQ(audit::opened(ticket)["shown"]["class"], "destructive");
  EXPECT_EQ(mapped(audit::opened(ticket))["metadata"]["labels"], json({"destructive"}));
}

TEST(Ocsf, DecisionsNameThePersonAndTheTicket) {
  const json event = mapped(audit::decided(a_decision(), "/ai", kNoon));
  EXPECT_EQ(event["class_uid"], 3004);
  EXPECT_EQ(event["actor"]["user"], (json{{"name", "alice"}, {"uid", "unix:1000"}}));
  EXPECT_EQ(event["entity"]["uid"], "12");
  EXPECT_EQ(event["disposition_id"], 8) << "approved";
  EXPECT_EQ(event["comment"], "planned");
  EXPECT_EQ(event["metadata"]["correlation_uid"], "ticket 12");
}

TEST(Ocsf, TheHostIsTheOneThatTheRecordNames) {
  OcsfMapper mapper;
  mapper.map({{"event", "record_begin"}, {"time", "t"}, {"host", "db7"}});
  EXPECT_EQ((*mapper.map({{"event", "started"}}))["device"]["hostname"], "db7");
}

}  // namespace
}  // namespace stayd
