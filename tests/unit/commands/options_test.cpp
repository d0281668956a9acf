// SPDX-License-Identifier: Apache-2.0
#include "commands/options.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stayd {
namespace {

// The options with their values, then the words: "-C=dir push?" if push may be a value.
std::string read(const char* tool, const std::vector<std::string>& arguments,
                 const std::vector<std::string>& with_value = {}) {
  std::vector<Word> words;
  for (const std::string& each : arguments) words.push_back({each});
  const Given given = read_options(find_tool(tool), words, with_value);
  std::string text;
  for (const GivenOption& each : given.options) {
    text += (text.empty() ? "" : " ") + each.name;
    if (each.value) text += "=" + each.value->text.substr(each.value_at);
    if (each.one_of_several) text += "~";
  }
  for (const GivenWord& each : given.words)
    text += (text.empty() ? "" : " ") + each.word->text + (each.perhaps_value ? "?" : "");
  return text;
}

TEST(Options, ValuesAreToldFromWords) {
  EXPECT_EQ(read("git", {"-C", "dir", "-c", "k=v", "push", "origin"}), "-C=dir -c=k=v push origin");
  EXPECT_EQ(read("git", {"commit", "-m", "fix push", "-a"}), "-m=fix push -a commit");
  EXPECT_EQ(read("git", {"--git-dir=x", "push"}), "--git-dir=x push");
  EXPECT_EQ(read("aws", {"--region", "x", "iam", "list-users"}), "--region=x iam list-users");
}

TEST(Options, OfASubcommandAreNotThoseBeforeIt) {
  EXPECT_EQ(read("git", {"-p", "push", "-o", "ci.skip", "x"}), "-p -o=ci.skip push x");
  EXPECT_EQ(read("docker", {"-H", "h", "run", "-v", "/a:/b", "image"}), "-H=h -v=/a:/b run image");
  EXPECT_EQ(read("kubectl", {"logs", "-f", "pod"}), "-f logs pod");
  EXPECT_EQ(read("kubectl", {"apply", "-f", "x.yaml"}), "-f=x.yaml apply");
}

TEST(Options, ShortOnesMayBeBundledAndTheLastMayTakeAValue) {
  EXPECT_EQ(read("git", {"push", "-fu", "origin"}), "-f -u push origin");
  EXPECT_EQ(read("curl", {"-sST", "a.csv", "https://x"}), "-s -S -T=a.csv https://x");
  EXPECT_EQ(read("curl", {"-sd@file"}), "-s -d=@file");
  EXPECT_EQ(read("rm", {"-rf", "x"}), "-r -f x");
}

TEST(Options, TwoDashesEndThem) {
  EXPECT_EQ(read("git", {"push", "--", "-f"}), "push -f");
  EXPECT_EQ(read("curl", {"-", "-o", "--"}), "-o=-- -");
}

TEST(Options, OfTerraformHaveLongNamesAfterOneDash) {
  EXPECT_EQ(read("terraform", {"-chdir=x", "apply", "-auto-approve", "-var", "a=b"}),
            "-chdir=x -auto-approve -var=a=b apply");
  EXPECT_EQ(read("tofu", {"apply", "--auto-approve"}), "-auto-approve apply");
}

TEST(Options, ThatAreNotKnownMayTakeTheNextWord) {
  EXPECT_EQ(read("mytool", {"--region", "x", "iam"}), "--region x? iam");
  EXPECT_EQ(read("mytool", {"--region", "x", "iam"}, {"--region"}), "--region=x iam");
  EXPECT_EQ(read("mytool", {"-abc", "x"}), "-abc -a~ -b~ -c~ x?");
}

TEST(Options, NamesWithAVersionAndOfTheSameProgramAreKnown) {
  EXPECT_EQ(read("pip3.11", {"install", "-r", "x"}), "-r=x install");
  EXPECT_EQ(read("podman", {"-H", "h", "push", "x"}), "-H=h push x");
  EXPECT_EQ(read("cargo", {"+nightly", "publish"}), "publish");
  EXPECT_EQ(read("gcloud", {"beta", "iam", "x"}), "iam x");
}

}  // namespace
}  // namespace stayd
