// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/activity_handler.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/escape.h"
#include "base/log.h"
#include "base/untrusted.h"
#include "channels/teams/card.h"
#include "channels/teams/click_check.h"
#include "channels/teams/invoke_answer.h"

namespace stayd::teams {
namespace {

constexpr std::size_t kMaxListed = 20;

http::Reply nothing_to_say() {
  http::Reply reply;
  reply.body = "{}";
  return reply;
}

std::optional<TicketId> ticket_of(const std::string& subject) {
  TicketId id = 0;
  const auto [end, error] = std::from_chars(subject.data(), subject.data() + subject.size(), id);
  if (error != std::errc() || end != subject.data() + subject.size()) return std::nullopt;
  return id;
}

Place place_of(const Activity& activity) {
  return activity.is_personal() ? "user/" + activity.sender_object
                                : "channel/" + activity.conversation;
}

Shown explanation(RejectReason reason) {
  return escape(Untrusted(std::string(explanation_of(reason))));
}

}  // namespace

http::Reply ActivityHandler::receive(const Activity& activity, TimePoint now) {
  if (Result<> kept = parts_.conversations.put_service_url(activity.service_url); !kept)
    log_error("teams: {}", kept.error().message);
  if (activity.type == "installationUpdate" || activity.type == "conversationUpdate")
    note_members(activity);
  else if (activity.is_personal())
    note_presence(activity);
  if (activity.type == "invoke") {
    if (activity.click) return receive_click(activity, now);
    http::Reply none;
    none.status = 501;
    if (activity.name == "message/submitAction") none.status = 200;  // must have no body
    return none;
  }
  if (activity.type == "message") receive_text(activity, now);
  return nothing_to_say();
}

Result<const Ticket*> ActivityHandler::decide(Answer answer, TimePoint now) {
  return parts_.desk.answer(std::move(answer), now);
}

http::Reply ActivityHandler::receive_click(const Activity& activity, TimePoint now) {
  const Click& click = *activity.click;
  const std::optional<TicketId> id = ticket_of(click.subject);
  if (!id) return receive_test(activity);
  Result<std::map<Place, PostedCard>> cards = parts_.conversations.cards(*id);
  if (!cards)
    return answer_click(activity, "stayd cannot read its store: " + cards.error().message);
  CheckedClick admitted = check_click(activity, *cards, parts_.config);
  if (!admitted) {
    log_info("teams: an answer to ticket {} was refused: {}", *id, name_of(admitted.error()));
    return answer_click(activity, std::string(explanation_of(admitted.error())));
  }
  note_place(activity, *id);
  const CardOptions options{.nonce = click.nonce, .details_url = parts_.config.details_url};
  admitted->decision.ticket = *id;
  const Result<const Ticket*> decided = decide(std::move(*admitted), now);
  const Ticket* ticket = decided ? *decided : parts_.desk.find(*id);
  const bool has_ended = ticket != nullptr && ticket->outcome != Outcome::open;
  if (!decided && !has_ended) return answer_click(activity, decided.error().message);
  if (activity.type != "invoke") return nothing_to_say();  // the card is updated all the same
  if (ticket == nullptr) return answer_click(activity, "Recorded.");
  return answer_with_card(ticket_card(*ticket, options));
}

http::Reply ActivityHandler::receive_test(const Activity& activity) {
  const Click& click = *activity.click;
  TestCards::Test* test = parts_.tests.find(click.subject);
  const CheckedClick admitted = check_click(
      activity, test != nullptr ? test->cards : std::map<Place, PostedCard>(), parts_.config);
  if (!admitted) return answer_click(activity, std::string(explanation_of(admitted.error())));
  const People& people = parts_.desk.people();
  const std::optional<PersonId> person = people.person_of(admitted->account);
  if (!person)
    return answer_click(activity, to_string(admitted->account) + " is in no entry of people.yaml");
  if (test->answer.empty()) {
    test->answer = admitted->decision.choice == Choice::approve ? "approved" : "denied";
    test->by = people.name_of(*person);
    test->account = to_string(admitted->account);
  }
  const Shown state = escape(Untrusted(test->answer)) + " by " + escape(Untrusted(test->by));
  if (activity.type != "invoke") return answer_click(activity, state.str());
  return answer_with_card(test_card(test->id, test->nonce, state));
}

// Of what was pressed on a client that takes no answer: in words.
http::Reply ActivityHandler::answer_click(const Activity& activity, const std::string& text) {
  if (activity.type == "invoke") return answer_with_text(text);
  say(activity, escape(Untrusted(text)), {});
  return nothing_to_say();
}

void ActivityHandler::receive_text(const Activity& activity, TimePoint now) {
  if (activity.click && !activity.click->verb.empty()) {
    (void)receive_click(activity, now);
    return;
  }
  const Command command = parse_command(activity);
  switch (command.kind) {
    case Command::Kind::pending:
      return list_pending(activity, now);
    case Command::Kind::show:
      return show(activity, command.ticket);
    case Command::Kind::approve:
    case Command::Kind::deny:
      return receive_command(activity, command, now);
    case Command::Kind::help:
    case Command::Kind::none:
      return say(activity, Literal("You can write here:"),
                 {Literal("pending"), Literal("show ID"),
                  Literal("approve ID CODE (the code beside the ID on the card)"),
                  Literal("deny ID REASON")});
  }
}

void ActivityHandler::receive_command(const Activity& activity, const Command& command,
                                      TimePoint now) {
  const Result<std::map<Place, PostedCard>> cards = parts_.conversations.cards(command.ticket);
  if (!cards) return say(activity, Literal("stayd cannot read its store."), {});
  CheckedClick admitted = check_click(activity, command, *cards, parts_.config);
  if (!admitted) return say(activity, explanation(admitted.error()), {});
  const Result<const Ticket*> decided = decide(std::move(*admitted), now);
  if (!decided) return say(activity, escape(Untrusted(decided.error().message)), {});
  say(activity, "Recorded: " + line_of(**decided, now), {});
}

// Only what is asked here: others may not be this person's business.
void ActivityHandler::list_pending(const Activity& activity, TimePoint now) {
  const Place place = place_of(activity);
  std::vector<Shown> lines;
  std::size_t more = 0;
  for (const Ticket* ticket : parts_.desk.open_tickets()) {
    const Result<std::map<Place, PostedCard>> cards = parts_.conversations.cards(ticket->id);
    if (!cards || !cards->contains(place)) continue;
    if (lines.size() < kMaxListed)
      lines.push_back(line_of(*ticket, now));
    else
      ++more;
  }
  if (more > 0) lines.push_back("and " + number(more) + " more");
  say(activity, lines.empty() ? Literal("Nothing is open here.") : Literal("Open here:"), lines);
}

void ActivityHandler::show(const Activity& activity, TicketId id) {
  const Result<std::map<Place, PostedCard>> cards = parts_.conversations.cards(id);
  const Ticket* ticket = parts_.desk.find(id);
  if (!cards || !cards->contains(place_of(activity)) || ticket == nullptr)
    return say(activity, explanation(RejectReason::subject), {});
  // Without buttons: the card that has them is the one that is kept up to date.
  const CardOptions options{
      .nonce = {}, .details_url = parts_.config.details_url, .buttons = false};
  parts_.sender.say(place_of(activity), activity.service_url, activity.thread,
                    activity_with(ticket_card(*ticket, options), summary_of(*ticket)));
}

// From now on the person is reached where they wrote from.
void ActivityHandler::note_presence(const Activity& activity) {
  if (activity.sender_object.empty() || activity.sender.empty()) return;
  const Chat chat{.conversation = activity.conversation,
                  .member = activity.sender,
                  .service_url = activity.service_url,
                  .why_not = {}};
  const Chat* known = parts_.conversations.chat_of(activity.sender_object);
  if (known != nullptr && known->conversation == chat.conversation &&
      known->member == chat.member && known->service_url == chat.service_url &&
      known->why_not.empty())
    return;
  if (Result<> kept = parts_.conversations.put_chat(activity.sender_object, chat); !kept)
    return log_error("teams: {}", kept.error().message);
  parts_.arrived();
}

void ActivityHandler::note_members(const Activity& activity) {
  const auto has_us = [this](const std::vector<std::string>& members) {
    return std::ranges::find(members, parts_.config.bot_id()) != members.end();
  };
  const bool removed = activity.action == "remove" || activity.action == "remove-upgrade" ||
                       has_us(activity.removed);
  if (!activity.is_personal()) {
    if (removed) log_warning("teams: the bot was removed from {}", escape(activity.conversation));
    return;
  }
  if (!removed) return note_presence(activity);
  if (activity.sender_object.empty()) return;
  log_warning("teams: user/{} has removed the bot", activity.sender_object);
  if (Result<> gone = parts_.conversations.remove_chat(activity.sender_object); !gone)
    log_error("teams: {}", gone.error().message);
}

// A card whose id Teams did not give is named by what is pressed on it.
void ActivityHandler::note_place(const Activity& activity, TicketId id) {
  if (activity.reply_to.empty()) return;
  const Result<std::map<Place, PostedCard>> cards = parts_.conversations.cards(id);
  if (!cards) return;
  for (const auto& [place, card] : *cards) {
    if (without_thread(card.conversation) != activity.conversation || !card.activity.empty())
      continue;
    PostedCard known = card;
    known.activity = activity.reply_to;
    known.conversation = activity.thread;
    if (Result<> kept = parts_.conversations.put_card(id, place, known); !kept)
      log_error("teams: {}", kept.error().message);
  }
}

void ActivityHandler::say(const Activity& activity, const Shown& title,
                          const std::vector<Shown>& lines) {
  parts_.sender.say(place_of(activity), activity.service_url, activity.thread,
                    activity_with(text_card(title, lines), "An answer of stayd"));
}

}  // namespace stayd::teams
