// SPDX-License-Identifier: Apache-2.0
#include "store/body_rewrite.h"

#include <cstdint>

namespace stayd {
namespace {

Result<> rewrite_table(Database& database, const Rewrite& rewrite, std::string_view find,
                       std::string_view update) {
  std::int64_t last = -1;
  while (true) {
    std::optional<std::string> body;
    {
      Result<Statement> row = database.query(find, {last});
      if (!row) return row.error();
      const Result<bool> found = row->next();
      if (!found) return found.error();
      if (!*found) return {};
      last = row->integer(0);
      body = rewrite(row->blob(1));
    }
    if (!body) continue;
    if (Result<> done = database.run(update, {Blob{*body}, last}); !done) return done;
  }
}

}  // namespace

Result<> rewrite_bodies(Database& database, const Rewrite& rewrite) {
  Result<> done =
      rewrite_table(database, rewrite,
                    "SELECT id, body FROM tickets NOT INDEXED WHERE id > ? ORDER BY id LIMIT 1",
                    "UPDATE tickets SET body = ? WHERE id = ?");
  if (done)
    done = rewrite_table(database, rewrite,
                         "SELECT id, body FROM grants NOT INDEXED WHERE id > ? ORDER BY id LIMIT 1",
                         "UPDATE grants SET body = ? WHERE id = ?");
  if (done)
    done =
        rewrite_table(database, rewrite,
                      "SELECT id, body FROM decisions NOT INDEXED WHERE id > ? ORDER BY id LIMIT 1",
                      "UPDATE decisions SET body = ? WHERE id = ?");
  return done;
}

}  // namespace stayd
