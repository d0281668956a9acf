// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/suggestion.h"
#include "base/yaml.h"

namespace stayd {

// Shared by the strict readers of our files. They continue after an error, since everything is
// bounded and nothing comes of it.
class YamlReader {
 public:
  static constexpr std::size_t kMaxErrors = 100;

 protected:
  explicit YamlReader(std::string_view file) : file_(file) {}

  // Keeps kMaxErrors of them, and none about a value that is missing and has been reported so.
  void fail(Position at, std::string_view what);
  // An error that has its place already, in this file or in another.
  void fail(const Error& error);

  // Each says what is wrong, and returns whether nothing is.
  bool check_text(const YamlNode& node, std::string_view what);
  bool check_map(const YamlNode& node, std::string_view what,
                 std::span<const std::string_view> keys);

  // Nothing that matters is implied: a section that is missing is an error.
  const YamlNode& need(const YamlNode& map, std::string_view key, std::string_view example);

  // The text at a key that must be there.
  std::string text_of(const YamlNode& map, std::string_view key, std::string_view example);

  template <class Visit>
  void for_item(const YamlNode* list, std::string_view what, Visit visit) {
    if (!list) return;
    if (list->kind != YamlNode::Kind::list) {
      fail(list->at, in_quotes(what) + " must be a list; write [ONE, TWO] or one '- ...' per line");
      return;
    }
    for (const YamlNode& item : list->items) visit(item);
  }

  // The first that was found.
  std::optional<Error> error() const;
  // All of them, in the order of the file; those that came with a place of their own first.
  std::vector<Error> errors() const;

 private:
  struct Fault {
    Position at;
    Error error;
  };
  std::string file_;
  std::vector<Fault> faults_;
};

}  // namespace stayd
