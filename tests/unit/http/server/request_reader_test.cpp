// SPDX-License-Identifier: Apache-2.0
#include "http/server/request_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>

namespace stayd::http {
namespace {

using testing::HasSubstr;

constexpr MessageLimits kLimits{1024, 2048};

// What came of feeding `bytes` in pieces of `piece`.
struct Outcome {
  std::optional<Refusal> refusal;
  std::optional<Request> request;
  std::string rest;
};

Outcome read(std::string_view bytes, std::size_t piece) {
  RequestReader reader(kLimits);
  boost::beast::flat_buffer buffer(RequestReader::buffer_size(kLimits));
  Outcome outcome;
  while (!bytes.empty() && !reader.is_done() && !outcome.refusal) {
    const std::size_t size = std::min({piece, bytes.size(), kReadSize});
    boost::asio::buffer_copy(buffer.prepare(size), boost::asio::buffer(bytes.substr(0, size)));
    buffer.commit(size);
    bytes.remove_prefix(size);
    outcome.refusal = reader.take(buffer);
  }
  if (reader.is_done() && !outcome.refusal) outcome.request = reader.release();
  outcome.rest = std::string(static_cast<const char*>(buffer.data().data()), buffer.size());
  outcome.rest += bytes;
  return outcome;
}

// However the bytes arrive, the outcome is the same.
Outcome read(std::string_view bytes) {
  Outcome whole = read(bytes, bytes.size());
  for (const std::size_t piece : {1, 2, 3, 7, 100}) {
    const Outcome other = read(bytes, piece);
    EXPECT_EQ(other.refusal.has_value(), whole.refusal.has_value()) << piece;
    EXPECT_EQ(other.request.has_value(), whole.request.has_value()) << piece;
    if (other.refusal && whole.refusal) {
      EXPECT_EQ(other.refusal->status, whole.refusal->status) << piece;
    }
    if (other.request && whole.request) {
      EXPECT_EQ(other.request->body, whole.request->body) << piece;
      EXPECT_EQ(other.rest, whole.rest) << piece;
    }
  }
  return whole;
}

unsigned status_of(std::string_view bytes) {
  const Outcome outcome = read(bytes);
  if (outcome.refusal) return outcome.refusal->status;
  return outcome.request ? 200 : 0;
}

TEST(RequestReader, ReadsARequestAndLeavesTheNextOne) {
  const Outcome outcome = read(
      "POST /api?x=1 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\n"
      "Content-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n");
  ASSERT_TRUE(outcome.request);
  EXPECT_EQ(outcome.request->method, verb::post);
  EXPECT_EQ(outcome.request->target, "/api?x=1");
  EXPECT_EQ(outcome.request->fields[field::authorization], "Bearer t");
  EXPECT_EQ(outcome.request->body, "hello");
  EXPECT_EQ(outcome.rest, "GET / HTTP/1.1\r\n");
}

TEST(RequestReader, ReadsABodyInChunks) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(read(head + "5\r\nhello\r\n6;a=\"b\"\r\n world\r\n0\r\n\r\n").request->body,
            "hello world");
  EXPECT_EQ(read(head + "0\r\n\r\nnext").rest, "next");
  EXPECT_EQ(read(head + "00000A\r\n0123456789\r\n0\r\n\r\n").request->body, "0123456789");
}

TEST(RequestReader, RefusesMoreThanOneLength) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\n";
  for (const char* rest :
       {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "Content-Length: 5, 5\r\n\r\nhello",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"})
    EXPECT_EQ(status_of(head + rest), 400u) << rest;
}

TEST(RequestReader, RefusesLengthsThatOthersReadDifferently) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\n";
  for (const char* rest :
       {"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: identity\r\n\r\n",
        "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
        "Content-Length: +5\r\n\r\nhello",
        "Content-Length: -5\r\n\r\nhello",
        "Content-Length: 5x\r\n\r\nhello",
        "Content-Length: 0x5\r\n\r\nhello",
        "Content-Length:\r\n\r\n",
        "Content-Length: 99999999999999999999999\r\n\r\n",
        "Content_Length: 5\r\nContent-Length : 5\r\n\r\nhello"})
    EXPECT_EQ(status_of(head + rest), 400u) << rest;
  EXPECT_EQ(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400u);
}

TEST(RequestReader, RefusesLinesThatOthersReadDifferently) {
  for (const std::string_view bytes :
       {"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n X: a\r\n\r\n", "GET / HTTP/1.1\nHost: h\n\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: a\nY: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: a\rY: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n\r\r\n\r\n", "GET / HTTP/1.1\r\nHost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n: a\r\n\r\n", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /\r\n\r\n", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", "GET / HTTP/1.2\r\nHost: h\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"})
    EXPECT_EQ(status_of(bytes), 400u) << bytes;
  EXPECT_EQ(status_of(std::string_view("GET / HTTP/1.1\r\nHost: h\0\r\n\r\n", 29)), 400u);
  EXPECT_EQ(status_of(std::string_view("\x16\x03\x01\x02\0\x01", 6)), 400u);  // TLS to a plain port
}

TEST(RequestReader, RefusesFieldsAfterTheBody) {
  const Outcome outcome = read(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n0\r\nAuthorization: Bearer other\r\n\r\n");
  ASSERT_TRUE(outcome.refusal);
  EXPECT_EQ(outcome.refusal->status, 400u);
}

TEST(RequestReader, RefusesTwoHostsOrNone) {
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400u);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"), 400u);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400u);
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\n\r\n"), 200u);
}

TEST(RequestReader, RefusesTwoAuthorizations) {
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer a\r\n"
                      "authorization: Bearer b\r\n\r\n"),
            400u);
}

TEST(RequestReader, RefusesATargetThatIsNoPath) {
  for (const char* target : {"*", "http://other/", "other:443", "x", "?"})
    EXPECT_EQ(status_of("GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n"), 400u)
        << target;
}

TEST(RequestReader, RefusesALargeHeaderBeforeItIsWhole) {
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  EXPECT_EQ(status_of(head + std::string(kLimits.header_bytes, 'x')), 431u);
  EXPECT_EQ(status_of(head + std::string(kLimits.header_bytes, 'x') + "\r\n\r\n"), 431u);
  const std::string fits(kLimits.header_bytes - head.size() - 4, 'x');
  EXPECT_EQ(status_of(head + fits + "\r\n\r\n"), 200u);
  EXPECT_EQ(status_of(head + fits + "x\r\n\r\n"), 431u);
}

TEST(RequestReader, RefusesALargeBodyBeforeAnyOfIt) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(status_of(head + "Content-Length: 2049\r\n\r\n"), 413u);
  EXPECT_EQ(status_of(head + "Content-Length: 2048\r\n\r\n" + std::string(2048, 'x')), 200u);
  EXPECT_EQ(status_of(head + "Transfer-Encoding: chunked\r\n\r\n801\r\n"), 413u);
  std::string chunks = head + "Transfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 3; ++i) chunks += "400\r\n" + std::string(1024, 'x') + "\r\n";
  EXPECT_EQ(status_of(chunks), 413u);
}

TEST(RequestReader, RefusesChunksThatCostMoreThanTheyHold) {
  std::string bytes = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(status_of(bytes + "1;" + std::string(2000, 'x')), 400u);
  for (int i = 0; i < 100; ++i) bytes += "1;" + std::string(500, 'x') + "\r\ny\r\n";
  EXPECT_EQ(status_of(bytes), 413u);
}

TEST(RequestReader, KnowsWhoWaitsToBeToldToContinue) {
  RequestReader reader(kLimits);
  boost::beast::flat_buffer buffer(RequestReader::buffer_size(kLimits));
  const std::string_view bytes =
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\n";
  boost::asio::buffer_copy(buffer.prepare(bytes.size()), boost::asio::buffer(bytes));
  buffer.commit(bytes.size());
  EXPECT_FALSE(reader.take(buffer));
  EXPECT_TRUE(reader.has_header());
  EXPECT_TRUE(reader.expects_continue());
  EXPECT_FALSE(reader.is_done());
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: h\r\nExpect: miracles\r\n\r\n"), 417u);
}

TEST(RequestReader, SaysWhatIsWrongWithoutRepeatingIt) {
  const Outcome outcome = read("GET / HTTP/1.1\r\nHost: h\r\nAuthorization: s3cret\nX: y\r\n\r\n");
  ASSERT_TRUE(outcome.refusal);
  EXPECT_THAT(outcome.refusal->message, HasSubstr("does not end in CR LF"));
  EXPECT_THAT(outcome.refusal->message, testing::Not(HasSubstr("s3cret")));
}

}  // namespace
}  // namespace stayd::http
