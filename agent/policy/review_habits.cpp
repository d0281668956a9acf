// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>

#include "commands/interpreters.h"
#include "policy/glob.h"
#include "policy/review_parts.h"

namespace stayd {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_letter_or_digit(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

// "Bash(rm:*)": the "rm" of it; empty if the text is not of that kind.
std::string_view called(std::string_view text) {
  const std::size_t open = text.find('(');
  if (open == text.npos || open == 0 || !text.ends_with(')')) return {};
  if (!std::ranges::all_of(text.substr(0, open), is_letter)) return {};
  const std::string_view inside = text.substr(open + 1, text.size() - open - 2);
  return inside.substr(0, inside.find_first_of(" :*"));
}

// "$HOME", "${x}", "@{HOME}"; not "$uid", which means the workload's user.
bool has_variable(std::string_view text) {
  constexpr std::string_view kUid = "$uid";
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text.substr(i).starts_with(kUid)) continue;
    if (text[i] == '$' && (is_letter(text[i + 1]) || text[i + 1] == '{' || text[i + 1] == '_'))
      return true;
    if (text[i] == '@' && text[i + 1] == '{') return true;
  }
  return false;
}

// "%u" of systemd, where it is a whole component or begins one.
bool has_specifier(std::string_view path) {
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    const bool ends = i + 2 == path.size() || !is_letter_or_digit(path[i + 2]);
    if (path[i] == '%' && is_letter(path[i + 1]) && ends && (i == 0 || path[i - 1] == '/'))
      return true;
  }
  return false;
}

bool has_alternatives(std::string_view text) {
  const std::size_t open = text.find('{');
  const std::size_t close = open == text.npos ? open : text.find('}', open);
  return close != text.npos && text.substr(open, close - open).find(',') != text.npos;
}

// "/[slug]/", "/[id].tsx": a name, and not one of four letters.
std::string_view bracketed_name(std::string_view path) {
  for (std::size_t open = path.find("/["); open != path.npos; open = path.find("/[", open + 1)) {
    const std::size_t close = path.find(']', open);
    if (close == path.npos) return {};
    const std::string_view name = path.substr(open + 2, close - open - 2);
    const bool whole = close + 1 == path.size() || path[close + 1] == '/' || path[close + 1] == '.';
    const bool plain = std::ranges::all_of(
        name, [](char c) { return is_letter_or_digit(c) || c == '_' || c == '.'; });
    if (whole && plain && name.size() > 2) return path.substr(open + 1, close - open);
  }
  return {};
}

bool is_own_process(std::string_view path) {
  for (const std::string_view own :
       {"/proc/self", "/proc/thread-self", "/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr"})
    if (path.starts_with(own) && (path.size() == own.size() || path[own.size()] == '/'))
      return true;
  return false;
}

bool is_regular_expression(std::string_view text) {
  return text.starts_with('^') || text.ends_with('$') || text.find("\\.") != text.npos ||
         text.find("\\s") != text.npos || text.find("\\b") != text.npos ||
         text.find(".+") != text.npos;
}

class HabitReader {
 public:
  explicit HabitReader(const Policy& policy) : policy_(policy) {}

  std::vector<Remark> read() {
    for (const Label& label : policy_.labels)
      if (label.source == 0) read_files(label, false);
    for (const PathRule& rule : policy_.paths)
      if (!rule.label) read_files(rule.what, rule.access == Access::exec);
    for (const ArgumentsRule& rule : policy_.arguments) read_arguments(rule);
    if (is_for_containers()) read_container_places();
    return std::move(remarks_);
  }

 private:
  void remark(Position at, std::string text) { remarks_.push_back({at, std::move(text)}); }

  void read_files(const Label& what, bool programs) {
    for (const Place& place : what.places) read_path(place.path, place.at, programs);
    for (const Pattern& pattern : what.patterns) read_path(pattern.glob, pattern.at, programs);
  }

  void read_path(std::string_view path, Position at, bool program) {
    const std::string shown = in_quotes(path);
    if (program && path.find(' ') != path.npos) {
      const std::string_view name = base_name(first_word(path));
      return remark(
          at, shown + " is the path of one file, spaces included, and no command; write {tool: " +
                  std::string(name) + ", words: [...], options: [...]}");
    }
    if (has_variable(path))
      return remark(at, shown + " has a variable, which stays as it is; write the path out");
    if (has_specifier(path))
      return remark(at, shown +
                            " has a specifier of systemd, which stays as it is; write the path "
                            "out, or '*' for any name");
    if (has_alternatives(path))
      return remark(at, shown +
                            " has braces, which are ordinary characters here; write one entry "
                            "for each");
    if (is_own_process(path))
      return remark(at, shown +
                            " is about the process that looks it up, which is stayd and never "
                            "the workload; name files by their own paths, or /proc");
    if (const std::string_view name = bracketed_name(path); !name.empty())
      remark(at, shown + ": " + in_quotes(name) +
                     " is one of the characters in it; for a file of "
                     "that name write '?" +
                     std::string(name.substr(1, name.size() - 2)) + "?'");
  }

  void read_arguments(const ArgumentsRule& rule) {
    const std::string_view glob = rule.glob;
    const std::string shown = in_quotes(glob);
    const Position at = rule.rule.at;
    const std::string_view first = first_word(glob);
    const std::string tool(is_glob(first) ? "..." : first);
    if (const std::string_view name = called(glob); !name.empty())
      return remark(at, shown +
                            " is how another tool says it, and matches nothing here; write "
                            "{tool: " +
                            std::string(name) + "}");
    if (is_regular_expression(glob))
      return remark(at, shown +
                            " looks like a regular expression; here '*' is anything, '?' one "
                            "byte, and all else itself");
    if (has_variable(glob))
      return remark(at, shown +
                            " has a variable, and a program is given what a shell has put in its "
                            "place; write that, or '*'");
    if (has_alternatives(glob))
      return remark(at, shown +
                            " has braces, which are ordinary characters here; write one entry for "
                            "each");
    if (first.find('/') != first.npos)
      return remark(at, shown +
                            " matches nothing: the program's name comes without its directories; "
                            "write " +
                            in_quotes(std::string(base_name(first)) +
                                      std::string(glob.substr(first.size()))));
    if (is_glob(first) || is_interpreter(first)) {
      if (!is_glob(glob)) remark_exact(rule, first);
      return;
    }
    for (const std::string_view sign : {"|", "&&", "||", ";", ">", ">>", "<"})
      if (glob.find((sign == ";" ? "" : " ") + std::string(sign) + " ") != glob.npos)
        return remark(at, shown + " matches nothing: " + in_quotes(sign) +
                              " is for a shell, and no argument of " + tool + "; write {tool: " +
                              tool + (sign == "|" ? ", pipes_into: [...]}" : "}"));
    if (glob.find_first_of("\"'") != glob.npos)
      return remark(at, shown +
                            " has quotes, and a program is given its arguments without them; "
                            "remove them, or write {tool: " +
                            tool + "}");
    if (!is_glob(glob)) remark_exact(rule, first);
  }

  void remark_exact(const ArgumentsRule& rule, std::string_view first) {
    remark(rule.rule.at, in_quotes(rule.glob) +
                             " is about these words with nothing after them; write {tool: " +
                             std::string(first) + ", words: [...]}, or '*' at the end");
  }

  // A container's files are those of its image, under the paths of its own root.
  bool is_for_containers() const {
    return std::ranges::any_of(policy_.applies_to, [](const AppliesTo& each) {
      if (each.kind == AppliesTo::Kind::label) return true;
      for (const std::string_view runtime :
           {"docker-", "libpod-", "cri-containerd-", "crio-", "nerdctl-", "kubepods"})
        if (each.name.starts_with(runtime) ||
            each.name.find("/" + std::string(runtime)) != std::string::npos)
          return true;
      return false;
    });
  }

  void read_container_places() {
    std::vector<Position> where;
    const Place* first = nullptr;
    const auto look = [&](const Label& what) {
      for (const Place& place : what.places) {
        if (place.path == "/" || place.path.starts_with("/var/lib/") ||
            place.path.starts_with("/run/"))
          continue;
        if (!first) first = &place;
        where.push_back(place.at);
      }
    };
    for (const Label& label : policy_.labels)
      if (label.source == 0) look(label);
    for (const PathRule& rule : policy_.paths)
      if (!rule.label && rule.access != Access::unix_socket) look(rule.what);
    if (!first) return;
    remark(
        first->at,
        in_quotes(first->path) +
            " is the host's, and the policy applies to containers, which have files of their own "
            "under that name: only what is mounted from there is meant (" +
            lines_text(where) + "); write a pattern such as \"**/.env\" for files in a container");
  }

  const Policy& policy_;
  std::vector<Remark> remarks_;
};

}  // namespace

std::vector<Remark> review_habits(const Policy& policy) { return HabitReader(policy).read(); }

}  // namespace stayd
