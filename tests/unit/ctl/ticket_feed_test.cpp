// SPDX-License-Identifier: Apache-2.0
#include "ctl/ticket_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <boost/asio/local/stream_protocol.hpp>

#include "unit/api/running_server.h"

namespace stayd {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// Steps the feed on a clock of its own, so that no pause takes any time.
class FeedDriver {
 public:
  explicit FeedDriver(const std::string& path) : feed(path) {}

  // The next list or error; nothing if the feed only waits for a change.
  std::optional<Result<nlohmann::json>> next(std::chrono::milliseconds patience) {
    for (;;) {
      pollfd socket{feed.fd(), POLLIN, 0};
      if (feed.fd() < 0)
        now += feed.time_left(now);
      else if (::poll(&socket, 1, static_cast<int>(patience.count())) == 0)
        return std::nullopt;
      if (auto news = feed.step(socket.revents != 0, now)) return news;
    }
  }

  TicketFeed feed;
  TicketFeed::Time now = std::chrono::steady_clock::now();
};

TEST(TicketFeed, GivesTheListAtOnceAndAgainWhenItChanges) {
  RunningServer server;
  FeedDriver driver(server.path());
  auto first = driver.next(10s);
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->size(), 2u);

  EXPECT_FALSE(driver.next(0ms));
  server.on_desk([](FakeService& service, Server& api) {
    service.shown["outcome"] = "denied";
    ++service.current_revision;
    api.notify();
  });
  auto second = driver.next(10s);
  ASSERT_TRUE(second && *second);
  EXPECT_EQ((**second)[1]["outcome"], "denied");
}

TEST(TicketFeed, TellsWhatIsAnnouncedFromNowOn) {
  RunningServer server;
  server.on_desk([](FakeService& service, Server&) {
    service.announced = {{{"number", 1}, {"text", "before"}}};
  });
  FeedDriver driver(server.path());
  ASSERT_TRUE(driver.next(10s));
  EXPECT_TRUE(driver.feed.take_announcements().empty());
  server.on_desk([](FakeService& service, Server& api) {
    service.announced.push_back({{"number", 2}, {"text", "Break-glass on /a"}});
    ++service.current_revision;
    api.notify();
  });
  ASSERT_TRUE(driver.next(10s));
  EXPECT_EQ(driver.feed.take_announcements(), std::vector<std::string>{"Break-glass on /a"});
}

TEST(TicketFeed, FindsADaemonThatWasRestarted) {
  test::TempDir directory;
  FeedDriver driver(directory / "s");
  auto missing = driver.next(10s);
  ASSERT_TRUE(missing && !*missing);
  EXPECT_THAT(missing->error().message, HasSubstr("cannot reach stayd"));
  EXPECT_EQ(driver.feed.time_left(driver.now), 1s);

  RunningServer server;
  std::filesystem::create_symlink(server.path(), directory / "s");
  auto list = driver.next(10s);
  ASSERT_TRUE(list && *list);
  server.stop();
  auto lost = driver.next(10s);
  ASSERT_TRUE(lost && !*lost);
}

TEST(TicketFeed, DoesNotWaitForeverForADaemonThatHangs) {
  test::TempDir directory;
  const std::string path = directory / "s";
  boost::asio::io_context context;
  // Takes connections into its backlog and never answers.
  boost::asio::local::stream_protocol::acceptor silent(
      context, boost::asio::local::stream_protocol::endpoint(path));
  FeedDriver driver(path);
  EXPECT_FALSE(driver.next(0ms));
  driver.now += driver.feed.time_left(driver.now);
  auto given_up = driver.feed.step(/*readable=*/false, driver.now);
  ASSERT_TRUE(given_up && !*given_up);
  EXPECT_THAT(given_up->error().message, HasSubstr("does not answer"));
}

}  // namespace
}  // namespace stayd
