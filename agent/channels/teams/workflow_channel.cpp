// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/workflow_channel.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/log.h"
#include "channels/teams/card.h"
#include "channels/teams/delivery.h"
#include "http/client/backoff.h"

namespace stayd::teams {
namespace {

namespace asio = boost::asio;
using nlohmann::json;

constexpr std::string_view kChannel = "teams-workflow";
constexpr std::chrono::minutes kLease{1};
// 60 in 30 s, and 4 in one, are documented for webhooks; there is no hurry.
constexpr std::chrono::seconds kBetween{1};
constexpr http::Backoff kBackoff{std::chrono::seconds(2), std::chrono::minutes(5)};

}  // namespace

bool is_workflow_host(std::string_view host) {
  return host.ends_with(".logic.azure.com") || host.ends_with(".environment.api.powerplatform.com");
}

WorkflowChannel::WorkflowChannel(asio::any_io_executor executor, Config config, Database& database,
                                 TicketApi& desk, std::shared_ptr<http::Client> client)
    : executor_(executor),
      config_(std::move(config)),
      desk_(desk),
      outbox_(database),
      client_(std::move(client)),
      timer_(executor) {}

Result<std::unique_ptr<WorkflowChannel>> WorkflowChannel::create(asio::any_io_executor executor,
                                                                 Config config, Database& database,
                                                                 TicketApi& desk,
                                                                 http::ProxyRules proxies) {
  http::ClientOptions options;
  options.ca_file = config.ca_file;
  options.proxies = std::move(proxies);
  Result<std::unique_ptr<http::Client>> client = http::Client::create(executor, options);
  if (!client) return in_context("teams", client.error());
  std::unique_ptr<WorkflowChannel> channel(
      new WorkflowChannel(executor, std::move(config), database, desk, std::move(*client)));
  if (const Result<http::Url> url = channel->url(); !url) return in_context("teams", url.error());
  return channel;
}

void WorkflowChannel::start() { wake(); }

void WorkflowChannel::stop() {
  *alive_ = false;
  timer_.cancel();
  client_->stop();
}

Result<http::Url> WorkflowChannel::url() const {
  const Result<std::string> text = SecretFile(config_.workflow_url_file).read();
  if (!text) return text.error();
  Result<http::Url> url = http::parse_url(*text);
  if (!url) return in_context(config_.workflow_url_file, url.error());
  if (!url->secure || !is_workflow_host(url->host))
    return Error{config_.workflow_url_file + ": not https, or no host of workflows"};
  return url;
}

// One message for the question and one for its end.
Result<> WorkflowChannel::keep() {
  for (const auto& [id, open] : shown_) {
    const std::string key = std::to_string(id) + (open ? " open" : " over");
    const Result<> kept = [&]() -> Result<> {
      const Result<OutboxId> put = outbox_.put(kChannel, key, json::object(), wall_clock(), id);
      return put ? Result<>() : put.error();
    }();
    if (!kept) return kept;
  }
  return {};
}

void WorkflowChannel::kept() {
  if (std::exchange(shown_, {}).empty()) return;
  wake();
}

void WorkflowChannel::announce(std::string_view text) {
  const TimePoint now = wall_clock();
  const std::string key = "announce-" + std::to_string(now.time_since_epoch().count()) + "-" +
                          std::to_string(++announcements_);
  const Result<OutboxId> put = outbox_.put(kChannel, key, {{"text", text}}, now);
  if (!put) log_error("teams: {}", put.error().message);
  wake();
}

json WorkflowChannel::message_for(const OutboxItem& item) const {
  const auto text = item.body.find("text");
  json card;
  if (text != item.body.end() && text->is_string()) {
    card = text_card(escape(Untrusted(text->get<std::string>())), {});
  } else {
    const Ticket* ticket = item.ticket ? desk_.find(*item.ticket) : nullptr;
    if (ticket == nullptr) return nullptr;
    const CardOptions options{.nonce = {}, .details_url = config_.details_url, .buttons = false};
    card = ticket_card(*ticket, options);
  }
  card["version"] = "1.4";  // the newest that workflows take
  return {{"type", "message"},
          {"attachments", json::array({{{"contentType", "application/vnd.microsoft.card.adaptive"},
                                        {"contentUrl", nullptr},
                                        {"content", std::move(card)}}})}};
}

void WorkflowChannel::wake() {
  if (!*alive_ || std::exchange(sending_, true)) return;
  asio::co_spawn(executor_, send_due(*this, alive_), asio::detached);
}

// One after the other, until nothing is due; then again when something is.
asio::awaitable<void> WorkflowChannel::send_due(WorkflowChannel& self,
                                                std::shared_ptr<bool> alive) {
  while (true) {
    const TimePoint now = wall_clock();
    Result<std::vector<OutboxItem>> due = self.outbox_.take_due(kChannel, now, now + kLease, 1);
    if (!due || due->empty()) break;
    const OutboxItem& item = due->front();
    const json message = self.message_for(item);
    const Result<http::Url> url = self.url();
    Delivered delivered{.what = Delivery::done};
    if (!url) {
      delivered = read_failure(url.error());
    } else if (!message.is_null()) {
      http::Outgoing request;
      request.method = http::verb::post;
      request.url = *url;
      request.fields.set(http::field::content_type, "application/json");
      request.body = dump(message);
      const Result<http::Response> response = co_await self.client_->send(std::move(request));
      if (!*alive) co_return;
      delivered =
          response ? read_delivery(*response, wall_clock()) : read_failure(response.error());
    }
    Result<> noted;
    if (delivered.what == Delivery::again) {
      self.health_.failed(delivered.failure(), Health::Time::clock::now());
      const auto failures = static_cast<unsigned>(std::min<std::int64_t>(item.attempts, 32));
      noted = self.outbox_.snooze(
          item.id, wall_clock() + std::max(delivered.wait, kBackoff.delay(failures, 0.5)));
    } else {
      if (delivered.what == Delivery::done)
        self.health_.worked();
      else
        self.health_.failed(in_context("the workflow", delivered.failure()),
                            Health::Time::clock::now());
      noted = self.outbox_.remove(item.id);
    }
    if (!noted) log_error("teams: {}", noted.error().message);
    self.timer_.expires_after(kBetween);
    boost::system::error_code cancelled;
    co_await self.timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (!*alive) co_return;
  }
  self.sending_ = false;
  const Result<std::optional<TimePoint>> next = self.outbox_.next_due(kChannel);
  if (!next || !*next) co_return;
  self.timer_.expires_after(std::max(**next - wall_clock(), std::chrono::milliseconds(10)));
  self.timer_.async_wait([&self, alive](const boost::system::error_code& error) {
    if (!error && *alive) self.wake();
  });
}

}  // namespace stayd::teams
