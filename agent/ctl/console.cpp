// SPDX-License-Identifier: Apache-2.0
#include "ctl/console.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/json.h"

namespace stayd {

int Console::fail(const Error& error, ExitCode code) const {
  if (json)
    err << dump({{"error", error.message}}) << '\n';
  else
    err << "stayctl: " << error.message << '\n';
  return code;
}

void Console::note(std::string_view text) const {
  if (json)
    err << dump({{"note", text}}) << '\n';
  else
    err << "stayctl: " << text << '\n';
}

int Console::answer(const nlohmann::json& value, std::string_view text) const {
  if (json)
    out << dump(value) << '\n';
  else
    out << text << '\n';
  return kExitOk;
}

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace stayd
