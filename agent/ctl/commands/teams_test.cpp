// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "base/json.h"
#include "channels/terminal/text.h"
#include "ctl/client.h"
#include "ctl/command.h"

namespace stayd {
namespace {

constexpr std::chrono::milliseconds kAskAgainAfter{500};
constexpr std::chrono::minutes kPatience{10};

// stayd has escaped it.
std::string text(const nlohmann::json& object, const char* key) {
  return terminal::printable(text_at(object, key));
}

void print_each(const nlohmann::json& test, const char* key, const char* what,
                const Console& console) {
  for (const nlohmann::json& each : list_at(test, key))
    console.out << what
                << terminal::printable(each.is_string() ? each.get<std::string>() : dump(each))
                << '\n';
}

int run(const Console& console) {
  Client client(console.socket_path);
  Result<nlohmann::json> test = client.request("POST", "/v1/teams/test", nlohmann::json::object());
  if (!test) return console.fail(test.error());
  const std::string target = "/v1/teams/test/" + text(*test, "ticket");
  const auto end = std::chrono::steady_clock::now() + kPatience;
  const auto is_over = [&] { return std::chrono::steady_clock::now() > end; };
  const auto is_posted = [&] { return !test || text(*test, "state") != "posting"; };
  const auto look_again = [&] {
    std::this_thread::sleep_for(kAskAgainAfter);
    test = client.request("GET", target);
  };
  while (!is_posted() && !is_over()) look_again();
  if (!test) return console.fail(test.error());
  if (!console.json) {
    print_each(*test, "places", "posted to ", console);
    print_each(*test, "problems", "not posted: ", console);
  }
  if (test->value("places", nlohmann::json::array()).empty())
    return console.fail(Error{"the test ticket reached nobody; see: stayctl teams"});
  if (!console.json) console.out << "answer it in Teams" << std::endl;
  while (test && text(*test, "state") != "answered") {
    if (is_over()) return console.fail(Error{"nobody has answered for 10 minutes"});
    look_again();
  }
  if (!test) return console.fail(test.error());
  if (console.json)
    console.out << dump(*test) << '\n';
  else
    console.out << text(*test, "answer") << " by " << text(*test, "by") << " ("
                << text(*test, "account") << "): answers get through\n";
  return kExitOk;
}

}  // namespace

Command teams_test_command() {
  return {.name = "teams test",
          .summary = "post a ticket that holds nothing, and wait for an answer",
          .run = run};
}

}  // namespace stayd
