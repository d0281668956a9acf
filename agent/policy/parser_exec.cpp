// SPDX-License-Identifier: Apache-2.0
#include "policy/glob.h"
#include "policy/policy_reader.h"

namespace stayd {
namespace {

std::optional<std::uint32_t> parse_origin(std::string_view text) {
  if (text == "memfd") return STAYD_ORIGIN_MEMFD;
  if (text == "deleted") return STAYD_ORIGIN_DELETED;
  if (text == "writable") return STAYD_ORIGIN_WRITABLE;
  return std::nullopt;
}

// "git push --force*": words, and not the path of a program.
bool is_arguments_pattern(std::string_view text) {
  return !text.starts_with('/') && !text.starts_with("~/") && !text.starts_with("**/") &&
         (text.find(' ') != text.npos || is_glob(text));
}

}  // namespace

void PolicyReader::read_exec(const YamlNode& node) {
  if (!check_map(node, "'exec'", kExecKeys)) return;
  policy_.exec_default = read_default(node, "exec", policy_.defaults_at.exec);
  for_rule(node, "exec", [&](Verdict verdict, const YamlNode& item, const std::string& name) {
    read_program(verdict, item, name);
  });
}

void PolicyReader::read_program(Verdict verdict, const YamlNode& item, const std::string& name) {
  if (item.kind == YamlNode::Kind::map) return read_tool(verdict, item, name);
  const std::string& text = item.text;
  const std::optional<std::uint32_t> origin = parse_origin(text);
  const bool arguments = is_arguments_pattern(text);
  if (verdict == Verdict::allow && (origin || arguments)) {
    return fail(item.at, in_quotes(text) +
                             " can only make an operation stricter: 'allow' does "
                             "nothing; name the program or its directory");
  }
  if (origin) {
    policy_.origins.push_back({make_rule(verdict, item.at, name + text), *origin});
  } else if (text.starts_with("sha256:")) {
    const std::optional<Sha256> digest = parse_sha256(std::string_view(text).substr(7));
    if (!digest)
      return fail(item.at, "bad digest " + in_quotes(text) +
                               "; write sha256: and 64 hexadecimal "
                               "digits, as sha256sum prints them");
    policy_.contents.push_back({make_rule(verdict, item.at, name + text), *digest});
  } else if (arguments) {
    policy_.arguments.push_back({make_rule(verdict, item.at, name + text), text});
  } else {
    add_path_rule(verdict, item, name, Access::exec);
  }
}

// Returns the rule's text, "flows: after read of 100 files of LABEL".
std::string PolicyReader::read_after(const YamlNode& after, Flow& flow) {
  const YamlNode& read = need(after, "read", "read: LABEL");
  std::string labels;
  const auto add_label = [&](const YamlNode& item) {
    if (!check_text(item, "read")) return;
    if (std::optional<std::size_t> label = find_label(item)) flow.labels.push_back(*label);
    labels += (labels.empty() ? "" : ", ") + item.text;
  };
  if (read.kind == YamlNode::Kind::list)
    for (const YamlNode& item : read.items) add_label(item);
  else
    add_label(read);
  if (flow.labels.empty()) fail(read.at, "a flow after reading nothing; write 'read: LABEL'");
  const YamlNode* files = after.find("files");
  if (!files) return "flows: after read of " + labels;
  const std::optional<std::uint32_t> count = parse_count(files->text, kMaxFiles);
  if (!count)
    fail(files->at, shown(*files) + " is not a number of files; write 1 to 1000000");
  else if (flow.labels.size() > 1)
    fail(files->at, "files are counted for one label; write a flow for each, or one label for all");
  flow.files = count.value_or(0);
  return "flows: after read of " + files->text + " files of " + labels;
}

void PolicyReader::read_flow(const YamlNode& node) {
  if (!check_map(node, "an entry of 'flows'", kFlowKeys)) return;
  const YamlNode& after = need(node, "after", "after: {read: LABEL}");
  if (!check_map(after, "'after'", kAfterKeys)) return;
  Flow flow;
  rule_class_ = read_class(node);
  const std::string text = read_after(after, flow);
  read_exceptions(node, flow);
  const std::pair<const char*, Access> sections[] = {
      {"network", Access::network}, {"write", Access::write}, {"exec", Access::exec}};
  bool any = false;
  for (auto [key, access] : sections) {
    const YamlNode* value = node.find(key);
    if (!value) continue;
    any = true;
    const std::optional<Verdict> verdict = parse_verdict(value->text);
    if (!verdict || *verdict == Verdict::allow) {
      fail(value->at, shown(*value) + " makes nothing stricter; write audit, hold or deny");
      continue;
    }
    flow.access = access;
    flow.rule = make_rule(*verdict, value->at, text + ": " + key + " " + value->text);
    policy_.flows.push_back(flow);
  }
  rule_class_ = RuleClass::none;
  if (!any)
    fail(node.at, "a flow that says nothing; add 'network: hold', 'write: hold' or 'exec: hold'");
}

void PolicyReader::read_exceptions(const YamlNode& node, Flow& flow) {
  const YamlNode* except = node.find("except");
  if (!except) return;
  if (!node.find("network"))
    fail(except->at,
         "'except' names destinations, and this flow says nothing about 'network'; "
         "add 'network: hold'");
  for_item(except, "except", [&](const YamlNode& item) {
    if (!check_text(item, "except")) return;
    if (item.text.starts_with("unix:"))
      return fail(item.at, in_quotes(item.text) +
                               " is no destination that a flow makes stricter; remove it");
    if (is_host(item)) {
      if (std::optional<HostRule> host = read_host(item)) flow.except_hosts.push_back(*host);
    } else if (const std::optional<Destinations> to = read_addresses(item)) {
      flow.except.push_back(*to);
    }
    flow.except_text += (flow.except_text.empty() ? "" : ", ") + item.text;
  });
  if (!flow.except_hosts.empty() && policy_.resolvers.empty() && !is_pack())
    fail(except->at,
         "host names need a resolver to believe; add 'dns: [\"10.0.0.2\"]' under "
         "'network'");
}

}  // namespace stayd
