// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>

#include "base/fd.h"
#include "base/result.h"
#include "kernel/programs.h"
#include "policy/policy.h"
#include "stayd/wire.h"

namespace stayd {

// Hashes programs, on a thread of its own, and remembers. What is hashed is the file with the
// object's identity, found by `path`, or, as it may have no name, among the descriptors of the
// process that wants to execute it; that it is not written to between here and its execution
// is the kernel side's to see, which binds a decision to the change time.
class Contents {
 public:
  static constexpr std::size_t kMaxKept = 4096;
  static constexpr std::size_t kMaxWaiting = 256;

  using Callback = std::function<void(const Result<Sha256>&)>;

  explicit Contents(const Programs& programs);
  ~Contents();  // callbacks that have not been called will not be

  // Does it on the object's thread. False: there is too much to do already.
  bool later(std::function<void()> work);

  // The callback comes on the object's thread; on the caller's if there are too many.
  void hash(const std::string& path, std::int32_t process, const stayd_object& object,
            Callback callback);

 private:
  // Device and inode, change time in ns, size.
  using Version = std::tuple<std::uint64_t, std::uint64_t, std::int64_t, std::int64_t>;
  struct Request {
    std::string path;
    std::int32_t process;
    stayd_object object;
    Callback callback;
    std::function<void()> instead;  // of hashing anything
  };

  void work();
  Result<Sha256> hash_now(const Request& request);
  Result<Fd> open_path(const Request& request) const;
  Result<Fd> find_descriptor(const Request& request) const;
  bool is_object(const Fd& file, const stayd_object& object) const;

  const Programs& programs_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Request> waiting_;
  bool stopping_ = false;
  std::map<Version, Sha256> known_;  // of the thread
  std::thread thread_;
};

}  // namespace stayd
