// SPDX-License-Identifier: Apache-2.0
#include "gate/connections.h"

#include <chrono>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "gate/segments.h"

namespace stayd {
namespace {

// What the kernel side notes of packets.
std::uint64_t monotonic_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                    std::chrono::nanoseconds(1));
}

}  // namespace

void Connections::begin(pid_t process) {
  may_exist_ = true;
  extend_attempts();
  sender_.reach(process);
}

// It is attached only while connections are pending, because the whole host pays for it.
void Connections::extend_attempts() {
  if (attempts_) return;
  Result<Programs::Link> link = programs_.extend_attempts();
  if (link)
    attempts_.emplace(std::move(*link));
  else if (complaints_.take(RateLimiter::Time::clock::now()))
    log_warning("connections that wait for more than two minutes will time out: {}",
                link.error().message);
}

std::vector<HoldId> Connections::adopt() {
  const std::vector<HoldId> pending = tables_.pending_connections();
  for (const HoldId hold : pending)
    if (const std::optional<stayd_pending> connection = tables_.pending_connection(hold))
      begin(static_cast<pid_t>(connection->process));
  // A look says whether there are others that were answered already.
  may_exist_ = true;
  return pending;
}

std::optional<stayd_pending> Connections::tried(HoldId hold) const {
  std::optional<stayd_pending> pending = tables_.pending_connection(hold);
  return pending && pending->tried_ns != 0 ? pending : std::nullopt;
}

void Connections::connect(HoldId hold) {
  const std::optional<stayd_pending> pending = tried(hold);
  if (!pending) return;
  send_syn(hold, *pending);
  approved_[hold] = 1;
}

void Connections::send_syn(HoldId hold, const stayd_pending& pending) {
  const Result<> sent = sender_.send(pending, dropped_syn(pending, monotonic_ns()), false);
  if (!sent)
    complain(hold, "approved, but its connection is made only when the kernel tries again",
             sent.error());
}

// The entry goes with the first packet of the kernel's own, which is its answer to the reply.
void Connections::send_syns_again() {
  std::erase_if(approved_, [this](auto& each) {
    auto& [hold, count] = each;
    const std::optional<stayd_pending> pending = tried(hold);
    if (!pending || count == kSyns) return true;
    send_syn(hold, *pending);
    ++count;
    return false;
  });
}

void Connections::refuse(HoldId hold) {
  const std::optional<stayd_pending> pending = tried(hold);
  if (!pending) return;
  const Result<> sent = sender_.send(*pending, refusal_of(*pending), true);
  if (!sent)
    complain(hold, "denied, but its program hears of it only when its connect times out",
             sent.error());
}

void Connections::complain(HoldId hold, const char* consequence, const Error& error) {
  if (complaints_.take(RateLimiter::Time::clock::now()))
    log_warning("hold {} is {}: {}", hold, consequence, error.message);
}

std::vector<HoldId> Connections::look(bool any_waits) {
  send_syns_again();
  const std::vector<HoldId> pending = tables_.pending_connections();
  const Result<std::string> listed = programs_.run_iterator(Iterator::list_seals);
  if (!listed) {
    if (complaints_.take(RateLimiter::Time::clock::now()))
      log_warning("the ends of pending connections are not seen: {}", listed.error().message);
    return {};
  }
  std::vector<stayd_sealed> seals(listed->size() / sizeof(stayd_sealed));
  std::memcpy(seals.data(), listed->data(), seals.size() * sizeof(stayd_sealed));
  SealWatch::Found found = watch_.look(pending, seals);
  for (const HoldId hold : found.ended) tables_.forget_pending(hold);
  may_exist_ = found.anything || any_waits;
  if (may_exist_)
    extend_attempts();
  else
    attempts_.reset();
  if (!any_waits && pending.empty()) sender_.forget();
  return std::move(found.ended);
}

}  // namespace stayd
