// SPDX-License-Identifier: Apache-2.0
// stayctl audit, on the files that a Record wrote.
#include <gmock/gmock.h>

#include <sstream>

#include "audit/events.h"
#include "base/json.h"
#include "ctl/commands.h"
#include "unit/audit/record_fixture.h"

namespace stayd {
namespace {

using namespace test;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class Audit : public RecordFile {
 protected:
  Audit() {
    Record record = open();
    Ticket ticket;
    ticket.id = 12;
    ticket.operation = an_operation(7);
    ticket.workload = "/ai.slice/agent";
    ticket.policy = "support";
    ticket.rule = "files.read.hold: secrets";
    ticket.opened = kNoon;
    ticket.digest = "d1gest";
    Decision decision;
    decision.ticket = 12;
    decision.choice = Choice::approve;
    decision.person = "alice";
    decision.account = "unix:1000";
    decision.channel = "terminal";
    decision.reason = "planned";
    Ticket other = ticket;
    other.id = 120;
    const auto add = [&](const json& event) { EXPECT_TRUE(record.append(event)); };
    add(audit::started("lsm", kNoon));
    add(audit::opened(ticket));
    add(audit::opened(other));
    add(audit::joined(ticket, 8, kNoon));
    add(audit::decided(decision, ticket.workload, kNoon));
    add(audit::released(
        {.hold = 7, .answer = HoldAnswer::allow, .valid_until = kNoon, .ticket = 12}, kNoon));
    ticket.outcome = Outcome::approved;
    ticket.joined = 2;
    ticket.closed = kNoon;
    ticket.decisions = {decision};
    add(audit::closed(ticket));
    add({{"event", "new_kind"}, {"time", "t"}, {"ticket", 12}, {"odd", "\x1b[2J"}});
    EXPECT_TRUE(record.close());
    head_ = record.head();
  }

  int run(std::vector<std::string> words) {
    out_.str("");
    err_.str("");
    out_.clear();
    return run_stayctl(words, {out_, err_});
  }
  int verify(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"audit", "verify", "--key=" + dir_ + "/key/record.pub"};
    if (more.empty() || more[0].starts_with("--")) words.push_back("--record=" + options_.path);
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  void replace(const std::string& what, const std::string& by) const {
    std::string all = text();
    all.replace(all.find(what), what.size(), by);
    std::ofstream(options_.path, std::ios::trunc) << all;
  }

  audit::Head head_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(Audit, VerifySaysWhatIsProvenAndWhatIsNot) {
  EXPECT_EQ(verify(), kExitOk) << out_.str() << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("intact: 13 lines in 1 file, numbers 1 to 13\n"));
  EXPECT_THAT(out_.str(), HasSubstr("proven:     numbers 1 to 13 are as they were written"));
  EXPECT_THAT(out_.str(), HasSubstr("not proven: that nothing stood after number 13"));
  EXPECT_THAT(out_.str(), HasSubstr("last line:  13:" + head_.hash));
}

TEST_F(Audit, VerifyNamesFileAndLineAndFails) {
  replace("planned", "planted");
  EXPECT_EQ(verify(), kExitFailure);
  EXPECT_THAT(out_.str(), HasSubstr("record.jsonl:8: number 8 was changed after it was written"));
  EXPECT_THAT(out_.str(), HasSubstr("NOT intact"));
  EXPECT_THAT(out_.str(), HasSubstr("not proven: numbers 4 to 8, which no signature"));
  EXPECT_EQ(verify({"--json"}), kExitFailure);
  const json result = *parse_json(out_.str());
  EXPECT_EQ(result["intact"], false);
  EXPECT_EQ(result["problems"][0]["line"], 8);
  EXPECT_EQ(result["not_proven"], json::parse(R"([{"first": 4, "last": 8}])"));
}

TEST_F(Audit, VerifyWorksOnCopiesWithThePublicKeyAlone) {
  std::filesystem::create_directory(dir_ + "/copy");
  std::filesystem::copy(options_.path, dir_ + "/copy/any-name");
  EXPECT_EQ(run({"audit", "verify", "--key", dir_ + "/key/record.pub", dir_ + "/copy/any-name"}),
            kExitOk)
      << out_.str();
  EXPECT_EQ(run({"audit", "verify", "--key", dir_ + "/none.pub", options_.path}), kExitUsage);
  EXPECT_EQ(run({"audit", "verify", "--key", options_.path, options_.path}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("holds no public key"));
}

TEST_F(Audit, AnExpectedHeadFindsACutEnd) {
  const std::string expect = std::to_string(head_.number) + ":" + head_.hash;
  EXPECT_EQ(verify({"--expect", expect}), kExitOk) << out_.str();
  const std::string whole = text();
  std::filesystem::resize_file(options_.path, whole.rfind('\n', whole.size() - 2) + 1);
  EXPECT_EQ(verify(), kExitOk) << "the file alone cannot tell";
  EXPECT_EQ(verify({"--expect", expect}), kExitFailure);
  EXPECT_THAT(out_.str(), HasSubstr("number 13 was expected: its end was cut off"));
  for (const char* bad : {"13", "x:", "13:ff"}) EXPECT_EQ(verify({"--expect", bad}), kExitUsage);
}

TEST_F(Audit, HeadsComeFromTheJournal) {
  const auto key = (*audit::load_public_keys(dir_ + "/key/record.pub"))[0].id();
  const auto heads = [&](const std::string& hash, const std::string& of) {
    std::ofstream(dir_ + "/heads")
        << dump({{"STAYD_RECORD_SEQ", "13"},
                 {"STAYD_RECORD_HASH", head_.hash},
                 {"STAYD_RECORD_KEY", key}})
        << '\n'
        << dump({{"STAYD_RECORD_SEQ", "13"}, {"STAYD_RECORD_HASH", hash}, {"STAYD_RECORD_KEY", of}})
        << '\n';
    return verify({"--heads", dir_ + "/heads"});
  };
  EXPECT_EQ(heads(head_.hash, key), kExitOk) << err_.str() << out_.str();
  // Of another installation whose journal is the same.
  EXPECT_EQ(heads(std::string(64, '0'), "other"), kExitOk) << err_.str();
  EXPECT_EQ(heads(std::string(64, '0'), key), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("was anchored with two different hashes"));
}

TEST_F(Audit, ShowTellsOneTicketInOrder) {
  EXPECT_EQ(run({"audit", "show", "--ticket", "12", options_.path}), kExitOk) << err_.str();
  const std::string told = out_.str();
  std::size_t at = 0;
  for (const char* next :
       {"Ticket 12\n", "asked      open for reading /srv/customers/list.csv",
        "by /usr/bin/python3.11 [4242]", "of the workload /ai.slice/agent",
        "held by files.read.hold: secrets of the policy support", "hold 7, digest d1gest",
        "joined     hold 8 waits, too; attempts so far:",
        "answered   approve by alice (unix:1000) over terminal, this once", "because: planned",
        "released   hold 7 goes on", "outcome    approved by alice", "2 attempts", "new_kind"}) {
    const std::size_t found = told.find(next, at);
    ASSERT_NE(found, told.npos) << next << "\n" << told;
    at = found;
  }
  for (const char c : told) ASSERT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f));
  EXPECT_THAT(told, Not(HasSubstr("120")));
}

TEST_F(Audit, ShowInJsonHasTheEventsAsTheyAre) {
  EXPECT_EQ(run({"audit", "show", "--ticket=12", "--json", "--record", options_.path}), kExitOk);
  const json result = *parse_json(out_.str());
  ASSERT_EQ(result["tellings"].size(), 1u);
  EXPECT_EQ(result["tellings"][0].size(), 6u);
  EXPECT_EQ(result["tellings"][0][0]["event"], "ticket_opened");
  EXPECT_EQ(run({"audit", "show", "--ticket", "99", options_.path}), kExitFailure);
  EXPECT_THAT(err_.str(), HasSubstr("says nothing of ticket 99"));
  EXPECT_EQ(run({"audit", "show", options_.path}), kExitUsage);
  EXPECT_EQ(run({"audit", "show", "--ticket", "x", options_.path}), kExitUsage);
}

TEST_F(Audit, AnIdThatComesAgainIsTwoStories) {
  {
    Record record = open();
    Ticket again;
    again.id = 12;
    EXPECT_TRUE(record.append(audit::opened(again)));
    EXPECT_TRUE(record.close());
  }
  EXPECT_EQ(run({"audit", "show", "--ticket", "12", "--json", options_.path}), kExitOk);
  EXPECT_EQ((*parse_json(out_.str()))["tellings"].size(), 2u);
}

TEST_F(Audit, ExportGivesEachLineInItsFormat) {
  EXPECT_EQ(run({"audit", "export", "--format", "ocsf", options_.path}), kExitOk) << err_.str();
  std::istringstream lines(out_.str());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) EXPECT_TRUE(parse_json(line)) << line;
  EXPECT_EQ(count, 11) << "all but the signatures";

  EXPECT_EQ(run({"audit", "export", "--format", "plain", options_.path}), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("2023-11-14T22:13:20.000Z started enforcement=lsm\n"));
  for (const char c : out_.str()) ASSERT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f));

  EXPECT_EQ(run({"audit", "export", "--format", "xml", options_.path}), kExitUsage);
  EXPECT_EQ(run({"audit", "export", options_.path}), kExitUsage);
  replace("{\"seq\":4", "[\"seq\":4");
  EXPECT_EQ(run({"audit", "export", "--format", "plain", options_.path}), kExitOk);
  EXPECT_THAT(err_.str(), HasSubstr("1 lines are not lines of a record"));
}

TEST_F(Audit, AJournalTakesWhatIsExportedForIt) {
  const char* remote = "/lib/systemd/systemd-journal-remote";
  if (::access(remote, X_OK) != 0) GTEST_SKIP() << "systemd-journal-remote is not installed";
  EXPECT_EQ(run({"audit", "export", "--format", "journal", options_.path}), kExitOk);
  std::ofstream(dir_ + "/exported") << out_.str();
  const std::string journal = dir_ + "/a.journal";
  const std::string import =
      std::string(remote) + " -o " + journal + " " + dir_ + "/exported >/dev/null 2>&1";
  ASSERT_EQ(std::system(import.c_str()), 0);
  const auto found = [&](const std::string& match) {
    const std::string command = "test \"$(journalctl -q --file " + journal + " -o json " + match +
                                " 2>/dev/null | wc -l)\" = 1";
    return std::system(command.c_str()) == 0;
  };
  EXPECT_TRUE(found("STAYD_TICKET=12 STAYD_OUTCOME=approved STAYD_PERSON=alice"));
  EXPECT_TRUE(found("MESSAGE_ID=" + std::string(audit::kDecisionMessage)));
  EXPECT_TRUE(found("STAYD_RECORD_SEQ=13"));
}

}  // namespace
}  // namespace stayd
