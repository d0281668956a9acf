// SPDX-License-Identifier: Apache-2.0
// DNS over TCP: segments of one stream in any order, cut anywhere, more than once, and others that
// were never sent. Nothing comes out that is not in the stream; and once all of it has come, all
// of its messages have.
//
// Input: the sequence number it begins with (4 bytes), the stream's size (2), the stream, then
// segments as (offset, size), 2 bytes each, all little-endian.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "dns/dns_stream.h"

namespace {

using Bytes = std::span<const std::byte>;
using Messages = std::vector<std::vector<std::byte>>;

constexpr std::size_t kMax = 4096;  // of the stream

void require(bool condition) {
  if (!condition) std::abort();
}

std::uint32_t take(Bytes& input, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size && !input.empty(); i++) {
    value |= std::to_integer<std::uint32_t>(input[0]) << 8 * i;
    input = input.subspan(1);
  }
  return value;
}

Messages messages_in(Bytes stream) {
  Messages all;
  while (stream.size() >= 2) {
    const std::size_t size =
        std::to_integer<std::size_t>(stream[0]) << 8 | std::to_integer<std::size_t>(stream[1]);
    if (stream.size() < 2 + size) break;
    all.emplace_back(stream.begin() + 2, stream.begin() + 2 + static_cast<std::ptrdiff_t>(size));
    stream = stream.subspan(2 + size);
  }
  return all;
}

void append(Messages& all, Messages more) {
  std::move(more.begin(), more.end(), back_inserter(all));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes input(reinterpret_cast<const std::byte*>(data), size);
  const std::uint32_t first = take(input, 4);
  const std::size_t length = std::min({std::size_t{take(input, 2)}, kMax, input.size()});
  const Bytes sent = input.first(length);
  const Bytes segments = input.subspan(length);

  // What was sent, whatever becomes of it on the way.
  stayd::DnsStream stream;
  stream.begin(first);
  Messages received;
  for (Bytes rest = segments; !rest.empty();) {
    const std::size_t at = std::min<std::size_t>(take(rest, 2), length);
    const std::size_t piece = std::min<std::size_t>(take(rest, 2), length - at);
    append(received, stream.add(first + static_cast<std::uint32_t>(at), sent.subspan(at, piece)));
  }
  append(received, stream.add(first, sent));
  require(received == messages_in(sent));

  // What was not: anything may come of it, but nothing that cannot be a message.
  stream.begin(first);
  for (Bytes rest = segments; !rest.empty();) {
    const std::uint32_t at = take(rest, 4);
    const std::size_t piece = std::min<std::size_t>(take(rest, 2), length);
    for (const auto& message : stream.add(at, sent.first(piece))) require(message.size() <= 65535);
  }
  return 0;
}
