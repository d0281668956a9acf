// SPDX-License-Identifier: Apache-2.0
// The event loops that agents run in: none stands still while its connect waits for a person.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "kernel_test.h"

namespace stayd::test {
namespace {

// What a loop may stand still longer than one that nobody guards.
constexpr double kGapMs = 100;
constexpr seconds kApproverTakes{4};
// How long a language takes to be there.
constexpr seconds kStart{120};

// Each ticks every ten milliseconds, connects to 127.0.0.1 at the port that it is given, and prints
// the longest time between two ticks from then on, what the connect took, and its error.
constexpr const char* kAsyncio = R"(
import asyncio, json, sys, time

async def main(port):
    gap, last, done = 0.0, time.monotonic(), False
    async def tick():
        nonlocal gap, last
        while not done:
            await asyncio.sleep(0.01)
            now = time.monotonic()
            gap, last = max(gap, now - last), now
    ticker = asyncio.create_task(tick())
    await asyncio.sleep(0.2)
    gap, error, begun = 0.0, 0, time.monotonic()
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
    except OSError as failure:
        error = failure.errno
    took, done = time.monotonic() - begun, True
    await ticker
    print(json.dumps({"gap_ms": gap * 1000, "took_ms": took * 1000, "error": error}))

asyncio.run(main(int(sys.argv[1])))
)";

constexpr const char* kNode = R"(
const net = require("net");
let gap = 0, last = performance.now(), begun;
setInterval(() => {
  const now = performance.now();
  gap = Math.max(gap, now - last);
  last = now;
}, 10);
function end(error) {
  const took = performance.now() - begun;
  setTimeout(() => {
    console.log(JSON.stringify({gap_ms: gap, took_ms: took, error}));
    process.exit(0);
  }, 50);
}
setTimeout(() => {
  gap = 0;
  begun = performance.now();
  const socket = net.connect(Number(process.argv[2]), "127.0.0.1");
  socket.on("connect", () => end(0));
  socket.on("error", (failure) => end(Math.abs(failure.errno)));
}, 200);
)";

class EventLoops : public KernelTest {
 protected:
  Body runs(const std::string& interpreter, const std::string& program,
            const std::string& output) const {
    return executes("/bin/sh",
                    {"-c", "exec " + interpreter + " " + program + " " +
                               std::to_string(listener_.port()) + " >" + output + " 2>&1"});
  }
  static Json printed(const std::string& output) {
    std::ifstream file(output);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    Json value = Json::parse(text, nullptr, false);
    EXPECT_FALSE(value.is_discarded()) << text;
    return value;
  }
  void expect_no_pause(const std::string& interpreter, const std::string& program);

  TcpListener listener_;
};

void EventLoops::expect_no_pause(const std::string& interpreter, const std::string& program) {
  const auto free = untagged(runs(interpreter, program, path("free")));
  ASSERT_TRUE(free->ends(kStart));
  const Json alone = printed(path("free"));
  ASSERT_EQ(alone["error"], 0);
  listener_.drop();

  const auto actor = tagged(runs(interpreter, program, path("waits")));
  ASSERT_TRUE(eventually([this] { return anything_open(); }, kStart));
  const Json ticket = question("connect");
  EXPECT_EQ(ticket["operation"]["pending"], true);
  EXPECT_TRUE(throughout(kApproverTakes, [&] { return !listener_.has_connection(); }));
  approve(ticket);
  ASSERT_TRUE(actor->ends(kStart));
  const Json waited = printed(path("waits"));
  EXPECT_EQ(waited["error"], 0);
  EXPECT_GE(waited["took_ms"], 4000);
  EXPECT_LT(waited["took_ms"], 6000) << "it connects soon after the approval";
  EXPECT_LT(waited["gap_ms"].get<double>(), alone["gap_ms"].get<double>() + kGapMs);
  RecordProperty("alone", alone.dump());
  RecordProperty("waited", waited.dump());
  std::printf("alone: %s\nwaited: %s\n", alone.dump().c_str(), waited.dump().c_str());

  const auto second = tagged(runs(interpreter, program, path("denied")));
  ASSERT_TRUE(eventually([this] { return anything_open(); }, kStart));
  deny(question("connect"));
  ASSERT_TRUE(second->ends(kStart));
  EXPECT_EQ(printed(path("denied"))["error"], ECONNREFUSED);
}

TEST_F(EventLoops, OfPythonGoOnWhileAConnectWaits) {
  write("loop.py", kAsyncio);
  expect_no_pause("/usr/bin/python3", path("loop.py"));
}

TEST_F(EventLoops, OfNodeGoOnWhileAConnectWaits) {
  if (::access("/usr/bin/node", X_OK) != 0) GTEST_SKIP() << "there is no Node.js";
  write("loop.js", kNode);
  expect_no_pause("/usr/bin/node", path("loop.js"));
}

}  // namespace
}  // namespace stayd::test
