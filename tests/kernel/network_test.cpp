// SPDX-License-Identifier: Apache-2.0
// connect and send, by every name that an address has.
#include <netinet/tcp.h>
#include <sys/uio.h>

#include "kernel_test.h"

namespace stayd::test {
namespace {

class Network : public KernelTest {
 protected:
  TcpListener listener_;
  UdpReceiver receiver_;
  std::string endpoint(std::uint16_t port, const char* protocol) const {
    return "127.0.0.1:" + std::to_string(port) + "/" + protocol;
  }
  // `body` asks exactly once, about sending to the receiver or connecting to the listener;
  // nothing arrives before the approval, and "hi" once after.
  void expect_held(const Body& body, const std::string& kind);
};

void Network::expect_held(const Body& body, const std::string& kind) {
  const bool datagram = kind == "send";
  const auto arrival = [&](milliseconds limit) {
    return datagram ? receiver_.next(limit) : listener_.next(limit);
  };
  ASSERT_GE(unguarded(body), 0);
  ASSERT_EQ(arrival(kPatience), "hi");
  const auto actor = tagged(body);
  const Json ticket = question(kind);
  EXPECT_EQ(ticket["operation"]["endpoint"],
            datagram ? endpoint(receiver_.port(), "udp") : endpoint(listener_.port(), "tcp"));
  EXPECT_EQ(arrival(kWhile), std::nullopt);
  approve(ticket);
  ASSERT_TRUE(actor->ends());
  EXPECT_GE(actor->report().value, 0) << "errno " << actor->report().error;
  EXPECT_EQ(arrival(kPatience), "hi");
  EXPECT_EQ(arrival(milliseconds(50)), std::nullopt) << "it came twice";
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Network, ConnectIsHeldAndGoesOn) {
  expect_held(connects(listener_.port(), "hi"), "connect");
}

TEST_F(Network, ADeniedConnectIsEpermAndNobodyHearsOfIt) {
  const auto actor = tagged(connects(listener_.port(), "hi"));
  deny(question("connect"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
  EXPECT_FALSE(listener_.has_connection());
}

TEST_F(Network, TheNextConnectAsksAgain) {
  const auto actor = tagged(in_turn({connects(listener_.port()), connects(listener_.port())}));
  approve(question("connect"));
  ASSERT_TRUE(actor->report().reaches(1));
  deny(question("connect"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
  EXPECT_EQ(questions(), 2u);
}

TEST_F(Network, SendtoIsHeldAndSendsOnce) { expect_held(sends(receiver_.port(), "hi"), "send"); }

TEST_F(Network, ADeniedSendtoIsEpermAndNothingArrives) {
  const auto actor = tagged(sends(receiver_.port(), "hi"));
  deny(question("send"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().error, EPERM);
  EXPECT_FALSE(receiver_.has_datagram());
}

Body sends_through(int family, sockaddr_storage address, socklen_t size, int type = SOCK_DGRAM,
                   int flags = 0) {
  return [=](Report&) -> long {
    Fd socket(::socket(family, type | SOCK_CLOEXEC, 0));
    return ::sendto(socket.get(), "hi", 2, flags, as_sockaddr(address), size);
  };
}

sockaddr_storage loopback_storage(std::uint16_t port, sa_family_t family) {
  sockaddr_storage storage{};
  reinterpret_cast<sockaddr_in&>(storage) = loopback(port);
  storage.ss_family = family;
  return storage;
}

sockaddr_storage mapped_loopback(std::uint16_t port) {
  sockaddr_storage storage{};
  auto& address = reinterpret_cast<sockaddr_in6&>(storage);
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  const unsigned char mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
  std::copy(std::begin(mapped), std::end(mapped), address.sin6_addr.s6_addr);
  return storage;
}

TEST_F(Network, AnAddressWithoutAFamilyIsTakenForIpv4) {
  expect_held(
      sends_through(AF_INET, loopback_storage(receiver_.port(), AF_UNSPEC), sizeof(sockaddr_in)),
      "send");
}

TEST_F(Network, AMappedAddressIsTheIpv4Address) {
  expect_held(sends_through(AF_INET6, mapped_loopback(receiver_.port()), sizeof(sockaddr_in6)),
              "send");
}

TEST_F(Network, AMappedAddressIsTheIpv4AddressForConnectToo) {
  expect_held(
      [port = listener_.port()](Report&) -> long {
        Fd socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const sockaddr_storage address = mapped_loopback(port);
        if (::connect(socket.get(), as_sockaddr(address), sizeof(sockaddr_in6)) != 0) return -1;
        return ::write(socket.get(), "hi", 2);
      },
      "connect");
}

TEST_F(Network, AConnectedDatagramSocketWasHeldAtConnect) {
  const auto actor = tagged([port = receiver_.port()](Report&) -> long {
    Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port);
    if (::connect(socket.get(), as_sockaddr(address), sizeof(address)) != 0) return -1;
    return ::send(socket.get(), "hi", 2, 0);
  });
  approve(question("connect"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(receiver_.next(), "hi");
  EXPECT_EQ(questions(), 1u);
}

TEST_F(Network, TcpFastOpenIsHeldLikeConnect) {
  expect_held(sends_through(AF_INET, loopback_storage(listener_.port(), AF_INET),
                            sizeof(sockaddr_in), SOCK_STREAM, MSG_FASTOPEN),
              "connect");
}

TEST_F(Network, SendmsgIsHeldLikeSendto) {
  expect_held(
      [port = receiver_.port()](Report&) -> long {
        Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        sockaddr_in address = loopback(port);
        char text[] = "hi";
        iovec part{.iov_base = text, .iov_len = 2};
        msghdr message{};
        message.msg_name = &address;
        message.msg_namelen = sizeof(address);
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        return ::sendmsg(socket.get(), &message, 0);
      },
      "send");
}

// Each message is judged, and none goes twice because a later one had to wait.
TEST_F(Network, SendmmsgSendsEachApprovedMessageOnce) {
  const auto actor = tagged([port = receiver_.port()](Report& report) -> long {
    Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(port);
    char text[2][2] = {{'h', '1'}, {'h', '2'}};
    iovec parts[2];
    mmsghdr messages[2] = {};
    for (int i = 0; i < 2; ++i) {
      parts[i] = {.iov_base = text[i], .iov_len = 2};
      messages[i].msg_hdr.msg_name = &address;
      messages[i].msg_hdr.msg_namelen = sizeof(address);
      messages[i].msg_hdr.msg_iov = &parts[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    for (unsigned sent = 0; sent < 2;) {
      const int more = ::sendmmsg(socket.get(), messages + sent, 2 - sent, 0);
      if (more <= 0) return -1;
      sent += static_cast<unsigned>(more);
      report.stage = static_cast<int>(sent);
    }
    return report.stage;
  });
  const Json first = question("send");
  EXPECT_FALSE(receiver_.has_datagram());
  approve(first);
  ASSERT_TRUE(eventually([&] { return actor->report().ended || actor->report().stage == 1; }));
  if (!actor->report().ended) approve(question("send"));
  ASSERT_TRUE(actor->ends());
  EXPECT_EQ(actor->report().value, 2);
  EXPECT_EQ(receiver_.next(), "h1");
  EXPECT_EQ(receiver_.next(), "h2");
  EXPECT_FALSE(receiver_.has_datagram());
}

}  // namespace
}  // namespace stayd::test
