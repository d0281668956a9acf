// SPDX-License-Identifier: Apache-2.0
// verifier_costs OBJECT…: loads each BPF object and prints, for every program, how many
// instructions the running kernel's verifier walked before it accepted it. The verifier gives up at
// a million.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cstdio>
#include <memory>

namespace {

int show_costs(const char* path) {
  const std::unique_ptr<bpf_object, void (*)(bpf_object*)> object(
      bpf_object__open_file(path, nullptr), bpf_object__close);
  if (!object || bpf_object__load(object.get())) {
    std::fprintf(stderr, "verifier_costs: the kernel does not load %s\n", path);
    return 1;
  }
  std::printf("%s\n", path);
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object.get()) {
    bpf_prog_info info{};
    __u32 size = sizeof(info);
    if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size)) {
      std::perror(bpf_program__name(program));
      return 1;
    }
    std::printf("%-24s %8u\n", bpf_program__name(program), info.verified_insns);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  int failed = argc < 2;
  for (int i = 1; i < argc; ++i) failed |= show_costs(argv[i]);
  return failed;
}
