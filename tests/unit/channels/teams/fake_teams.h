// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "http/client/proxy.h"
#include "support/scripted_server.h"
#include "support/test_issuer.h"

namespace stayd::test {

// Microsoft's side of Teams, behind a proxy that every host name leads to: tokens, keys, and the
// REST calls of conversations.
class FakeTeams {
 public:
  static constexpr const char* kTenant = "11111111-1111-4111-8111-111111111111";
  static constexpr const char* kApp = "22222222-2222-4222-8222-222222222222";
  static constexpr const char* kAlice = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
  static constexpr const char* kBob = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";
  static constexpr const char* kMallory = "ffffffff-ffff-4fff-8fff-ffffffffffff";
  static constexpr const char* kService = "https://smba.trafficmanager.net/teams/";
  static constexpr const char* kChannel = "19:approvals@thread.tacv2";

  struct Call {
    std::string host, method, path, authorization;
    nlohmann::json body;
    std::chrono::steady_clock::time_point at;
  };
  struct Answer {
    unsigned status = 0;  // 0: as usual
    std::string body{};
    std::string fields{};  // lines
    bool hang_up = false;  // after the request was read
  };

  explicit FakeTeams(const CertificateAuthority& authority);

  // A proxy that leads here.
  http::ProxyRules proxies() const {
    return http::ProxyRules(http::Proxy{"127.0.0.1", server_.port(), ""}, http::NoProxy());
  }

  // Asked first, for each REST call.
  void set_faults(std::function<Answer(const Call&)> faults);

  // REST calls so far; with a method, those.
  std::vector<Call> calls(const std::string& method = "");
  std::size_t count(const std::string& method) { return calls(method).size(); }
  std::size_t total();  // the same without a copy
  std::size_t tokens();

  // What the bot service signs for this activity.
  std::string token(const std::string& service_url = kService) const;
  nlohmann::json claims(const std::string& service_url = kService) const;
  const TestIssuer& issuer() const { return issuer_; }

 private:
  void play(Peer& peer);
  std::string answer(const Call& call);
  Answer usual(const Call& call);

  TestIssuer issuer_;
  std::string key_set_;
  boost::asio::ssl::context tls_;
  std::mutex mutex_;
  std::function<Answer(const Call&)> faults_;
  std::vector<Call> calls_;
  std::size_t tokens_ = 0;
  std::size_t last_id_ = 0;
  ScriptedServer server_;  // last: its threads use the others
};

}  // namespace stayd::test
