// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "policy/compiler.h"

namespace stayd {

struct Judgement {
  Verdict verdict = Verdict::deny;
  std::uint32_t rule = 0;  // index into CompiledPolicy::rules; 0: the default
  bool operator==(const Judgement&) const = default;
};

// What the kernel side decides from the same tables, bpf/lib/judge.bpf.h; for explanations
// and tests. Address families that it refuses and paths that are too deep are not seen here.

// `port` in host byte order, `protocol` IPPROTO_*.
Judgement decide_network(const CompiledPolicy& policy, const Address& address, std::uint16_t port,
                         std::uint16_t protocol);

// From the file, or for create from the directory it will be in, up to the root of its
// file system.
Judgement decide_file(const CompiledPolicy& policy, std::span<const Identity> object_to_root,
                      Access access);

// For reading, writing or both: the stricter of the two.
Judgement decide_open(const CompiledPolicy& policy, std::span<const Identity> object_to_root,
                      bool read, bool write);

inline Judgement decide_exec(const CompiledPolicy& policy,
                             std::span<const Identity> object_to_root) {
  return decide_file(policy, object_to_root, Access::exec);
}

}  // namespace stayd
