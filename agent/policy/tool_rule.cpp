// SPDX-License-Identifier: Apache-2.0
#include "policy/tool_rule.h"

#include <algorithm>

#include "commands/interpreters.h"
#include "commands/options.h"
#include "policy/glob.h"

namespace stayd {
namespace {

constexpr std::size_t kMinAbbreviation = 4;  // "--fo"

// A glob and a text of which kHole stands for what is not known.
Certainty fits(std::string_view glob, std::string_view text) {
  const std::size_t hole = text.find(kHole);
  if (hole == text.npos) return matches_text(glob, text) ? Certainty::yes : Certainty::no;
  if (hole + 1 == text.size() && glob.ends_with('*') && matches_text(glob, text.substr(0, hole)))
    return Certainty::yes;
  return may_match_text(glob, text.substr(0, hole)) ? Certainty::perhaps : Certainty::no;
}

Certainty any_fits(const std::vector<std::string>& globs, std::string_view text) {
  Certainty best = Certainty::no;
  for (const std::string& each : globs) best = std::max(best, fits(each, text));
  return best;
}

// A version at the end of a program's name is only looked at if the rule's name has one, too.
bool is_named(const std::vector<std::string>& tools, std::string_view name) {
  return std::ranges::any_of(tools, [&](const std::string& each) {
    const bool without = name.starts_with(each) &&
                         name.substr(each.size()).find_first_not_of("0123456789.-") == name.npos;
    return without || matches_text(each, name) || matches_text(each, without_version(name));
  });
}

Certainty is_named(const std::vector<std::string>& tools, const Invocation& command) {
  if (command.names.empty()) return Certainty::perhaps;
  const auto named = [&](const std::string& name) { return is_named(tools, name); };
  return std::ranges::any_of(command.names, named) ? Certainty::yes : Certainty::no;
}

// The first of the command's words are those of the rule. Steps through all numbers of the rule's
// words that may have been found before each word of the command.
Certainty begins(const ToolRule& rule, const std::vector<GivenWord>& words) {
  const std::size_t wanted = rule.words.size();
  std::vector<Certainty> found(wanted + 1, Certainty::no), next;
  found[0] = Certainty::yes;
  for (const GivenWord& each : words) {
    const bool any_left = std::any_of(found.begin(), found.end() - 1,
                                      [](Certainty one) { return one != Certainty::no; });
    if (!any_left) break;
    next.assign(wanted + 1, Certainty::no);
    next[wanted] = found[wanted];
    for (std::size_t i = 0; i < wanted; ++i) {
      if (found[i] == Certainty::no) continue;
      const auto reach = [&](std::size_t to, Certainty how) {
        next[to] = std::max(next[to], std::min(found[i], how));
      };
      const Certainty fit = any_fits(rule.words[i], each.word->text);
      if (each.word->splits) {
        // It may be none of the wanted words, or several.
        reach(i, Certainty::perhaps);
        for (std::size_t to = i + 1; to <= wanted; ++to)
          reach(to, fit == Certainty::yes && to == i + 1 ? fit : Certainty::perhaps);
        continue;
      }
      if (each.perhaps_value) reach(i, Certainty::perhaps);
      reach(i + 1, fit);
    }
    found.swap(next);
  }
  return found[wanted];
}

// An entry of `options`: "--name", "-n", "-nm", each with "=VALUE", or a word.
class OptionEntry {
 public:
  OptionEntry(std::string_view text, const ToolFacts* tool) : tool_(tool) {
    const std::size_t end = std::min(text.find('='), text.size());
    name_ = option_name(tool, text.substr(0, end));
    if (end < text.size()) value_ = text.substr(end + 1);
    has_value_ = end < text.size();
  }

  Certainty find_in(const std::vector<GivenOption>& options) const {
    Certainty whole = Certainty::no;
    for (const GivenOption& each : options) whole = std::max(whole, is_it(each, name_));
    if (whole == Certainty::yes || !is_bundle()) return whole;
    Certainty all = Certainty::yes;
    for (const char letter : std::string_view(name_).substr(1)) {
      Certainty one = Certainty::no;
      for (const GivenOption& each : options)
        one = std::max(one, is_it(each, std::string("-") + letter));
      all = std::min(all, one);
    }
    return std::max(whole, all);
  }

 private:
  // "-rf" asks for both letters, in whatever order and however they are given.
  bool is_bundle() const {
    return name_.size() > 2 && name_[1] != '-' && !is_glob(name_) &&
           !(tool_ && tool_->short_options == ShortOptions::long_names);
  }

  Certainty is_it(const GivenOption& option, const std::string& name) const {
    Certainty is = matches_text(name, option.name) ? Certainty::yes : Certainty::no;
    if (!option.known) {
      is = may_match_text(name, option.name) ? Certainty::perhaps : Certainty::no;
    } else if (is == Certainty::yes && option.one_of_several) {
      is = Certainty::perhaps;
    } else if (is == Certainty::no && tool_ && tool_->abbreviates &&
               option.name.starts_with("--") && option.name.size() >= kMinAbbreviation &&
               std::string_view(name).starts_with(option.name)) {
      is = Certainty::perhaps;
    }
    if (!has_value_ || is == Certainty::no) return is;
    if (!option.value) return option.known ? Certainty::no : is;
    const std::string_view value = std::string_view(option.value->text).substr(option.value_at);
    Certainty fit = fits(value_, value);
    if (value.starts_with('=')) fit = std::max(fit, fits(value_, value.substr(1)));
    return std::min(is, fit);
  }

  const ToolFacts* tool_;
  std::string name_;
  std::string_view value_;
  bool has_value_ = false;
};

// One of the entries is among the options, or among the words after those of the rule.
Certainty has_option(const ToolRule& rule, const ToolFacts* tool, const Given& given) {
  if (rule.options.empty()) return Certainty::yes;
  Certainty best = Certainty::no;
  for (const std::string& entry : rule.options) {
    if (entry.starts_with('-')) {
      best = std::max(best, OptionEntry(entry, tool).find_in(given.options));
      continue;
    }
    for (std::size_t i = rule.words.size(); i < given.words.size(); ++i) {
      const Word& word = *given.words[i].word;
      const Certainty fit = fits(entry, word.text);
      best = std::max(best, word.splits ? std::max(fit, Certainty::perhaps) : fit);
    }
  }
  return best;
}

Certainty is_about(const ToolRule& rule, const Invocation& command) {
  const Certainty named = is_named(rule.tools, command);
  if (named == Certainty::no || (rule.words.empty() && rule.options.empty())) return named;
  const ToolFacts* tool = nullptr;
  for (const std::string& name : command.names)
    if (is_named(rule.tools, name) && !tool) tool = find_tool(name);
  const Given given = read_options(tool, command.words, rule.takes_value);
  return std::min({named, begins(rule, given.words), has_option(rule, tool, given)});
}

// The script has the names of a tool and of what it is to be piped into, as far as it is known.
Certainty may_be_about(const ToolRule& rule, const UnclearScript& script) {
  if (script.cut) return Certainty::perhaps;
  const auto has = [&](const std::string& name) {
    return is_glob(name) || script.text.find(name) != std::string::npos;
  };
  const bool both =
      std::ranges::any_of(rule.tools, has) && std::ranges::any_of(rule.pipes_into, has);
  return both ? Certainty::perhaps : Certainty::no;
}

class PipeMatcher {
 public:
  PipeMatcher(const ToolRule& rule, const Invocations& line, bool ahead)
      : rule_(rule), line_(line), ahead_(ahead) {
    for (const Invocation& each : line.commands) writes_.push_back(is_about(rule, each));
  }

  ToolMatch find() const {
    ToolMatch best;
    for (const CommandPipe& each : line_.pipes) {
      if (each.later && !ahead_) continue;
      const ToolMatch found = through(each);
      if (found.certainty > best.certainty) best = found;
    }
    for (const UnclearScript& each : line_.unclear) {
      if ((each.later && !ahead_) || best.certainty != Certainty::no) continue;
      best = {may_be_about(rule_, each), 0, each.why, each.later};
    }
    return best;
  }

 private:
  ToolMatch through(const CommandPipe& pipe) const {
    ToolMatch best{.later = pipe.later};
    for (std::size_t i = pipe.from.first; i < pipe.from.last; ++i)
      if (writes_[i] > best.certainty) best = {writes_[i], i, {}, pipe.later};
    Certainty reads = Certainty::no;
    for (std::size_t i = pipe.to.first; i < pipe.to.last && best.certainty != Certainty::no; ++i) {
      const Invocation& reader = line_.commands[i];
      const Certainty named = is_named(rule_.pipes_into, reader);
      reads = std::max(reads, pipe.as_code ? named : std::min(named, reader.runs_input));
    }
    best.certainty = std::min(best.certainty, reads);
    return best;
  }

  const ToolRule& rule_;
  const Invocations& line_;
  const bool ahead_;
  std::vector<Certainty> writes_;  // of each command: the rule's tool
};

}  // namespace

ToolMatch match(const ToolRule& rule, const Invocations& line, bool ahead) {
  if (!rule.pipes_into.empty()) return PipeMatcher(rule, line, ahead).find();
  ToolMatch best;
  for (std::size_t i = 0; i < line.commands.size(); ++i) {
    const Invocation& command = line.commands[i];
    if (command.later && !ahead) continue;
    const Certainty certainty = is_about(rule, command);
    if (certainty > best.certainty) best = {certainty, i, {}, command.later};
  }
  return best;
}

namespace {

std::string list_text(const std::vector<std::string>& list) {
  std::string text = "[";
  for (const std::string& each : list) text += (text.size() > 1 ? ", " : "") + each;
  return text + "]";
}

std::string one_or_list(const std::vector<std::string>& list) {
  return list.size() == 1 ? list.front() : list_text(list);
}

}  // namespace

std::string written_form(const ToolRule& rule) {
  std::string text = "{tool: " + one_or_list(rule.tools);
  if (!rule.words.empty()) {
    std::vector<std::string> words;
    for (const std::vector<std::string>& each : rule.words) words.push_back(one_or_list(each));
    text += ", words: " + list_text(words);
  }
  if (!rule.options.empty()) text += ", options: " + list_text(rule.options);
  if (!rule.takes_value.empty()) text += ", takes_value: " + list_text(rule.takes_value);
  if (!rule.pipes_into.empty()) text += ", pipes_into: " + one_or_list(rule.pipes_into);
  return text + "}";
}

bool covers(const ToolRule& wider, const ToolRule& rule) {
  const auto all_in = [](const std::vector<std::string>& some,
                         const std::vector<std::string>& all) {
    return std::ranges::all_of(some, [&](const std::string& each) {
      return std::ranges::any_of(all, [&](const std::string& one) {
        return one == each || (!is_glob(each) && matches_text(one, each));
      });
    });
  };
  if (!all_in(rule.tools, wider.tools) || wider.words.size() > rule.words.size()) return false;
  if (wider.takes_value != rule.takes_value) return false;
  for (std::size_t i = 0; i < wider.words.size(); ++i)
    if (!all_in(rule.words[i], wider.words[i])) return false;
  // Options are alternatives, and so are the programs that read.
  if (!wider.options.empty() && (rule.options.empty() || !all_in(rule.options, wider.options)))
    return false;
  // A pipe is judged at the shell, everything else at the program.
  return wider.pipes_into.empty() == rule.pipes_into.empty() &&
         all_in(rule.pipes_into, wider.pipes_into);
}

}  // namespace stayd
