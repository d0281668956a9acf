// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "http/client/client.h"
#include "support/certificates.h"
#include "support/running.h"
#include "support/scripted_server.h"
#include "support/temp_dir.h"

namespace stayd::http {

using namespace std::chrono_literals;
using test::Peer;
using test::ScriptedServer;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

inline Url url(std::string_view text) { return *parse_url(text); }

// A place for files, an authority whose certificate is in one of them, and a loop to run.
class HttpTest : public testing::Test {
 protected:
  HttpTest() {
    // The system's trusted certificates would take a while to read, and are not what is tested.
    ::setenv("SSL_CERT_FILE", "/dev/null", 1);
    ::setenv("SSL_CERT_DIR", "/nonexistent", 1);
  }

  static const test::CertificateAuthority& authority() {
    static const test::CertificateAuthority kAuthority;
    return kAuthority;
  }

  std::string write_file(std::string_view name, std::string_view contents) {
    const std::string path = directory_ / name;
    const std::string fresh = path + ".new";
    std::ofstream(fresh) << contents;
    ::chmod(fresh.c_str(), 0600);
    std::filesystem::rename(fresh, path);
    return path;
  }

  ClientOptions trusting(ClientOptions options = {}) {
    options.ca_file = ca_file_;
    return options;
  }

  std::unique_ptr<Client> client(ClientOptions options = {}) {
    auto made = Client::create(context_.get_executor(), trusting(std::move(options)));
    if (!made) throw std::runtime_error(made.error().message);
    return std::move(*made);
  }

  Result<Response> send(Client& from, Outgoing request) {
    return test::run(context_, from.send(std::move(request)));
  }
  Result<Response> get(Client& from, std::string_view where) {
    Outgoing request;
    request.url = url(where);
    return send(from, std::move(request));
  }
  Result<Response> post(Client& from, std::string_view where, std::string body = "x") {
    Outgoing request;
    request.method = verb::post;
    request.url = url(where);
    request.body = std::move(body);
    return send(from, std::move(request));
  }

  test::TempDir directory_;
  const std::string ca_file_ = write_file("ca.pem", authority().certificate());
  boost::asio::io_context context_{1};
};

inline std::string failure(const Result<Response>& response) {
  return response ? "status " + std::to_string(response->status) : response.error().message;
}

inline const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// Answers every request on the connection alike.
inline ScriptedServer::Script always(std::string answer) {
  return [answer = std::move(answer)](Peer& peer) {
    while (!peer.hear_header().empty()) peer.say(answer);
  };
}

// Answers once, then waits for the client to go.
inline ScriptedServer::Script once(std::string answer) {
  return [answer = std::move(answer)](Peer& peer) {
    peer.hear_header();
    peer.say(answer);
    peer.hear_all();
  };
}

}  // namespace stayd::http
