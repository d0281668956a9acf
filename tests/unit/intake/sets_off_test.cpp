// SPDX-License-Identifier: Apache-2.0
#include "intake/sets_off.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/parser.h"
#include "support/operation_builder.h"

namespace stayd {
namespace {

using namespace test;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

WorkloadFacts under(const std::string& flows) {
  WorkloadFacts workload;
  workload.policy = *parse_policy(
      "policy: p\nlabels: {data: [/srv], keys: [/root]}\nnetwork: {default: allow}\n"
      "exec: {default: allow}\nfiles: {default: allow, read: {hold: [data]}}\nflows: [" +
          flows + "]\n",
      "p.yaml");
  workload.labels = {"data", "keys"};
  return workload;
}

Operation reads_data(const WorkloadFacts& workload) {
  Operation operation = an_operation(1);
  operation.rule = workload.policy.paths.front().rule.id;
  return operation;
}

std::vector<std::string> says(const std::string& flows, std::uint64_t labels_read = 0) {
  const WorkloadFacts workload = under(flows);
  return set_off_by(workload, reads_data(workload), labels_read);
}

TEST(SetsOff, SaysWhatBecomesStricter) {
  EXPECT_THAT(says("{after: {read: data}, network: hold, exec: deny, write: hold}"),
              ElementsAre("all network access is held", "writing any file is held",
                          "running any program is denied"));
  EXPECT_THAT(says("{after: {read: [keys, data]}, network: hold, except: [\"192.0.2.7:443\"]}"),
              ElementsAre("all network access is held, but to 192.0.2.7:443"));
  EXPECT_THAT(says("{after: {read: data, files: 100}, network: hold}"),
              ElementsAre("once 100 files of data were read, all network access is held"));
}

TEST(SetsOff, SaysNothingOfOtherLabelsOrOfWhatIsInForceAlready) {
  EXPECT_THAT(says("{after: {read: keys}, network: hold}"), IsEmpty());
  EXPECT_THAT(says("{after: {read: data}, network: audit}"), IsEmpty());
  EXPECT_THAT(says("{after: {read: data}, network: hold}", 1), IsEmpty());
  EXPECT_THAT(says("{after: {read: [keys, data]}, network: hold}", 2), IsEmpty());
  const WorkloadFacts workload = under("{after: {read: data}, network: hold}");
  Operation writes = reads_data(workload);
  writes.read = false;
  EXPECT_THAT(set_off_by(workload, writes, 0), IsEmpty());
}

TEST(SetsOff, KnowsLabelsThatOnlyTheKernelSideFound) {
  const WorkloadFacts workload = under("{after: {read: keys}, network: hold}");
  Operation operation = reads_data(workload);
  operation.node.labels = 2;
  EXPECT_THAT(set_off_by(workload, operation, 0), ElementsAre("all network access is held"));
}

}  // namespace
}  // namespace stayd
