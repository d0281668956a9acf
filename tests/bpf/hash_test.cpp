// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>

#include "bpf/run.h"
#include "hash_test.skel.h"
#include "kernel/siphash.h"
#include "support/siphash_vectors.h"

namespace stayd::test {
namespace {

constexpr const SipHashKey& kKey = kPublishedKey;

class NameHash : public ::testing::Test {
 protected:
  void SetUp() override {
    bpf_.reset(hash_test__open());
    ASSERT_NE(bpf_.get(), nullptr);
    std::memcpy(const_cast<__u64*>(bpf_->rodata->hash_key), kKey.data(), sizeof(kKey));
    ASSERT_EQ(hash_test__load(bpf_.get()), 0) << "the kernel does not load hash_test";
  }
  __u64 hash(const bpf_program* program, const std::string& name) {
    std::memset(bpf_->bss->name, 0, sizeof(bpf_->bss->name));
    std::memcpy(bpf_->bss->name, name.data(), name.size());
    bpf_->bss->name_size = static_cast<__u32>(name.size());
    run_once(program);
    return bpf_->bss->result;
  }

  std::unique_ptr<hash_test, decltype(&hash_test__destroy)> bpf_{nullptr, hash_test__destroy};
};

TEST_F(NameHash, EveryPublishedVectorIsComputed) {
  std::string message;
  for (const std::uint64_t expected : kPublished) {
    std::memcpy(bpf_->bss->message, message.data(), message.size());
    bpf_->bss->message_size = static_cast<__u32>(message.size());
    run_once(bpf_->progs.run_siphash);
    EXPECT_EQ(bpf_->bss->result, expected) << message.size() << " bytes";
    message.push_back(static_cast<char>(message.size()));
  }
}

TEST_F(NameHash, OfEveryLengthIsThatOfTheAgent) {
  for (std::size_t size = 1; size <= 255; ++size) {
    std::string name;
    for (std::size_t i = 0; i < size; ++i) name += static_cast<char>('!' + (i * 7 + size) % 90);
    EXPECT_EQ(hash(bpf_->progs.run_hash_name, name), siphash(kKey, name)) << size;
  }
}

TEST_F(NameHash, AnExtensionIsWhatFollowsTheLastDot) {
  const auto* program = bpf_->progs.run_hash_extension;
  EXPECT_EQ(hash(program, "archive.tar.gz"), siphash(kKey, "gz"));
  EXPECT_EQ(hash(program, ".pem"), siphash(kKey, "pem"));
  EXPECT_EQ(hash(program, "a.123456789012345"), siphash(kKey, "123456789012345"));
  EXPECT_EQ(hash(program, "a.1234567890123456"), 0u) << "longer than 15 bytes";
  EXPECT_EQ(hash(program, "README"), 0u);
  EXPECT_EQ(hash(program, "ends."), 0u);
}

}  // namespace
}  // namespace stayd::test
