// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "base/json.h"
#include "base/rfc3339.h"
#include "base/time.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/self_text.h"

namespace stayd {
namespace {

using nlohmann::json;

constexpr std::size_t kByDefault = 10;
constexpr std::size_t kMost = 1000;  // more than stayd keeps

struct Options {
  std::size_t last = kByDefault;
  std::chrono::seconds since{0};  // 0: whenever it was
};

// Asks for the refusals that are kept, and then for what waits or lingers now, oldest first.
Result<json> ask(const std::string& socket) {
  Client client(socket);
  Result<json> events = client.request("GET", "/v1/events");
  if (!events) return events.error();
  Result<json> holds = client.request("GET", "/v1/holds");
  if (!holds) return holds.error();
  json all = json::array();
  for (const json& event : list_at(*events, "events"))
    if (!is_pending(event)) all.push_back(event);
  for (const json& hold : list_at(*holds, "holds"))
    if (is_pending(hold)) all.push_back(hold);
  return ok(json{{"events", news_of(all)}, {"complete", flag_at(*events, "complete")}});
}

// An operation that waits is shown however long it has waited.
bool is_wanted(const json& event, const Options& options, TimePoint now) {
  if (options.since.count() == 0 || is_pending(event)) return true;
  const auto time = parse_rfc3339(text_at(event, "time"));
  return time && *time >= now - options.since;
}

int run(const Options& options, const Console& console) {
  Result<json> told = ask(console.self_socket_path);
  if (!told) return console.fail(told.error(), kExitUntold);
  const TimePoint now = wall_clock();
  json wanted = json::array();
  for (const json& event : list_at(*told, "events"))
    if (is_wanted(event, options, now)) wanted.push_back(event);
  while (wanted.size() > options.last) wanted.erase(wanted.begin());

  const bool something = !wanted.empty();
  std::string text;
  for (const json& event : wanted) text += self_event_text(event);
  if (!something) text = "stayd: nothing was denied, and nothing waits\n";
  if (console.json)
    console.out << dump({{"events", std::move(wanted)}, {"complete", flag_at(*told, "complete")}})
                << '\n';
  else
    console.out << text;
  return something ? kExitOk : kExitFailure;
}

}  // namespace

Command why_command() {
  const auto options = std::make_shared<Options>();
  return {
      .name = "why",
      .summary = "inside a workload: what of it was refused or waits, and what to do",
      .options = {number_option("--last", "at most so many; 10 if not given", kMost, options->last),
                  time_option("--since", "only what was refused since so long", options->since)},
      .run = with(options, run)};
}

}  // namespace stayd
