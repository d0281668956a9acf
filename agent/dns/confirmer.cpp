// SPDX-License-Identifier: Apache-2.0
#include "dns/confirmer.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace stayd {

namespace asio = boost::asio;

Confirmer::Confirmer() : work_(asio::make_work_guard(context_)) {
  thread_ = std::thread([this] { context_.run(); });
}

Confirmer::~Confirmer() {
  context_.stop();
  thread_.join();
}

void Confirmer::confirm(const DnsServer& server, const std::string& name, std::uint16_t type,
                        Callback callback) {
  asio::post(context_, [this, question = Question{server, name, type},
                        callback = std::move(callback)]() mutable {
    if (auto asked = asked_.find(question); asked != asked_.end()) {
      asked->second.push_back(std::move(callback));
      return;
    }
    const bool full = at_once_ == kMaxAtOnce;
    if (full && waiting_.size() == kMaxWaiting)
      return callback(Error{"too many names wait to be confirmed"});
    asked_[question].push_back(std::move(callback));
    if (full)
      waiting_.push_back(question);
    else
      begin(question);
  });
}

void Confirmer::begin(const Question& question) {
  ++at_once_;
  const auto ask = [this, question]() -> asio::awaitable<void> {
    const auto& [server, name, type] = question;
    const Result<DnsAnswer> answer = co_await ask_resolver(server, name, type);
    end(question, answer);
  };
  asio::co_spawn(context_, ask, asio::detached);
}

void Confirmer::end(const Question& question, const Result<DnsAnswer>& answer) {
  const std::vector<Callback> callbacks = std::move(asked_.extract(question).mapped());
  --at_once_;
  if (!waiting_.empty()) {
    const Question next = std::move(waiting_.front());
    waiting_.pop_front();
    begin(next);
  }
  for (const Callback& callback : callbacks) callback(answer);
}

}  // namespace stayd
