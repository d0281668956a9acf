// SPDX-License-Identifier: Apache-2.0
#include "ctl/raw_terminal.h"

#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>

namespace stayd {
namespace {

constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l";  // alternate screen, no cursor
constexpr std::string_view kLeave = "\x1b[?25h\x1b[?1049l";

Result<> write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_error("write to the terminal");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

std::optional<TerminalSize> terminal_size(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return std::nullopt;
  return TerminalSize{size.ws_col, size.ws_row};
}

Result<RawTerminal> RawTerminal::open() {
  termios before{};
  if (::isatty(STDOUT_FILENO) == 0) return errno_error("standard output");
  if (::tcgetattr(STDIN_FILENO, &before) != 0) return errno_error("standard input");

  termios raw = before;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | IEXTEN);
  raw.c_iflag &= ~static_cast<tcflag_t>(IXON);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  // Ctrl-C still means SIGINT, but neither of these may leave the terminal as it is now.
  raw.c_cc[VSUSP] = _POSIX_VDISABLE;
  raw.c_cc[VQUIT] = _POSIX_VDISABLE;
  // Drops what was typed before there was anything to see: no key may answer by accident.
  if (::tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) != 0) return errno_error("standard input");

  RawTerminal terminal(before);
  Result<> entered = write_all(kEnter);
  if (!entered) return entered.error();
  return terminal;
}

RawTerminal::RawTerminal(RawTerminal&& other) noexcept
    : before_(std::exchange(other.before_, std::nullopt)) {}

RawTerminal::~RawTerminal() {
  if (!before_) return;
  // Nothing is left to do about a terminal that went away.
  (void)write_all(kLeave);
  (void)::tcsetattr(STDIN_FILENO, TCSAFLUSH, &*before_);
}

Result<> RawTerminal::draw(std::string_view screen) {
  std::string bytes = "\x1b[H";
  while (!screen.empty()) {
    const std::size_t end = std::min(screen.find('\n'), screen.size());
    const std::string_view line = screen.substr(0, end);
    screen.remove_prefix(std::min(screen.size(), end + 1));
    // Erased before it is written: behind a line as wide as the screen, terminals erase
    // its last character. No line feed after the last one: it would scroll.
    bytes += screen.empty() ? "\x1b[J" : "\x1b[K";
    bytes += line;
    if (!screen.empty()) bytes += "\r\n";
  }
  return write_all(bytes);
}

Result<SignalFd> SignalFd::open() {
  sigset_t wanted;
  sigemptyset(&wanted);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) sigaddset(&wanted, signal);
  Fd fd(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return errno_error("signalfd");
  sigset_t before;
  if (int error = ::pthread_sigmask(SIG_BLOCK, &wanted, &before); error != 0)
    return errno_error("pthread_sigmask", error);
  return SignalFd(std::move(fd), before);
}

SignalFd::~SignalFd() {
  if (fd_) ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

int SignalFd::take() {
  signalfd_siginfo info{};
  if (::read(fd_.get(), &info, sizeof info) != sizeof info) return 0;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace stayd
