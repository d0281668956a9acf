// SPDX-License-Identifier: Apache-2.0
#include "support/tiny_program.h"

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string_view>

namespace stayd::test {
namespace {

template <class Header, class Segment>
std::string program(std::string_view code, unsigned char size_class, std::uint16_t machine) {
  constexpr std::uint32_t kBase = 0x400000, kCode = sizeof(Header) + sizeof(Segment);
  Header header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = size_class;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_EXEC;
  header.e_machine = machine;
  header.e_version = EV_CURRENT;
  header.e_entry = kBase + kCode;
  header.e_phoff = sizeof(header);
  header.e_ehsize = sizeof(header);
  header.e_phentsize = sizeof(Segment);
  header.e_phnum = 1;
  Segment segment{};
  segment.p_type = PT_LOAD;
  segment.p_flags = PF_R | PF_X;
  segment.p_vaddr = segment.p_paddr = kBase;
  segment.p_filesz = segment.p_memsz = kCode + static_cast<std::uint32_t>(code.size());
  segment.p_align = 0x1000;
  std::string image(reinterpret_cast<const char*>(&header), sizeof(header));
  image.append(reinterpret_cast<const char*>(&segment), sizeof(segment));
  return image.append(code);
}

std::string program(std::string_view code) {
  return program<Elf64_Ehdr, Elf64_Phdr>(code, ELFCLASS64, EM_X86_64);
}

}  // namespace

std::string program_that_exits(const std::string& text) {
  using std::string_view_literals::operator""sv;
  return program(
             "\x31\xff"              // xor edi, edi
             "\xb8\x3c\x00\x00\x00"  // mov eax, __NR_exit
             "\x0f\x05"sv) +         // syscall
         text;
}

std::string program_that_exits_with_its_argument() {
  using std::string_view_literals::operator""sv;
  return program(
      "\x48\x8b\x44\x24\x10"  // mov rax, [rsp + 16]: argv[1]
      "\x0f\xb6\x78\x02"      // movzx edi, byte [rax + 2]
      "\xb8\x3c\x00\x00\x00"  // mov eax, __NR_exit
      "\x0f\x05"sv);          // syscall
}

std::string program_that_exits_for_i386() {
  using std::string_view_literals::operator""sv;
  return program<Elf32_Ehdr, Elf32_Phdr>(
      "\x31\xdb"              // xor ebx, ebx
      "\xb8\x01\x00\x00\x00"  // mov eax, __NR_exit
      "\xcd\x80"sv,           // int 0x80
      ELFCLASS32, EM_386);
}

}  // namespace stayd::test
