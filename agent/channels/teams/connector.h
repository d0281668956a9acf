// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "channels/teams/config.h"
#include "channels/teams/delivery.h"
#include "http/client/client.h"
#include "identity/token_source.h"

namespace stayd::teams {

// A member of a conversation.
struct Member {
  std::string id;      // as Teams names them to this bot
  std::string object;  // Entra's, a canonical GUID
  std::string tenant;  // likewise
  std::string name;    // foreign bytes
};

// The result of looking one up.
struct Lookup {
  Delivered delivered;
  Member member;  // of `done`
};

// The REST API of conversations. Our token goes to hosts of the cloud only (is_service_url()), and
// once more if it was refused. One thread, that of the client; `config` must live until the end.
class Connector {
 public:
  Connector(std::shared_ptr<http::Client> client, std::shared_ptr<TokenSource> tokens,
            const Config& config)
      : client_(std::move(client)), tokens_(std::move(tokens)), config_(config) {}

  // A new message: `activity` of the result is its id.
  boost::asio::awaitable<Delivered> post(std::string service_url, std::string conversation,
                                         nlohmann::json activity);
  boost::asio::awaitable<Delivered> update(std::string service_url, std::string conversation,
                                           std::string message, nlohmann::json activity);
  // The chat with one member; the same each time.
  boost::asio::awaitable<Delivered> open_chat(std::string service_url, std::string member);
  // A new thread of a team's channel, begun with `activity`.
  boost::asio::awaitable<Delivered> begin_thread(std::string service_url, std::string channel,
                                                 nlohmann::json activity);
  // `who` is an object id, a user principal name or a member's id.
  boost::asio::awaitable<Lookup> member(std::string service_url, std::string conversation,
                                        std::string who);

 private:
  struct Exchange {
    Delivered delivered;
    std::string body;
  };
  boost::asio::awaitable<Exchange> exchange(http::verb method, std::string service_url,
                                            std::string path, std::string body, bool repeatable);
  boost::asio::awaitable<Exchange> attempt(http::verb method, const http::Url& url,
                                           const std::string& body, bool repeatable,
                                           std::string& token);

  std::shared_ptr<http::Client> client_;
  std::shared_ptr<TokenSource> tokens_;
  const Config& config_;
};

}  // namespace stayd::teams
