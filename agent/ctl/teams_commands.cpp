// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "base/escape.h"
#include "base/json.h"
#include "ctl/client.h"
#include "ctl/commands.h"

namespace stayd {

int run_teams_test(const Arguments& arguments, const Console& console) {
  (void)arguments;
  return console.fail(Error{"not yet"});
}

}  // namespace stayd
