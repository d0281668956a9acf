// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>

namespace stayd::test {

// Runs a raw_tp program once, on this processor, by BPF_PROG_RUN; its input and output are the
// object's global variables.
inline void run_once(const bpf_program* program) {
  LIBBPF_OPTS(bpf_test_run_opts, options);
  ASSERT_EQ(bpf_prog_test_run_opts(bpf_program__fd(program), &options), 0)
      << bpf_program__name(program);
}

}  // namespace stayd::test
