// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace stayd {

// As many open files as this process may have: policies keep the files that they name open, twice
// as many while one is reloaded. Where raising the hard limit is not allowed, up to that.
void allow_many_files();

}  // namespace stayd
