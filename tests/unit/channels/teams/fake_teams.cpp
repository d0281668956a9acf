// SPDX-License-Identifier: Apache-2.0
#include "unit/channels/teams/fake_teams.h"

#include <ctime>

namespace stayd::test {
namespace {

using nlohmann::json;

std::string field_of(const std::string& header, const std::string& name) {
  const std::size_t at = header.find("\r\n" + name + ": ");
  if (at == header.npos) return {};
  const std::size_t begin = at + name.size() + 4;
  return header.substr(begin, header.find("\r\n", begin) - begin);
}

std::string word(const std::string& text, int which) {
  std::size_t begin = 0;
  for (; which > 0; --which) begin = text.find(' ', begin) + 1;
  return text.substr(begin, text.find(' ', begin) - begin);
}

std::string reply(unsigned status, const std::string& body, const std::string& fields = "") {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: application/json\r\n" +
         fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

FakeTeams::FakeTeams(const CertificateAuthority& authority)
    : key_set_([this] {
        json key = issuer_.jwk();
        key["endorsements"] = {"msteams"};
        return json{{"keys", {key}}}.dump();
      }()),
      tls_(boost::asio::ssl::context::tls_server),
      server_([this](Peer& peer) { play(peer); }) {
  const CertificateAndKey own =
      authority.issue({.names = "DNS:login.microsoftonline.com,DNS:login.botframework.com,"
                                "DNS:smba.trafficmanager.net,DNS:evil.example,"
                                "DNS:a.environment.api.powerplatform.com"});
  tls_.use_certificate_chain(boost::asio::buffer(own.certificate));
  tls_.use_private_key(boost::asio::buffer(own.key), boost::asio::ssl::context::pem);
}

void FakeTeams::play(Peer& peer) {
  const std::string connect = peer.hear_header();
  if (!connect.starts_with("CONNECT ")) return;
  const std::string host = word(connect, 1).substr(0, word(connect, 1).find(':'));
  peer.say("HTTP/1.1 200 OK\r\n\r\n");
  if (!peer.begin_tls(tls_)) return;
  for (std::string header; !(header = peer.hear_header()).empty();) {
    Call call{.host = host,
              .method = word(header, 0),
              .path = word(header, 1),
              .authorization = field_of(header, "Authorization"),
              .body = {},
              .at = std::chrono::steady_clock::now()};
    const std::string length = field_of(header, "Content-Length");
    const std::string body = length.empty() ? "" : peer.hear(std::stoul(length));
    call.body = json::parse(body, nullptr, false);
    const std::string answered = answer(call);
    if (answered.empty()) return;
    peer.say(answered);
  }
}

std::string FakeTeams::answer(const Call& call) {
  if (call.host == "login.microsoftonline.com") {
    const std::lock_guard lock(mutex_);
    return reply(200, json{{"token_type", "Bearer"},
                           {"expires_in", 3599},
                           {"access_token", "ours-" + std::to_string(++tokens_)}}
                          .dump());
  }
  if (call.host == "login.botframework.com") {
    if (call.path.ends_with("/keys")) return reply(200, key_set_);
    return reply(200, json{{"issuer", "https://api.botframework.com"},
                           {"jwks_uri", "https://login.botframework.com/v1/.well-known/keys"}}
                          .dump());
  }
  const std::lock_guard lock(mutex_);
  calls_.push_back(call);
  Answer given = faults_ ? faults_(call) : Answer{};
  if (given.hang_up) return {};
  if (given.status == 0) given = usual(call);
  return reply(given.status, given.body, given.fields);
}

FakeTeams::Answer FakeTeams::usual(const Call& call) {
  const std::string id = std::to_string(1776000000000 + ++last_id_);
  if (call.method == "GET")
    return {200,
            json{{"id", "29:bob"}, {"aadObjectId", kBob}, {"tenantId", kTenant}, {"name", "Bob"}}
                .dump()};
  if (call.method == "PUT") return {200, json{{"id", id}}.dump()};
  if (!call.path.ends_with("/v3/conversations")) return {201, json{{"id", id}}.dump()};
  if (!call.body.value("isGroup", false))
    return {201, json{{"id", "a:" + call.body["members"][0].value("id", "")}}.dump()};
  const std::string channel = call.body["channelData"]["channel"].value("id", "");
  return {201, json{{"id", channel + ";messageid=" + id}, {"activityId", id}}.dump()};
}

void FakeTeams::set_faults(std::function<Answer(const Call&)> faults) {
  const std::lock_guard lock(mutex_);
  faults_ = std::move(faults);
}

std::vector<FakeTeams::Call> FakeTeams::calls(const std::string& method) {
  const std::lock_guard lock(mutex_);
  std::vector<Call> found;
  for (const Call& call : calls_)
    if (method.empty() || call.method == method) found.push_back(call);
  return found;
}

std::size_t FakeTeams::total() {
  const std::lock_guard lock(mutex_);
  return calls_.size();
}

std::size_t FakeTeams::tokens() {
  const std::lock_guard lock(mutex_);
  return tokens_;
}

json FakeTeams::claims(const std::string& service_url) const {
  const std::int64_t now = std::time(nullptr);
  return {{"iss", "https://api.botframework.com"},
          {"aud", kApp},
          {"nbf", now - 60},
          {"exp", now + 600},
          {"serviceurl", service_url}};
}

std::string FakeTeams::token(const std::string& service_url) const {
  return issuer_.sign(claims(service_url));
}

}  // namespace stayd::test
