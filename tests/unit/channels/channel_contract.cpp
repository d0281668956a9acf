// SPDX-License-Identifier: Apache-2.0
// What each channel must do; one that is added joins the list at the end of the rigs.
#include "unit/channels/channel_contract.h"

#include "channels/terminal/terminal_channel.h"
#include "tickets/ticket_json.h"
#include "unit/channels/teams/teams_fixture.h"

namespace stayd::test {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// What stayctl is served, and the answer that it sends.
class TerminalRig final : public ChannelRig {
 public:
  TerminalRig() {
    std::filesystem::permissions(directory_.path(), std::filesystem::perms::owner_all);
    RecordOptions options;
    options.path = directory_ / "record.jsonl";
    options.key_directory = directory_ / "key";
    record_.emplace(*Record::open(std::move(options)));
    const People people = *People::parse(
        "people:\n  alice: {accounts: [unix: 1001]}\n  bob: {accounts: [unix: 1002]}\n"
        "  carol: {accounts: [slack: {team: T, user: U}]}\ngroups: {stewards: [alice, bob]}\n",
        "people.yaml", [](const std::string&) { return std::nullopt; });
    approvals_.emplace(store_, *record_, kernel_, people,
                       ApprovalService::Callbacks{.changed = [] {}, .flush_soon = [] {}});
    approvals_->add_channel(channel_);
  }

  Channel& channel() override { return channel_; }
  ApprovalService& approvals() override { return *approvals_; }
  void hold(HoldId id, std::uint32_t quorum, std::uint64_t object) override {
    TicketContext context = kContext;
    context.approval.approvers = {"stewards"};
    context.approval.quorum = quorum;
    const Operation operation = an_operation(id, object);
    if (approvals_->would_join(operation)) return approvals_->join(operation, kNoon);
    approvals_->raise(operation, context, kNoon);
  }
  TimePoint time() const override { return kNoon + std::chrono::seconds(1); }
  bool comes_to_show(TicketId ticket, const std::string& text) override {
    const std::string shown = lower(to_json(*approvals_->find(ticket)).dump());
    return shown.find(lower(text)) != shown.npos;
  }
  std::size_t told() override { return channel_.announcements().size(); }
  bool answer(TicketId ticket, const std::string& person, Choice choice) override {
    Decision decision{.ticket = ticket,
                      .digest = approvals_->find(ticket)->digest,
                      .choice = choice,
                      .reason = "because",
                      .channel = std::string(channel_.name())};
    const uid_t uid = person == "alice" ? 1001 : 1002;
    return bool(approvals_->answer({std::move(decision), UnixAccount{uid}}, time()));
  }
  bool lose() override { return false; }
  bool until(const std::function<bool()>& condition) override { return condition(); }

 private:
  TempDir directory_;
  QuietKernel kernel_;
  std::unique_ptr<Database> database_ = *Database::open(directory_ / "stayd.db", schema());
  DeskStore store_{*database_};
  std::optional<Record> record_;
  TerminalChannel channel_{[] {}};
  std::optional<ApprovalService> approvals_;
};

// The chats of both with the bot, over the wire.
class TeamsRig final : public ChannelRig, private TeamsTest {
 public:
  TeamsRig() {
    begin();
    deliver(an_installation());
    deliver(from_bob(an_installation()));
  }

  Channel& channel() override { return *channel_; }
  ApprovalService& approvals() override { return *approvals_; }
  void hold(HoldId id, std::uint32_t quorum, std::uint64_t object) override {
    TeamsTest::hold(id, quorum, object);
    (void)until([this] { return teams_.total() >= 2; });  // until both have the first
  }
  TimePoint time() const override { return now(); }
  bool comes_to_show(TicketId, const std::string& text) override {
    return until([&] {
      const auto calls = teams_.calls();
      const std::string shown = calls.empty() ? "" : lower(calls.back().body.dump());
      return shown.find(lower(text)) != shown.npos;
    });
  }
  std::size_t told() override { return teams_.total(); }
  bool answer(TicketId, const std::string& person, Choice choice) override {
    const auto calls = teams_.calls("POST");
    const bool approves = choice == Choice::approve;
    nlohmann::json click;
    for (const FakeTeams::Call& call : calls) {
      const bool bobs = call.path.find("bob") != call.path.npos;
      if (bobs == (person == "bob"))
        click = a_click(card_of(call), approves ? "Approve once" : "Deny");
    }
    click["value"]["action"]["data"]["reason"] = "because";
    const std::size_t before = decided();
    answer_to(person == "bob" ? from_bob(click) : click);
    return decided() != before;
  }
  bool lose() override {
    teams_.set_faults([](const FakeTeams::Call&) { return FakeTeams::Answer{.status = 503}; });
    return true;
  }
  bool until(const std::function<bool()>& condition) override {
    return TeamsTest::until(condition);
  }

 private:
  void TestBody() override {}
  std::size_t decided() const {
    const Ticket* ticket = approvals_->find(1);
    return ticket != nullptr ? ticket->decisions.size() : 0;
  }
  static nlohmann::json from_bob(nlohmann::json activity) {
    activity = by(std::move(activity), FakeTeams::kBob);
    activity["conversation"]["id"] = "a:bob";
    return activity;
  }
};

template <class Rig>
class ChannelContract : public ::testing::Test {
 protected:
  const Ticket& ticket() { return *rig_.approvals().find(1); }
  Rig rig_;
};
using Rigs = ::testing::Types<TerminalRig, TeamsRig>;
TYPED_TEST_SUITE(ChannelContract, Rigs);

TYPED_TEST(ChannelContract, AQuestionIsShown) {
  this->rig_.hold(1, 1, 100);
  EXPECT_TRUE(this->rig_.comes_to_show(1, "/srv/customers/list.csv"));
}

TYPED_TEST(ChannelContract, AnAnswerCountsAndItsEndIsShown) {
  this->rig_.hold(1, 1, 100);
  EXPECT_TRUE(this->rig_.answer(1, "alice", Choice::approve));
  EXPECT_EQ(this->ticket().outcome, Outcome::approved);
  EXPECT_EQ(this->ticket().decisions.at(0).person, "alice");
  EXPECT_EQ(this->ticket().decisions.at(0).channel, this->rig_.channel().name());
  EXPECT_TRUE(this->rig_.comes_to_show(1, "approved"));
}

TYPED_TEST(ChannelContract, ADenialKeepsItsReason) {
  this->rig_.hold(1, 1, 100);
  EXPECT_TRUE(this->rig_.answer(1, "bob", Choice::deny));
  EXPECT_EQ(this->ticket().outcome, Outcome::denied);
  EXPECT_EQ(this->ticket().decisions.at(0).reason, "because");
}

TYPED_TEST(ChannelContract, AChangeIsShown) {
  this->rig_.hold(1, 2, 100);
  EXPECT_TRUE(this->rig_.answer(1, "alice", Choice::approve));
  EXPECT_EQ(this->ticket().outcome, Outcome::open);
  EXPECT_TRUE(this->rig_.comes_to_show(1, "alice"));
  EXPECT_TRUE(this->rig_.answer(1, "bob", Choice::approve));
  EXPECT_EQ(this->ticket().outcome, Outcome::approved);
}

TYPED_TEST(ChannelContract, WhatIsTakenBackIsShownAndTakesNoAnswer) {
  this->rig_.hold(1, 1, 100);
  this->rig_.approvals().release_workload(kWorkload, this->rig_.time());
  EXPECT_EQ(this->ticket().outcome, Outcome::cancelled);
  EXPECT_TRUE(this->rig_.comes_to_show(1, "cancelled"));
  EXPECT_FALSE(this->rig_.answer(1, "alice", Choice::approve));
  EXPECT_EQ(this->ticket().outcome, Outcome::cancelled);
}

TYPED_TEST(ChannelContract, AQuestionThatNobodyWaitsForSaysSoAndTakesAnAnswer) {
  this->rig_.hold(1, 1, 100);
  this->rig_.approvals().gone(1, HoldEnd::caller_gone, this->rig_.time());
  EXPECT_EQ(this->ticket().outcome, Outcome::open);
  EXPECT_TRUE(this->rig_.comes_to_show(1, "nobody waits"));
  EXPECT_TRUE(this->rig_.answer(1, "alice", Choice::approve));
  EXPECT_EQ(this->ticket().outcome, Outcome::approved);
}

TYPED_TEST(ChannelContract, SomebodyWithoutAnAccountIsNotReached) {
  const People& people = this->rig_.approvals().people();
  EXPECT_TRUE(this->rig_.channel().reaches(*people.find("alice")));
  EXPECT_FALSE(this->rig_.channel().reaches(*people.find("carol")));
}

TYPED_TEST(ChannelContract, AnAnnouncementIsTold) {
  const std::size_t before = this->rig_.told();
  this->rig_.channel().announce("the glass is broken");
  EXPECT_TRUE(this->rig_.until([&] { return this->rig_.told() > before; }));
}

TYPED_TEST(ChannelContract, SaysWhenItIsNotWell) {
  EXPECT_EQ(this->rig_.channel().trouble(), "");
  if (!this->rig_.lose()) return;
  this->rig_.hold(1, 1, 100);
  EXPECT_TRUE(this->rig_.until([&] { return !this->rig_.channel().trouble().empty(); }));
}

}  // namespace
}  // namespace stayd::test
