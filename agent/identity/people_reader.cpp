// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>

#include "base/yaml_reader.h"
#include "identity/people.h"

namespace stayd {
namespace {

constexpr std::string_view kFileKeys[] = {"people", "groups"};
constexpr std::string_view kPersonKeys[] = {"name", "email", "accounts"};
constexpr std::string_view kAccountKeys[] = {"unix", "teams", "slack", "oidc"};
constexpr std::string_view kTeamsKeys[] = {"tenant", "object"};
constexpr std::string_view kSlackKeys[] = {"team", "user"};
constexpr std::string_view kOidcKeys[] = {"issuer", "subject"};

constexpr std::size_t kMaxPeople = 10'000;
constexpr std::size_t kMaxName = 64;

// A ':' would make it look like an account of somebody without an entry.
bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
  });
}

std::optional<uid_t> parse_uid(std::string_view text) {
  uid_t uid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), uid);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return uid;
}

}  // namespace

class PeopleReader : private YamlReader {
 public:
  PeopleReader(std::string_view file, const People::LoginToUid& uid_of)
      : YamlReader(file), uid_of_(uid_of) {
    people_.has_file_ = true;
  }

  Result<People> read(const YamlNode& root) {
    if (check_map(root, "the file of people", kFileKeys)) {
      read_people(need(root, "people", "people: {alice: {accounts: [unix: alice]}}"));
      if (const YamlNode* groups = root.find("groups")) read_groups(*groups);
    }
    if (error()) return *error();
    return std::move(people_);
  }

 private:
  void read_people(const YamlNode& node) {
    if (!check_map(node, "'people'", {})) return;
    if (node.entries.size() > kMaxPeople)
      fail(node.at, "more than 10000 people; list those who answer");
    for (const YamlEntry& entry : node.entries) {
      if (!is_id(entry.key))
        fail(entry.at, "bad id " + in_quotes(entry.key) +
                           "; write at most 64 letters, digits, '.', '_' or '-'");
      read_person(entry);
    }
  }

  void read_person(const YamlEntry& entry) {
    if (!check_map(entry.value, in_quotes(entry.key), kPersonKeys)) return;
    Person person{.id = entry.key, .name = entry.key, .email = {}, .accounts = {}};
    if (entry.value.find("name")) person.name = text_of(entry.value, "name", "name: Alice Ng");
    if (person.name.size() > kMaxName)
      fail(entry.value.find("name")->at, "a name has at most 64 bytes; shorten it");
    if (entry.value.find("email"))
      person.email = text_of(entry.value, "email", "email: alice@example.com");
    const YamlNode& accounts = need(entry.value, "accounts", "accounts: [unix: " + entry.key + "]");
    for_item(&accounts, "accounts", [&](const YamlNode& item) { read_account(item, person); });
    if (person.accounts.empty())
      fail(entry.at, in_quotes(entry.key) + " has no account; add '- unix: LOGIN' to 'accounts'");
    people_.people_.emplace(entry.key, std::move(person));
  }

  void read_account(const YamlNode& node, Person& person) {
    if (!check_map(node, "an account", kAccountKeys)) return;
    if (node.entries.size() != 1) {
      fail(node.at,
           "an account is one thing; write one '- unix: ...', '- teams: ...', '- slack: ...' or "
           "'- oidc: ...' per line");
      return;
    }
    const YamlEntry& entry = node.entries.front();
    std::optional<Account> account;
    if (entry.key == "unix") account = unix_account(entry.value);
    if (entry.key == "teams") account = teams_account(entry.value);
    if (entry.key == "slack" && check_map(entry.value, "'slack'", kSlackKeys))
      account = SlackAccount{text_of(entry.value, "team", "team: T012345"),
                             text_of(entry.value, "user", "user: U012345")};
    if (entry.key == "oidc" && check_map(entry.value, "'oidc'", kOidcKeys))
      account = OidcAccount{text_of(entry.value, "issuer", "issuer: https://id.example.com"),
                            text_of(entry.value, "subject", "subject: 00u1")};
    if (!account || error()) return;
    const auto [known, is_new] = people_.accounts_.emplace(*account, person.id);
    if (!is_new)
      fail(entry.at, to_string(*account) + " is an account of " + in_quotes(known->second) +
                         " already; an account belongs to one person");
    person.accounts.push_back(std::move(*account));
  }

  std::optional<Account> unix_account(const YamlNode& node) {
    if (!check_text(node, "unix")) return std::nullopt;
    std::optional<uid_t> uid = parse_uid(node.text);
    if (!uid) uid = uid_of_(node.text);
    if (!uid) {
      fail(node.at, "this host has no user " + in_quotes(node.text) + "; write a login or a uid");
      return std::nullopt;
    }
    return UnixAccount{*uid};
  }

  std::optional<Account> teams_account(const YamlNode& node) {
    if (!check_map(node, "'teams'", kTeamsKeys)) return std::nullopt;
    const auto guid = [&](std::string_view key) {
      const std::string text = text_of(node, key, std::string(key) + ": GUID");
      Result<std::string> canonical = canonical_guid(text);
      if (!canonical && !error()) fail(node.find(key)->at, canonical.error().message);
      return canonical ? *canonical : std::string();
    };
    TeamsAccount account;
    account.tenant = guid("tenant");
    account.object = guid("object");
    return account;
  }

  void read_groups(const YamlNode& node) {
    if (!check_map(node, "'groups'", {})) return;
    for (const YamlEntry& entry : node.entries) {
      if (!is_id(entry.key))
        fail(entry.at, "bad group " + in_quotes(entry.key) +
                           "; write at most 64 letters, digits, '.', '_' or '-'");
      std::set<PersonId>& group = people_.groups_[entry.key];
      for_item(&entry.value, entry.key, [&](const YamlNode& item) {
        if (check_text(item, entry.key)) add_member(item, group);
      });
      if (group.empty())
        fail(entry.at, "nobody is in " + in_quotes(entry.key) + "; list people, or remove it");
    }
  }

  void add_member(const YamlNode& item, std::set<PersonId>& group) {
    if (people_.find(item.text) == nullptr) {
      std::vector<std::string_view> known;
      for (const auto& [id, person] : people_.people_) known.push_back(id);
      fail(item.at, in_quotes(item.text) + " is nobody in 'people'; " + suggest(item.text, known));
    }
    group.insert(item.text);
  }

  const People::LoginToUid& uid_of_;
  People people_;
};

Result<People> People::parse(std::string_view text, std::string_view file_name,
                             const LoginToUid& uid_of) {
  Result<YamlNode> root = parse_yaml(text, file_name);
  if (!root) return root.error();
  return PeopleReader(file_name, uid_of).read(*root);
}

}  // namespace stayd
