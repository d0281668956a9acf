// SPDX-License-Identifier: Apache-2.0
#include "approval/command_text.h"

#include <utility>

#include "base/untrusted.h"
#include "redaction/secrets.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxArgument = 96;  // quoting can double it
constexpr std::size_t kHead = 240;
constexpr std::size_t kTail = 200;
constexpr const char* kRedacted = "[redacted]";
constexpr const char* kUnread = " [the rest could not be read]";

std::string quoted(const std::string& argument) {
  return as_argument(escape(Untrusted(argument), kMaxArgument)).str();
}

std::string without(std::string_view text, redaction::Spans secrets) {
  std::string result;
  std::size_t at = 0;
  for (const redaction::Span& span : merged(std::move(secrets))) {
    result.append(text.substr(at, span.begin - at)).append(kRedacted);
    at = span.end;
  }
  return result.append(text.substr(at));
}

std::vector<std::string> without_secrets(const std::vector<std::string>& arguments) {
  std::optional<std::vector<redaction::Spans>> secrets = redaction::secrets_in_arguments(arguments);
  std::vector<std::string> result;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i != 0 && !secrets)
      result.emplace_back(kRedacted);
    else
      result.push_back(secrets ? without(arguments[i], std::move((*secrets)[i])) : arguments[i]);
  }
  return result;
}

}  // namespace

std::string command_text(const std::vector<std::string>& as_given, bool incomplete) {
  const std::vector<std::string> arguments = without_secrets(as_given);
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
