// SPDX-License-Identifier: Apache-2.0
#include "audit/record_config.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

#include "audit/redactor.h"
#include "base/yaml_reader.h"

namespace stayd::audit {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t size;
};
constexpr Unit kPlain[] = {{"", 1}};
constexpr Unit kTimes[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
constexpr Unit kSizes[] = {{"KiB", 1u << 10}, {"MiB", 1u << 20}, {"GiB", 1u << 30}};
constexpr std::uint64_t kMax = 1'000'000;  // in its unit

// A number and a unit; "0" needs none.
std::optional<std::uint64_t> parse(const std::string& text, std::span<const Unit> units) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number > kMax) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (number == 0 && unit.empty()) return 0;
  for (const Unit& each : units)
    if (unit == each.name) return number * each.size;
  return std::nullopt;
}

class Reader : public YamlReader {
 public:
  explicit Reader(const std::string& file) : YamlReader(file) {}
  using YamlReader::error;

  bool is_map(const YamlNode& node, std::string_view what, std::vector<std::string_view> keys) {
    return check_map(node, what, keys);
  }

  // Sets `value`, at least `least`, if the map has the key.
  template <class Value>
  void number(const YamlNode& map, std::string_view key, std::span<const Unit> units,
              std::uint64_t least, Value& value) {
    const YamlNode* node = map.find(key);
    if (!node) return;
    const std::optional<std::uint64_t> parsed =
        node->kind == YamlNode::Kind::text ? parse(node->text, units) : std::nullopt;
    if (!parsed || *parsed < least) {
      const std::string unit(units.back().name);
      return fail(node->at, in_quotes(key) + " is not " +
                                (unit.empty() ? "a number" : "an amount") + " of at least " +
                                std::to_string(least) + "; write one such as 10" + unit);
    }
    value = Value(*parsed);
  }

  void patterns(const YamlNode& list, std::vector<std::string>& into) {
    for_item(&list, "redact", [&](const YamlNode& item) {
      if (!check_text(item, "redact")) return;
      const Result<Redactor> fine = Redactor::create({&item.text, 1}, "");
      if (!fine) fail(item.at, fine.error().message + "; see the syntax of RE2");
      into.push_back(item.text);
    });
  }
};

// Everything in it is blank or commented out, which is no document of YAML.
bool says_nothing(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size());
    const std::size_t begin = text.substr(0, size).find_first_not_of(" \t\r");
    if (begin != text.npos && text[begin] != '#') return false;
    text.remove_prefix(std::min(size + 1, text.size()));
  }
  return true;
}

}  // namespace

Result<RecordOptions> parse_record_options(std::string_view text, const std::string& file) {
  RecordOptions options;
  if (says_nothing(text)) return options;
  const Result<YamlNode> root = parse_yaml(text, file);
  if (!root) return root.error();
  Reader reader(file);
  if (root->kind != YamlNode::Kind::null && reader.is_map(*root, "the configuration of the record",
                                                          {"sign", "rotate", "keep", "redact"})) {
    const YamlNode* sign = root->find("sign");
    if (sign && reader.is_map(*sign, "sign", {"lines", "every"})) {
      reader.number(*sign, "lines", kPlain, 1, options.sign_lines);
      reader.number(*sign, "every", kTimes, 1, options.sign_every);
    }
    const YamlNode* rotate = root->find("rotate");
    if (rotate && reader.is_map(*rotate, "rotate", {"size", "every"})) {
      reader.number(*rotate, "size", kSizes, 1, options.rotate_bytes);
      reader.number(*rotate, "every", kTimes, 60, options.rotate_every);
    }
    const YamlNode* keep = root->find("keep");
    if (keep && reader.is_map(*keep, "keep", {"size", "at_most", "at_least"})) {
      reader.number(*keep, "size", kSizes, 0, options.keep.bytes);
      reader.number(*keep, "at_most", kTimes, 0, options.keep.at_most);
      reader.number(*keep, "at_least", kTimes, 0, options.keep.at_least);
    }
    if (const YamlNode* redact = root->find("redact")) reader.patterns(*redact, options.redact);
  }
  if (reader.error()) return *reader.error();
  return {boost::system::in_place_value, std::move(options)};
}

Result<RecordOptions> load_record_options(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return RecordOptions{};
  if (!std::filesystem::is_regular_file(path, error)) return Error{path + " is not a file"};
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  if (!file.is_open() || file.bad()) return errno_error("open " + path);
  return parse_record_options(text, path);
}

}  // namespace stayd::audit
