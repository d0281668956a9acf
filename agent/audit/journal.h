// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/chain.h"
#include "base/result.h"

namespace stayd::audit {

// One field of an entry: "STAYD_TICKET=12" has the name STAYD_TICKET, see
// systemd.journal-fields(7).
struct JournalField {
  std::string name;
  std::string value;
};
using JournalEntry = std::vector<JournalField>;

// The message ids of our entries: journalctl MESSAGE_ID=…
inline constexpr std::string_view kHeadMessage = "35f61368bc684a3ea12d7ee3e7839583";
inline constexpr std::string_view kDecisionMessage = "c6808f5eca9a40af82333afd0e68f7e3";
inline constexpr std::string_view kOutcomeMessage = "ab0d9c076dc74bb8a237a0a19b8814a4";

// Puts the record's head into the journal, out of reach of anybody who can change the record, and
// decisions and outcomes for people who look there.
class Journal {
 public:
  virtual ~Journal() = default;
  // Returns at once. What cannot be kept is lost: the record has it all.
  virtual void send(JournalEntry entry) = 0;
};

// The journal of this machine (sd_journal_sendv(3)). Sends on a thread of its own, since a
// journal that hangs must not hold up decisions; keeps at most 1024 entries for it, and says
// in the next one how many were lost. Without a journal, only heads are logged, to
// standard error. The destructor waits for at most two seconds.
std::unique_ptr<Journal> system_journal();

// STAYD_RECORD_SEQ, STAYD_RECORD_HASH, STAYD_RECORD_KEY.
JournalEntry head_entry(const Head& head, std::string_view key);

// Of a decision (a broken glass is one), or an outcome: STAYD_TICKET, and STAYD_PERSON,
// STAYD_CHOICE, STAYD_OUTCOME, STAYD_WORKLOAD where the event tells them. Empty for other events.
JournalEntry entry_of(const nlohmann::json& event);

}  // namespace stayd::audit
