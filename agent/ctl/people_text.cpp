// SPDX-License-Identifier: Apache-2.0
#include "ctl/people_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
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
  if (!fits) return Error{file + " has a layout of its own; write by hand:\n" + entry_lines(added)};
  return {boost::system::in_place_value, changed.text()};
}

}  // namespace stayd
