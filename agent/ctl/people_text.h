// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "identity/account.h"

namespace stayd {

// An account in Teams to add, and whose it is.
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

// people.yaml without the entry of that id and without the person in any group. All other lines
// stay as they are, except that comments inside the entry go with it. `text` is a valid file. The
// errors: nobody has that id; nobody else is in the file or in one of the groups; or the layout is
// one that this cannot edit.
Result<std::string> without_person(const std::string& text, const std::string& file,
                                   const std::string& id);

}  // namespace stayd
