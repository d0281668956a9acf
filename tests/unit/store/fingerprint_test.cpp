// SPDX-License-Identifier: Apache-2.0
#include "store/fingerprint.h"

#include <gtest/gtest.h>

#include <functional>

#include "support/operation_builder.h"

namespace stayd {
namespace {

using test::an_operation;

std::string changed(Operation operation, const std::function<void(Operation&)>& change) {
  change(operation);
  return fingerprint_of(operation, "p");
}

TEST(Fingerprint, IsTheSameForTheLikeInAnotherWorkloadAtAnotherTime) {
  const Operation operation = an_operation(1);
  const std::string fingerprint = fingerprint_of(operation, "p");
  EXPECT_EQ(fingerprint.size(), 64U);
  const auto other = [](Operation& like) {
    like.hold_id = 2;
    like.object.inode = 7;
    like.workload = {9, 9};
    like.caller.pid = 1;
    like.time += std::chrono::hours(1);
  };
  EXPECT_EQ(changed(operation, other), fingerprint);
}

TEST(Fingerprint, DiffersWithWhatIsDoneToWhatByWhichProgramUnderWhichPolicy) {
  const Operation operation = an_operation(1);
  const std::string fingerprint = fingerprint_of(operation, "p");
  EXPECT_NE(fingerprint_of(operation, "q"), fingerprint);
  const std::function<void(Operation&)> changes[] = {
      [](Operation& o) { o.kind = OperationKind::create; },
      [](Operation& o) { o.path = "/srv/customers/other.csv"; },
      [](Operation& o) { o.new_path = "/tmp/list.csv"; },
      [](Operation& o) { o.caller.program = "/usr/bin/curl"; },
      [](Operation& o) { o.write = true; },
  };
  for (const auto& change : changes) EXPECT_NE(changed(operation, change), fingerprint);
}

TEST(Fingerprint, OfAConnectionIsWhereToAndOfAnExecAlsoTheArguments) {
  Operation connect = an_operation(1);
  connect.kind = OperationKind::connect;
  const std::string to = fingerprint_of(connect, "p");
  EXPECT_NE(changed(connect, [](Operation& o) { o.endpoint.port = 443; }), to);
  EXPECT_NE(changed(connect, [](Operation& o) { o.endpoint.address[15] = 1; }), to);

  Operation exec = an_operation(1);
  exec.kind = OperationKind::exec;
  exec.arguments = {"git", "push"};
  const std::string push = fingerprint_of(exec, "p");
  EXPECT_NE(changed(exec, [](Operation& o) { o.arguments = {"git push"}; }), push);
  EXPECT_NE(changed(exec, [](Operation& o) { o.arguments.emplace_back("--force"); }), push);
  EXPECT_NE(changed(exec, [](Operation& o) { o.arguments_incomplete = true; }), push);
}

// A workload chooses these bytes: they must not pass for another field.
TEST(Fingerprint, FieldsDoNotRunIntoEachOther) {
  Operation one = an_operation(1);
  one.path = "/a";
  one.new_path = "b";
  Operation other = an_operation(1);
  other.path = "/ab";
  other.new_path = "";
  EXPECT_NE(fingerprint_of(one, "p"), fingerprint_of(other, "p"));
  other.path = "/a1:b";
  EXPECT_NE(fingerprint_of(one, "p"), fingerprint_of(other, "p"));
}

}  // namespace
}  // namespace stayd
