// SPDX-License-Identifier: Apache-2.0
#include "policy/policy_reader.h"
#include "policy/tool_rule.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxWords = 8;     // that a rule asks for, one after the other
constexpr std::size_t kMaxChoices = 64;  // of one list
constexpr std::size_t kMaxLength = 255;

}  // namespace

// Reads names of programs: one, or a list of which each will do.
std::vector<std::string> PolicyReader::read_names(const YamlNode& node, std::string_view what) {
  std::vector<std::string> names;
  const auto add = [&](const YamlNode& item) {
    if (!check_text(item, what)) return;
    const std::string& name = item.text;
    if (name.find('/') != name.npos)
      fail(item.at, in_quotes(name) + " is a path; write the program's name, " +
                        in_quotes(name.substr(name.rfind('/') + 1)) +
                        ", which is known in whichever directory it is");
    else if (name.find(' ') != name.npos)
      fail(item.at, in_quotes(name) + " is more than a name; write " +
                        in_quotes(name.substr(0, name.find(' '))) +
                        ", and what follows under 'words' or 'options'");
    else if (name.size() > kMaxLength)
      fail(item.at, "a name of more than 255 bytes; no program has one");
    names.push_back(name);
  };
  if (node.kind == YamlNode::Kind::list)
    for (const YamlNode& item : node.items) add(item);
  else
    add(node);
  if (names.empty() || names.size() > kMaxChoices)
    fail(node.at,
         in_quotes(what) + " names no program, or more than 64; write git, or [curl, wget]");
  return names;
}

std::vector<std::string> PolicyReader::read_options(const YamlNode& node, std::string_view what) {
  std::vector<std::string> options;
  for_item(&node, what, [&](const YamlNode& item) {
    if (!check_text(item, what)) return;
    if (item.text == "-" || item.text == "--" || item.text.size() > kMaxLength)
      fail(item.at, in_quotes(item.text) + " is not an option; write --force, -f, or --name=VALUE");
    else if (item.text.starts_with('-') &&
             item.text.substr(0, item.text.find('=')).find(' ') != std::string::npos)
      fail(item.at, in_quotes(item.text) +
                        " has a space; write an option and its value as --name=VALUE, which also "
                        "means --name VALUE");
    options.push_back(item.text);
  });
  if (node.kind == YamlNode::Kind::list && (options.empty() || options.size() > kMaxChoices))
    fail(node.at, in_quotes(what) + " has no option, or more than 64; write [--force, -f]");
  return options;
}

// "[s3, [cp, sync]]": s3, and then cp or sync.
std::vector<std::vector<std::string>> PolicyReader::read_words(const YamlNode& node) {
  std::vector<std::vector<std::string>> words;
  const auto add = [&](const YamlNode& item, std::vector<std::string>& choices) {
    if (!check_text(item, "words")) return;
    if (item.text.starts_with('-'))
      fail(item.at, in_quotes(item.text) + " is an option; write it under 'options'");
    else if (item.text.find(' ') != std::string::npos)
      fail(item.at, in_quotes(item.text) + " is more than one word; write [" +
                        item.text.substr(0, item.text.find(' ')) + ", ...]");
    choices.push_back(item.text);
  };
  for_item(&node, "words", [&](const YamlNode& item) {
    std::vector<std::string> choices;
    if (item.kind == YamlNode::Kind::list)
      for (const YamlNode& each : item.items) add(each, choices);
    else
      add(item, choices);
    if (choices.empty() || choices.size() > kMaxChoices)
      fail(item.at, "a word that is nothing, or more than 64 things; write push, or [cp, sync]");
    words.push_back(std::move(choices));
  });
  if (node.kind == YamlNode::Kind::list && (words.empty() || words.size() > kMaxWords))
    fail(node.at, "'words' has no word, or more than 8; write the first ones, such as [push]");
  return words;
}

void PolicyReader::read_tool(Verdict verdict, const YamlNode& item, const std::string& name) {
  if (!check_map(item, "a rule about a tool", kToolKeys)) return;
  ToolRule rule;
  rule.tools = read_names(need(item, "tool", "tool: git"), "tool");
  if (auto* words = item.find("words")) rule.words = read_words(*words);
  if (auto* options = item.find("options")) rule.options = read_options(*options, "options");
  if (auto* readers = item.find("pipes_into")) rule.pipes_into = read_names(*readers, "pipes_into");
  if (auto* more = item.find("takes_value")) {
    rule.takes_value = read_options(*more, "takes_value");
    for (const YamlNode& each : more->items)
      if (!each.text.starts_with('-') || each.text.find('=') != std::string::npos)
        fail(each.at, in_quotes(each.text) + " is not the name of an option; write --region, -C");
  }
  if (verdict == Verdict::allow)
    return fail(item.at,
                "a rule about a tool can only make an operation stricter: 'allow' does nothing; "
                "name the program's file or its directory");
  rule.rule = make_rule(verdict, item.at, name + written_form(rule));
  policy_.tools.push_back(std::move(rule));
}

}  // namespace stayd
