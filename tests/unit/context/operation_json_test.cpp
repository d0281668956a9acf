// SPDX-License-Identifier: Apache-2.0
#include "context/operation_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "base/json.h"

namespace stayd {
namespace {

using nlohmann::json;

Operation hostile_exec() {
  Operation operation;
  operation.hold_id = 7;
  operation.kind = OperationKind::exec;
  operation.path = "/tmp/\x1b[2J\u202e{{x}}";
  operation.arguments = {"git\n", "\xff", std::string(5000, 'a')};
  operation.caller.comm = "evil\r";
  operation.caller.cgroup = "/ai\x07";
  operation.caller.program = "/usr/bin/\u0430";
  operation.caller.ancestry = {{42, "/bin/\x9b", {"sh", "-c", "\x1b]0;x\x07"}}};
  operation.syscall = 59;
  return operation;
}

TEST(OperationJson, EveryStringOfTheWorkloadIsEscaped) {
  const json value = to_json(hostile_exec());
  EXPECT_EQ(value["path"], "/tmp/\\x1b[2J\\u{202e}{\\x7bx}}");
  EXPECT_EQ(value["arguments"][0], "git\\n");
  EXPECT_EQ(value["caller"]["comm"], "evil\\r");
  EXPECT_EQ(value["caller"]["ancestry"][0]["arguments"][2], "\\x1b]0;x\\x07");
  for (const char c : dump(value)) {
    EXPECT_TRUE(c >= 0x20 && c < 0x7f);
  }
}

TEST(OperationJson, LongStringsAreCutUnlessAllIsAskedFor) {
  EXPECT_LE(to_json(hostile_exec())["arguments"][2].get<std::string>().size(), 512u);
  EXPECT_EQ(to_json(hostile_exec(), kUnbounded)["arguments"][2], std::string(5000, 'a'));
}

TEST(OperationJson, AnOpenSaysWhatForAndByWhichCall) {
  Operation operation;
  operation.read = true;
  operation.path = "/srv/customers/list.csv";
  operation.syscall = 0x40000000 + 257;
  operation.time = TimePoint{std::chrono::milliseconds{1000}};
  operation.object.device = 254 << 20 | 3;
  operation.object.inode = 0xffffffffffffffff;
  operation.caller.login_uid = 1000;
  const json value = to_json(operation);
  EXPECT_EQ(value["kind"], "open");
  EXPECT_EQ(value["disposition"], "held");
  EXPECT_EQ(value["access"], json::array({"read"}));
  EXPECT_EQ(value["syscall"], (json{{"name", "openat"}, {"number", 1073742081}, {"abi", "x32"}}));
  EXPECT_EQ(value["time"], "1970-01-01T00:00:01.000Z");
  EXPECT_EQ(value["identity"]["device"], "254:3");
  EXPECT_EQ(value["identity"]["inode"], "0xffffffffffffffff");
  EXPECT_EQ(value["caller"]["login_uid"], 1000);
  EXPECT_FALSE(value.contains("endpoint"));
  EXPECT_FALSE(value.contains("arguments"));
}

TEST(OperationJson, AConnectNamesItsEndpoint) {
  Operation operation;
  operation.kind = OperationKind::connect;
  operation.endpoint.port = 443;
  operation.endpoint.protocol = 6;
  const json value = to_json(operation);
  EXPECT_EQ(value["endpoint"], "[::]:443/tcp");
  EXPECT_FALSE(value.contains("path"));
  EXPECT_TRUE(value["caller"]["login_uid"].is_null());
}

}  // namespace
}  // namespace stayd
