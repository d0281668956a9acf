// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "store/desk_store.h"
#include "store/schema.h"
#include "support/temp_dir.h"
#include "unit/tickets/desk_fixture.h"

namespace stayd::test {

inline constexpr const char* kBoot = "6a5bb0f2-3d2c-4a1e-9b47-0f6d1c2e8a11";

// What a test cannot go on without.
inline std::unique_ptr<Database> open_database(const std::string& path) {
  Result<std::unique_ptr<Database>> database = Database::open(path, schema());
  if (!database) {
    ADD_FAILURE() << database.error().message;
    std::abort();
  }
  return std::move(*database);
}

inline std::string message_of(const Result<std::unique_ptr<Database>>& database) {
  return database ? "(it opened)" : database.error().message;
}

inline std::int64_t number(Database& database, std::string_view sql) {
  Result<Statement> row = database.query(sql);
  if (!row || !row->next()) return -1;
  return row->integer(0);
}

// As the desk makes them.
inline Ticket an_open_ticket(TicketId id, TimePoint opened = kNoon) {
  Ticket ticket;
  ticket.id = id;
  ticket.operation = an_operation(id, 100 + id);
  ticket.workload = kContext.workload;
  ticket.policy = kContext.policy;
  ticket.rule = kContext.rule;
  ticket.opened = opened;
  ticket.deadline = opened + std::chrono::minutes(30);
  ticket.digest = std::string(64, 'a');
  ticket.holds = {id};
  note(ticket, opened, "opened");
  return ticket;
}

inline Ticket closed(Ticket ticket, Outcome outcome, TimePoint when) {
  if (outcome == Outcome::approved) ticket.decisions.push_back(approval(ticket));
  if (outcome == Outcome::denied) ticket.decisions.push_back(denial(ticket));
  ticket.outcome = outcome;
  ticket.closed = when;
  ticket.holds.clear();
  return ticket;
}

inline Grant a_grant(GrantId id, TicketId ticket = 1) {
  Grant grant;
  grant.id = id;
  grant.ticket = ticket;
  grant.workload = kWorkload;
  grant.object = an_operation(1).object;
  grant.workload_name = kContext.workload;
  grant.what = "open /srv/customers/list.csv";
  grant.person = "alice";
  grant.granted = kNoon;
  grant.uses = 3;
  return grant;
}

// A database with its store, in a directory of their own.
class StoreTest : public ::testing::Test {
 protected:
  void reopen() {
    database_.reset();
    database_ = open_database(path_);
    store_.emplace(*database_);
  }
  Snapshot loaded(const std::string& boot = kBoot, std::size_t most_closed = 256) {
    Result<Snapshot> snapshot = store_->load(boot, most_closed);
    EXPECT_TRUE(snapshot) << (snapshot ? "" : snapshot.error().message);
    return snapshot ? std::move(*snapshot) : Snapshot{};
  }
  Result<> save(const Ticket& ticket) { return store_->save({.tickets = {&ticket}}, kNoon); }
  Result<> save(const Grant& grant, TimePoint now = kNoon) {
    return store_->save({.grants = {&grant}}, now);
  }

  TempDir directory_;
  std::string path_ = directory_ / "desk.db";
  std::unique_ptr<Database> database_ = open_database(path_);
  std::optional<DeskStore> store_{*database_};
};

}  // namespace stayd::test
