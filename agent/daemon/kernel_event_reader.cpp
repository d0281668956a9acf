// SPDX-License-Identifier: Apache-2.0
#include "daemon/kernel_event_reader.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <type_traits>
#include <utility>
#include <variant>

namespace stayd {
namespace {

constexpr std::chrono::milliseconds kReadAtOnce{2};

}  // namespace

KernelEventReader::KernelEventReader(boost::asio::any_io_executor executor, Receivers receivers)
    : executor_(std::move(executor)),
      receivers_(std::move(receivers)),
      queue_([this] { boost::asio::post(executor_, [this] { read(); }); }) {}

void KernelEventReader::read() {
  const auto begun = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begun < kReadAtOnce) {
    std::optional<KernelNotice> notice = queue_.take();
    if (!notice) {
      if (const std::uint64_t left_out = queue_.left_out(); left_out > 0)
        receivers_.desk(OperationsLeftOut{left_out});
      return;
    }
    deliver(std::move(*notice));
  }
  boost::asio::post(executor_, [this] { read(); });
}

void KernelEventReader::drain() {
  while (std::optional<KernelNotice> notice = queue_.take()) deliver(std::move(*notice));
}

void KernelEventReader::deliver(KernelNotice notice) {
  std::visit(
      [this](auto& each) {
        using Notice = std::remove_cvref_t<decltype(each)>;
        if constexpr (std::is_same_v<Notice, CgroupMade> || std::is_same_v<Notice, CgroupGone>)
          receivers_.cgroups_changed();
        else if constexpr (std::is_same_v<Notice, EntryChanged>)
          receivers_.entry_changed(each);
        else
          receivers_.desk(std::move(each));
      },
      notice);
}

}  // namespace stayd
