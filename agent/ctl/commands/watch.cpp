// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "base/json.h"
#include "channels/terminal/watch_screen.h"
#include "ctl/answer.h"
#include "ctl/command.h"
#include "ctl/raw_terminal.h"
#include "ctl/ticket_feed.h"

namespace stayd {
namespace {

using Clock = std::chrono::steady_clock;
using terminal::WatchAction;
using terminal::WatchScreen;

constexpr int kRedrawAfterMs = 1000;  // ages and deadlines are shown in seconds

// The first list, or why there is none: nothing is drawn before stayd was reached.
Result<nlohmann::json> first_list(TicketFeed& feed) {
  for (;;) {
    pollfd socket{feed.fd(), POLLIN, 0};
    ::poll(&socket, 1, static_cast<int>(feed.time_left(Clock::now()).count()));
    auto list = feed.step(socket.revents != 0, Clock::now());
    if (list) return *list;
  }
}

// One line for each ticket that is new or has changed since the last list.
class ChangeLog {
 public:
  void print(const nlohmann::json& tickets, std::ostream& out) {
    std::map<std::uint64_t, std::string> current;
    for (const nlohmann::json& ticket : tickets) {
      if (!ticket.is_object()) continue;
      const std::uint64_t id = ticket.value("id", std::uint64_t{0});
      const std::string line = dump(ticket);
      const auto before = shown_.find(id);
      const bool changed = before == shown_.end() || before->second != line;
      // A ticket that ended before anyone watched is not a change.
      const bool wanted = !is_first_ || ticket.value("outcome", "") == "open";
      if (changed && wanted) out << line << '\n';
      current.emplace(id, line);
    }
    out.flush();
    shown_ = std::move(current);
    is_first_ = false;
  }

 private:
  std::map<std::uint64_t, std::string> shown_;
  bool is_first_ = true;
};

int watch_lines(const Console& console) {
  TicketFeed feed(console.socket_path);
  ChangeLog log;
  while (console.out) {
    const Result<nlohmann::json> list = first_list(feed);
    if (!list) return console.fail(list.error());
    log.print(*list, console.out);
    for (const std::string& text : feed.take_announcements())
      console.out << dump({{"announcement", text}}) << std::endl;
  }
  return kExitFailure;
}

void carry_out(const WatchAction& action, Client& client, WatchScreen& screen) {
  Decision decision;
  decision.ticket = action.ticket;
  decision.digest = action.digest;
  decision.choice = action.kind == WatchAction::Kind::approve ? Choice::approve : Choice::deny;
  decision.grant_for = action.grant_for;
  decision.reason = action.reason;
  const Result<nlohmann::json> ticket = send_decision(client, decision);
  screen.set_message(ticket ? describe_outcome(*ticket) : ticket.error().message, !ticket);
}

// Reads what was pressed; false if the person wants to leave, or has left.
bool take_keys(Client& client, WatchScreen& screen) {
  char bytes[256];
  const ssize_t size = ::read(STDIN_FILENO, bytes, sizeof bytes);
  if (size < 0 && errno == EINTR) return true;
  if (size <= 0) return false;
  const auto action = screen.press({bytes, static_cast<std::size_t>(size)}, now_ms());
  if (!action) return true;
  if (action->kind == WatchAction::Kind::quit) return false;
  carry_out(*action, client, screen);
  return true;
}

Result<> watch_screen(const Console& console) {
  TicketFeed feed(console.socket_path);
  Client client(console.socket_path);
  WatchScreen screen(console.colour);
  Result<nlohmann::json> list = first_list(feed);
  if (!list) return list.error();
  screen.set_tickets(*list, now_ms());

  Result<SignalFd> signals = SignalFd::open();
  if (!signals) return signals.error();
  Result<RawTerminal> raw = RawTerminal::open();
  if (!raw) return in_context("cannot draw here (try --json)", raw.error());

  bool lost = false;
  for (;;) {
    const TerminalSize size = terminal_size(STDOUT_FILENO).value_or(TerminalSize{});
    Result<> drawn = raw->draw(screen.frame(now_ms(), size.columns, size.rows));
    if (!drawn) return drawn;

    pollfd sources[] = {
        {STDIN_FILENO, POLLIN, 0}, {signals->fd(), POLLIN, 0}, {feed.fd(), POLLIN, 0}};
    const auto time_left = static_cast<int>(feed.time_left(Clock::now()).count());
    ::poll(sources, std::size(sources), std::min(kRedrawAfterMs, time_left));

    if (sources[0].revents != 0 && !take_keys(client, screen)) return {};
    const int signal = sources[1].revents != 0 ? signals->take() : 0;
    if (signal != 0 && signal != SIGWINCH) return {};
    if (auto news = feed.step(sources[2].revents != 0, Clock::now())) {
      if (*news) screen.set_tickets(**news, now_ms());
      if (!*news) screen.set_message(news->error().message, /*is_error=*/true);
      if (*news && lost) screen.set_message("stayd is back", /*is_error=*/false);
      lost = !*news;
      for (const std::string& text : feed.take_announcements())
        screen.set_message(text, /*is_error=*/true);
    }
  }
}

int run(const Console& console) {
  if (console.json || ::isatty(STDOUT_FILENO) == 0) return watch_lines(console);
  Result<> watched = watch_screen(console);
  return watched ? kExitOk : console.fail(watched.error());
}

}  // namespace

Command watch_command() {
  return {.name = "watch",
          .summary = "show open tickets as they come; answer with one key",
          .run = run};
}

}  // namespace stayd
