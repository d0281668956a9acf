// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace stayd {

// As many open files as this process may have: policies keep the files that they name open, twice
// as many while one is reloaded. Where raising the hard limit is not allowed, up to that.
void allow_many_files();

// Gives this thread, and those that it starts, more of a busy processor than others: a workload
// that never rests must not keep away those who answer for it. Where it is not allowed, nothing.
void come_before_others();

}  // namespace stayd
