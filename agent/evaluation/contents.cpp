// SPDX-License-Identifier: Apache-2.0
#include "evaluation/contents.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "kernel/file_ids.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxDescriptors = 4096;

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

Result<Sha256> digest(const Fd& file) {
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> context(EVP_MD_CTX_new());
  if (!context || !EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr))
    return Error{"no SHA-256"};
  std::vector<char> buffer(1 << 17);
  for (;;) {
    const ssize_t size = ::read(file.get(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno_error("read");
    if (size == 0) break;
    EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(size));
  }
  Sha256 result{};
  EVP_DigestFinal_ex(context.get(), result.data(), nullptr);
  return result;
}

}  // namespace

Contents::Contents(const Programs& programs) : programs_(programs), thread_([this] { work(); }) {}

Contents::~Contents() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

bool Contents::later(std::function<void()> work) {
  std::lock_guard lock(mutex_);
  if (waiting_.size() >= kMaxWaiting) return false;
  waiting_.push_back(
      {.path = {}, .process = 0, .object = {}, .callback = {}, .instead = std::move(work)});
  wake_.notify_one();
  return true;
}

void Contents::hash(const std::string& path, std::int32_t process, const stayd_object& object,
                    Callback callback) {
  {
    std::lock_guard lock(mutex_);
    if (waiting_.size() < kMaxWaiting) {
      waiting_.push_back({path, process, object, std::move(callback), {}});
      wake_.notify_one();
      return;
    }
  }
  callback(Error{"too many programs wait to be hashed"});
}

void Contents::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    const Request request = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    if (request.instead)
      request.instead();
    else
      request.callback(hash_now(request));
    lock.lock();
  }
}

bool Contents::is_object(const Fd& file, const stayd_object& object) const {
  Result<Identity> identity = identify(programs_, file);
  return identity && *identity == Identity{object.inode, object.device};
}

Result<Fd> Contents::open_path(const Request& request) const {
  Fd file(::open(request.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return errno_error("open " + request.path);
  if (!is_object(file, request.object)) return Error{request.path + ": another file has that path"};
  return file;
}

// Looks before it opens: the descriptors are the workload's, and may be of anything.
Result<Fd> Contents::find_descriptor(const Request& request) const {
  const std::string directory = "/proc/" + std::to_string(request.process) + "/fd";
  std::size_t seen = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end;
       !error && entry != end && seen < kMaxDescriptors; entry.increment(error), ++seen) {
    Fd handle(::open(entry->path().c_str(), O_PATH | O_CLOEXEC));
    struct stat status {};
    if (!handle || ::fstat(handle.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_ino != request.object.inode || !is_object(handle, request.object))
      continue;
    const std::string again = "/proc/self/fd/" + std::to_string(handle.get());
    Fd file(::open(again.c_str(), O_RDONLY | O_CLOEXEC));
    if (file) return file;
  }
  return Error{"no descriptor of process " + std::to_string(request.process) + " leads to it"};
}

Result<Sha256> Contents::hash_now(const Request& request) {
  Result<Fd> found = open_path(request);
  if (!found) found = find_descriptor(request);
  if (!found) return found.error();
  const Fd file = std::move(*found);
  struct stat before {};
  if (::fstat(file.get(), &before) != 0) return errno_error(request.path);
  if (!S_ISREG(before.st_mode)) return Error{request.path + ": not a regular file"};

  const Version version{before.st_dev, before.st_ino,
                        before.st_ctim.tv_sec * 1'000'000'000 + before.st_ctim.tv_nsec,
                        before.st_size};
  if (auto known = known_.find(version); known != known_.end()) return known->second;
  Result<Sha256> hashed = digest(file);
  struct stat after {};
  if (!hashed || ::fstat(file.get(), &after) != 0) return hashed;
  if (after.st_ctim.tv_sec == before.st_ctim.tv_sec &&
      after.st_ctim.tv_nsec == before.st_ctim.tv_nsec) {
    if (known_.size() == kMaxKept) known_.clear();
    known_[version] = *hashed;
  }
  return hashed;
}

}  // namespace stayd
