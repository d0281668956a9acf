// SPDX-License-Identifier: Apache-2.0
#include <sys/uio.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

// Without it the macros of sd-journal.h would add fields about this file.
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "audit/journal.h"
#include "base/log.h"

namespace stayd::audit {
namespace {

constexpr const char* kSocket = "/run/systemd/journal/socket";
constexpr std::size_t kMaxWaiting = 1024;
constexpr std::chrono::seconds kMaxPatience{2};

// Shared with the thread, which may outlive its owner while the journal hangs.
struct Queue {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<JournalEntry> waiting;
  std::uint64_t lost = 0;
  bool sending = false;
  bool over = false;
};

std::string value_of(const JournalEntry& entry, std::string_view name) {
  for (const JournalField& field : entry)
    if (field.name == name) return field.value;
  return "";
}

void deliver(const JournalEntry& entry) {
  // sd_journal_sendv() says nothing when nobody is there.
  if (::access(kSocket, F_OK) == 0) {
    std::vector<std::string> fields;
    for (const JournalField& field : entry) fields.push_back(field.name + "=" + field.value);
    std::vector<iovec> parts;
    for (std::string& field : fields) parts.push_back({field.data(), field.size()});
    if (::sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) == 0) return;
  }
  if (value_of(entry, "MESSAGE_ID") == kHeadMessage) log_info("{}", value_of(entry, "MESSAGE"));
}

void run(const std::shared_ptr<Queue>& queue) {
  std::unique_lock lock(queue->mutex);
  for (;;) {
    queue->changed.wait(lock, [&] { return queue->over || !queue->waiting.empty(); });
    if (queue->waiting.empty()) return;
    JournalEntry entry = std::move(queue->waiting.front());
    queue->waiting.pop_front();
    if (const std::uint64_t lost = std::exchange(queue->lost, 0); lost != 0)
      entry.push_back({"STAYD_ENTRIES_LOST", std::to_string(lost)});
    queue->sending = true;
    lock.unlock();
    deliver(entry);
    lock.lock();
    queue->sending = false;
    queue->changed.notify_all();
  }
}

class SystemJournal final : public Journal {
 public:
  SystemJournal() : queue_(std::make_shared<Queue>()), thread_(run, queue_) {}
  SystemJournal(const SystemJournal&) = delete;
  SystemJournal& operator=(const SystemJournal&) = delete;

  ~SystemJournal() override {
    std::unique_lock lock(queue_->mutex);
    const bool done = queue_->changed.wait_for(
        lock, kMaxPatience, [this] { return queue_->waiting.empty() && !queue_->sending; });
    queue_->over = true;
    if (!done) queue_->waiting.clear();
    queue_->changed.notify_all();
    lock.unlock();
    if (done)
      thread_.join();
    else
      thread_.detach();
  }

  void send(JournalEntry entry) override {
    const std::lock_guard lock(queue_->mutex);
    if (queue_->waiting.size() == kMaxWaiting) {
      queue_->waiting.pop_front();
      ++queue_->lost;
    }
    queue_->waiting.push_back(std::move(entry));
    queue_->changed.notify_all();
  }

 private:
  std::shared_ptr<Queue> queue_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Journal> system_journal() { return std::make_unique<SystemJournal>(); }

}  // namespace stayd::audit
