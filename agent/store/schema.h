// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/database.h"

namespace stayd {

// What stayd's database looks like; docs/operate/store.md tells an operator. Text columns are for
// queries and for eyes, and escaped (base/escape.h); what counts is `body`.
Migrations schema();

}  // namespace stayd
