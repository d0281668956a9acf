// SPDX-License-Identifier: Apache-2.0
#include "kernel/decoder.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace stayd {
namespace {

using Bytes = std::vector<std::byte>;

void append(Bytes& bytes, const void* data, std::size_t size) {
  const auto* begin = static_cast<const std::byte*>(data);
  bytes.insert(bytes.end(), begin, begin + size);
}

void append_padded(Bytes& bytes, std::string_view text, std::size_t size) {
  append(bytes, text.data(), text.size());
  bytes.resize(bytes.size() + size - text.size());
}

stayd_operation_event operation_event(std::uint32_t operation) {
  stayd_operation_event event{};
  event.header.kind = STAYD_EVENT_OPERATION;
  event.hold_id = 7;
  event.disposition = STAYD_DISPOSITION_HELD;
  event.object.operation = operation;
  event.tgid = 100;
  event.tid = 101;
  event.login_uid = 4294967295u;
  std::memcpy(event.comm, "python3", 8);
  return event;
}

// The event with its size set, then path, arguments and what is known of a new name, as the
// kernel side lays them out.
Bytes bytes_of(stayd_operation_event event, std::string_view path = "", std::string_view argv = "",
               const stayd_node& target = {}) {
  const bool has_argv = event.object.operation == STAYD_OP_EXEC ||
                        event.object.operation == STAYD_OP_RENAME ||
                        (event.flags & STAYD_EVENT_LINK) != 0;
  const bool has_path = has_argv || event.object.operation <= STAYD_OP_CREATE;
  event.path_size = static_cast<std::uint32_t>(path.size());
  event.argv_size = static_cast<std::uint32_t>(argv.size());
  const stayd_arguments arguments{.first = 1, .rest = 2, .id = 3, .count = 4, .size = 5};
  const std::size_t more = STAYD_ARGV_SIZE + sizeof(target) + sizeof(arguments);
  event.header.size = static_cast<std::uint32_t>(sizeof(event) + (has_path ? STAYD_PATH_SIZE : 0) +
                                                 (has_argv ? more : 0));
  Bytes bytes;
  append(bytes, &event, sizeof(event));
  if (has_path) append_padded(bytes, path, STAYD_PATH_SIZE);
  if (has_argv) append_padded(bytes, argv, STAYD_ARGV_SIZE);
  if (has_argv) append(bytes, &target, sizeof(target));
  if (has_argv) append(bytes, &arguments, sizeof(arguments));
  return bytes;
}

Operation operation_of(const Bytes& bytes) {
  Result<KernelEvent> event = decode_event(bytes);
  EXPECT_TRUE(event.has_value()) << event.error().message;
  return std::get<Operation>(*event);
}

TEST(Decoder, ReadsBothNamesOfACreationByAHardLink) {
  using std::string_view_literals::operator""sv;
  stayd_operation_event event = operation_event(STAYD_OP_CREATE);
  event.flags = STAYD_EVENT_LINK;
  stayd_node target{};
  target.labels = 9;
  const Operation operation =
      operation_of(bytes_of(event, "evil\0tmp\0"sv, "hook\0new\0"sv, target));
  EXPECT_EQ(operation.path, "/new/hook");
  EXPECT_EQ(operation.new_path, "/tmp/evil");
  EXPECT_EQ(operation.target.labels, 9u);
  EXPECT_TRUE(is_link(operation));
}

TEST(Decoder, ReadsWhatIsKnownOfAllArguments) {
  using std::string_view_literals::operator""sv;
  const Operation operation =
      operation_of(bytes_of(operation_event(STAYD_OP_EXEC), "true\0bin\0"sv, "true\0\0x\0\0"sv));
  EXPECT_EQ(operation.arguments, (std::vector<std::string>{"true", "", "x", ""}));
  EXPECT_EQ(operation.argument_facts.id, 3u);
  EXPECT_EQ(operation.argument_facts.count, 4u);
  EXPECT_EQ(operation.argument_facts.size, 5u);
}

TEST(Decoder, TurnsNamesLeafFirstIntoAPath) {
  using std::string_view_literals::operator""sv;
  const Operation operation =
      operation_of(bytes_of(operation_event(STAYD_OP_OPEN), "a.csv\0customers\0"sv));
  EXPECT_EQ(operation.path, "/customers/a.csv");
  EXPECT_EQ(operation.hold_id, 7u);
  EXPECT_EQ(operation.caller.pid, 100);
  EXPECT_EQ(operation.caller.thread, 101);
  EXPECT_EQ(operation.caller.comm, "python3");
  EXPECT_FALSE(operation.caller.login_uid.has_value());
}

TEST(Decoder, ARenameBringsBothNamesAndWhatIsKnownOfTheNewOne) {
  using std::string_view_literals::operator""sv;
  stayd_operation_event event = operation_event(STAYD_OP_RENAME);
  event.open_flags = 1;
  stayd_node target{};
  target.verdicts[STAYD_ACCESS_READ] = STAYD_VERDICT_DENY;
  const Operation operation = operation_of(bytes_of(event, "a\0srv\0"sv, "b\0tmp\0"sv, target));
  EXPECT_EQ(operation.path, "/srv/a");
  EXPECT_EQ(operation.new_path, "/tmp/b");
  EXPECT_TRUE(operation.replaces);
  EXPECT_EQ(operation.target.verdicts[STAYD_ACCESS_READ], STAYD_VERDICT_DENY);
}

TEST(Decoder, CallsTheRootOfAFileSystemSlash) {
  EXPECT_EQ(operation_of(bytes_of(operation_event(STAYD_OP_OPEN))).path, "/");
}

TEST(Decoder, SaysWhenTheBeginningOfAPathIsMissing) {
  stayd_operation_event event = operation_event(STAYD_OP_OPEN);
  event.flags = STAYD_EVENT_PATH_TRUNCATED;
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(operation_of(bytes_of(event, "leaf\0"sv)).path, "…/leaf");
}

TEST(Decoder, KeepsEmptyArgumentsAndForeignBytes) {
  using std::string_view_literals::operator""sv;
  const Operation operation = operation_of(
      bytes_of(operation_event(STAYD_OP_EXEC), "git\0bin\0"sv, "git\0\0\xff\x1b[2J\0"sv));
  EXPECT_EQ(operation.path, "/bin/git");
  ASSERT_EQ(operation.arguments.size(), 3u);
  EXPECT_EQ(operation.arguments[1], "");
  EXPECT_EQ(operation.arguments[2], "\xff\x1b[2J");
}

TEST(Decoder, ReadsAddressesOfNetworkOperations) {
  stayd_operation_event event = operation_event(STAYD_OP_CONNECT);
  event.object.address[15] = 1;
  event.object.port = 443;
  event.object.protocol = 6;
  const Operation operation = operation_of(bytes_of(event));
  EXPECT_EQ(to_string(operation.endpoint), "[::1]:443/tcp");
  EXPECT_TRUE(operation.path.empty());
}

TEST(Decoder, RejectsEveryTruncation) {
  using std::string_view_literals::operator""sv;
  const Bytes whole = bytes_of(operation_event(STAYD_OP_EXEC), "git\0"sv, "git\0"sv);
  for (std::size_t size = 0; size < whole.size(); size += size < 256 ? 1 : 509)
    EXPECT_FALSE(decode_event(std::span(whole).first(size)).has_value()) << size;
}

TEST(Decoder, RejectsSizesThatPointOutsideTheEvent) {
  Bytes bytes = bytes_of(operation_event(STAYD_OP_OPEN));
  const std::uint32_t size = STAYD_PATH_SIZE + 1;
  std::memcpy(bytes.data() + offsetof(stayd_operation_event, path_size), &size, sizeof(size));
  EXPECT_FALSE(decode_event(bytes).has_value());
}

TEST(Decoder, RejectsWhatItDoesNotKnow) {
  EXPECT_FALSE(decode_event(bytes_of(operation_event(6))).has_value());
  stayd_operation_event event = operation_event(STAYD_OP_CONNECT);
  event.disposition = 9;
  EXPECT_FALSE(decode_event(bytes_of(event)).has_value());
  event = operation_event(STAYD_OP_CONNECT);
  event.header.kind = 77;
  EXPECT_FALSE(decode_event(bytes_of(event)).has_value());
}

TEST(Decoder, RejectsAHoldWithoutAnId) {
  stayd_operation_event event = operation_event(STAYD_OP_CONNECT);
  event.hold_id = 0;
  EXPECT_FALSE(decode_event(bytes_of(event)).has_value());
}

TEST(Decoder, ReadsPacketsOfResolvers) {
  stayd_dns_event event{};
  event.header = {.time_ns = 5, .kind = STAYD_EVENT_DNS, .size = sizeof(event) + 8};
  event.workload = {3, 9};
  event.source[15] = 53;
  event.source_port = 53;
  event.destination_port = 40000;
  event.protocol = 6;
  event.sequence = 1000;
  event.begins = 1;
  event.payload_size = 4;
  Bytes bytes;
  append(bytes, &event, sizeof(event));
  append_padded(bytes, "text", 8);
  const Result<KernelEvent> decoded = decode_event(bytes);
  ASSERT_TRUE(decoded) << decoded.error().message;
  const auto& packet = std::get<DnsPacket>(*decoded);
  EXPECT_EQ(packet.workload, (WorkloadId{3, 9}));
  EXPECT_EQ(packet.time_ns, 5u);
  EXPECT_EQ(packet.source[15], 53);
  EXPECT_EQ(packet.destination_port, 40000);
  EXPECT_EQ(packet.sequence, 1000u);
  EXPECT_TRUE(packet.begins);
  EXPECT_EQ(packet.payload.size(), 4u);

  event.payload_size = 9;
  std::memcpy(bytes.data(), &event, sizeof(event));
  EXPECT_FALSE(decode_event(bytes)) << "more than there is";
}

TEST(Decoder, ReadsSignalsAndEndsOfHoldsAndCgroups) {
  stayd_hold_event gone{};
  gone.header = {.time_ns = 17, .kind = STAYD_EVENT_GONE, .size = sizeof(gone)};
  gone.hold_id = 9;
  Bytes bytes;
  append(bytes, &gone, sizeof(gone));
  EXPECT_EQ(std::get<HoldGone>(*decode_event(bytes)).hold, 9u);
  EXPECT_EQ(std::get<HoldGone>(*decode_event(bytes)).time_ns, 17u);

  stayd_cgroup_event removed{};
  removed.header = {.time_ns = 0, .kind = STAYD_EVENT_CGROUP_GONE, .size = sizeof(removed)};
  removed.workload = {3, 9};
  bytes.clear();
  append(bytes, &removed, sizeof(removed));
  EXPECT_EQ(std::get<CgroupGone>(*decode_event(bytes)).workload, (WorkloadId{3, 9}));
  gone.header.kind = STAYD_EVENT_TRIED;
  std::memcpy(bytes.data(), &gone, sizeof(gone));
  EXPECT_EQ(std::get<ConnectionTried>(*decode_event(bytes)).hold, 9u);

  stayd_signal_event signal{};
  signal.header = {.time_ns = 0, .kind = STAYD_EVENT_SIGNAL, .size = sizeof(signal)};
  signal.tgid = 5;
  signal.group = 1;
  bytes.clear();
  append(bytes, &signal, sizeof(signal));
  EXPECT_TRUE(std::get<SignalSent>(*decode_event(bytes)).to_process);
}

}  // namespace
}  // namespace stayd
