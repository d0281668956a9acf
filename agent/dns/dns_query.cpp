// SPDX-License-Identifier: Apache-2.0
#include "dns/dns_query.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <vector>

namespace stayd {
namespace {

namespace asio = boost::asio;
using asio::experimental::awaitable_operators::operator||;
using boost::system::error_code;
using Bytes = std::vector<std::byte>;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr int kDatagrams = 2;
constexpr std::size_t kMaxDatagram = 65535;
constexpr std::byte kResponse{0x80};

struct Query {
  std::string name;
  std::uint16_t type = 0;
  Bytes bytes;
};

enum class Match { yes, no, wrong_id };

// True if the message answers the query: if so, `answer` is what it says.
Match match(const Query& query, std::span<const std::byte> message,
            std::optional<Result<DnsAnswer>>& answer) {
  if (message.size() < 3) return Match::no;
  if (!std::equal(query.bytes.begin(), query.bytes.begin() + 2, message.begin()))
    return Match::wrong_id;
  if ((message[2] & kResponse) == std::byte{}) return Match::no;
  Result<DnsAnswer> said = parse_dns_answer(message);
  if (said && (said->name != query.name || said->type != query.type)) return Match::no;
  answer = std::move(said);
  return Match::yes;
}

asio::ip::address asio_address(const Address& address) {
  if (!contains(all_of_ipv4(), address)) return asio::ip::address_v6(address);
  return asio::ip::address_v4({address[12], address[13], address[14], address[15]});
}

// Nothing: it is to be asked over TCP.
asio::awaitable<std::optional<Result<DnsAnswer>>> ask_over_udp(const DnsServer& server,
                                                               const Query& query) {
  const asio::ip::udp::endpoint to(asio_address(server.address), server.port);
  const auto executor = co_await asio::this_coro::executor;
  std::optional<Result<DnsAnswer>> answer;
  Bytes bytes(kMaxDatagram);
  for (int i = 0; i < kDatagrams; i++) {
    asio::ip::udp::socket socket(executor);  // anew, so that its port is, too
    error_code error;
    socket.open(to.protocol(), error);
    if (!error) socket.connect(to, error);
    if (!error) socket.send(asio::buffer(query.bytes), 0, error);
    if (error) co_return Error{"cannot ask the resolver: " + error.message()};
    asio::steady_timer timer(executor, kDnsStep);
    for (;;) {
      const auto event =
          co_await (socket.async_receive(asio::buffer(bytes), kTuple) || timer.async_wait(kTuple));
      if (event.index() == 1) break;
      const auto& [failed, size] = std::get<0>(event);
      if (failed) co_return Error{"the resolver does not answer: " + failed.message()};
      const Match matched = match(query, {bytes.data(), size}, answer);
      if (matched == Match::wrong_id) co_return std::nullopt;
      if (matched == Match::no) continue;
      if (*answer && (*answer)->truncated) co_return std::nullopt;
      co_return answer;
    }
  }
  co_return Error{"the resolver does not answer"};
}

asio::awaitable<Result<DnsAnswer>> talk(asio::ip::tcp::socket& socket, asio::ip::tcp::endpoint to,
                                        const Query& query) {
  const auto [refused] = co_await socket.async_connect(to, kTuple);
  if (refused) co_return Error{"the resolver takes no connection: " + refused.message()};
  Bytes bytes(2 + query.bytes.size());
  bytes[0] = std::byte(query.bytes.size() >> 8);
  bytes[1] = std::byte(query.bytes.size() & 0xff);
  std::copy(query.bytes.begin(), query.bytes.end(), bytes.begin() + 2);
  const auto [unsent, sent] = co_await asio::async_write(socket, asio::buffer(bytes), kTuple);
  if (unsent) co_return Error{"cannot ask the resolver: " + unsent.message()};
  std::array<std::uint8_t, 2> length{};
  const auto [unread, read] = co_await asio::async_read(socket, asio::buffer(length), kTuple);
  if (unread) co_return Error{"the resolver does not answer: " + unread.message()};
  bytes.resize(std::size_t{length[0]} << 8 | length[1]);
  const auto [cut, got] = co_await asio::async_read(socket, asio::buffer(bytes), kTuple);
  if (cut) co_return Error{"the resolver does not end its answer: " + cut.message()};
  std::optional<Result<DnsAnswer>> answer;
  if (match(query, bytes, answer) != Match::yes) co_return Error{"an answer to another question"};
  co_return std::move(*answer);
}

asio::awaitable<Result<DnsAnswer>> ask_over_tcp(const DnsServer& server, const Query& query) {
  const auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::socket socket(executor);
  asio::steady_timer timer(executor, kDnsStep);
  const asio::ip::tcp::endpoint to(asio_address(server.address), server.port);
  auto event = co_await (talk(socket, to, query) || timer.async_wait(kTuple));
  if (event.index() == 1) co_return Error{"the resolver does not answer over TCP"};
  co_return std::move(std::get<0>(event));
}

}  // namespace

asio::awaitable<Result<DnsAnswer>> ask_resolver(DnsServer server, std::string name,
                                                std::uint16_t type) {
  std::uint16_t id = 0;
  if (::getrandom(&id, sizeof(id), 0) != sizeof(id)) co_return errno_error("getrandom");
  Result<Bytes> bytes = make_dns_query(id, name, type);
  if (!bytes) co_return bytes.error();
  const Query query{std::move(name), type, std::move(*bytes)};
  std::optional<Result<DnsAnswer>> answer = co_await ask_over_udp(server, query);
  if (answer) co_return std::move(*answer);
  co_return co_await ask_over_tcp(server, query);
}

}  // namespace stayd
