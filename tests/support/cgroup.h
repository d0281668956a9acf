// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

namespace stayd::test {

// A cgroup below the root of /sys/fs/cgroup, which ends with the object, and with it all
// that still runs in it. Throws std::runtime_error.
class Cgroup {
 public:
  // `name` has a leading slash, as stayd takes it: "/k1/child".
  explicit Cgroup(std::string name);
  ~Cgroup();
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;

  const std::string& name() const { return name_; }
  std::string directory() const;
  void take(pid_t process) const;  // moves it in

 private:
  std::string name_;
};

// Moves the calling process; false with errno. For children of a fork: no exceptions.
bool enter_cgroup(const std::string& directory);

}  // namespace stayd::test
