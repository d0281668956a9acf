// SPDX-License-Identifier: Apache-2.0
#include "approval/command_text.h"

#include "base/untrusted.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxArgument = 96;  // quoting can double it
constexpr std::size_t kHead = 240;
constexpr std::size_t kTail = 200;
constexpr const char* kUnread = " [the rest could not be read]";

std::string quoted(const std::string& argument) {
  return as_argument(escape(Untrusted(argument), kMaxArgument)).str();
}

}  // namespace

std::string command_text(const std::vector<std::string>& arguments, bool incomplete) {
  std::string head, tail;
  std::size_t begin = 0, end = arguments.size();
  for (; begin < end; ++begin) {
    const std::string next = (begin == 0 ? "" : " ") + quoted(arguments[begin]);
    if (head.size() + next.size() > kHead) break;
    head += next;
  }
  for (; end > begin; --end) {
    const std::string next = " " + quoted(arguments[end - 1]);
    if (tail.size() + next.size() > kTail) break;
    tail.insert(0, next);
  }
  if (end > begin + 1) head += " [" + std::to_string(end - begin) + " arguments left out]";
  if (end == begin + 1) head += " [1 argument left out]";
  return head + tail + (incomplete ? kUnread : "");
}

}  // namespace stayd
