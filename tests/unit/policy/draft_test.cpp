// SPDX-License-Identifier: Apache-2.0
#include "policy/draft.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "policy/draft_places.h"
#include "unit/policy/compiled.h"
#include "unit/policy/learned.h"

namespace stayd {
namespace {

using testing::HasSubstr;
using testing::Not;

// What a workload is seen to do, and the draft of it.
class Draft : public testing::Test {
 protected:
  void path(OperationKind kind, const std::string& path, std::uint32_t flags = 0) {
    Operation operation;
    operation.kind = kind;
    operation.path = path;
    operation.open_flags = flags;
    learner_.observe(operation, {});
  }
  void reads(const std::string& file, std::uint32_t flags = 0) {
    Operation operation;
    operation.read = true;
    operation.path = file;
    operation.open_flags = flags;
    learner_.observe(operation, {});
  }
  void writes(const std::string& file, std::uint32_t flags = 0) {
    Operation operation;
    operation.write = true;
    operation.path = file;
    operation.open_flags = flags;
    learner_.observe(operation, {});
  }
  void creates(const std::string& file) { path(OperationKind::create, file); }
  void renames(const std::string& from, const std::string& to) {
    Operation operation;
    operation.kind = OperationKind::rename;
    operation.path = from;
    operation.new_path = to;
    learner_.observe(operation, {});
  }
  void connects(std::uint8_t last, std::uint16_t port, const std::vector<std::string>& hosts = {},
                std::uint16_t protocol = IPPROTO_TCP) {
    Operation operation;
    operation.kind = OperationKind::connect;
    operation.endpoint.address = kResolver;
    operation.endpoint.address[15] = last;
    operation.endpoint.port = port;
    operation.endpoint.protocol = protocol;
    // What is reached once is a question.
    for (int i = 0; i < 2; ++i) {
      operation.time = now_ += std::chrono::minutes(1);
      learner_.observe(operation, hosts);
    }
  }

  std::string text() {
    return draft(learner_.seen(), learner_.base(), {"/ai.slice/agent.service", "1h"}).text;
  }
  // What the draft says of an operation; it has to be a policy.
  Verdict says(const std::string& operation) {
    const Result<Policy> policy = parse_policy(text(), "draft");
    EXPECT_TRUE(policy) << policy.error().message << text();
    if (!policy) return Verdict::deny;
    PathTree tree;
    const Result<CompiledPolicy> compiled = compile(*policy, tree.resolver());
    EXPECT_TRUE(compiled) << compiled.error().message;
    return decide(*compiled, *parse_attempt(operation, tree)).verdict;
  }

  TimePoint now_{};
  Learner learner_{draft_base({}, {kResolver})};
};

TEST_F(Draft, OfNothingIsAPolicyThatHoldsEverything) {
  EXPECT_EQ(says("open:/x:read"), Verdict::hold);
  EXPECT_EQ(says("exec:/x"), Verdict::hold);
  EXPECT_EQ(says("connect:192.0.2.1:80"), Verdict::hold);
  EXPECT_THAT(text(), Not(HasSubstr("NOT A POLICY")));
}

TEST_F(Draft, NamesItsWorkloadAndTheTime) {
  reads("/srv/a");
  EXPECT_THAT(text(), HasSubstr("# A draft, from 1 different operation of /ai.slice/agent.service "
                                "in 1h.\n# 1 line allows what else was seen; 0 questions are left "
                                "to you.\n"));
  EXPECT_THAT(text(), HasSubstr("policy: agent\napplies_to: [{unit: \"agent.service\"}]\n"));
}

TEST_F(Draft, AllowsTwoFilesAndNothingBesides) {
  reads("/srv/in/a");
  reads("/srv/in/b");
  EXPECT_EQ(says("open:/srv/in/a:read"), Verdict::allow);
  EXPECT_EQ(says("open:/srv/in/c:read"), Verdict::hold);
  EXPECT_EQ(says("open:/srv/in/a:write"), Verdict::hold);
  EXPECT_THAT(text(), Not(HasSubstr("WIDER:")));
}

TEST_F(Draft, NamesADirectoryForThreeFilesAndSaysThatItIsWider) {
  for (const char* file : {"/srv/in/a", "/srv/in/b", "/srv/in/c"}) reads(file);
  EXPECT_EQ(says("open:/srv/in/d:read"), Verdict::allow);
  EXPECT_EQ(says("open:/srv/other:read"), Verdict::hold);
  EXPECT_THAT(text(), HasSubstr("- \"/srv/in\"  # WIDER: 3 files seen below it\n"));
}

TEST_F(Draft, DoesNotNameADirectoryThatOnlyHoldsOthers) {
  for (const char* file : {"/srv/app/in/a", "/srv/app/etc/b", "/srv/app/out/c"}) reads(file);
  EXPECT_EQ(says("open:/srv/app/in/a:read"), Verdict::allow);
  EXPECT_EQ(says("open:/srv/app/keys/k:read"), Verdict::hold);
}

TEST_F(Draft, NamesADirectoryOfManyDirectories) {
  for (const char* each : {"00", "01", "02", "03", "04"})
    reads("/srv/repo/.git/objects/" + std::string(each) + "/a");
  EXPECT_THAT(text(), HasSubstr("- \"/srv/repo/.git/objects\"  # WIDER: 5 files seen below it\n"));
}

TEST_F(Draft, NeverNamesAHomeOrATreeThatEverythingLivesIn) {
  for (const char* file : {"a", "b", "c", "d", "e", "f"})
    for (const char* directory : {"/home/alice/", "/etc/", "/usr/", "/var/lib/", "/root/", "/"})
      reads(std::string(directory) + file);
  for (const char* other : {"/home/alice/x", "/etc/x", "/usr/x", "/var/lib/x", "/root/x", "/x"})
    EXPECT_EQ(says("open:" + std::string(other) + ":read"), Verdict::hold) << other;
  EXPECT_EQ(says("open:/home/alice/a:read"), Verdict::allow);
}

TEST_F(Draft, WhatWasMadeMayBeMadeAgainUnderAnotherName) {
  creates("/tmp/tmp2rmkzwvu");
  creates("/srv/out/report-0917.txt");
  path(OperationKind::remove, "/tmp/tmp2rmkzwvu");
  for (const char* done : {"create:/tmp/tmpxyz", "open:/tmp/tmpxyz:readwrite", "delete:/tmp/tmpxyz",
                           "create:/srv/out/report-0918.txt"})
    EXPECT_EQ(says(done), Verdict::allow) << done;
  EXPECT_EQ(says("delete:/srv/out/report-0917.txt"), Verdict::hold) << "it never did";
  EXPECT_THAT(text(), HasSubstr("- \"/tmp\"  # WIDER: 1 file seen below it\n"));
}

TEST_F(Draft, WhatIsOverwrittenEachTimeMayBeMissingTheNextTime) {
  writes("/srv/out/last", O_CREAT | O_TRUNC | O_WRONLY);
  EXPECT_EQ(says("create:/srv/out/last"), Verdict::allow);
  EXPECT_EQ(says("create:/srv/out/other"), Verdict::hold);
}

TEST_F(Draft, ARenameMayReplaceWhatItMadeTheLastTime) {
  creates("/srv/out/report.tmp");
  renames("/srv/out/report.tmp", "/srv/out/report");
  EXPECT_EQ(says("replace:/srv/out/report.tmp:/srv/out/report"), Verdict::allow);
}

TEST_F(Draft, WhatIsMovedToWhereItMayBeReadMayBeReadWhereItWas) {
  creates("/srv/spool/new/a");
  renames("/srv/spool/new/a", "/srv/spool/cur/a");
  reads("/srv/spool/cur/a");
  EXPECT_EQ(says("rename:/srv/spool/new/b:/srv/spool/cur/b"), Verdict::allow) << text();
  EXPECT_THAT(text(), Not(HasSubstr("all the same")));
}

TEST_F(Draft, AListedDirectoryBringsWhatIsBelowAndSaysSo) {
  reads("/srv/in", O_DIRECTORY);
  reads("/home/alice", O_DIRECTORY);
  EXPECT_EQ(says("open:/srv/in:read"), Verdict::allow);
  EXPECT_EQ(says("open:/home/alice:read"), Verdict::hold);
  EXPECT_THAT(text(), HasSubstr("- \"/srv/in\"  # WIDER: it was listed; what is below it comes "
                                "with it\n"));
  EXPECT_THAT(text(), HasSubstr("far more than was seen:\n#   read /home/alice\n"));
}

TEST_F(Draft, FilesOfAProcessAreThoseOfAnyProcess) {
  reads("/proc/1234/maps");
  EXPECT_EQ(says("open:/proc/999/maps:read"), Verdict::allow);
  EXPECT_THAT(text(), HasSubstr("- \"/proc\"  # WIDER"));
}

TEST_F(Draft, WhatNoPathLeadsToIsNotTakenForTheRoot) {
  Operation operation;
  operation.write = true;
  operation.path = "/";
  operation.off_host = true;
  learner_.observe(operation, {});
  EXPECT_EQ(says("open:/x:write"), Verdict::hold);
  EXPECT_THAT(text(), HasSubstr("no path of the host leads there"));
  EXPECT_THAT(text(), HasSubstr("#   open /\n"));
}

TEST_F(Draft, HoldsSecretsInDirectoriesUnlessTheyWereRead) {
  for (const char* file : {"/srv/app/a", "/srv/app/b", "/srv/app/server.pem"}) reads(file);
  EXPECT_EQ(says("open:/srv/app/c:read"), Verdict::allow);
  EXPECT_EQ(says("open:/srv/app/.env:read"), Verdict::hold);
  EXPECT_EQ(says("open:/srv/app/server.pem:read"), Verdict::allow);
}

TEST_F(Draft, NamesHostsAndTheResolverInsteadOfAddresses) {
  connects(53, 53, {}, IPPROTO_UDP);
  connects(7, 443, {"files.example.org"});
  connects(8, 5432);
  EXPECT_EQ(says("connect:files.example.org@198.51.100.9:443"), Verdict::allow);
  EXPECT_EQ(says("connect:files.example.org@198.51.100.9:80"), Verdict::hold);
  EXPECT_EQ(says("connect:127.0.0.8:5432"), Verdict::allow);
  EXPECT_EQ(says("send:127.0.0.53:53/udp"), Verdict::allow);
  EXPECT_THAT(text(), HasSubstr("dns: [\"127.0.0.53\"]"));
}

TEST_F(Draft, NamesTheDomainOfManyHostsButNoneThatStrangersShare) {
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    connects(7, 443, {name + std::string(".cdn.example.net")});
    connects(8, 443, {name + std::string(".example.com")});
  }
  EXPECT_EQ(says("connect:z.cdn.example.net:443"), Verdict::allow);
  EXPECT_EQ(says("connect:z.example.com:443"), Verdict::hold);
  EXPECT_THAT(text(), HasSubstr("# WIDER: 5 hosts seen in it\n"));
}

TEST_F(Draft, SaysWhereAPortCannotBeNamed) {
  connects(9, 0, {}, IPPROTO_UDP);
  connects(10, 0, {}, IPPROTO_ICMP);
  EXPECT_THAT(text(), HasSubstr("- \"127.0.0.9/udp\"  # WIDER: whatever port\n"));
  EXPECT_THAT(text(), HasSubstr("- \"127.0.0.10\"  # WIDER: whatever port\n"));
  EXPECT_EQ(says("connect:127.0.0.9:80/udp"), Verdict::allow);
}

TEST_F(Draft, ProgramsAreNamedOneByOneUnlessTheyWereMade) {
  for (const char* program : {"/usr/bin/a", "/usr/bin/b", "/usr/bin/c"})
    path(OperationKind::exec, program);
  creates("/srv/build/tests");
  path(OperationKind::exec, "/srv/build/tests");
  EXPECT_EQ(says("exec:/usr/bin/c"), Verdict::allow);
  EXPECT_EQ(says("exec:/usr/bin/d"), Verdict::hold);
  EXPECT_EQ(says("exec:/srv/build/tests2"), Verdict::allow);
  EXPECT_THAT(text(), HasSubstr("WIDER: it made what it ran there, and may again"));
}

// Whatever bytes a workload puts into names, the draft is a policy, and says nothing else.
TEST_F(Draft, NamesThatCannotBeWrittenDoNotBreakIt) {
  const std::string names[] = {"quo\"te",     "back\\slash", "new\nline: [x]", "\xff\xfe",
                               "st*r[1]",     "# hash",      "{{brace}}",      "  spaces  ",
                               "caf\xc3\xa9", "\xe2\x80\xae"};
  for (const std::string& name : names) {
    reads("/srv/in/sub-" + name + "/" + name);
    path(OperationKind::exec, "/opt/x/" + name);
    path(OperationKind::unix_socket, "/run/" + name);
  }
  EXPECT_EQ(says("open:/srv/in/sub-caf\xc3\xa9/caf\xc3\xa9:read"), Verdict::allow);
  EXPECT_EQ(says("exec:/opt/x/quo\"te"), Verdict::allow);
  for (char c : text()) EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f));
}

TEST_F(Draft, SaysThatItIsIncompleteWhenThereWasTooMuch) {
  for (std::size_t i = 0; i <= Learner::kMax; ++i) reads("/srv/" + std::to_string(i));
  EXPECT_EQ(learner_.seen().left_out, 1u);
  EXPECT_THAT(text(), HasSubstr("# INCOMPLETE: 1 operation was too many to keep.\n"));
}

}  // namespace
}  // namespace stayd
