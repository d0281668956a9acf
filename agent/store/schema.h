// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/database.h"

namespace stayd {

// The schema of stayd's database, which docs/operate/store.md explains to operators. Text columns
// are for queries and for eyes, and escaped (base/escape.h); what counts is `body`.
Migrations schema();

}  // namespace stayd
