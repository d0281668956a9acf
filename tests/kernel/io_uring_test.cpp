// SPDX-License-Identifier: Apache-2.0
// io_uring has no system call to go back to: it is refused at once, and asks all the same.
#include <fcntl.h>
#include <sys/uio.h>

#include <cstring>

#include "kernel_test.h"
#include "support/io_uring.h"

namespace stayd::test {
namespace {

struct Way {
  const char* name;
  std::uint32_t setup;
  std::uint8_t flags;
  friend std::ostream& operator<<(std::ostream& out, const Way& way) { return out << way.name; }
};

class Uring : public KernelTest, public ::testing::WithParamInterface<Way> {
 protected:
  // Fills in a request; what it returns must live as long as that is under way.
  using Prepare = std::function<void(io_uring_sqe&)>;

  // Each time the test raises the stage by one, makes the request and raises it again,
  // with the result in counters[0].
  static Body repeats(const Prepare& prepare);
  // Refused; then, after an approval, once more and goes on exactly once. `arrived` says
  // whether anything has come since it was last called.
  void expect_refusal_then_one_retry(const Prepare& prepare, const std::string& kind,
                                     const std::function<bool()>& arrived);

  TcpListener listener_;
  UdpReceiver receiver_;
};

Body Uring::repeats(const Prepare& prepare) {
  return [prepare, way = GetParam()](Report& report) -> long {
    IoUring ring(way.setup);
    report.counters[1] = ring.valid() ? 0 : errno;
    for (int round = 0;; round += 2) {
      if (!report.reaches(round + 1)) return 0;
      io_uring_sqe request{};
      prepare(request);
      request.flags = way.flags;
      report.counters[0] = ring.valid() ? ring.run(request).value_or(-ETIMEDOUT) : -ENOSYS;
      report.stage = round + 2;
    }
  };
}

void Uring::expect_refusal_then_one_retry(const Prepare& prepare, const std::string& kind,
                                          const std::function<bool()>& arrived) {
  const auto once_more = [](Actor& actor) {
    const int stage = ++actor.report().stage;
    EXPECT_TRUE(actor.report().reaches(stage + 1));
    return actor.report().counters[0].load();
  };
  // Nobody but the caller knows of an open.
  const auto has_arrived = [&](bool if_unknown) { return arrived ? arrived() : if_unknown; };
  const auto free = untagged(repeats(prepare));
  const std::int64_t result = once_more(*free);
  if (free->report().counters[1] != 0)
    GTEST_SKIP() << "no such ring here: errno " << free->report().counters[1];
  ASSERT_GE(result, 0);
  ASSERT_TRUE(has_arrived(true));

  const auto actor = tagged(repeats(prepare));
  EXPECT_EQ(once_more(*actor), -EPERM);
  EXPECT_FALSE(has_arrived(false));
  const Json ticket = question(kind);
  EXPECT_EQ(ticket["operation"]["disposition"], "cannot_wait");
  EXPECT_EQ(once_more(*actor), -EPERM);
  EXPECT_FALSE(has_arrived(false));
  approve(ticket);
  ASSERT_GE(once_more(*actor), 0);
  EXPECT_TRUE(has_arrived(true));
  EXPECT_EQ(once_more(*actor), -EPERM) << "one approval, one operation";
  EXPECT_FALSE(has_arrived(false));
  EXPECT_EQ(questions(), 2u);
}

TEST_P(Uring, OpenatDoesNotGetPast) {
  expect_refusal_then_one_retry(
      [file = customers()](io_uring_sqe& request) {
        request.opcode = IORING_OP_OPENAT;
        request.fd = AT_FDCWD;
        request.addr = reinterpret_cast<std::uint64_t>(file.c_str());
        request.open_flags = O_RDONLY;
      },
      "open", nullptr);
}

TEST_P(Uring, ConnectDoesNotGetPast) {
  static sockaddr_in address;
  address = loopback(listener_.port());
  expect_refusal_then_one_retry(
      [](io_uring_sqe& request) {
        request.opcode = IORING_OP_CONNECT;
        request.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        request.addr = reinterpret_cast<std::uint64_t>(&address);
        request.off = sizeof(address);
      },
      "connect",
      [this] {
        if (!listener_.has_connection()) return false;
        listener_.drop();
        return true;
      });
}

TEST_P(Uring, SendmsgDoesNotGetPast) {
  static sockaddr_in address;
  address = loopback(receiver_.port());
  static char text[] = "hi";
  static iovec part{.iov_base = text, .iov_len = 2};
  static msghdr message{};
  message.msg_name = &address;
  message.msg_namelen = sizeof(address);
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  expect_refusal_then_one_retry(
      [](io_uring_sqe& request) {
        request.opcode = IORING_OP_SENDMSG;
        request.fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        request.addr = reinterpret_cast<std::uint64_t>(&message);
        request.len = 1;
      },
      "send", [this] { return receiver_.has_datagram() && receiver_.next().has_value(); });
}

INSTANTIATE_TEST_SUITE_P(IoUring, Uring,
                         ::testing::Values(Way{"Inline", 0, 0}, Way{"Async", 0, IOSQE_ASYNC},
                                           Way{"PolledByTheKernel", IORING_SETUP_SQPOLL, 0}),
                         [](const auto& way) { return way.param.name; });

}  // namespace
}  // namespace stayd::test
