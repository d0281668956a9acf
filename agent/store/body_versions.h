// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "store/database.h"

namespace stayd {

// Steps of the schema that take every ticket, grant and decision from one version of
// store/ticket_codec.h to the next: members that were added get what they mean where nobody knew
// them. For Migration. A body that is damaged, or is not of the version before, stays as it is, for
// DeskStore::load() to refuse it if it counts. Each fails only as the database does.
Result<> to_body_version_3(Database& database);
Result<> to_body_version_4(Database& database);
Result<> to_body_version_5(Database& database);
Result<> to_body_version_6(Database& database);
Result<> to_body_version_7(Database& database);

}  // namespace stayd
