// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "store/database.h"

namespace stayd {

// The step to version 3 of the schema: rewrites every ticket, grant and decision, whose bodies
// are CBOR (RFC 8949) with byte strings, as the JSON of store/ticket_codec.h. For Migration, which
// gives it a transaction. A body that is not as it was written stays as it is, for
// DeskStore::load() to refuse it if it counts. Fails only as the database does.
Result<> rewrite_cbor_bodies(Database& database);

}  // namespace stayd
