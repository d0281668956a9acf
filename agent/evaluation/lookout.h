// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "context/found_file.h"

namespace stayd {

// Finds files for workloads, each on a thread of its own: a file system that a workload has mounted
// can keep whoever looks waiting for as long as it likes. One look-up of each workload at a time,
// so that a workload that does so has one thread, and is refused more.
class Lookout {
 public:
  using Find = std::function<Result<FoundFor>()>;
  using Done = std::function<void(Result<FoundFor>)>;
  // Runs a function on the thread that uses this object, soon.
  using Post = std::function<void(std::function<void()>)>;

  explicit Lookout(Post post);
  // Look-ups that are under way come to nothing; their threads end when they can.
  ~Lookout();
  Lookout(const Lookout&) = delete;
  Lookout& operator=(const Lookout&) = delete;

  // Calls `done` later, on the thread that uses this object; at once with an error if the workload
  // has a look-up under way. `find` must know nothing that ends before its thread does.
  void look(WorkloadId workload, Find find, const Done& done);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace stayd
