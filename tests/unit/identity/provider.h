// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/client/client.h"
#include "http/server/secure_server.h"
#include "support/certificates.h"
#include "support/running.h"
#include "support/temp_dir.h"

namespace stayd {

// An identity provider over HTTPS, which answers what the test has put in, and a client of it.
// All of it runs on one loop, when the test lets it.
class ProviderTest : public testing::Test {
 protected:
  ProviderTest() {
    ::setenv("SSL_CERT_FILE", "/dev/null", 1);  // the system's would take a while to read
    ::setenv("SSL_CERT_DIR", "/nonexistent", 1);
    static const test::CertificateAuthority kAuthority;
    static const test::CertificateAndKey kOwn = kAuthority.issue();
    http::SecureServerOptions options;
    options.address = "127.0.0.1";
    options.certificate = http::CertificateFiles{write_file("cert.pem", kOwn.certificate),
                                                 write_file("key.pem", kOwn.key)};
    auto handler = [this](http::Request request) { return handle(std::move(request)); };
    server_ = *http::SecureServer::create(loop_.get_executor(), options, handler);
    http::ClientOptions trusting;
    trusting.ca_file = write_file("ca.pem", kAuthority.certificate());
    trusting.request_limit = test::seconds(5);
    client_ = *http::Client::create(loop_.get_executor(), trusting);
  }

  std::string write_file(std::string_view name, std::string_view contents) {
    const std::string path = directory_ / name;
    std::ofstream(path) << contents;
    ::chmod(path.c_str(), 0600);
    return path;
  }
  std::string origin() const { return "https://localhost:" + std::to_string(server_->port()); }
  http::Url url(std::string_view target) const {
    return *http::parse_url(origin() + std::string(target));
  }
  void answers(const std::string& target, std::string body, unsigned status = 200) {
    http::Reply reply;
    reply.status = status;
    reply.body = std::move(body);
    replies_[target] = std::move(reply);
  }
  int asked(const std::string& target) { return asked_[target]; }

  // Requests wait until release().
  void hold() { held_.expires_at(boost::asio::steady_timer::time_point::max()); }
  void release() { held_.expires_at(boost::asio::steady_timer::time_point::min()); }

  test::TempDir directory_;
  boost::asio::io_context loop_{1};
  std::map<std::string, http::Reply> replies_;
  std::map<std::string, int> asked_;
  std::vector<std::string> bodies_;  // of all requests
  boost::asio::steady_timer held_{loop_};
  std::unique_ptr<http::SecureServer> server_;
  std::shared_ptr<http::Client> client_;

 private:
  boost::asio::awaitable<http::Reply> handle(http::Request request) {
    ++asked_[request.target];
    bodies_.push_back(request.body);
    boost::system::error_code ignored;
    co_await held_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    const auto found = replies_.find(request.target);
    if (found != replies_.end()) co_return found->second;
    http::Reply none;
    none.status = 404;
    co_return none;
  }
};

}  // namespace stayd
