// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "identity/account.h"

namespace stayd {

// Somebody who is to be able to answer in Teams.
struct NewAccount {
  std::string id;    // their entry's key in people.yaml
  std::string name;  // for an entry that is not there yet
  TeamsAccount account;
  std::vector<std::string> groups;
};

// people.yaml with that account: in the entry of that id if there is one, else in a new one, and
// the person in those groups. All other lines stay as they are, comments too. `text` is a right
// file, or empty. The error is of a file that is laid out in another way than docs/use/people.md
// shows, and has the lines to write by hand.
Result<std::string> with_account(const std::string& text, const std::string& file,
                                 const NewAccount& added);

}  // namespace stayd
