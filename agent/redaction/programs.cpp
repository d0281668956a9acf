// SPDX-License-Identifier: Apache-2.0
#include "redaction/programs.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "redaction/command_words.h"
#include "redaction/values.h"

namespace stayd::redaction {
namespace {

struct Letters {
  std::string_view programs;
  std::string_view letters;
};

// Short options that take a value, of programs whose users write several of them as one word.
constexpr auto kLetters = std::to_array<Letters>({
    {"curl", "AbcCdDeEFHKmoPQrtTuUwxXyYzZ"},
    {"zip unzip zipinfo", "bdnPst"},
    {"ldapsearch ldapadd ldapmodify ldapdelete ldapmodrdn ldapcompare ldapwhoami ldapexop "
     "ldappasswd",
     "abdDeEfFHhloOpPRsSTUwXYyz"},
    {"htpasswd", "Cr"},
    {"mosquitto_passwd", "HI"},
    {"sudo", "CDghpRrTtUu"},
});

constexpr std::string_view kRunsOthers =
    "sudo docker podman nerdctl docker-compose kubectl oc sshpass ssh";

using Programs = std::map<std::string, Program, std::less<>>;

Programs make_programs() {
  Programs programs;
  const auto each = [&programs](std::string_view names, auto change) {
    while (!names.empty()) change(programs[std::string(take_word(names))]);
  };
  for (const SecretPlace& place : secret_places())
    each(place.programs, [&](Program& program) { program.places.push_back(&place); });
  for (const Letters& known : kLetters)
    each(known.programs, [&](Program& program) { program.letters = known.letters; });
  each(kRunsOthers, [](Program& program) { program.runs_others = true; });
  return programs;
}

// The secret after the first of `separator`.
Spans after(std::string_view value, std::size_t begin, char separator) {
  const std::size_t found = value.find(separator, begin);
  if (found == value.npos || !can_be_secret(value.substr(found + 1))) return {};
  return {{found + 1, value.size()}};
}

// user:SECRET, or SECRET: with a password that means nothing.
Spans after_colon(std::string_view value, std::size_t begin) {
  const std::size_t found = value.find(':', begin);
  if (found == value.npos) return {};
  const Span user{begin, found};
  const Span secret{found + 1, value.size()};
  Spans spans;
  if (is_token_as_user(user.of(value), secret.of(value)) && can_be_secret(user.of(value)))
    spans.push_back(user);
  if (secret.of(value) != kNoPassword && can_be_secret(secret.of(value))) spans.push_back(secret);
  return spans;
}

Spans each_line_after_colon(std::string_view value) {
  Spans spans;
  for (std::size_t line = 0; line < value.size();) {
    const std::size_t end = std::min(value.find('\n', line), value.size());
    const std::size_t colon = value.find(':', line);
    const std::size_t begin = colon < end ? colon + 1 : line;
    if (can_be_secret(value.substr(begin, end - begin))) spans.push_back({begin, end});
    line = end + 1;
  }
  return spans;
}

}  // namespace

const Program* find_program(std::string_view word, bool is_first) {
  static const Programs programs = make_programs();
  if (const std::size_t slash = word.rfind('/'); slash != word.npos) {
    const std::string_view parent = base_name(word.substr(0, slash));
    if (!is_first && parent != "bin" && parent != "sbin" && parent != "libexec" && parent != ".")
      return nullptr;
    word.remove_prefix(slash + 1);
  }
  if (word.ends_with(".exe")) word.remove_suffix(4);
  const auto found = programs.find(word);
  return found == programs.end() ? nullptr : &found->second;
}

Spans secret_in(Shape shape, std::string_view value, std::size_t begin) {
  const Span rest{begin, value.size()};
  const auto whole = [&] { return can_be_secret(rest.of(value)) ? Spans{rest} : Spans{}; };
  switch (shape) {
    case Shape::whole:
    case Shape::input:
      return whole();
    case Shape::lone:
      return rest.of(value).find('=') == std::string_view::npos ? whole() : Spans{};
    case Shape::after_colon:
      return rest.of(value).starts_with("pkcs11:") ? Spans{} : after_colon(value, begin);
    case Shape::after_comma:
      return after(value, begin, ',');
    case Shape::after_percent:
      return after(value, begin, '%');
    case Shape::after_equals:
      return after(value, begin, '=');
    case Shape::after_slash: {
      const Spans spans = after(value.substr(0, value.rfind('@')), begin, '/');
      // "/ as sysdba" has no password, and a path is not an account.
      return value.substr(begin).starts_with('/') || value.substr(begin).starts_with('.') ? Spans{}
                                                                                          : spans;
    }
    case Shape::either:
      return value.find(':', begin) == value.npos ? whole() : after_colon(value, begin);
    case Shape::source:
      if (!rest.of(value).starts_with("pass:")) return {};
      return secret_in(Shape::whole, value, begin + 5);
    case Shape::cookies:
      return rest.of(value).find('=') == std::string_view::npos ? Spans{} : whole();
    case Shape::input_pairs:
      return each_line_after_colon(value);
    case Shape::nothing:
      return {};
  }
  return {};
}

}  // namespace stayd::redaction
