// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "approval/approval_service.h"
#include "channels/channel.h"

namespace stayd::test {

// What a channel has to bring along to be judged: itself, an approval service that knows it, and
// eyes and hands at its other end. Its approvers are `alice` and `bob` of the group `stewards`;
// `carol` has no account that it could reach.
class ChannelRig {
 public:
  virtual ~ChannelRig() = default;

  virtual Channel& channel() = 0;
  virtual ApprovalService& approvals() = 0;
  // PolicyEvaluator the stewards; joins the open ticket of the same `object`.
  virtual void hold(HoldId id, std::uint32_t quorum, std::uint64_t object) = 0;
  virtual TimePoint time() const = 0;

  // True if people come to see that text of the ticket, in whatever case, within a while.
  virtual bool comes_to_show(TicketId ticket, const std::string& text) = 0;
  // How often people were told of it, by now.
  virtual std::size_t told() = 0;
  // As that approver would through the channel, on what was shown last: whether it was taken.
  virtual bool answer(TicketId ticket, const std::string& person, Choice choice) = 0;

  // Makes the other end fail; false: it cannot.
  virtual bool lose() = 0;
  virtual bool until(const std::function<bool()>& condition) = 0;
};

}  // namespace stayd::test
