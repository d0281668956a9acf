// SPDX-License-Identifier: Apache-2.0
#include "ctl/people_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "base/json.h"
#include "base/yaml.h"

namespace stayd {
namespace {

std::string account_line(const TeamsAccount& account) {
  return "- teams: {tenant: " + account.tenant + ", object: " + account.object + "}";
}

// A text in double quotes is written in YAML as in JSON.
std::string entry_lines(const NewAccount& added) {
  return "  " + added.id + ":\n    name: " + dump(nlohmann::json(added.name)) +
         "\n    accounts:\n      " + account_line(added.account) + "\n";
}

class PeopleText {
 public:
  PeopleText(const std::string& text, const YamlNode& root) : root_(root) {
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines_.push_back(line);
  }

  // Each gives false if the file is laid out so that a line more would not do.

  bool add_account(const NewAccount& added) {
    const YamlNode* people = root_.find("people");
    const YamlNode* person = people == nullptr ? nullptr : people->find(added.id);
    if (person == nullptr) return insert_below("people:", entry_lines(added));
    const YamlNode* accounts = person->find("accounts");
    if (accounts == nullptr || accounts->items.empty()) return false;
    const Position at = accounts->items.front().at;
    std::string& line = lines_[static_cast<std::size_t>(at.line) - 1];
    const std::size_t dash = line.find_first_not_of(' ');
    // "      - unix: alice": a list of its own lines, not one in brackets.
    if (dash == line.npos || line.compare(dash, 2, "- ") != 0) return false;
    line.insert(0, line.substr(0, dash) + account_line(added.account) + "\n");
    return true;
  }

  bool add_to_group(const std::string& group, const std::string& id) {
    const YamlNode* groups = root_.find("groups");
    if (groups == nullptr) {
      lines_.push_back("groups:\n  " + group + ": [" + id + "]");
      return true;
    }
    const YamlNode* members = groups->find(group);
    if (members == nullptr) return insert_below("groups:", "  " + group + ": [" + id + "]\n");
    if (std::ranges::find(members->items, id, &YamlNode::text) != members->items.end()) return true;
    if (members->items.empty()) return false;
    const Position at = members->items.front().at;
    std::string& line = lines_[static_cast<std::size_t>(at.line) - 1];
    const std::size_t column = static_cast<std::size_t>(at.column) - 1;
    const std::size_t start = line.find_first_not_of(' ');
    if (line.compare(start, 2, "- ") == 0)
      line.insert(0, line.substr(0, start) + "- " + id + "\n");
    else
      line.insert(column, id + ", ");
    return true;
  }

  std::string text() const {
    std::string text;
    for (const std::string& line : lines_) text += line + "\n";
    return text;
  }

 private:
  // Right below a line that says `key` and nothing more: the first of its entries.
  bool insert_below(const std::string& key, const std::string& inserted) {
    const auto line = std::ranges::find_if(lines_, [&](const std::string& each) {
      const std::string rest = each.substr(0, each.find(" #"));
      return rest.substr(0, rest.find_last_not_of(" \r") + 1) == key;
    });
    if (line == lines_.end()) return false;
    *line += "\n" + inserted.substr(0, inserted.size() - 1);
    return true;
  }

  const YamlNode& root_;
  std::vector<std::string> lines_;
};

int last_line(const YamlNode& node) {
  int last = node.at.line;
  for (const YamlNode& item : node.items) last = std::max(last, last_line(item));
  for (const YamlEntry& entry : node.entries)
    last = std::max({last, entry.at.line, last_line(entry.value)});
  return last;
}

bool same(const YamlNode& a, const YamlNode& b) {
  return a.kind == b.kind && a.text == b.text && std::ranges::equal(a.items, b.items, same) &&
         std::ranges::equal(a.entries, b.entries, [](const YamlEntry& x, const YamlEntry& y) {
           return x.key == y.key && same(x.value, y.value);
         });
}

YamlNode* value_of(YamlNode& map, std::string_view key) {
  const auto found = std::ranges::find(map.entries, key, &YamlEntry::key);
  return found == map.entries.end() ? nullptr : &found->value;
}

// The lines of a file, to remove from.
class Lines {
 public:
  explicit Lines(const std::string& text) {
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines_.emplace_back(line);
  }

  void remove(int first, int last) {
    for (int line = first; line <= last; ++line) at(line).reset();
  }

  // "- alice" goes with its line; of "[alice, bob]", the name and one comma go.
  void remove_item(Position where, std::size_t size) {
    std::optional<std::string>& line = at(where.line);
    if (!line) return;
    std::size_t begin = static_cast<std::size_t>(where.column) - 1;
    if (line->find_first_not_of(" -") == begin) return line.reset();
    if ((*line)[begin] == '"' || (*line)[begin] == '\'') size += 2;
    std::size_t end = std::min(begin + size, line->size());
    if (const std::size_t next = line->find_first_not_of(' ', end);
        next != line->npos && (*line)[next] == ',') {
      end = std::min(line->find_first_not_of(' ', next + 1), line->size());
    } else if (const std::size_t comma = line->find_last_of(',', begin); comma != line->npos) {
      begin = comma;
    }
    line->erase(begin, end - begin);
  }

  std::string text() const {
    std::string text;
    for (const std::optional<std::string>& line : lines_)
      if (line) text += *line + "\n";
    return text;
  }

 private:
  std::optional<std::string>& at(int line) { return lines_[static_cast<std::size_t>(line) - 1]; }

  std::vector<std::optional<std::string>> lines_;
};

// Takes the person out of all groups, from the end of the file, so that no removal moves the next.
Result<std::vector<Position>> take_out_of_groups(YamlNode& groups, const std::string& id) {
  std::vector<Position> places;
  for (YamlEntry& group : groups.entries) {
    std::vector<YamlNode>& members = group.value.items;
    const auto member = std::ranges::find(members, id, &YamlNode::text);
    if (member == members.end()) continue;
    if (members.size() == 1)
      return Error{stayd::in_quotes(id) + " is the only member of the group " +
                   stayd::in_quotes(group.key) + "; add another member or remove the group first"};
    places.push_back(member->at);
    members.erase(member);
  }
  std::ranges::reverse(places);
  return places;
}

}  // namespace

Result<std::string> with_account(const std::string& text, const std::string& file,
                                 const NewAccount& added) {
  const std::string before = text.empty() ? "people:\n" : text;
  Result<YamlNode> root = parse_yaml(before, file);
  if (!root) return root.error();
  PeopleText changed(before, *root);
  bool fits = changed.add_account(added);
  for (const std::string& group : added.groups)
    fits = fits && changed.add_to_group(group, added.id);
  if (!fits)
    return Error{file + " has a layout that stayctl cannot edit; write by hand:\n" +
                 entry_lines(added)};
  return ok(changed.text());
}

Result<std::string> without_person(const std::string& text, const std::string& file,
                                   const std::string& id) {
  Result<YamlNode> root = parse_yaml(text, file);
  if (!root) return root.error();
  YamlNode* people = value_of(*root, "people");
  const YamlNode* person = people == nullptr ? nullptr : people->find(id);
  if (person == nullptr)
    return Error{file + " has no person " + stayd::in_quotes(id) + "; see: stayctl people list"};
  if (people->entries.size() == 1)
    return Error{stayd::in_quotes(id) + " is the only person in " + file +
                 "; without the file, every user who may use stayd's socket may answer"};
  Lines lines(text);
  if (YamlNode* groups = value_of(*root, "groups")) {
    const Result<std::vector<Position>> places = take_out_of_groups(*groups, id);
    if (!places) return places.error();
    for (const Position& each : *places) lines.remove_item(each, id.size());
  }
  const auto entry = std::ranges::find(people->entries, id, &YamlEntry::key);
  lines.remove(entry->at.line, std::max(entry->at.line, last_line(entry->value)));
  people->entries.erase(entry);
  // Any layout may come; only what has the meaning that was wanted is given back.
  std::string after = lines.text();
  const Result<YamlNode> read_back = parse_yaml(after, file);
  if (!read_back || !same(*root, *read_back))
    return Error{file + " has a layout that stayctl cannot edit; remove " + stayd::in_quotes(id) +
                 " from it by hand"};
  return ok(std::move(after));
}

}  // namespace stayd
