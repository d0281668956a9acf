// SPDX-License-Identifier: Apache-2.0
#include "store/ticket_codec.h"

#include <gmock/gmock.h>

#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <tuple>

#include "base/json.h"

namespace stayd {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

template <class T>
concept Raw = std::same_as<T, stayd_object> || std::same_as<T, stayd_node> ||
    std::same_as<T, std::array<std::uint8_t, 16>>;

template <class T, class Struct>
concept Of = std::same_as<std::remove_const_t<T>, Struct>;

// All members of a struct by their place, whatever the codec does with their names: so that
// what it forgets or mixes up is seen.
#define MEMBERS(Struct, ...)             \
  auto members(Of<Struct> auto& value) { \
    auto& [__VA_ARGS__] = value;         \
    return std::tie(__VA_ARGS__);        \
  }
MEMBERS(WorkloadId, a, b)
MEMBERS(ProcessInstance, a, b)
MEMBERS(Ancestor, a, b, c)
MEMBERS(Caller, a, b, c, d, e, f, g, h, i, j, k, l)
MEMBERS(Endpoint, a, b, c, d)
MEMBERS(Intent, a, b, c, d)
MEMBERS(SentTo, a, b, c)
MEMBERS(Precedent, a, b, c)
MEMBERS(Evidence, a, b, c, d, e, f, g, h, i, j, k, l)
MEMBERS(Excluded, a, b)
MEMBERS(Escalation, a, b)
MEMBERS(Decision, a, b, c, d, e, f, g, h, i, j, k, l, m, n)
MEMBERS(TicketEvent, a, b)
MEMBERS(Ticket, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y)
MEMBERS(Grant, a, b, c, d, e, f, g, h, i, j, k, l, m)
#undef MEMBERS

// What the evaluator alone needs (n, o: the arguments that it judges; ad, ae: the place found and
// why there was none) is gone once a ticket is stored.
auto members(Of<Operation> auto& value) {
  auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab, ac,
         ad, ae, af] = value;
  return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, p, q, r, s, t, u, v, w, x, y, z, aa, ab,
                  ac, af);
}

// Gives every member a random value.
class Random {
 public:
  explicit Random(std::uint32_t seed) : random_(seed) {}

  template <class T>
  void fill(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = random_() % 2 == 0;
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(number());
    } else if constexpr (Raw<T>) {
      std::array<unsigned char, sizeof value> bytes;
      for (unsigned char& byte : bytes) byte = static_cast<unsigned char>(random_());
      std::memcpy(&value, bytes.data(), bytes.size());
    } else {
      std::apply([this](auto&... member) { (this->fill(member), ...); }, members(value));
    }
  }
  void fill(std::string& value) {
    value.resize(random_() % 3 == 0 ? 0 : random_() % 40);
    for (char& c : value) c = static_cast<char>(random_());
  }
  void fill(OperationKind& value) { value = any(OperationKind::open, OperationKind::unix_socket); }
  void fill(Disposition& value) { value = any(Disposition::held, Disposition::would_deny); }
  void fill(RuleClass& value) { value = any(RuleClass::none, RuleClass::secret); }
  void fill(Outcome& value) { value = any(Outcome::open, Outcome::superseded); }
  void fill(Choice& value) { value = any(Choice::approve, Choice::deny); }
  void fill(Scope& value) { value = any(Scope::once, Scope::workload); }
  void fill(GrantEnd& value) { value = any(GrantEnd::live, GrantEnd::replaced); }
  void fill(TimePoint& value) {
    value = TimePoint(std::chrono::milliseconds(static_cast<std::int64_t>(number())));
  }
  void fill(std::chrono::seconds& value) {
    value = std::chrono::seconds(static_cast<std::int64_t>(number()));
  }
  template <class T>
  void fill(std::optional<T>& value) {
    value.reset();
    if (random_() % 2 == 0) fill(value.emplace());
  }
  template <class A, class B>
  void fill(std::pair<A, B>& value) {
    fill(value.first);
    fill(value.second);
  }
  template <class T>
  void fill(std::vector<T>& value) {
    value.resize(random_() % 4);
    for (T& each : value) fill(each);
  }

 private:
  // As often small as large: the encoding differs.
  std::uint64_t number() { return random_() >> (random_() % 64); }
  template <class T>
  T any(T first, T last) {
    const auto low = static_cast<unsigned>(first);
    return static_cast<T>(low + random_() % (static_cast<unsigned>(last) - low + 1));
  }

  std::mt19937_64 random_;
};

bool same(const std::string& a, const std::string& b);
bool same(const TimePoint& a, const TimePoint& b);
bool same(const std::chrono::seconds& a, const std::chrono::seconds& b);
template <class T>
bool same(const std::optional<T>& a, const std::optional<T>& b);
template <class A, class B>
bool same(const std::pair<A, B>& a, const std::pair<A, B>& b);
template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b);

template <class T>
bool same(const T& a, const T& b) {
  if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    return a == b;
  } else if constexpr (Raw<T>) {
    return std::memcmp(&a, &b, sizeof a) == 0;
  } else {
    return std::apply(
        [&b](const auto&... of_a) {
          return std::apply([&](const auto&... of_b) { return (same(of_a, of_b) && ...); },
                            members(b));
        },
        members(a));
  }
}
bool same(const std::string& a, const std::string& b) { return a == b; }
bool same(const TimePoint& a, const TimePoint& b) { return a == b; }
bool same(const std::chrono::seconds& a, const std::chrono::seconds& b) { return a == b; }
template <class T>
bool same(const std::optional<T>& a, const std::optional<T>& b) {
  return a.has_value() == b.has_value() && (!a || same(*a, *b));
}
template <class A, class B>
bool same(const std::pair<A, B>& a, const std::pair<A, B>& b) {
  return same(a.first, b.first) && same(a.second, b.second);
}
template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!same(a[i], b[i])) return false;
  return true;
}

template <class T>
T random_value(std::uint32_t seed) {
  T value;
  Random(seed).fill(value);
  return value;
}

TEST(TicketCodec, EveryValueComesBackAsItWas) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    const auto ticket = random_value<Ticket>(seed);
    const Result<Ticket> ticket_back = decode_ticket(encode(ticket));
    ASSERT_TRUE(ticket_back) << seed << ": " << ticket_back.error().message;
    ASSERT_TRUE(same(ticket, *ticket_back)) << seed;

    const auto grant = random_value<Grant>(seed);
    const Result<Grant> grant_back = decode_grant(encode(grant));
    ASSERT_TRUE(grant_back) << seed << ": " << grant_back.error().message;
    ASSERT_TRUE(same(grant, *grant_back)) << seed;

    const auto decision = random_value<Decision>(seed);
    const Result<Decision> decision_back = decode_decision(encode(decision));
    ASSERT_TRUE(decision_back) << seed << ": " << decision_back.error().message;
    ASSERT_TRUE(same(decision, *decision_back)) << seed;
  }
}

TEST(TicketCodec, DifferentValuesAreSeenAsDifferent) {
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    EXPECT_FALSE(same(random_value<Ticket>(seed), random_value<Ticket>(seed + 1))) << seed;
    EXPECT_NE(encode(random_value<Ticket>(seed)), encode(random_value<Ticket>(seed + 1)));
  }
}

json parsed(const Ticket& ticket) { return *parse_json(encode(ticket)); }

std::string error_of(const json& value) {
  const Result<Ticket> ticket = decode_ticket(dump(value));
  return ticket ? "(decoded)" : ticket.error().message;
}

// Each member of each map in it, at whatever depth, by itself.
void for_each_map(json& value, const std::function<void(json&)>& visit) {
  if (value.is_object()) visit(value);
  if (!value.is_structured()) return;
  for (json& each : value) for_each_map(each, visit);
}

TEST(TicketCodec, NoMemberMayBeMissingOrAdded) {
  Ticket ticket = random_value<Ticket>(1);
  ticket.decisions.resize(1);
  ticket.evidence.intent.emplace();
  ticket.operation.pending = false;  // a flag may be missing
  json whole = parsed(ticket);
  std::size_t members = 0;
  for_each_map(whole, [&](json& map) {
    const json before = map;
    for (const auto& [name, value] : before.items()) {
      map.erase(name);
      EXPECT_NE(error_of(whole), "(decoded)") << name;
      map["an addition"] = 1;
      EXPECT_NE(error_of(whole), "(decoded)") << name;
      map = before;
      ++members;
    }
    map["an addition"] = 1;
    EXPECT_NE(error_of(whole), "(decoded)");
    map = before;
  });
  EXPECT_GT(members, 90U);
  EXPECT_EQ(error_of(whole), "(decoded)");
}

// What was stored before the flag was known is read as it is.
TEST(TicketCodec, AFlagThatIsNotSetIsNotStored) {
  Ticket ticket;
  EXPECT_FALSE(parsed(ticket)["ticket"]["operation"].contains("pending"));
  ticket.operation.pending = true;
  json whole = parsed(ticket);
  EXPECT_EQ(whole["ticket"]["operation"]["pending"], true);
  whole["ticket"]["operation"]["pending"] = 1;
  EXPECT_EQ(error_of(whole), "ticket.operation.pending is not true or false");
}

TEST(TicketCodec, ErrorsNameTheMember) {
  json whole = parsed(Ticket{});
  whole["ticket"]["operation"]["caller"].erase("pid");
  EXPECT_EQ(error_of(whole), "ticket.operation.caller.pid is missing");
  whole = parsed(Ticket{});
  whole["ticket"]["operation"]["caller"]["pid"] = 1LL << 31;
  EXPECT_EQ(error_of(whole), "ticket.operation.caller.pid is out of range");
  whole = parsed(Ticket{});
  whole["ticket"]["quorum"] = -1;
  EXPECT_EQ(error_of(whole), "ticket.quorum is out of range");
  whole = parsed(Ticket{});
  whole["ticket"]["outcome"] = 7;
  EXPECT_EQ(error_of(whole), "ticket.outcome has a value that is not known here");
  whole = parsed(Ticket{});
  whole["ticket"]["operation"]["kind"] = 0;
  EXPECT_EQ(error_of(whole), "ticket.operation.kind has a value that is not known here");
  whole = parsed(Ticket{});
  whole["ticket"]["operation"]["path"] = 1;
  EXPECT_EQ(error_of(whole), "ticket.operation.path is not text");
  whole = parsed(Ticket{});
  whole["ticket"]["operation"]["path"] = "\\q";
  EXPECT_EQ(error_of(whole), "ticket.operation.path is not escaped as stayd escapes text");
  whole = parsed(Ticket{});
  whole["ticket"]["operation"]["object"] = "0102";
  EXPECT_EQ(error_of(whole), "ticket.operation.object is not as many bytes as it should be");
  whole = parsed(Ticket{});
  whole["ticket"]["asked"] = {"a", 1};
  EXPECT_EQ(error_of(whole), "ticket.asked[1] is not text");
}

TEST(TicketCodec, EveryShorterPieceIsAnError) {
  const std::string text = encode(random_value<Decision>(1));
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(decode_decision(text.substr(0, size))) << size;
  EXPECT_FALSE(decode_decision(text + '0'));
}

TEST(TicketCodec, AMemberThatIsThereTwiceIsAnError) {
  std::string text = encode(Ticket{});
  text.insert(text.find("\"quorum\""), "\"quorum\":9,");
  EXPECT_FALSE(decode_ticket(text));
}

TEST(TicketCodec, DeepNestingIsAnErrorAndNotTheEndOfTheStack) {
  const std::string deep(2'000'000, '[');
  EXPECT_FALSE(decode_ticket(deep));
  EXPECT_FALSE(decode_ticket(R"({"version":4,"ticket":)" + deep));
}

TEST(TicketCodec, WhatAWorkloadChoseIsPrintableAscii) {
  Ticket ticket;
  for (int byte = 0; byte < 256; ++byte) ticket.operation.path += static_cast<char>(byte);
  for (const char c : encode(ticket)) EXPECT_TRUE(c >= ' ' && c <= '~') << static_cast<int>(c);
}

TEST(TicketCodec, AnotherVersionOrKindIsAnError) {
  json whole = parsed(Ticket{});
  const int version = whole["version"];
  whole["version"] = version + 1;
  EXPECT_THAT(error_of(whole), HasSubstr("version is not " + std::to_string(version)));
  EXPECT_FALSE(decode_grant(encode(Ticket{})));
  EXPECT_FALSE(decode_ticket(encode(Decision{})));
  EXPECT_FALSE(decode_ticket(""));
}

}  // namespace
}  // namespace stayd
