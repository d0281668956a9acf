// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "http/client/response_reader.h"

namespace stayd::teams {

// The result of a request to Teams.
enum class Delivery : std::uint8_t {
  done,
  again,         // may succeed later: 408, 412, 429, any 5xx, or there was no answer
  unauthorized,  // our token was refused
  gone,          // 404: the message, or the conversation, is not there any more
  unreachable,   // 403: the bot was removed or blocked, or may not write there
  too_large,     // 413: a shorter message may be taken
  refused,       // anything else: the same again changes nothing
};

struct Delivered {
  Delivery what = Delivery::refused;
  std::chrono::milliseconds wait{0};  // of `again`: not sooner
  // True if it is certain that the message did not arrive, so that posting it again cannot make
  // two.
  bool certainly_not_posted = false;
  std::string conversation{};  // of a new one
  std::string activity{};      // id; empty of `done`: Teams gave none
  bool accepted = false;       // 202: taken, and Teams need not give an id
  std::string error{};         // fit to be shown: status and Teams' own code
  ErrorKind kind = ErrorKind::other;

  Error failure() const { return {error, kind}; }
};

// Reads an answer of Teams. Pure.
Delivered read_delivery(const http::Response& response, TimePoint now);
// There was no answer: `error` is the HTTP client's or the token source's.
Delivered read_failure(const Error& error);

}  // namespace stayd::teams
