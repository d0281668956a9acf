// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "identity/people.h"
#include "tickets/ticket.h"

namespace stayd {

// An answer that came through a channel, and the account that gave it. The channel does not say
// which person that is, or whether they may answer.
struct Answer {
  Decision decision;  // ticket, digest, choice, scope, reason, channel, account
  Account account;
  // The owner of the login session, if that is another account: root, after sudo.
  std::optional<uid_t> login_uid{};
};

// A way to ask questions and to answer them. All calls come on the desk's thread, return at once,
// and never fail: what cannot be sent now is sent later, and liveness() says so.
class Channel {
 public:
  virtual ~Channel() = default;

  virtual std::string_view name() const = 0;  // "terminal", "teams": as in Decision::channel

  // Shows the ticket as it is from now on: a new question, a change, or its end, after which
  // no answer to it is taken. Showing the same again changes nothing; of several in a row the
  // last counts.
  virtual void show(const Ticket& ticket) = 0;

  // Writes down what it was shown and has yet to say, in the transaction that saves the tickets;
  // on an error, neither is saved, and both are tried again.
  virtual Result<> keep() { return {}; }
  // That transaction is through.
  virtual void kept() {}

  // Tells everybody who is asked by it, with nothing to answer: break-glass.
  virtual void announce(std::string_view text) = 0;

  // True if a question would reach this person now.
  virtual bool reaches(const Person& person) const = 0;
  // The same of an open ticket's question: false, too, if it did not get there and will not.
  virtual bool reaches_with(const Person& person, TicketId /*ticket*/) const {
    return reaches(person);
  }

  // Empty: all is well. Else what is wrong, for status and doctor.
  virtual std::string trouble() const = 0;
};

}  // namespace stayd
