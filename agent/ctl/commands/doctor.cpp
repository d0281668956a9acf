// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>
#include <string>

#include "base/escape.h"
#include "base/json.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "doctor/doctor.h"

namespace stayd {
namespace {

constexpr std::size_t kNameColumn = 28;
constexpr const char* kChannel = "channel ";

// A check that fails keeps stayd from enforcing anything, or only makes it weaker.
const char* word_for(const nlohmann::json& check, const std::string& enforcement) {
  if (check.value("ok", false)) return "ok  ";
  return enforcement == "none" && !check.value("name", "").starts_with(kChannel) ? "FAIL" : "warn";
}

const char* conclusion(const std::string& enforcement) {
  if (enforcement == "lsm") return "This kernel can enforce policies, by LSM programs.";
  if (enforcement == "fmod_ret")
    return "This kernel can enforce policies, by fmod_ret programs only: weaker, since they can\n"
           "be skipped under preemption. Put bpf into the kernel's lsm= list if you can.";
  return "This kernel cannot enforce anything: stayd will refuse to start here.";
}

void print(std::ostream& out, const nlohmann::json& report, const std::string& enforcement) {
  for (const nlohmann::json& check : report.value("checks", nlohmann::json::array())) {
    const bool ok = check.value("ok", false);
    std::string name = escape(check.value("name", ""));
    name.resize(std::max(name.size(), kNameColumn), ' ');
    out << word_for(check, enforcement) << ' ' << name << ' ' << escape(check.value("detail", ""))
        << '\n';
    const std::string remedy = check.value("remedy", "");
    if (!ok && !remedy.empty()) out << "     what to do: " << escape(remedy) << '\n';
  }
  out << '\n' << conclusion(enforcement) << '\n';
}

// Of the agent that runs, if one does: it needs none to examine a kernel.
void add_channels(nlohmann::json& report, const std::string& socket_path) {
  const Result<nlohmann::json> status = Client(socket_path).request("GET", "/v1/status");
  if (!status || !status->is_object()) return;
  const auto channels = status->find("channels");
  if (channels == status->end() || !channels->is_array()) return;
  for (const nlohmann::json& each : *channels) {
    const std::string trouble = each.value("trouble", "");
    report["checks"].push_back({{"name", kChannel + each.value("name", "")},
                                {"ok", trouble.empty()},
                                {"detail", trouble.empty() ? "works" : trouble},
                                {"remedy", "see docs/use/teams.md for what it means"}});
  }
}

int run(const Console& console) {
  nlohmann::json report = examine_kernel();
  add_channels(report, console.socket_path);
  const std::string enforcement = report.value("enforcement", "none");
  if (console.json)
    console.out << dump(report) << '\n';
  else
    print(console.out, report, enforcement);
  return enforcement == "lsm" || enforcement == "fmod_ret" ? kExitOk : kExitFailure;
}

}  // namespace

Command doctor_command() {
  return {.name = "doctor",
          .summary = "check what this kernel can enforce, and say what to do if it cannot",
          .run = run};
}

}  // namespace stayd
