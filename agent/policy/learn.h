// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "context/operation.h"
#include "policy/draft_base.h"
#include "policy/policy.h"

namespace stayd {

// The policy under which a workload is learned: everything is recorded, nothing is held.
// `resolvers`: whose answers give addresses names.
Policy learning_policy(std::vector<Address> resolvers);

// A destination as a rule can name it.
struct Reached {
  std::string host;   // empty: the address counts
  Address address{};  // zero if there is a host
  std::uint16_t port = 0;
  std::uint16_t protocol = 0;
  auto operator<=>(const Reached&) const = default;
};

// How a destination was reached that neither the packs nor the draft's defaults allow.
struct Contacts {
  static constexpr std::chrono::seconds kOne{1};  // what happens within it is one contact
  static constexpr std::uint64_t kUpload = 64 << 10;
  static constexpr std::size_t kMaxEndpoints = 16;

  std::uint64_t times = 0;
  // How often by this name alone, before anything was read that must not leave. A contact with an
  // address of several names counts only for those that were not known before.
  std::uint64_t certain = 0;
  std::uint64_t first = 0;   // the number of the operation
  std::uint64_t bytes = 0;   // that were sent to it until the second contact
  std::string after;         // what had been read before the first contact; empty: nothing
  bool is_left_out = false;  // by flows that hold others: somebody has said that it may get all
  TimePoint last{};
  std::vector<Endpoint> endpoints;  // the first kMaxEndpoints

  // A person decides unless they have said so, or it was reached at least twice, first before
  // anything was read that must not leave, and the first contact was no upload.
  bool is_question() const {
    return !is_left_out && (certain < 2 || !after.empty() || bytes > kUpload);
  }
};

// Something that was seen and that a pack's rule holds or denies.
struct Question {
  static constexpr std::size_t kMaxExamples = 8;
  struct Example {
    Attempt attempt;
    bool off_host = false;
    std::string shown;  // "/srv/x", "/srv/x -> /srv/y", "192.0.2.7:443/tcp"; not escaped
    auto operator<=>(const Example& other) const { return shown <=> other.shown; }
    bool operator==(const Example& other) const { return shown == other.shown; }
  };
  std::uint64_t times = 0;
  std::set<Example> examples{};  // the first kMaxExamples
};

// Which questions are one: the same access, the same rule of the base, and the same entries of it.
struct QuestionKey {
  std::string what;  // "read", "write", "create", "delete", "rename", "exec", "connect" or "unix"
  std::uint32_t rule = 0;
  std::vector<std::pair<int, int>> entries{};  // line and column in the pack's file
  auto operator<=>(const QuestionKey&) const = default;
};

// What a workload did, each thing once. Paths are the host's. What the base allows is only counted.
struct Observations {
  std::map<Access, std::set<std::string>> paths;        // that the defaults hold
  std::set<std::string> made;                           // names that were not there before
  std::set<std::string> listed;                         // directories that were opened themselves
  std::set<std::pair<std::string, std::string>> moves;  // renamed from, to
  std::map<Reached, Contacts> destinations;
  std::map<QuestionKey, Question> questions;
  std::set<std::string> placeless;  // what no path of the host leads to
  bool asked_resolver = false;
  std::uint64_t operations = 0;
  std::uint64_t covered = 0;   // of them, allowed by the base
  std::uint64_t left_out = 0;  // beyond what is kept
};

// Decides about each operation by the base, and keeps what a draft on top of it needs.
class Learner {
 public:
  static constexpr std::size_t kMax = 65536;  // distinct things; what comes later is counted only
  static constexpr std::size_t kMaxQuestions = 256;

  // How many bytes have been sent to it in the session.
  using SentTo = std::function<std::uint64_t(const Endpoint&)>;

  explicit Learner(std::shared_ptr<const DraftBase> base) : base_(std::move(base)) {}

  // `hosts`: the names that the destination was known by.
  void observe(const Operation& operation, const std::vector<std::string>& hosts,
               const SentTo& sent = {});
  // To be called at the end: what was reached once may have got more since.
  void finish(const SentTo& sent);

  const Observations& seen() const { return seen_; }
  const DraftBase& base() const { return *base_; }

 private:
  enum class Finding { covered, question, held };

  template <class Set, class Thing>
  void add(Set& set, const Thing& thing);
  void add_path(Access access, const std::string& path);
  Finding observe_path(const Operation& operation, bool named);
  Finding observe_open(const Operation& operation, bool named);
  Finding observe_network(const Operation& operation, const std::vector<std::string>& hosts,
                          const SentTo& sent);
  void note_contact(const Operation& operation, const std::vector<Reached>& names, bool is_left_out,
                    const SentTo& sent);
  bool is_left_out(Attempt to) const;
  Finding judge(const char* what, const Attempt& attempt, bool off_host, std::string shown);
  void note_read(const std::string& path, const RuleVerdict& said);
  void ask(const char* what, const Rule& rule, Question::Example example);

  const std::shared_ptr<const DraftBase> base_;
  Observations seen_;
  std::size_t distinct_ = 0;
  std::uint64_t labels_read_ = 0;  // bits of the base's labels
  std::string sensitive_;          // the first that was read and must not leave; empty: nothing
};

}  // namespace stayd
