// SPDX-License-Identifier: Apache-2.0
#include "api/ahead_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace stayd {
namespace {

using testing::ElementsAre;

AheadRequest read(const std::string& body) {
  const Result<AheadRequest> request = read_ahead_request(body);
  EXPECT_TRUE(request) << body << ": " << request.error().message;
  return request ? *request : AheadRequest{};
}
std::string complaint(const std::string& body) {
  const Result<AheadRequest> request = read_ahead_request(body);
  return request ? "accepted" : request.error().message;
}
// With a reason, and these other members.
std::string with(const std::string& members) { return R"({"reason": "why", )" + members + "}"; }

TEST(AheadRequest, NamesAFileAndWhatFor) {
  const AheadRequest read_only = read(with(R"("operation": "open", "object": "/srv/x")"));
  EXPECT_EQ(read_only.wanted.kind, OperationKind::open);
  EXPECT_EQ(read_only.wanted.path, "/srv/x");
  EXPECT_EQ(read_only.reason, "why");
  EXPECT_TRUE(read_only.wanted.read);
  EXPECT_FALSE(read_only.wanted.write);
  const AheadRequest both =
      read(with(R"("operation": "open", "object": "/srv/x", "access": "readwrite")"));
  EXPECT_TRUE(both.wanted.read && both.wanted.write);
  const AheadRequest write =
      read(with(R"("operation": "open", "object": "/srv/x", "access": "write")"));
  EXPECT_TRUE(!write.wanted.read && write.wanted.write);
  EXPECT_EQ(read(with(R"("operation": "create", "object": "/x")")).wanted.kind,
            OperationKind::create);
  EXPECT_EQ(read(with(R"("operation": "delete", "object": "/x")")).wanted.kind,
            OperationKind::remove);
}

TEST(AheadRequest, NamesAProgramWithItsArguments) {
  const AheadRequest request = read(with(R"("operation": "exec", "object": ["git", "push", ""])"));
  EXPECT_EQ(request.wanted.kind, OperationKind::exec);
  EXPECT_THAT(request.wanted.arguments, ElementsAre("git", "push", ""));
}

TEST(AheadRequest, NamesADestinationByItsAddressOrItsName) {
  const AheadRequest address = read(with(R"("operation": "connect", "object": "192.0.2.7:443")"));
  EXPECT_EQ(to_string(address.wanted.endpoint), "192.0.2.7:443/tcp");
  EXPECT_EQ(address.wanted.host, "");
  const AheadRequest name =
      read(with(R"("operation": "connect", "object": "Files.Example.org:443/udp")"));
  EXPECT_EQ(name.wanted.host, "files.example.org");
  EXPECT_EQ(name.wanted.endpoint.port, 443);
  EXPECT_EQ(name.wanted.endpoint.protocol, IPPROTO_UDP);
  const AheadRequest message = read(with(R"("operation": "send", "object": "[2001:db8::1]:53")"));
  EXPECT_EQ(to_string(message.wanted.endpoint), "[2001:db8::1]:53/udp");
}

TEST(AheadRequest, EveryMistakeIsNamedOnce) {
  const std::pair<std::string, std::string> mistakes[] = {
      {"", "body: not valid JSON at 1:1"},
      {"[]", "body is not a JSON object"},
      {"{}", "\"operation\" is missing"},
      {with(R"("operation": "rename", "object": "/x")"),
       "\"operation\" is not open, create, delete, exec, connect or send"},
      {with(R"("operation": "open")"), "\"object\" is missing"},
      {with(R"("operation": "open", "object": ["/x"])"), "\"object\" is not a string"},
      {with(R"("operation": "open", "object": "x")"), "\"object\" is not an absolute path"},
      {with(R"("operation": "open", "object": "/a\u0000b")"), "\"object\" is not an absolute path"},
      {with(R"("operation": "open", "object": "/x", "access": "run")"),
       "\"access\" is not \"read\", \"write\" or \"readwrite\""},
      {with(R"("operation": "exec", "object": ["x"], "access": "read")"),
       "\"access\" goes with \"open\" only"},
      {with(R"("operation": "exec", "object": "ls")"),
       "\"object\" is not a list of 1 to 1024 strings"},
      {with(R"("operation": "exec", "object": [])"),
       "\"object\" is not a list of 1 to 1024 strings"},
      {with(R"("operation": "exec", "object": ["ls", 1])"),
       "\"object\" is not a list of 1 to 1024 strings"},
      {with(R"("operation": "exec", "object": ["./ls"])"),
       "the first of \"object\" is neither an absolute path nor a name without '/'"},
      {with(R"("operation": "exec", "object": ["ls", "a\u0000b"])"),
       "\"object\" has an argument with a zero byte"},
      {with(R"("operation": "connect", "object": "unix:/run/x.sock")"),
       "\"object\" is not ADDRESS:PORT or HOST:PORT"},
      {with(R"("operation": "connect", "object": "a.example.org@192.0.2.7:443")"),
       "\"object\" is not ADDRESS:PORT or HOST:PORT"},
      {R"({"operation": "open", "object": "/x"})", "\"reason\" is missing"},
      {with(R"("operation": "open", "object": "/x", "who": "me")"),
       "\"who\" is not a known member"},
  };
  for (const auto& [body, message] : mistakes) EXPECT_EQ(complaint(body), message) << body;
  EXPECT_NE(complaint(with(R"("operation": "connect", "object": "192.0.2.0/24:443")")), "accepted");
  EXPECT_NE(complaint(with(R"("operation": "connect", "object": "192.0.2.7")")), "accepted");
  EXPECT_NE(complaint(with(R"("operation": "open", "object": "/)" + std::string(4096, 'x') + "\"")),
            "accepted");
}

}  // namespace
}  // namespace stayd
