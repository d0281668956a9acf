// SPDX-License-Identifier: Apache-2.0
#include "policy/draft_questions.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/escape.h"
#include "policy/draft_destinations.h"
#include "policy/draft_places.h"
#include "policy/rule_reference.h"
#include "policy/values.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxShown = 200;
constexpr std::size_t kShownExamples = 3;

using Kind = DraftAddition::Kind;

std::string times_text(std::uint64_t times) {
  return times == 1 ? "once" : std::to_string(times) + " times";
}

std::string examples_text(const Question& question) {
  std::string text;
  std::size_t shown = 0;
  for (const Question::Example& each : question.examples) {
    if (++shown > kShownExamples) break;
    text += (shown == 1 ? "" : ", ") + escape(each.shown, kMaxShown);
  }
  return question.examples.size() > kShownExamples ? text + " and others" : text;
}

// "secret: read of /home/dev/.ssh/id_rsa, once. Pack secrets, line 153, says hold:
// files.read.hold: credentials"
std::string text_of(const QuestionKey& key, const Question& question, const Rule& rule,
                    const Policy& policy) {
  const std::string kind = to_string(rule.rule_class);
  std::string said = without_entries(rule.text);
  std::string who = "The policy";
  if (rule.source != 0) {
    const std::string& pack = policy.packs[rule.source - 1].name;
    who = "Pack " + pack;
    const std::string prefix = "pack " + pack + ": ";
    if (said.starts_with(prefix)) said.erase(0, prefix.size());
  }
  return (kind.empty() ? "" : kind + ": ") + key.what + " of " + examples_text(question) + ", " +
         times_text(question.times) + ". " + who + ", line " + std::to_string(rule.at.line) + ": " +
         escape(said, kMaxShown);
}

void add_own(const QuestionKey& key, const Attempt& attempt, bool is_open,
             std::vector<DraftAddition>& own) {
  const auto file = [&](Access access, const std::string& path) {
    if (!path.empty() && can_be_named(path))
      own.push_back({.kind = Kind::files,
                     .access = is_open && access != Access::read ? Access::write : access,
                     .entry = path});
  };
  const std::string& path = attempt.file.path;
  const std::string& target = attempt.target.path;
  if (key.what == "read") file(Access::read, path);
  if (key.what == "write") file(Access::write, path);
  if (key.what == "create") file(Access::create, target.empty() ? path : target);
  if (key.what == "delete") file(Access::remove, path);
  if (key.what == "rename") {
    file(Access::rename, path);
    file(Access::create, target);
    file(Access::remove, target);
  }
  if (key.what == "exec" && can_be_named(path)) own.push_back({.kind = Kind::exec, .entry = path});
  const std::string& abstract = attempt.abstract_name;
  if (key.what == "unix" && can_be_named(path.empty() ? "/" + abstract : path))
    own.push_back(
        {.kind = Kind::network, .entry = "unix:" + (path.empty() ? "@" + abstract : path)});
  if (key.what == "connect") {
    const DestinationFacts& to = attempt.destination;
    const std::string host = to.hosts.empty() ? std::string() : to.hosts.front();
    own.push_back({.kind = Kind::network,
                   .entry = destination_text({host, to.address, to.port, to.protocol}).text});
  }
}

void make_unique(std::vector<DraftAddition>& additions) {
  std::ranges::sort(additions);
  const auto rest = std::ranges::unique(additions);
  additions.erase(rest.begin(), rest.end());
}

DraftQuestion question_about(const Reached& to, const Contacts& contacts) {
  const DestinationText text = destination_text(to);
  Question::Example example;
  example.attempt.kind = Attempt::Kind::network;
  DestinationFacts& facts = example.attempt.destination;
  facts.address = contacts.endpoints.empty() ? to.address : contacts.endpoints.front().address;
  facts.port = to.port;
  facts.protocol = to.protocol;
  if (!to.host.empty()) facts.hosts = {to.host};
  DraftQuestion question;
  question.text = "connect to " + text.text + ". " + reasons(contacts);
  question.own = {{.kind = Kind::network, .entry = text.text}};
  question.examples.push_back(std::move(example));
  return question;
}

// True if naming what is below the rule's place can put it aside.
bool is_about_places(const Policy& policy, const Rule& rule,
                     const std::vector<DraftAddition>& own) {
  const auto same = [&](const auto& each) { return each.rule.id == rule.id; };
  if (std::ranges::any_of(policy.origins, same) || std::ranges::any_of(policy.network, same) ||
      std::ranges::any_of(policy.hosts, same))
    return true;
  const auto found = std::ranges::find_if(policy.paths, same);
  if (found == policy.paths.end()) return false;
  return std::ranges::any_of(what_of(policy, *found).places, [&](const Place& place) {
    return std::ranges::any_of(own, [&](const DraftAddition& each) {
      return each.entry != place.path && is_at_or_below(each.entry, place.path);
    });
  });
}

class AdditionFinder {
 public:
  AdditionFinder(const DraftRules& rules, const DraftBase& base) : rules_(rules), base_(base) {}

  void find(std::vector<DraftQuestion>& questions) {
    constexpr int kRounds = 5;
    for (int round = 0; round < kRounds; ++round) {
      std::vector<DraftAddition> all;
      for (const DraftQuestion& each : questions)
        all.insert(all.end(), each.additions.begin(), each.additions.end());
      make_unique(all);
      const Result<DraftJudge> judge = base_.load(with_additions(rules_, base_, all));
      if (!judge) break;
      bool changed = false;
      for (DraftQuestion& each : questions) changed |= improve(each, *judge);
      if (!changed) break;
    }
    for (DraftQuestion& each : questions)
      if (!each.can_be_allowed) each.additions.clear();
  }

 private:
  bool improve(DraftQuestion& question, const DraftJudge& judge) const {
    const std::size_t before = question.additions.size();
    question.can_be_allowed = true;
    for (const Question::Example& each : question.examples) {
      const RuleVerdict said = judge.judge(each.attempt, each.off_host);
      if (said.verdict <= Verdict::audit) continue;
      question.can_be_allowed = false;
      add_for(question, each, judge, said.rule);
    }
    make_unique(question.additions);
    return question.additions.size() > before;
  }

  void add_for(DraftQuestion& question, const Question::Example& example, const DraftJudge& judge,
               std::uint32_t id) const {
    const Rule* rule = judge.find_rule(id);
    const bool can_say =
        !rule || (rule->layer == 0 && is_about_places(judge.policy, *rule, question.own));
    const bool has_said = std::ranges::all_of(question.own, [&](const DraftAddition& each) {
      return std::ranges::find(question.additions, each) != question.additions.end();
    });
    if (can_say && !has_said) {
      question.additions.insert(question.additions.end(), question.own.begin(), question.own.end());
      return;
    }
    if (!rule || rule->source == 0) return;
    const std::string& pack = judge.policy.packs[rule->source - 1].name;
    std::vector<Position> entries;
    for (const std::string* path : {&example.attempt.file.path, &example.attempt.target.path})
      if (!path->empty())
        for (const Position& each : entries_naming(judge.policy, *rule, *path))
          entries.push_back(each);
    if (entries.empty()) entries.push_back(rule->at);
    for (const Position& each : entries) {
      const std::string text = base_.entry_text(pack, each);
      if (!text.empty())
        question.additions.push_back({.kind = Kind::without, .pack = pack, .entry = text});
    }
  }

  const DraftRules& rules_;
  const DraftBase& base_;
};

}  // namespace

std::vector<DraftQuestion> questions_of(const Observations& seen, const DraftBase& base) {
  std::map<std::pair<int, const QuestionKey*>, DraftQuestion> held;
  const Policy& policy = base.particular().policy;
  for (const auto& [key, question] : seen.questions) {
    const Rule* rule = base.particular().find_rule(key.rule);
    if (!rule) continue;
    DraftQuestion made;
    made.text = text_of(key, question, *rule, policy);
    made.examples.assign(question.examples.begin(), question.examples.end());
    for (const Question::Example& each : made.examples)
      add_own(key, each.attempt, base.is_open(), made.own);
    make_unique(made.own);
    held.emplace(std::pair(-static_cast<int>(rule->rule_class), &key), std::move(made));
  }
  std::vector<DraftQuestion> questions;
  for (auto& [key, each] : held) questions.push_back(std::move(each));
  for (const auto& [to, contacts] : seen.destinations)
    if (contacts.is_question()) questions.push_back(question_about(to, contacts));
  return questions;
}

void find_additions(std::vector<DraftQuestion>& questions, const DraftRules& rules,
                    const DraftBase& base) {
  if (!questions.empty()) AdditionFinder(rules, base).find(questions);
}

std::vector<std::string> lines_of(const std::vector<DraftAddition>& additions) {
  std::map<std::string, std::string> lists;  // by key, the entries
  for (const DraftAddition& each : additions) {
    std::string key = "network.allow";
    std::string entry = each.kind == Kind::without ? each.entry : yaml_text(each.entry);
    if (each.kind == Kind::exec) key = "exec.allow";
    if (each.kind == Kind::without) key = "use: {pack: " + each.pack + ", without";
    if (each.kind == Kind::files)
      for (const auto& [name, access] : kFileSections)
        if (access == each.access) key = "files." + std::string(name) + ".allow";
    std::string& list = lists[key];
    list += (list.empty() ? "" : ", ") + entry;
  }
  std::vector<std::string> lines;
  for (const auto& [key, list] : lists)
    lines.push_back(key + ": [" + list + "]" + (key.starts_with("use") ? "}" : ""));
  return lines;
}

std::string with_additions(DraftRules rules, const DraftBase& base,
                           const std::vector<DraftAddition>& additions) {
  PacksSaid packs = base.packs();
  for (const DraftAddition& each : additions) {
    switch (each.kind) {
      case Kind::network:
        rules.network.push_back({each.entry});
        break;
      case Kind::files:
        rules.files[each.access].push_back({each.entry});
        break;
      case Kind::exec:
        rules.exec.push_back({each.entry});
        break;
      case Kind::without: {
        auto used = std::ranges::find(packs.use, each.pack, &PacksSaid::Used::pack);
        if (used == packs.use.end()) used = packs.use.insert(used, {.pack = each.pack});
        used->without.push_back(each.entry);
        break;
      }
    }
  }
  return "policy: draft\n" + to_yaml(packs) + to_yaml(rules, base);
}

}  // namespace stayd
