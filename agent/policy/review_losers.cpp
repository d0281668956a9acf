// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <string_view>

#include "policy/glob.h"
#include "policy/review_parts.h"
#include "policy/tool_rule.h"

namespace stayd {
namespace {

bool is_below(std::string_view path, std::string_view directory) {
  return directory == "/" || path == directory ||
         (path.starts_with(directory) && path[directory.size()] == '/');
}

// True for accesses about which `write` decides where their own rules say nothing.
bool falls_back_to_write(Access access) {
  return access == Access::create || access == Access::remove || access == Access::rename;
}

class LoserFinder {
 public:
  explicit LoserFinder(const Policy& policy) : policy_(policy) {}

  std::vector<Remark> find() {
    find_idle();
    find_covered_tools();
    find_covered_arguments();
    find_allowed_in_patterns();
    find_idle_flows();
    return std::move(remarks_);
  }

 private:
  void remark(const Rule& rule, std::string_view why) {
    if (rule.source != 0) return;
    remarks_.push_back({rule.at, short_text(rule) + " " + std::string(why)});
  }

  // The laxest verdict that anything says of the access, besides what can only make stricter.
  Verdict laxest(Access access) const {
    Verdict verdict = policy_.files_default;
    if (access == Access::network) {
      verdict = policy_.network_default;
      for (const NetworkRule& each : policy_.network)
        verdict = std::min(verdict, each.rule.verdict);
      for (const HostRule& each : policy_.hosts) verdict = std::min(verdict, each.rule.verdict);
      return verdict;
    }
    if (access == Access::exec) {
      verdict = policy_.exec_default;
      for (const ContentRule& each : policy_.contents)
        verdict = std::min(verdict, each.rule.verdict);
    }
    for (const PathRule& each : policy_.paths) {
      const bool about =
          each.access == access || (falls_back_to_write(access) && each.access == Access::write);
      if (about && !what_of(policy_, each).places.empty())
        verdict = std::min(verdict, each.rule.verdict);
    }
    return verdict;
  }

  // Rules that can only make stricter where everything is as strict already.
  void find_idle() {
    const auto look = [&](const Rule& rule, Access access) {
      if (rule.verdict <= laxest(access))
        remark(
            rule,
            "never decides: it can only make an operation stricter, and all that it may be about "
            "is as strict already; remove it, or make it stricter");
    };
    for (const ArgumentsRule& each : policy_.arguments) look(each.rule, Access::exec);
    for (const ToolRule& each : policy_.tools) look(each.rule, Access::exec);
    for (const OriginRule& each : policy_.origins) look(each.rule, Access::exec);
    for (const PathRule& each : policy_.paths) {
      if (!what_of(policy_, each).places.empty() || each.access == Access::unix_socket) continue;
      const bool also_others = each.access == Access::write;
      if (also_others && (each.rule.verdict > laxest(Access::create) ||
                          each.rule.verdict > laxest(Access::remove) ||
                          each.rule.verdict > laxest(Access::rename)))
        continue;
      look(each.rule, each.access);
    }
  }

  void lost_to(const Rule& rule, const Rule& winner, std::string_view how) {
    const std::string line =
        winner.source == 0 ? " in line " + std::to_string(winner.at.line) : std::string();
    remark(rule, "never decides: " + short_text(winner) + line + " " + std::string(how) +
                     "; remove one, or make this one stricter");
  }

  void find_covered_tools() {
    for (const ToolRule& rule : policy_.tools)
      for (const ToolRule& wider : policy_.tools) {
        if (&rule == &wider || wider.rule.verdict < rule.rule.verdict || !covers(wider, rule))
          continue;
        if (written_form(rule) == written_form(wider)) continue;  // said where rivals are
        if (covers(rule, wider) && wider.rule.verdict == rule.rule.verdict && &rule < &wider)
          continue;  // once is enough
        lost_to(rule.rule, wider.rule, "is about all of it and as strict");
        break;
      }
  }

  // "git *" is about all that "git push*" is about.
  void find_covered_arguments() {
    for (const ArgumentsRule& rule : policy_.arguments)
      for (const ArgumentsRule& wider : policy_.arguments) {
        const std::string_view glob = wider.glob;
        if (glob == rule.glob || wider.rule.verdict < rule.rule.verdict || !glob.ends_with('*') ||
            is_glob(glob.substr(0, glob.size() - 1)) ||
            !rule.glob.starts_with(glob.substr(0, glob.size() - 1)))
          continue;
        lost_to(rule.rule, wider.rule, "is about all of it and as strict");
        break;
      }
  }

  // Patterns make stricter whatever is named more exactly.
  void find_allowed_in_patterns() {
    for (const PathRule& rule : policy_.paths) {
      const Label& what = what_of(policy_, rule);
      if (what.places.empty()) continue;
      for (const PathRule& other : policy_.paths) {
        const bool same = other.access == rule.access ||
                          (falls_back_to_write(rule.access) && other.access == Access::write);
        if (!same || other.rule.verdict <= rule.rule.verdict) continue;
        const auto loses = [&](const Place& place) {
          return std::ranges::any_of(what_of(policy_, other).patterns, [&](const Pattern& each) {
            return matches_path(each.glob, place.path) ||
                   (each.glob.ends_with("/**") && matches_path(each.glob, place.path + "/x"));
          });
        };
        if (!std::ranges::all_of(what.places, loses)) continue;
        lost_to(rule.rule, other.rule,
                "is stricter and has a pattern for that name, which no exact path outdoes");
        break;
      }
    }
  }

  // Nothing of the label can be read, so that nothing comes after it.
  bool is_unreadable(std::size_t label) const {
    const Label& what = policy_.labels[label];
    bool denied = false;
    for (const PathRule& each : policy_.paths) {
      if (each.access != Access::read) continue;
      if (each.label == label && each.rule.verdict == Verdict::deny) denied = true;
      if (each.rule.verdict == Verdict::deny) continue;
      for (const Place& place : what_of(policy_, each).places)
        if (std::ranges::any_of(what.places, [&](const Place& labelled) {
              return is_below(place.path, labelled.path);
            }))
          return false;
    }
    return denied;
  }

  void find_idle_flows() {
    for (const Flow& flow : policy_.flows) {
      const auto unreadable = [&](std::size_t label) { return is_unreadable(label); };
      if (std::ranges::all_of(flow.labels, unreadable)) {
        remark(flow.rule, "never begins: reading it is denied; hold it, or remove the flow");
        continue;
      }
      std::vector<Access> accesses{flow.access};
      if (flow.access == Access::write)
        accesses.insert(accesses.end(), {Access::create, Access::remove, Access::rename});
      if (std::ranges::all_of(accesses,
                              [&](Access each) { return flow.rule.verdict <= laxest(each); }))
        remark(flow.rule,
               "changes nothing: all that it is about is as strict before; remove it, or "
               "make it stricter");
    }
  }

  const Policy& policy_;
  std::vector<Remark> remarks_;
};

}  // namespace

std::vector<Remark> review_losers(const Policy& policy) { return LoserFinder(policy).find(); }

}  // namespace stayd
