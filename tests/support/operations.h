// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/actor.h"

namespace stayd::test {

// Bodies for actors: one operation each, the way an ordinary program makes it.

// Opens, reads from the descriptor into the report's text; returns how many bytes.
Body reads(std::string path);
// O_CREAT|O_EXCL, and a line into it.
Body creates(std::string path);
// A blocking TCP connect to 127.0.0.1, then `text` over it.
Body connects(std::uint16_t port, std::string text = "");
// One UDP datagram to 127.0.0.1 with sendto().
Body sends(std::uint16_t port, std::string text);
// Returns only if that fails; then the exit status is 1.
Body executes(std::string path, std::vector<std::string> arguments = {});
// One after the other until one fails.
Body in_turn(std::vector<Body> bodies);
// In a child of the actor's own, whose result is passed on.
Body in_a_child(Body body);
// In a second thread.
Body in_a_thread(Body body);

}  // namespace stayd::test
