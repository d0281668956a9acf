// SPDX-License-Identifier: Apache-2.0
// What a server says: an answer within the limits, or an error. The first byte says how large the
// pieces are, and whether a body is expected.
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "http/client/response_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace http = stayd::http;
  constexpr http::MessageLimits kLimits{512, 256};
  if (size == 0) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t piece = 1 + (data[0] & 0x7f) * 8U;
  const bool head = (data[0] & 0x80) != 0;
  http::ResponseReader reader(
      kLimits, head ? http::ResponseReader::Kind::head : http::ResponseReader::Kind::ordinary);
  boost::beast::flat_buffer buffer(http::ResponseReader::buffer_size(kLimits));
  while (!bytes.empty() && !reader.is_done()) {
    const std::size_t now = std::min(piece, bytes.size());
    boost::asio::buffer_copy(buffer.prepare(now), boost::asio::buffer(bytes.substr(0, now)));
    buffer.commit(now);
    bytes.remove_prefix(now);
    if (reader.take(buffer)) return 0;
  }
  if (!reader.is_done() && reader.take_end()) return 0;
  const http::Response response = reader.release();
  if (response.status < 200 || response.body.size() > kLimits.body_bytes) std::abort();
  return 0;
}
