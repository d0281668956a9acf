// SPDX-License-Identifier: Apache-2.0
#include "store/schema.h"

#include "store/body_versions.h"
#include "store/cbor_bodies.h"

namespace stayd {
namespace {

// Times are in ms, Unix time. AUTOINCREMENT, so that no id is used twice, even when the
// newest rows are gone.
constexpr const char* kFirst = R"sql(
CREATE TABLE facts (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tickets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  workload TEXT NOT NULL,
  policy TEXT NOT NULL,
  kind TEXT NOT NULL,
  object TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  outcome TEXT NOT NULL,
  opened INTEGER NOT NULL,
  deadline INTEGER NOT NULL,
  closed INTEGER,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX tickets_closed ON tickets (closed, id) WHERE closed IS NOT NULL;

CREATE TABLE grants (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  ticket INTEGER NOT NULL,
  workload TEXT NOT NULL,
  what TEXT NOT NULL,
  person TEXT NOT NULL,
  state TEXT NOT NULL,
  granted INTEGER NOT NULL,
  expires INTEGER,
  ended INTEGER,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX grants_ended ON grants (ended, id) WHERE ended IS NOT NULL;

CREATE TABLE decisions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  ticket INTEGER NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  choice TEXT NOT NULL,
  person TEXT NOT NULL,
  given INTEGER NOT NULL,
  recorded INTEGER NOT NULL DEFAULT 0,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX decisions_ticket ON decisions (ticket);

CREATE TABLE precedents (
  fingerprint TEXT PRIMARY KEY,
  approved INTEGER NOT NULL DEFAULT 0,
  denied INTEGER NOT NULL DEFAULT 0,
  last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX precedents_last ON precedents (last);

CREATE TABLE channel_references (
  channel TEXT NOT NULL,
  key TEXT NOT NULL,
  ticket INTEGER REFERENCES tickets (id) ON DELETE CASCADE,
  value TEXT NOT NULL,
  PRIMARY KEY (channel, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX channel_references_ticket ON channel_references (ticket) WHERE ticket IS NOT NULL;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel TEXT NOT NULL,
  key TEXT NOT NULL,
  ticket INTEGER REFERENCES tickets (id) ON DELETE CASCADE,
  due INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  body TEXT NOT NULL,
  UNIQUE (channel, key)
) STRICT;
CREATE INDEX outbox_due ON outbox (channel, due);
CREATE INDEX outbox_ticket ON outbox (ticket) WHERE ticket IS NOT NULL;
)sql";

// 0: the record may lack a line about the ticket's beginning or its end.
constexpr const char* kTold = "ALTER TABLE tickets ADD COLUMN told INTEGER NOT NULL DEFAULT 1";

constexpr Migration kMigrations[] = {kFirst,
                                     kTold,
                                     {"", rewrite_cbor_bodies},
                                     {"", to_body_version_3},
                                     {"", to_body_version_4},
                                     {"", to_body_version_5},
                                     {"", to_body_version_6},
                                     {"", to_body_version_7}};

}  // namespace

Migrations schema() { return kMigrations; }

}  // namespace stayd
