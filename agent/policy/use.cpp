// SPDX-License-Identifier: Apache-2.0
// Which packs a policy uses, and what it tells them.
#include <algorithm>
#include <utility>

#include "base/suggestion.h"
#include "policy/keys.h"
#include "policy/pack.h"
#include "policy/pack_reader.h"
#include "policy/policy_reader.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxPacks = 32;

// A pack that is wanted, and what is known of it so far.
struct Wanted {
  std::string name;
  Position at;           // of the policy's entry that it comes with
  std::string asked_in;  // the file that names it …
  Position asked_at;     // … and where
  std::vector<YamlNode> without{};
  bool direct = true;
  std::string file{};
  YamlNode root{};
  PackHead head{};
};

class PackCollector : private YamlReader {
 public:
  PackCollector(std::string_view file, const PackSource& source)
      : YamlReader(file), file_(file), source_(source) {}

  Result<PackParts> collect(const YamlNode& root) {
    for_item(root.find("use"), "use", [&](const YamlNode& item) { read_use(item); });
    // load() adds those that come with it at the end, none twice.
    for (std::size_t i = 0; i < wanted_.size() && !error(); ++i) load(i);
    if (!error()) {
      read_with(root.find("with"));
      read_trust(root.find("trust"));
    }
    PackParts parts;
    for (std::size_t i = 0; i < wanted_.size() && !error(); ++i) read_rules(wanted_[i], parts);
    if (error()) return *error();
    return parts;
  }

 private:
  const Wanted* find(std::string_view name) const {
    const auto found = std::ranges::find(wanted_, name, &Wanted::name);
    return found == wanted_.end() ? nullptr : &*found;
  }

  // "git", or {pack: git, without: [ENTRY]}
  void read_use(const YamlNode& item) {
    Wanted pack{.name = item.text, .at = item.at, .asked_in = file_, .asked_at = item.at};
    if (item.kind == YamlNode::Kind::map) {
      if (!check_map(item, "an entry of 'use'", kUseKeys)) return;
      pack.name = text_of(item, "pack", "pack: secrets");
      for_item(item.find("without"), "without", [&](const YamlNode& each) {
        if (each.kind == YamlNode::Kind::map || check_text(each, "without"))
          pack.without.push_back(each);
      });
    } else if (!check_text(item, "use")) {
      return;
    }
    if (const Wanted* before = find(pack.name))
      return fail(item.at, "pack " + in_quotes(pack.name) + " is named in line " +
                               std::to_string(before->at.line) + " already; remove one");
    wanted_.push_back(std::move(pack));
  }

  void load(std::size_t index) {
    if (index == kMaxPacks)
      return fail(wanted_[index].at,
                  "more than 32 packs, with those that come with others; "
                  "use fewer");
    const auto read = [&](Wanted& pack) -> Result<> {
      const Error none{"there are no packs here; write the rules into the policy"};
      Result<PackText> text = source_ ? source_(pack.name) : Result<PackText>(none);
      if (!text) return error_at(pack.asked_in, pack.asked_at, text.error().message);
      Result<YamlNode> root = parse_yaml(text->text, text->file);
      if (!root) return root.error();
      pack.file = std::move(text->file);
      pack.root = std::move(*root);
      Result<PackHead> head = PackReader(pack.file, pack.root).read_head(pack.name);
      if (!head) return head.error();
      pack.head = std::move(*head);
      return {};
    };
    if (Result<> done = read(wanted_[index]); !done) return fail(done.error());
    const Position at = wanted_[index].at;
    const std::string file = wanted_[index].file;
    const std::vector<YamlNode> uses = wanted_[index].head.uses;
    for (const YamlNode& each : uses)
      if (!find(each.text))
        wanted_.push_back(
            {.name = each.text, .at = at, .asked_in = file, .asked_at = each.at, .direct = false});
  }

  void read_with(const YamlNode* node) {
    if (!node || !check_map(*node, "'with'", {})) return;
    for (const YamlEntry& entry : node->entries) {
      std::vector<std::string_view> known;
      bool wanted = false;
      for (const Wanted& pack : wanted_) {
        for (const PackParameter& each : pack.head.parameters) {
          known.push_back(each.name);
          if (each.name != entry.key) continue;
          wanted = true;
          check_values(entry.value, each.kind);
        }
      }
      if (!wanted)
        fail(entry.at, "no pack that is used has the parameter " + in_quotes(entry.key) + "; " +
                           (known.empty() ? "remove it" : suggest(entry.key, known)));
      values_[entry.key] = values_of(entry.value);
    }
  }

  void check_values(const YamlNode& node, PackParameter::Kind kind) {
    PolicyReader reader(file_);
    for (const YamlNode& each : values_of(node))
      if (std::optional<Error> wrong =
              reader.fault_of_value(each, kind == PackParameter::Kind::network))
        return fail(*wrong);
  }

  void read_trust(const YamlNode* node) {
    for_item(node, "trust", [&](const YamlNode& item) {
      if (!check_text(item, "trust")) return;
      const Wanted* pack = find(item.text);
      if (!pack || !pack->direct)
        return fail(item.at, "pack " + in_quotes(item.text) +
                                 " is not used; add it to 'use', or remove it here");
      trusted_.push_back(item.text);
    });
  }

  void read_rules(const Wanted& pack, PackParts& parts) {
    PackValues values;
    for (const PackParameter& each : pack.head.parameters) {
      const auto given = values_.find(each.name);
      if (given == values_.end() && !each.has_default)
        return fail(pack.at, "pack " + in_quotes(pack.name) + " needs " + in_quotes(each.name) +
                                 ": " + each.means + "; add 'with: {" + each.name + ": " +
                                 each.example + "}'");
      values[each.name] = given == values_.end() ? each.values : given->second;
    }
    std::vector<YamlNode> missing;
    Result<Policy> rules =
        PackReader(pack.file, pack.root).read_rules(pack.name, values, pack.without, missing);
    for (const YamlNode& each : missing)
      fail(each.at, "pack " + in_quotes(pack.name) + " has no " +
                        (each.kind == YamlNode::Kind::text ? "entry " + in_quotes(each.text)
                                                           : std::string("such entry")) +
                        "; write it as it is in " + pack.file);
    if (!rules) return fail(rules.error());
    const bool trusted = std::ranges::find(trusted_, pack.name) != trusted_.end();
    parts.packs.push_back({pack.name, pack.file, pack.head.about, trusted, pack.direct});
    parts.rules.push_back(std::move(*rules));
  }

  const std::string file_;
  const PackSource& source_;
  std::vector<Wanted> wanted_;
  PackValues values_;
  std::vector<std::string> trusted_;
};

}  // namespace

Result<PackParts> read_packs(const YamlNode& root, std::string_view file,
                             const PackSource& source) {
  return PackCollector(file, source).collect(root);
}

}  // namespace stayd
