// SPDX-License-Identifier: Apache-2.0
// The schemas for editors know the keys that the parsers know, and no others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <span>

#include "policy/attempt.h"
#include "policy/keys.h"

namespace stayd {
namespace {

using nlohmann::json;

json schema(const std::string& name) {
  std::ifstream file(std::string(STAYD_SCHEMAS) + "/" + name);
  return json::parse(file);
}

void expect_keys(const json& map, std::span<const std::string_view> keys) {
  ASSERT_TRUE(map.is_object());
  EXPECT_EQ(map.value("additionalProperties", json()), false) << map;
  std::vector<std::string> known;
  for (const auto& [key, value] : map["properties"].items()) known.push_back(key);
  EXPECT_THAT(known, testing::UnorderedElementsAreArray(
                         std::vector<std::string>(keys.begin(), keys.end())));
}

TEST(Schema, OfPoliciesHasTheParsersKeys) {
  const json policy = schema("policy.schema.json");
  const json& sections = policy["properties"];
  const json& parts = policy["$defs"];
  expect_keys(policy, kPolicyKeys);
  expect_keys(sections["network"], kNetworkKeys);
  expect_keys(sections["files"], kFilesKeys);
  expect_keys(sections["exec"], kExecKeys);
  expect_keys(sections["approval"], kApprovalKeys);
  expect_keys(parts["applies_to"], kAppliesToKeys);
  expect_keys(parts["file_rules"], kVerdictKeys);
  expect_keys(parts["flow"], kFlowKeys);
  expect_keys(parts["tool"], kToolKeys);
  expect_keys(parts["entry"], kEntryKeys);
  std::vector<std::string> classes;
  for (const RuleClass each : kRuleClasses) classes.emplace_back(to_string(each));
  EXPECT_EQ(parts["class"]["enum"], json(classes));
  expect_keys(parts["after"], kAfterKeys);
  expect_keys(parts["approval_for"], kApprovalForKeys);
  expect_keys(parts["escalation"], kEscalationKeys);
  expect_keys(parts["use"], kUseKeys);
}

TEST(Schema, OfPacksHasTheirReadersKeys) {
  const json pack = schema("pack.schema.json");
  expect_keys(pack, kPackKeys);
  expect_keys(pack["properties"]["files"], std::span(kFilesKeys).subspan(1));  // no default
  expect_keys(pack["properties"]["exec"], kVerdictKeys);
  expect_keys(pack["$defs"]["rules"], kVerdictKeys);
  expect_keys(pack["$defs"]["parameter"], kParameterKeys);
}

TEST(Schema, OfCasesHasTheirReadersKeys) {
  const json cases = schema("cases.schema.json");
  expect_keys(cases, kCaseFileKeys);
  expect_keys(cases["$defs"]["case"], kCaseKeys);
}

TEST(Schema, OfCasesKnowsEveryOperation) {
  std::string words;
  for (const std::string_view word : kOperationWords)
    words += (words.empty() ? "" : "|") + std::string(word);
  const json operation = schema("cases.schema.json")["$defs"]["case"]["properties"]["do"];
  EXPECT_EQ(operation["pattern"], "^(" + words + "):");
}

// Every operation of the list is one that the parser reads: each error is about what follows.
TEST(Schema, OperationsAreThoseOfTheParser) {
  PathTree tree;
  for (const std::string_view word : kOperationWords) {
    const Result<Attempt> attempt = parse_attempt(std::string(word) + ":", tree);
    ASSERT_FALSE(attempt) << word;
    EXPECT_THAT(attempt.error().message, testing::Not(testing::HasSubstr("is not an operation")));
  }
}

// Which part of a schema is whose was said above: none is left out.
void count_maps(const json& node, std::size_t& maps) {
  if (node.is_object() && node.contains("properties") && node["properties"].is_object() &&
      node.value("type", "") == "object")
    ++maps;
  if (node.is_structured())
    for (const json& each : node) count_maps(each, maps);
}

TEST(Schema, HasNoOtherMaps) {
  std::size_t maps = 0;
  count_maps(schema("policy.schema.json"), maps);
  EXPECT_EQ(maps, 14u);
  maps = 0;
  count_maps(schema("cases.schema.json"), maps);
  EXPECT_EQ(maps, 2u);
  maps = 0;
  count_maps(schema("pack.schema.json"), maps);
  EXPECT_EQ(maps, 5u);
}

}  // namespace
}  // namespace stayd
