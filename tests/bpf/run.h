// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>

#include <cstring>

namespace stayd::test {

// Tests of functions that one object holds: it is loaded once for all of them, and its variables
// are zero before each.
template <class Object>
class BpfTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { bpf_ = Object::open_and_load(); }
  static void TearDownTestSuite() {
    Object::destroy(bpf_);
    bpf_ = nullptr;
  }
  void SetUp() override {
    ASSERT_NE(bpf_, nullptr) << "the kernel does not load the programs";
    std::memset(static_cast<void*>(bpf_->bss), 0, sizeof(*bpf_->bss));
  }

  static inline Object* bpf_ = nullptr;
};

// Runs a raw_tp program once, on this processor, by BPF_PROG_RUN; its input and output are the
// object's global variables.
inline void run_once(const bpf_program* program) {
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  ASSERT_EQ(bpf_prog_test_run_opts(bpf_program__fd(program), &options), 0)
      << bpf_program__name(program);
}

}  // namespace stayd::test
