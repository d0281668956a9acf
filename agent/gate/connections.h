// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/rate_limiter.h"
#include "gate/packet_sender.h"
#include "gate/seal_watch.h"
#include "kernel/programs.h"
#include "kernel/tables.h"

namespace stayd {

// The connections that are pending: makes them or lets them fail once their holds are answered, and
// finds those that are over. One thread, which waits for nobody. All that it uses must outlive it.
class Connections {
 public:
  Connections(const Programs& programs, Tables& tables) : programs_(programs), tables_(tables) {}

  // The process, or thread, is about to have one: its network is to be within reach later on.
  void begin(pid_t process);
  // Those of an earlier agent, by hold.
  std::vector<HoldId> adopt();

  // The one that is pending under the hold is to be made now, or to fail now. Nothing happens if
  // there is no such connection, or not yet.
  void connect(HoldId hold);
  void refuse(HoldId hold);

  // True if there may be one, answered or not; then look() about once a second, which returns the
  // holds whose connections are over. `any_waits`: the table has some.
  bool may_exist() const { return may_exist_; }
  std::vector<HoldId> look(bool any_waits);

 private:
  // How often the SYN of an approved connection is sent, once a second, until the kernel goes on:
  // its own next attempt may be two minutes away, and a packet may be lost.
  static constexpr int kSyns = 5;

  void extend_attempts();
  void send_syn(HoldId hold, const stayd_pending& pending);
  void send_syns_again();
  std::optional<stayd_pending> tried(HoldId hold) const;
  void complain(HoldId hold, const char* consequence, const Error& error);

  const Programs& programs_;
  Tables& tables_;
  PacketSender sender_;
  SealWatch watch_;
  std::optional<Programs::Link> attempts_;  // while the number of attempts may be extended
  std::map<HoldId, int> approved_;          // how many SYNs have been sent
  bool may_exist_ = false;
  RateLimiter complaints_{0.1, 5};  // workloads can cause them
};

}  // namespace stayd
