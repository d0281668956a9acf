// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "gate/messages.h"

namespace stayd {

// Commands from other threads to the gatekeeper's. As each hold is answered once, it never has more
// of them than there are holds, STAYD_MAX_HOLDS.
class Mailbox {
 public:
  Result<> open();

  // Readable after post() or wake(), until take().
  int fd() const { return readable_.get(); }

  void post(const GateCommand& command);  // any thread
  void wake() const;                      // any thread
  std::vector<GateCommand> take();        // all of them, in the order in which they were posted

 private:
  Fd readable_;
  std::mutex mutex_;
  std::vector<GateCommand> commands_;
};

}  // namespace stayd
