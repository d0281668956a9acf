// SPDX-License-Identifier: Apache-2.0
#include "policy/draft.h"

#include <netinet/in.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/escape.h"
#include "policy/draft_destinations.h"
#include "policy/draft_places.h"
#include "policy/draft_questions.h"
#include "policy/draft_rules.h"
#include "policy/glob.h"
#include "policy/values.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxShown = 50;

// What a draft without packs that say it holds although a directory above it is allowed, unless it
// was read.
constexpr const char* kSecrets[] = {"**/.env",   "**/.netrc",     "**/*.pem",  "**/*.key",
                                    "**/id_rsa", "**/id_ed25519", "**/.pgpass"};

std::string count(std::uint64_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

DraftLine line(const std::string& path, const DraftPlace& place) {
  if (place.files > 0) return {path, "WIDER: " + count(place.files, "file") + " seen below it"};
  if (place.listed) return {path, "WIDER: it was listed; what is below it comes with it"};
  return {path};
}

class DraftWriter {
 public:
  DraftWriter(const Observations& seen, const DraftBase& base) : seen_(seen), base_(base) {}

  DraftRules write() {
    rules_.network = allowed_destinations(seen_);
    const bool names_hosts = std::ranges::any_of(
        seen_.destinations, [](const auto& each) { return !each.first.host.empty(); });
    rules_.says_resolvers = seen_.asked_resolver || names_hosts || base_.needs_resolvers();
    if (base_.is_open())
      write_changes();
    else
      write_files();
    write_programs();
    return std::move(rules_);
  }

  // "read /home/alice": seen, and not allowed.
  const std::set<std::string>& unnamed() const { return unnamed_; }

 private:
  const std::set<std::string>& paths(Access access) const {
    static const std::set<std::string> kNone;
    const auto found = seen_.paths.find(access);
    return found == seen_.paths.end() ? kNone : found->second;
  }

  void add(const char* key, Access access, const DraftPaths& paths) {
    for (const auto& [path, place] : paths.places)
      rules_.files[access].push_back(line(path, place));
    for (const std::string& path : paths.unnamed) unnamed_.insert(std::string(key) + " " + path);
  }

  // Where a pack says what may be written, one list does for creation, deletion and renaming, too.
  void write_changes() {
    std::set<std::string> all;
    for (const auto& [key, access] : kFileSections)
      if (access != Access::read) all.insert(paths(access).begin(), paths(access).end());
    add("write", Access::write, group_paths(all, seen_));
  }

  // A rename must not take a file to where less is said of it, so what is moved to where it may
  // be read or written must be allowed to be read or written where it was.
  std::map<Access, DraftPaths> group_files() const {
    std::map<Access, std::set<std::string>> all = seen_.paths;
    std::map<Access, DraftPaths> grouped;
    for (bool again = true; again;) {
      again = false;
      for (const auto& [key, access] : kFileSections)
        grouped[access] = group_paths(all[access], seen_);
      for (const auto& [from, to] : seen_.moves)
        for (const Access access : {Access::read, Access::write})
          if (covers(grouped[access].places, to) && !covers(grouped[access].places, from))
            again |= all[access].insert(from).second;
    }
    return grouped;
  }

  void write_files() {
    const std::map<Access, DraftPaths> grouped = group_files();
    for (const auto& [key, access] : kFileSections) {
      const DraftPaths& paths = grouped.at(access);
      add(key, access, paths);
      if (access == Access::read)
        rules_.held[access] = unread_secrets(paths.places);
      else if (access != Access::write)
        rules_.held[access] = only_written(grouped.at(Access::write).places, paths.places);
    }
  }

  // Where another access says nothing of what may be written, `write` would decide.
  static std::string only_written(const DraftPlaces& written, const DraftPlaces& allowed) {
    std::string list;
    for (const auto& [path, place] : written)
      if (!covers(allowed, path)) list += (list.empty() ? "" : ", ") + yaml_text(path);
    return list.empty() ? list : "    hold: [" + list + "]\n";
  }

  std::string unread_secrets(const DraftPlaces& places) const {
    if (std::ranges::any_of(base_.judge().policy.paths, [](const PathRule& rule) {
          return rule.rule.rule_class == RuleClass::secret;
        }))
      return {};
    const bool wider =
        std::ranges::any_of(places, [](const auto& each) { return each.second.wider(); });
    std::string list;
    for (const char* glob : kSecrets) {
      const auto& read = paths(Access::read);
      if (std::ranges::any_of(read,
                              [&](const std::string& path) { return matches_path(glob, path); }))
        continue;
      list += (list.empty() ? "" : ", ") + yaml_text(glob);
    }
    if (!wider || list.empty()) return {};
    return "    # Not seen to be read, wherever they are:\n    hold: [" + list + "]\n";
  }

  void write_programs() {
    DraftPlaces programs;
    for (const std::string& path : paths(Access::exec)) {
      const DraftPaths made = group_paths({path}, seen_);
      for (const auto& [place, what] : made.places) programs[place].files += what.files;
      for (const std::string& each : made.unnamed) unnamed_.insert("exec " + each);
    }
    for (const auto& [path, place] : programs)
      rules_.exec.push_back(
          {path, place.files > 0 ? "WIDER: it made what it ran there, and may again" : ""});
  }

  const Observations& seen_;
  const DraftBase& base_;
  DraftRules rules_;
  std::set<std::string> unnamed_;
};

// Who it is for.
std::string name_lines(const std::string& cgroup) {
  const std::string last = cgroup.substr(cgroup.rfind('/') + 1);
  const std::string name = last.substr(0, last.rfind('.'));
  std::string text = "policy: " + (is_name(name) ? name : std::string("draft")) + "\n";
  if (is_unit(last) && !is_glob(last) && last.ends_with(".service"))
    text += "applies_to: [{unit: " + yaml_text(last) + "}]\n";
  else if (is_cgroup(cgroup) && can_be_named(cgroup))
    text += "applies_to: [{cgroup: " + yaml_text(cgroup) + "}]\n";
  return text + "mode: observe  # until you trust it; then: enforce\n";
}

std::string head_text(const Observations& seen, const DraftBase& base, const DraftHead& head,
                      const Draft& made) {
  std::string text = "# A draft, from " + count(seen.operations, "different operation") + " of " +
                     escape(head.cgroup) + " in " + head.period + ".\n# ";
  if (!base.packs().use.empty())
    text += "The packs cover " + std::to_string(seen.covered) + " of them. ";
  text +=
      count(made.allowing, "line") + (made.allowing == 1 ? " allows" : " allow") +
      " what else was seen; " + count(made.questions, "question") +
      (made.questions == 1 ? " is" : " are") +
      " left to you.\n# Everything else is held. Read every line before you put it into force: "
      "WIDER is said where\n# it allows more than was seen; what did not happen is not in it.\n";
  if (seen.left_out > 0)
    text += "# INCOMPLETE: " + count(seen.left_out, "operation") +
            (seen.left_out == 1 ? " was" : " were") + " too many to keep.\n";
  return text + name_lines(head.cgroup) + to_yaml(base.packs());
}

std::string rest_text(const std::string& title, const std::set<std::string>& things) {
  if (things.empty()) return {};
  std::string text = "\n# " + title + "\n";
  std::size_t shown = 0;
  for (const std::string& each : things) {
    if (++shown > kMaxShown) break;
    text += "#   " + escape(each, 300) + "\n";
  }
  if (things.size() > kMaxShown)
    text += "#   and " + std::to_string(things.size() - kMaxShown) + " more\n";
  return text;
}

std::string questions_text(const std::vector<DraftQuestion>& questions) {
  if (questions.empty()) return {};
  std::string text =
      "\n# Questions. Each stays held until you decide; below it is what would allow it.\n";
  std::size_t number = 0;
  for (const DraftQuestion& each : questions) {
    if (++number > kMaxShown) break;
    text += "# " + std::to_string(number) + ". " + each.text + "\n";
    if (!each.can_be_allowed) text += "#    No line of a policy allows it alone.\n";
    for (const std::string& line : lines_of(each.additions)) text += "#    " + line + "\n";
  }
  if (questions.size() > kMaxShown)
    text += "# And " + std::to_string(questions.size() - kMaxShown) + " more.\n";
  return text;
}

// Everything that was seen and is not a question, as unnamed() and as an attempt.
std::vector<std::pair<std::string, Attempt>> attempts(const Observations& seen) {
  std::vector<std::pair<std::string, Attempt>> all;
  using Kind = Attempt::Kind;
  const auto add = [&](const std::string& name, Access access, Kind kind) {
    const auto found = seen.paths.find(access);
    if (found == seen.paths.end()) return;
    for (const std::string& path : found->second) {
      Attempt attempt;
      attempt.kind = kind;
      attempt.read = access == Access::read;
      attempt.write = access == Access::write;
      attempt.file.path = path;
      all.emplace_back(name + " " + path, std::move(attempt));
    }
  };
  add("read", Access::read, Kind::open);
  add("write", Access::write, Kind::open);
  add("create", Access::create, Kind::create);
  add("delete", Access::remove, Kind::remove);
  add("exec", Access::exec, Kind::exec);
  for (const auto& [from, to] : seen.moves) {
    Attempt attempt;
    attempt.kind = Kind::rename;
    attempt.replaces = true;
    attempt.file.path = from;
    attempt.target.path = to;
    all.emplace_back("rename " + from, std::move(attempt));
  }
  for (const auto& [to, contacts] : seen.destinations) {
    if (contacts.is_question()) continue;
    Attempt attempt;
    attempt.kind = Kind::network;
    attempt.destination = {contacts.endpoints.front().address, to.port, to.protocol, {}};
    if (!to.host.empty()) attempt.destination.hosts = {to.host};
    all.emplace_back("", std::move(attempt));
  }
  return all;
}

std::string shown(const std::string& name, const Attempt& attempt) {
  if (!name.empty()) return escape(name, 300);
  const DestinationFacts& to = attempt.destination;
  return "connect " + destination_text({to.hosts.empty() ? "" : to.hosts.front(), to.address,
                                        to.port, to.protocol})
                          .text;
}

// What the draft would hold of what was seen without saying so, and what it would allow although it
// is a question; empty unless something is wrong with it. The same engine decides as will when it
// is in force.
std::string check(const std::string& text, const Observations& seen, const DraftBase& base,
                  const std::set<std::string>& unnamed,
                  const std::vector<DraftQuestion>& questions) {
  const Result<DraftJudge> judge = base.load(text);
  if (!judge) return "# NOT A POLICY YET: " + escape(judge.error().message) + "\n";
  std::string held, allowed;
  std::size_t number = 0;
  for (const auto& [name, attempt] : attempts(seen)) {
    if (unnamed.contains(name) || judge->judge(attempt).verdict <= Verdict::audit) continue;
    if (++number <= kMaxShown) held += "#   " + shown(name, attempt) + "\n";
  }
  for (const DraftQuestion& each : questions)
    for (const Question::Example& example : each.examples)
      if (judge->judge(example.attempt, example.off_host).verdict <= Verdict::audit)
        allowed += "#   " + each.text + "\n";
  return (held.empty() ? "" : "\n# Would be held all the same:\n" + held) +
         (allowed.empty() ? "" : "\n# WOULD BE ALLOWED, although it is a question:\n" + allowed);
}

std::size_t lines_in(const DraftRules& rules) {
  std::size_t lines = rules.network.size() + rules.exec.size();
  for (const auto& [access, list] : rules.files) lines += list.size();
  return lines;
}

}  // namespace

Draft draft(const Observations& seen, const DraftBase& base, const DraftHead& head) {
  DraftWriter writer(seen, base);
  const DraftRules rules = writer.write();
  std::vector<DraftQuestion> questions = questions_of(seen, base);
  find_additions(questions, rules, base);
  Draft made{.text = {}, .allowing = lines_in(rules), .questions = questions.size()};
  const std::string policy = head_text(seen, base, head, made) + to_yaml(rules, base);
  made.text =
      policy +
      rest_text("Would be held, since allowing it would allow far more than was seen:",
                writer.unnamed()) +
      rest_text(
          "Would be held, since no path of the host leads there (a pipe or memory opened by "
          "its descriptor,\n# a file system of the workload's own):",
          seen.placeless) +
      questions_text(questions) + check(policy, seen, base, writer.unnamed(), questions);
  return made;
}

}  // namespace stayd
