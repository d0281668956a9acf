// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "context/file_steps.h"
#include "tickets/grant.h"
#include "tickets/ticket.h"

// Approvals that reach beyond the very operation: by directory, by host, by rule.
namespace stayd {

// The facts about an operation that are known before anybody is asked, besides its own.
struct Surroundings {
  static constexpr std::size_t kMaxNames = 8;

  std::string rule;  // that holds it, in words
  RuleClass rule_class = RuleClass::none;
  // connect, send: what stayd itself was told that the address is called; at most kMaxNames, sorted
  std::vector<std::string> names;
  std::vector<std::string> touched;  // labels that the workload has read
  // As find_steps() says; empty: they were not looked for, or could not be found.
  std::vector<FileStep> steps;
};

// The path of the host whose steps say in which directory the operation is: of the file, or of the
// directory of a file that is made. Empty: it is in none that an approval could be for.
std::string placed_at(const Operation& operation);

// The inode of the directory that an approval of scope directory is for; 0: there is none.
std::uint64_t directory_inode(const Operation& operation, const std::vector<FileStep>& steps);

// The scopes of `allowed` that make sense for the ticket: there is a directory, a name or a rule.
std::vector<Scope> offered_scopes(const Ticket& ticket, const std::vector<Scope>& allowed);

// In plain words what an approval of the scope lets through, for whoever approves it: "reading any
// file in /srv/customers and below it, as far as this rule holds it". The workload's bytes.
std::string lets_through(const Ticket& ticket, Scope scope);

// Files and directories that are known to have been in a granted directory, by their inodes.
using InPlace = std::set<std::uint64_t>;

// True if the grant, which is not for the kernel side, lets the operation through. What could carry
// data out or change things is not let through once the workload has read labels that it had not
// read when people were asked.
//
// In a granted directory is what was there when it was granted, or has been made since. Whether
// something was moved or linked there since cannot be told from any other change of it: what has
// changed since, and is not known to have been in place, is asked about.
bool covers(const Grant& grant, const Operation& operation, const Surroundings& around,
            const InPlace& in_place = {});

// Returns what the grant, of scope directory, has let through: the inodes below its directory.
InPlace let_through_in(const Grant& grant, const Surroundings& around);

// True if an attempt belongs to the ticket although it is at another address: one that has every
// name which the ticket shows.
bool is_of_the_same_host(const Ticket& ticket, const Operation& operation,
                         const Surroundings& around);

// Returns all that the ticket has come to be about: its operation, and the same at each other
// address of its host.
std::vector<Operation> attempts_of(const Ticket& ticket);

// The grant of scope directory, host or rule, or the one that lets an attempt at other addresses of
// the ticket's host through; without its expiry, uses and id.
Grant wide_grant(const Ticket& ticket, Scope scope);

}  // namespace stayd
