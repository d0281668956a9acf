// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "support/actor.h"
#include "support/cgroup.h"
#include "support/operations.h"
#include "support/sockets.h"
#include "support/stayd_process.h"

namespace stayd::test {

// What an effect of a signal, or of a decision, may take here.
inline constexpr milliseconds kBlink{500};
// How long nothing must happen before we believe that it does not.
inline constexpr milliseconds kWhile{300};

// One stayd for all tests. Running when a test begins.
StaydProcess& the_stayd();

// Each test has a cgroup of its own, under a policy that holds
//
//   every network address; reading, writing and creating below data/; creating below new/;
//   executing what is in programs/
//
// in a directory of its own on a tmpfs. data/list.csv is there.
class KernelTest : public ::testing::Test {
 protected:
  KernelTest();
  ~KernelTest() override;

  StaydProcess& stayd() { return the_stayd(); }
  const Cgroup& cgroup() const { return *cgroup_; }
  std::string path(const std::string& below) const { return directory_ + "/" + below; }
  std::string customers() const { return path("data/list.csv"); }
  void write(const std::string& below, const std::string& text, int mode = 0644) const;
  // Copies a program of the machine, or writes a script, to programs/.
  std::string add_program(const std::string& original) const;
  std::string add_script(const std::string& name, const std::string& text) const;

  void assign();  // done already when a test begins
  void release();

  std::unique_ptr<Actor> tagged(const Body& body) const;
  std::unique_ptr<Actor> untagged(const Body& body) const;
  // How the operation ends in a process that nobody tagged: its value, or minus errno.
  long unguarded(const Body& body) const;

  // The only open ticket of this workload, once its thread is parked (unless it could not
  // wait, or its connection waits); or the one about such a kind of operation, or of such a
  // process.
  Json question(const std::string& kind = "", pid_t process = 0);
  bool anything_open();
  Json tickets(bool closed_too);                            // of this workload
  std::size_t questions() { return tickets(true).size(); }  // ever
  Json look_at(const Json& ticket);                         // as it is now
  bool ends_as(const Json& ticket, const std::string& outcome);

  Result<Json> decide(const Json& ticket, const std::string& choice, int for_seconds = 0);
  void approve(const Json& ticket, int for_seconds = 0);
  void deny(const Json& ticket);

 private:
  std::string directory_;
  std::unique_ptr<Cgroup> cgroup_;
  bool assigned_ = false;
};

inline constexpr const char* kCustomers = "alice,1\nbob,2\n";

// As a process or thread identifier of the ticket's caller.
pid_t thread_of(const Json& ticket);

}  // namespace stayd::test
