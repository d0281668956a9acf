// SPDX-License-Identifier: Apache-2.0
#include "store/ticket_codec.h"

#include <array>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "base/escape.h"
#include "base/hex.h"
#include "base/json.h"
#include "store/ticket_members.h"

namespace stayd {
namespace {

using nlohmann::json;

constexpr int kCodecVersion = 4;
// What SQLite takes as one value (store/database.cpp) has room for any ticket, and the depth for
// the deepest member.
constexpr JsonLimits kLimits{
    .bytes = std::size_t{8} << 20, .depth = 16, .duplicate_members = false};

// Stored as their bytes: they have no padding (stayd/wire.h), and are what a decision binds.
template <class T>
concept Raw = std::same_as<T, stayd_object> || std::same_as<T, stayd_node> ||
    std::same_as<T, std::array<std::uint8_t, 16>>;

template <class T>
constexpr std::pair<T, T> kRange;  // of an enumeration
template <>
constexpr std::pair<OperationKind, OperationKind> kRange<OperationKind>{OperationKind::open,
                                                                        OperationKind::unix_socket};
template <>
constexpr std::pair<Disposition, Disposition> kRange<Disposition>{Disposition::held,
                                                                  Disposition::would_deny};
template <>
constexpr std::pair<RuleClass, RuleClass> kRange<RuleClass>{RuleClass::none, RuleClass::secret};
template <>
constexpr std::pair<Outcome, Outcome> kRange<Outcome>{Outcome::open, Outcome::superseded};
template <>
constexpr std::pair<Choice, Choice> kRange<Choice>{Choice::approve, Choice::deny};
template <>
constexpr std::pair<Scope, Scope> kRange<Scope>{Scope::once, Scope::workload};
template <>
constexpr std::pair<GrantEnd, GrantEnd> kRange<GrantEnd>{GrantEnd::live, GrantEnd::replaced};

// One overload for each kind of member.
class Writer {
 public:
  template <class T>
  Writer& operator()(const char* name, const T& value) {
    object_.emplace(name, write(value));
    return *this;
  }

  Writer& flag(const char* name, bool value) { return value ? (*this)(name, value) : *this; }

  template <class T>
  static json write_struct(const T& value) {
    Writer writer;
    codec::members(writer, value);
    return std::move(writer.object_);
  }

 private:
  template <class T>
  static json write(const T& value) {
    if constexpr (std::is_enum_v<T>)
      return static_cast<std::underlying_type_t<T>>(value);
    else if constexpr (std::is_integral_v<T>)
      return value;
    else if constexpr (Raw<T>)
      return hex({reinterpret_cast<const char*>(&value), sizeof value});
    else
      return write_struct(value);
  }
  static json write(const std::string& value) { return escape(value, kUnbounded); }
  static json write(const TimePoint& value) { return value.time_since_epoch().count(); }
  static json write(const std::chrono::seconds& value) { return value.count(); }
  template <class T>
  static json write(const std::optional<T>& value) {
    return value ? write(*value) : json(nullptr);
  }
  template <class A, class B>
  static json write(const std::pair<A, B>& value) {
    json both = json::array();
    both.push_back(write(value.first));
    both.push_back(write(value.second));
    return both;
  }
  template <class T>
  static json write(const std::vector<T>& value) {
    json list = json::array();
    for (const T& each : value) list.push_back(write(each));
    return list;
  }

  json object_ = json::object();
};

// Goes on after an error, but keeps only the first.
class Reader {
 public:
  Reader(const json& object, std::string where, std::optional<Error>& error)
      : object_(object), where_(std::move(where)), error_(error) {}

  template <class T>
  Reader& operator()(const char* name, T& value) {
    ++known_;
    const std::string member = where_ + "." + name;
    if (const auto found = object_.find(name); found != object_.end())
      read(*found, member, value);
    else
      fail(member, "is missing");
    return *this;
  }

  Reader& flag(const char* name, bool& value) {
    return object_.contains(name) ? (*this)(name, value) : *this;
  }

  template <class T>
  static void read_struct(const json& from, const std::string& where, T& value,
                          std::optional<Error>& error) {
    Reader reader(from, where, error);
    if (!from.is_object()) return reader.fail(where, "is not an object");
    codec::members(reader, value);
    if (from.size() != reader.known_) reader.fail(where, "has a member that is not known here");
  }

 private:
  void fail(const std::string& where, const char* wrong) {
    if (!error_) error_ = Error{where + " " + wrong};
  }

  template <class T>
  void read(const json& from, const std::string& where, T& value) {
    if constexpr (std::is_enum_v<T>)
      read_enumerator(from, where, value);
    else if constexpr (std::is_integral_v<T>)
      read_integer(from, where, value);
    else if constexpr (Raw<T>)
      read_raw(from, where, value);
    else
      read_struct(from, where, value, error_);
  }

  void read(const json& from, const std::string& where, bool& value) {
    if (!from.is_boolean()) return fail(where, "is not true or false");
    value = from.get<bool>();
  }

  void read(const json& from, const std::string& where, std::string& value) {
    if (!from.is_string()) return fail(where, "is not text");
    std::optional<std::string> bytes = unescape(from.get_ref<const std::string&>());
    if (!bytes) return fail(where, "is not escaped as stayd escapes text");
    value = std::move(*bytes);
  }

  void read(const json& from, const std::string& where, TimePoint& value) {
    std::chrono::milliseconds::rep ms = 0;
    read_integer(from, where, ms);
    value = TimePoint(std::chrono::milliseconds(ms));
  }

  void read(const json& from, const std::string& where, std::chrono::seconds& value) {
    std::chrono::seconds::rep seconds = 0;
    read_integer(from, where, seconds);
    value = std::chrono::seconds(seconds);
  }

  template <class T>
  void read(const json& from, const std::string& where, std::optional<T>& value) {
    if (!from.is_null()) read(from, where, value.emplace());
  }

  template <class A, class B>
  void read(const json& from, const std::string& where, std::pair<A, B>& value) {
    if (!from.is_array() || from.size() != 2) return fail(where, "is not a pair");
    read(from[0], where, value.first);
    read(from[1], where, value.second);
  }

  template <class T>
  void read(const json& from, const std::string& where, std::vector<T>& value) {
    if (!from.is_array()) return fail(where, "is not a list");
    // One by one: of what takes a byte there can be millions, each as large as its struct.
    for (std::size_t i = 0; i < from.size() && !error_; ++i)
      read(from[i], where + "[" + std::to_string(i) + "]", value.emplace_back());
  }

  template <class T>
  void read_integer(const json& from, const std::string& where, T& value) {
    if (from.is_number_unsigned()) {
      const auto number = from.get<std::uint64_t>();
      if (!std::in_range<T>(number)) return fail(where, "is out of range");
      value = static_cast<T>(number);
    } else if (from.is_number_integer()) {
      const auto number = from.get<std::int64_t>();
      if (!std::in_range<T>(number)) return fail(where, "is out of range");
      value = static_cast<T>(number);
    } else {
      fail(where, "is not an integer");
    }
  }

  template <class T>
  void read_enumerator(const json& from, const std::string& where, T& value) {
    std::underlying_type_t<T> number = 0;
    read_integer(from, where, number);
    value = static_cast<T>(number);
    if (value < kRange<T>.first || value > kRange<T>.second)
      fail(where, "has a value that is not known here");
  }

  template <class T>
  void read_raw(const json& from, const std::string& where, T& value) {
    if (!from.is_string()) return fail(where, "is not text");
    const std::optional<std::string> bytes = from_hex(from.get_ref<const std::string&>());
    if (!bytes || bytes->size() != sizeof value)
      return fail(where, "is not as many bytes as it should be");
    std::memcpy(&value, bytes->data(), sizeof value);
  }

  const json& object_;
  std::string where_;
  std::optional<Error>& error_;
  std::size_t known_ = 0;
};

template <class T>
std::string encode_as(const char* name, const T& value) {
  json whole = {{"version", kCodecVersion}};
  whole.emplace(name, Writer::write_struct(value));
  return dump(whole);
}

template <class T>
Result<T> decode_as(const char* name, std::string_view bytes) {
  const Result<json> whole = parse_json(bytes, kLimits);
  if (!whole) return whole.error();
  if (!whole->is_object()) return Error{"the whole is not an object"};
  const auto version = whole->find("version");
  if (version == whole->end() || *version != kCodecVersion)
    return Error{"version is not " + std::to_string(kCodecVersion) +
                 ", the only one that this stayd knows"};
  const auto body = whole->find(name);
  if (body == whole->end() || whole->size() != 2)
    return Error{std::string("there is no ") + name + " in it, or something besides"};
  T value;
  std::optional<Error> error;
  Reader::read_struct(*body, name, value, error);
  if (error) return *error;
  return {boost::system::in_place_value, std::move(value)};
}

}  // namespace

std::string encode(const Ticket& ticket) { return encode_as("ticket", ticket); }
std::string encode(const Grant& grant) { return encode_as("grant", grant); }
std::string encode(const Decision& decision) { return encode_as("decision", decision); }

Result<Ticket> decode_ticket(std::string_view bytes) { return decode_as<Ticket>("ticket", bytes); }
Result<Grant> decode_grant(std::string_view bytes) { return decode_as<Grant>("grant", bytes); }
Result<Decision> decode_decision(std::string_view bytes) {
  return decode_as<Decision>("decision", bytes);
}

}  // namespace stayd
