// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace stayd {

// A BPF map whose keys and values are of these types; see bpf(2). It does not own the descriptor.
// Thread-safe: each call is one or more system calls.
template <class Key, class Value>
class Map {
 public:
  Map() = default;
  explicit Map(int fd) : fd_(fd) {}

  // The value of the key. Without one errno says why: ENOENT if there is none.
  std::optional<Value> get(const Key& key) const {
    Value value{};
    if (bpf_map_lookup_elem(fd_, &key, &value)) return std::nullopt;
    return value;
  }
  bool contains(const Key& key) const { return get(key).has_value(); }

  // `what` names the entry in the error.
  Result<> put(const Key& key, const Value& value, const char* what) const {
    if (bpf_map_update_elem(fd_, &key, &value, BPF_ANY))
      return errno_error(std::string("write ") + what);
    return {};
  }
  // For entries that may be lost: caches, and arrays, whose entries always exist.
  void set(const Key& key, const Value& value) const {
    bpf_map_update_elem(fd_, &key, &value, BPF_ANY);
  }
  // True if there was an entry, which has this value from here on.
  bool replace(const Key& key, const Value& value) const {
    return bpf_map_update_elem(fd_, &key, &value, BPF_EXIST) == 0;
  }
  // Nothing happens if there is no such entry.
  void erase(const Key& key) const { bpf_map_delete_elem(fd_, &key); }

  // Removes those of the keys that have an entry, with few system calls.
  void erase_all(const std::vector<Key>& keys) const {
    for (std::size_t done = 0; done < keys.size();) {
      auto count = static_cast<__u32>(keys.size() - done);
      LIBBPF_OPTS(bpf_map_batch_opts, options);
      if (bpf_map_delete_batch(fd_, &keys[done], &count, &options) == 0) return;
      done += count + 1;  // the call stopped at a key without an entry
    }
  }

  // Calls visit(key) for each key; visiting may erase that key.
  template <class Visit>
  void for_each_key(Visit visit) const {
    std::vector<Key> keys;
    Key key{};
    for (bool more = bpf_map_get_next_key(fd_, nullptr, &key) == 0; more;
         more = bpf_map_get_next_key(fd_, &key, &key) == 0)
      keys.push_back(key);
    for (const Key& each : keys) visit(each);
  }

  // Entries that are written with one system call.
  class Batch {
   public:
    void add(const Key& key, const Value& value) {
      keys_.push_back(key);
      values_.push_back(value);
    }

   private:
    friend class Map;
    std::vector<Key> keys_;
    std::vector<Value> values_;
  };
  Result<> write(const Batch& batch, const char* what) const {
    auto count = static_cast<__u32>(batch.keys_.size());
    if (count == 0) return {};
    LIBBPF_OPTS(bpf_map_batch_opts, options);
    if (bpf_map_update_batch(fd_, batch.keys_.data(), batch.values_.data(), &count, &options))
      return errno_error(std::string("write ") + what);
    return {};
  }

 private:
  int fd_ = -1;
};

}  // namespace stayd
