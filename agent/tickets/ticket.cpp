// SPDX-License-Identifier: Apache-2.0
#include "tickets/ticket.h"

namespace stayd {

const char* to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::open:
      return "open";
    case Outcome::approved:
      return "approved";
    case Outcome::denied:
      return "denied";
    case Outcome::expired:
      return "expired";
    case Outcome::no_approver:
      return "no_approver";
    case Outcome::cancelled:
      return "cancelled";
    case Outcome::superseded:
      return "superseded";
  }
  return "unknown";
}

}  // namespace stayd
