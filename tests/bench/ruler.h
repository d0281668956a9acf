// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

struct empty_bpf;

namespace stayd::bench {

// Empty LSM programs at open and connect, attached while the object lives. Throws
// std::runtime_error.
class Ruler {
 public:
  Ruler();
  ~Ruler();

 private:
  empty_bpf* skeleton_;
};

}  // namespace stayd::bench
