// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "support/steps.h"
#include "unit/tickets/desk_fixture.h"

namespace stayd::test {

using namespace std::chrono_literals;

inline constexpr const char* kRule = "files.read.hold: customer-data (/srv/customers)";

// Reads a file of the file system 7.
inline Operation at(std::string path, HoldId hold, std::uint64_t inode = 100) {
  Operation operation = an_operation(hold, inode);
  operation.path = std::move(path);
  operation.object.device = 7;
  return operation;
}
inline Operation connect_to(std::uint8_t last_byte, HoldId hold) {
  Operation operation = an_operation(hold, 0);
  operation.kind = OperationKind::connect;
  operation.path.clear();
  operation.read = false;
  operation.endpoint = {.port = 443, .protocol = IPPROTO_TCP};
  operation.endpoint.address[10] = operation.endpoint.address[11] = 0xff;
  operation.endpoint.address[15] = last_byte;
  operation.object = {};
  std::ranges::copy(operation.endpoint.address, operation.object.address);
  operation.object.port = 443;
  operation.object.protocol = IPPROTO_TCP;
  operation.object.operation = STAYD_OP_CONNECT;
  operation.object.access = 1u << STAYD_ACCESS_NETWORK;
  operation.caller.start_ns = 5;
  return operation;
}

// Opens ticket after ticket, approves it, and sees what that lets through.
class WideGrants : public ::testing::Test {
 protected:
  // Opens ticket after ticket, and approves it.
  Effects approve(const Operation& operation, Scope scope, std::chrono::seconds time = 15min,
                  std::int64_t uses = 0) {
    raise(operation);
    Decision decision = approval(*desk_.find(desk_.newest()));
    decision.scope = scope;
    decision.grant_for = time;
    decision.uses = uses;
    const Result<Effects> effects = desk_.decide(decision, kAnybody, now_);
    EXPECT_TRUE(effects) << effects.error().message;
    return effects ? *effects : Effects{};
  }
  void raise(Operation operation) {
    operation.time = now_;
    TicketContext context = kContext;
    context.rule = around_.rule;
    context.names = around_.names;
    context.evidence.touched = around_.touched;
    context.directory = directory_inode(operation, around(operation).steps);
    desk_.hold_raised(std::move(operation), context, now_);
  }
  // The grant that answers the operation at once; 0: it has to be asked about.
  GrantId settled(Operation operation) {
    operation.time = now_;
    last_ = desk_.settle(operation, around(operation), now_);
    return last_ ? last_->grant : 0;
  }
  Surroundings around(const Operation& operation) const {
    Surroundings result = around_;
    const std::string path = placed_at(operation);
    if (path.empty()) return result;
    result.steps = steps_to(path, operation.object.inode);
    for (const auto& [at, step] : steps_) {
      if (path != at && !path.starts_with(at + "/")) continue;
      FileStep& found = result.steps[std::size_t(std::ranges::count(at, '/'))];
      found = {step.inode != 0 ? step.inode : found.inode, step.changed, step.made};
    }
    return result;
  }
  std::string refusal(const Operation& operation, Scope scope, std::chrono::seconds time) {
    raise(operation);
    Decision decision = approval(*desk_.find(desk_.newest()));
    decision.scope = scope;
    decision.grant_for = time;
    const auto effects = desk_.decide(decision, kAnybody, now_);
    return effects ? "accepted" : effects.error().message;
  }

  Desk desk_;
  TimePoint now_ = kNoon;
  Surroundings around_{.rule = kRule, .names = {}, .touched = {}, .steps = {}};
  std::map<std::string, FileStep> steps_;  // by path, those that differ; of inode 0 all but that
  std::optional<Desk::Settled> last_;
};

}  // namespace stayd::test
