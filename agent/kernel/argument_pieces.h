// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "context/operation.h"
#include "kernel/programs.h"

struct ring_buffer;

namespace stayd {

// Puts together what bpf/exec.bpf.h sends of the arguments of an execve: the bytes that it hashed,
// so that what is judged is what a decision binds. One thread.
class ArgumentPieces {
 public:
  // Beyond it everything that nobody has asked for is dropped.
  static constexpr std::size_t kMaxBytes = 32 << 20;

  ArgumentPieces() = default;
  ArgumentPieces(const ArgumentPieces&) = delete;
  ArgumentPieces& operator=(const ArgumentPieces&) = delete;

  Result<> open(const Programs& programs);

  // All of the arguments that the facts are about, or as many of the first as found room in the
  // ring. The event with these facts must have been read already: its pieces are there then.
  JudgedArguments take(const stayd_arguments& facts);
  // Reads what has come, so that there is room for more.
  void drain();

 private:
  static int on_piece(void* self, void* data, std::size_t size);

  struct FreeRing {
    void operator()(ring_buffer* ring) const;
  };
  std::unique_ptr<ring_buffer, FreeRing> ring_;
  std::unordered_map<std::uint64_t, std::string> bytes_;  // by stayd_arguments::id
  std::size_t size_ = 0;
};

// What the bytes stand for: arguments with a NUL after each. Pure.
JudgedArguments read_arguments(std::string_view bytes, const stayd_arguments& facts);

}  // namespace stayd
