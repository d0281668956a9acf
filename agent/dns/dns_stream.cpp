// SPDX-License-Identifier: Apache-2.0
#include "dns/dns_stream.h"

#include <algorithm>

namespace stayd {

void DnsStream::begin(std::uint32_t sequence) {
  *this = {};
  next_ = begin_ = sequence;
}

std::vector<std::vector<std::byte>> DnsStream::add(std::uint32_t sequence,
                                                   std::span<const std::byte> data) {
  if (!next_ || data.empty()) return {};
  // Numbers wrap: what counts is the distance from what is expected.
  auto ahead = static_cast<std::int32_t>(sequence - *next_);
  if (ahead < 0) {
    const std::size_t known =
        std::min<std::size_t>(data.size(), 0u - static_cast<std::uint32_t>(ahead));
    data = data.subspan(known);
    ahead = 0;
    if (data.empty()) return {};
  }
  if (ahead > 0) {
    if (static_cast<std::size_t>(ahead) + data.size() + waiting_ > kWindow) return {};
    const std::uint32_t position = *next_ - begin_ + static_cast<std::uint32_t>(ahead);
    if (later_.size() == kMaxLater && !later_.contains(position)) return {};
    std::vector<std::byte>& kept = later_[position];
    if (kept.size() < data.size()) {
      waiting_ += data.size() - kept.size();
      kept.assign(data.begin(), data.end());
    }
    return {};
  }
  in_order_.insert(in_order_.end(), data.begin(), data.end());
  *next_ += static_cast<std::uint32_t>(data.size());
  while (!later_.empty()) {
    const auto first = later_.begin();
    const std::uint32_t position = *next_ - begin_;
    if (first->first > position) break;
    const std::size_t known = std::min<std::size_t>(first->second.size(), position - first->first);
    in_order_.insert(in_order_.end(), first->second.begin() + static_cast<std::ptrdiff_t>(known),
                     first->second.end());
    *next_ += static_cast<std::uint32_t>(first->second.size() - known);
    waiting_ -= first->second.size();
    later_.erase(first);
  }
  return take_messages();
}

std::vector<std::vector<std::byte>> DnsStream::take_messages() {
  std::vector<std::vector<std::byte>> messages;
  for (;;) {
    if (in_order_.size() < 2) return messages;
    const std::size_t size = std::to_integer<std::size_t>(in_order_[0]) << 8 |
                             std::to_integer<std::size_t>(in_order_[1]);
    if (in_order_.size() < 2 + size) return messages;
    const auto begin = in_order_.begin() + 2;
    messages.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(size));
    in_order_.erase(in_order_.begin(), begin + static_cast<std::ptrdiff_t>(size));
  }
}

DnsStream& DnsStreams::of(const Key& key) {
  auto found = streams_.find(key);
  if (found == streams_.end() && streams_.size() == kMax)
    streams_.erase(std::min_element(
        streams_.begin(), streams_.end(),
        [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  Entry& entry = streams_[key];
  entry.used = ++clock_;
  return entry.stream;
}

}  // namespace stayd
