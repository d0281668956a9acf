// SPDX-License-Identifier: Apache-2.0
// Bytes from the network: the same request or the same refusal however they are cut into pieces,
// and never more than the limits allow. The first byte says how large the pieces are.
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "http/server/request_reader.h"

namespace {

namespace http = stayd::http;

constexpr http::MessageLimits kLimits{512, 256};

struct Outcome {
  unsigned refusal = 0;  // its status
  bool done = false;
  http::Request request;
};

void require(bool condition) {
  if (!condition) std::abort();
}

Outcome read(std::string_view bytes, std::size_t piece) {
  http::RequestReader reader(kLimits);
  boost::beast::flat_buffer buffer(http::RequestReader::buffer_size(kLimits));
  Outcome outcome;
  while (!bytes.empty() && outcome.refusal == 0 && !reader.is_done()) {
    const std::size_t size = std::min({piece, bytes.size(), http::kReadSize});
    boost::asio::buffer_copy(buffer.prepare(size), boost::asio::buffer(bytes.substr(0, size)));
    buffer.commit(size);
    bytes.remove_prefix(size);
    if (const auto refusal = reader.take(buffer)) outcome.refusal = refusal->status;
  }
  outcome.done = outcome.refusal == 0 && reader.is_done();
  if (outcome.done) outcome.request = reader.release();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = read(bytes, http::kReadSize);
  const Outcome pieces = read(bytes, 1 + data[0]);
  require(whole.done == pieces.done);
  if (!whole.done) return 0;
  require(whole.request.body == pieces.request.body);
  require(whole.request.body.size() <= kLimits.body_bytes);
  require(whole.request.target.starts_with('/'));
  require(whole.request.fields.count(http::field::authorization) <= 1);
  require(whole.request.fields.count(http::field::host) <= 1);
  require(whole.request.fields.count(http::field::content_length) +
              whole.request.fields.count(http::field::transfer_encoding) <=
          1);
  return 0;
}
