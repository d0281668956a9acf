// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>
#include <termios.h>

#include <optional>
#include <string_view>
#include <utility>

#include "base/fd.h"
#include "base/result.h"

namespace stayd {

struct TerminalSize {
  int columns = 80;
  int rows = 24;
};

// The size of the terminal that `fd` is open on; nothing if it is not a terminal.
std::optional<TerminalSize> terminal_size(int fd);

// Takes the terminal over: keys come unechoed and one by one, what is drawn goes to the
// alternate screen without a cursor. Everything is put back on destruction.
class RawTerminal {
 public:
  // Takes over standard input and output; the error says if either is not a terminal.
  static Result<RawTerminal> open();
  ~RawTerminal();
  RawTerminal(RawTerminal&& other) noexcept;
  RawTerminal& operator=(RawTerminal&&) = delete;

  // Replaces what the screen shows. Lines end in "\n" and must fit the screen.
  Result<> draw(std::string_view screen);

 private:
  explicit RawTerminal(const termios& before) : before_(before) {}

  std::optional<termios> before_;  // nothing once moved from
};

// Turns signals into something poll() can wait for, in this process from now on until
// destruction.
class SignalFd {
 public:
  // SIGINT, SIGTERM, SIGHUP and SIGWINCH.
  static Result<SignalFd> open();
  ~SignalFd();
  SignalFd(SignalFd&&) = default;
  SignalFd& operator=(SignalFd&&) = delete;

  int fd() const { return fd_.get(); }
  // The next signal that came; 0 if none did.
  int take();

 private:
  SignalFd(Fd fd, const sigset_t& before) : fd_(std::move(fd)), before_(before) {}

  Fd fd_;
  sigset_t before_;
};

}  // namespace stayd
