// SPDX-License-Identifier: Apache-2.0
#include "kernel/argument_pieces.h"

#include <bpf/libbpf.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

namespace stayd {

void ArgumentPieces::FreeRing::operator()(ring_buffer* ring) const { ring_buffer__free(ring); }

Result<> ArgumentPieces::open(const Programs& programs) {
  ring_.reset(ring_buffer__new(programs.maps().argument_pieces, on_piece, this, nullptr));
  if (!ring_) return errno_error("open the ring of arguments");
  return {};
}

void ArgumentPieces::drain() {
  if (ring_) ring_buffer__consume(ring_.get());
}

int ArgumentPieces::on_piece(void* self, void* data, std::size_t size) {
  auto* pieces = static_cast<ArgumentPieces*>(self);
  constexpr std::size_t kHead = offsetof(stayd_argument_piece, bytes);
  if (size < kHead || size > sizeof(stayd_argument_piece)) return 0;
  std::uint64_t id = 0;
  std::memcpy(&id, data, sizeof(id));
  if (pieces->size_ > kMaxBytes) {
    pieces->bytes_.clear();
    pieces->size_ = 0;
  }
  pieces->bytes_[id].append(static_cast<const char*>(data) + kHead, size - kHead);
  pieces->size_ += size - kHead;
  return 0;
}

JudgedArguments ArgumentPieces::take(const stayd_arguments& facts) {
  drain();
  const auto found = bytes_.extract(facts.id);
  if (found.empty() || facts.id == 0) return read_arguments({}, facts);
  size_ -= std::min(size_, found.mapped().size());
  return read_arguments(found.mapped(), facts);
}

JudgedArguments read_arguments(std::string_view bytes, const stayd_arguments& facts) {
  JudgedArguments arguments;
  const bool all_there = bytes.size() == facts.size;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\0');
    arguments.words.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(end == bytes.npos ? bytes.size() : end + 1);
  }
  arguments.whole = all_there && arguments.words.size() == facts.count;
  return arguments;
}

}  // namespace stayd
