// SPDX-License-Identifier: Apache-2.0
// What is to be done about one card, and doing it.
#include "base/digest.h"
#include "base/json.h"
#include "base/log.h"
#include "channels/teams/activity.h"
#include "channels/teams/card.h"
#include "channels/teams/card_sender.h"
#include "channels/teams/nonce.h"

namespace stayd::teams {
namespace {

namespace asio = boost::asio;

}  // namespace

// `update` may turn out to be nothing.
Result<CardSender::Plan> CardSender::outline(TicketId id, const Place& place) {
  Result<std::map<Place, PostedCard>> cards = deps_.conversations.cards(id);
  if (!cards) return cards.error();
  const Ticket* ticket = deps_.desk.find(id);
  Plan plan;
  plan.over = ticket == nullptr || ticket->outcome != Outcome::open;
  const auto known = cards->find(place);
  if (known == cards->end() && plan.over) return plan;
  if (known != cards->end()) plan.card = std::move(known->second);
  const PostedCard& card = plan.card;
  if (card.over) return plan;
  if (!card.activity.empty())
    plan.task = Task::update;
  else if (plan.over)
    plan.task = card.begun ? Task::note : Task::nothing;
  else if (!card.begun || card.shown.empty())
    plan.task = Task::post;
  return plan;
}

Result<CardSender::Plan> CardSender::plan(TicketId id, const Place& place) {
  Result<Plan> outlined = outline(id, place);
  if (!outlined || outlined->task == Task::nothing) return outlined;
  Plan& plan = *outlined;
  PostedCard& card = plan.card;
  const Ticket* ticket = deps_.desk.find(id);
  if (card.nonce.empty() || (ticket != nullptr && card.digest != ticket->digest)) {
    const Result<std::string> nonce = new_nonce();
    if (!nonce) return nonce.error();
    card.nonce = *nonce;
    card.digest = ticket != nullptr ? ticket->digest : "";
  }
  const std::string summary =
      ticket != nullptr ? summary_of(*ticket) : "Request " + std::to_string(id) + " is over";
  const auto shortened = shortened_.find(key_of(id, place));
  const std::size_t shorter = shortened != shortened_.end() ? shortened->second : 0;
  const CardOptions options{.nonce = card.nonce,
                            .details_url = deps_.config.details_url,
                            .buttons = deps_.config.mode == Mode::bot,
                            .shorter = shorter};
  const bool short_one = ticket == nullptr || plan.task == Task::note;
  plan.activity = activity_with(
      short_one ? text_card(escape(Untrusted(summary)), {}) : ticket_card(*ticket, options),
      summary);
  plan.content = sha256_hex(dump(plan.activity));
  if (plan.task == Task::update && plan.content == card.shown) plan.task = Task::nothing;
  return outlined;
}

void CardSender::keep(const Item& item, const PostedCard& card) {
  if (Result<> kept = deps_.conversations.put_card(item.ticket, item.place, card); !kept)
    log_error("teams: {}", kept.error().message);
}

// True if a shorter card may be taken where this one was not, and is to be tried now: after 413
// each time, else once, as short as it gets.
bool CardSender::may_shorten(const Item& item, Delivery what) {
  if (what != Delivery::too_large && what != Delivery::refused) return false;
  std::size_t& shorter = shortened_[item.outbox.key];
  if (shorter >= kShortest) return false;
  shorter = what == Delivery::too_large ? shorter + 1 : kShortest;
  return true;
}

// A question that did not get there, and will not by itself.
void CardSender::note_ticket(const Item& item, Task task, const Delivered& delivered) {
  const std::string& key = item.outbox.key;
  if (delivered.what == Delivery::done) {
    not_shown_.erase(key);
  } else if (delivered.what != Delivery::again && task == Task::post) {
    not_shown_[key] = delivered.error;
  }
}

asio::awaitable<Delivered> CardSender::deliver(const Item& item) {
  Delivered delivered{.what = Delivery::refused};
  for (std::size_t round = 0; round < 3 + kShortest; ++round) {
    Result<Plan> first = outline(item.ticket, item.place);
    if (!first) co_return read_failure(first.error());
    if (first->task == Task::nothing) co_return Delivered{.what = Delivery::done};
    const std::string user = user_of(item.place);
    if (!user.empty() && first->task == Task::post) {
      const Delivered found = co_await find_chat(user);
      if (stopped_) co_return found;
      if (found.what != Delivery::done) {
        note_ticket(item, Task::post, found);
        co_return found;
      }
    }
    const auto priority = first->task == Task::post ? Priority::new_card : Priority::update;
    const bool passed = co_await scheduler_.wait(item.place, priority);
    if (!passed) co_return Delivered{.what = Delivery::again};
    // The plan is made now, because the ticket may have changed while this waited.
    Result<Plan> planned = plan(item.ticket, item.place);
    if (!planned || planned->task == Task::nothing) {
      scheduler_.unused(item.place);
      co_return planned ? Delivered{.what = Delivery::done} : read_failure(planned.error());
    }
    const Task task = planned->task;
    delivered = co_await perform(item, std::move(*planned));
    if (stopped_) co_return delivered;
    scheduler_.answered(item.place, delivered.wait);
    if (may_shorten(item, delivered.what)) continue;
    note(delivered, item.place);
    note_ticket(item, task, delivered);
    if (delivered.what != Delivery::gone) break;
  }
  co_return delivered;
}

// With the turn for one request.
asio::awaitable<Delivered> CardSender::perform(const Item& item, Plan plan) {
  PostedCard card = plan.card;
  if (plan.task == Task::update) {
    Delivered updated = co_await deps_.connector.update(card.service_url, card.conversation,
                                                        card.activity, std::move(plan.activity));
    if (stopped_) co_return updated;
    if (updated.what == Delivery::done) {
      card.shown = plan.content;
      card.over = plan.over;
    } else if (updated.what == Delivery::gone) {
      card.activity.clear();  // somebody deleted it
      card.begun = plan.over;
    } else {
      co_return updated;
    }
    if (plan.over) updated_.erase(item.outbox.key);
    if (!plan.over) updated_[item.outbox.key] = wall_clock();
    keep(item, card);
    co_return updated;
  }

  const std::string channel = channel_of(item.place);
  const Chat* chat = deps_.conversations.chat_of(user_of(item.place));
  if (plan.task == Task::post) {
    card.conversation = chat != nullptr ? chat->conversation : channel;
    card.service_url = chat != nullptr ? chat->service_url : deps_.conversations.service_url();
    card.begun = true;
    card.shown.clear();
    keep(item, card);
  }
  const bool in_thread = without_thread(card.conversation) != card.conversation;
  const bool begins_thread = !channel.empty() && !in_thread;
  Delivered posted;
  if (begins_thread)
    posted =
        co_await deps_.connector.begin_thread(card.service_url, channel, std::move(plan.activity));
  else
    posted = co_await deps_.connector.post(card.service_url, card.conversation,
                                           std::move(plan.activity));
  if (stopped_) co_return posted;
  if (posted.what == Delivery::done) {
    if (begins_thread && !posted.conversation.empty()) card.conversation = posted.conversation;
    if (plan.task == Task::post) card.activity = posted.activity;
    card.shown = plan.content;
    card.over = plan.over;
    if (!plan.over) updated_[item.outbox.key] = wall_clock();
  } else {
    card.begun = !posted.certainly_not_posted;
    // Of a conversation that is not there any more.
    if (posted.what == Delivery::gone) posted.what = Delivery::unreachable;
  }
  keep(item, card);
  co_return posted;
}

// Until the person's chat is known; makes it if it has to.
asio::awaitable<Delivered> CardSender::find_chat(std::string object) {
  const Chat* known = deps_.conversations.chat_of(object);
  if (known != nullptr && !known->conversation.empty()) co_return Delivered{.what = Delivery::done};
  Chat chat = known != nullptr ? *known : Chat{};
  if (chat.service_url.empty()) chat.service_url = deps_.conversations.service_url();
  const Place place = "user/" + object;
  Delivered none{.what = Delivery::unreachable};
  none.error = "has not installed the bot";
  if (chat.member.empty()) {
    if (deps_.config.channels.empty()) co_return none;
    const std::string channel = deps_.config.channels.begin()->second;
    if (!co_await scheduler_.wait(place, Priority::new_card)) co_return none;
    const Lookup lookup = co_await deps_.connector.member(chat.service_url, channel, object);
    if (stopped_) co_return none;
    scheduler_.answered(place, lookup.delivered.wait);
    if (lookup.delivered.what == Delivery::again) {
      note(lookup.delivered, place);
      co_return lookup.delivered;
    }
    none.error = "is not known in " + channel + ": " + lookup.delivered.error;
    if (lookup.delivered.what != Delivery::done || lookup.member.object != object) co_return none;
    chat.member = lookup.member.id;
  }
  if (!co_await scheduler_.wait(place, Priority::new_card)) co_return none;
  Delivered opened = co_await deps_.connector.open_chat(chat.service_url, chat.member);
  if (stopped_) co_return opened;
  scheduler_.answered(place, opened.wait);
  note(opened, place);
  if (opened.what != Delivery::done) co_return opened;
  chat.conversation = opened.conversation;
  if (Result<> kept = deps_.conversations.put_chat(object, chat); !kept)
    log_error("teams: {}", kept.error().message);
  co_return opened;
}

}  // namespace stayd::teams
