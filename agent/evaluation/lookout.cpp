// SPDX-License-Identifier: Apache-2.0
#include "evaluation/lookout.h"

#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

namespace stayd {

struct Lookout::State {
  std::mutex mutex;
  Post post;  // empty once the object is gone
  std::set<WorkloadId> busy;
};

Lookout::Lookout(Post post) : state_(std::make_shared<State>()) { state_->post = std::move(post); }

Lookout::~Lookout() {
  std::lock_guard lock(state_->mutex);
  state_->post = nullptr;
}

void Lookout::look(WorkloadId workload, Find find, const Done& done) {
  {
    std::lock_guard lock(state_->mutex);
    if (!state_->busy.insert(workload).second)
      return done(Error{"an earlier request of this workload is still being looked up"});
  }
  auto run = [state = state_, workload, find = std::move(find), done] {
    auto found = std::make_shared<Result<FoundFor>>(find());
    std::lock_guard lock(state->mutex);
    state->busy.erase(workload);
    if (state->post) state->post([found, done] { done(std::move(*found)); });
  };
  try {
    std::thread(std::move(run)).detach();
  } catch (const std::system_error& error) {
    std::lock_guard lock(state_->mutex);
    state_->busy.erase(workload);
    done(Error{std::string("no thread to look it up: ") + error.what()});
  }
}

}  // namespace stayd
