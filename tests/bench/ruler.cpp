// SPDX-License-Identifier: Apache-2.0
#include "bench/ruler.h"

#include <stdexcept>

#include "empty.skel.h"

namespace stayd::bench {

Ruler::Ruler() : skeleton_(empty_bpf__open_and_load()) {
  if (!skeleton_ || empty_bpf__attach(skeleton_)) {
    empty_bpf__destroy(skeleton_);
    throw std::runtime_error("cannot attach the empty programs");
  }
}

Ruler::~Ruler() { empty_bpf__destroy(skeleton_); }

}  // namespace stayd::bench
