// SPDX-License-Identifier: Apache-2.0
#include "policy/learn.h"

#include <netinet/in.h>

#include <algorithm>
#include <set>

#include "base/escape.h"
#include "policy/glob.h"

namespace stayd {
namespace {

// From so many files below a directory on, the directory is named instead.
constexpr std::uint64_t kGroup = 3;

struct Entry {
  std::uint64_t operations = 0;
  std::uint64_t files = 0;  // 0: it is what was seen itself
};
using Entries = std::map<std::string, Entry>;

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

// Not whole trees that everything lives in, and nobody's home.
bool may_stand_for_all(const std::string& directory) {
  const auto depth = std::count(directory.begin(), directory.end(), '/');
  const bool home = depth == 2 && directory.starts_with("/home/");
  return depth >= 2 && !home;
}

// From the deepest directory up: one with enough below it takes their place.
Entries group(const std::map<std::string, std::uint64_t>& paths) {
  Entries entries;
  std::set<std::pair<std::ptrdiff_t, std::string>, std::greater<>> directories;
  for (const auto& [path, operations] : paths) {
    entries[path] = {operations, 0};
    for (std::string above = parent_of(path); may_stand_for_all(above); above = parent_of(above))
      directories.emplace(std::count(above.begin(), above.end(), '/'), above);
  }
  for (const auto& [depth, directory] : directories) {
    const std::string prefix = directory + "/";
    auto begin = entries.lower_bound(prefix), end = begin;
    Entry sum;
    std::uint64_t children = 0;
    for (; end != entries.end() && end->first.starts_with(prefix); ++end, ++children) {
      sum.operations += end->second.operations;
      sum.files += std::max<std::uint64_t>(end->second.files, 1);
    }
    const auto itself = entries.find(directory);
    if (children < kGroup && itself == entries.end()) continue;
    entries.erase(begin, end);
    entries[directory].operations += sum.operations;
    entries[directory].files += sum.files;
  }
  return entries;
}

bool can_be_written(const std::string& text) {
  return !is_glob(text) && std::all_of(text.begin(), text.end(),
                                       [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
}

std::string yaml_text(const std::string& text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string times(std::uint64_t number) {
  return number == 1 ? "once" : std::to_string(number) + " times";
}

// "    - PATH   # 14 files seen below: wider than what was seen"
void write_list(std::string& out, const std::string& indent, const Entries& entries) {
  for (const auto& [text, entry] : entries) {
    if (!can_be_written(text)) {
      out += indent + "# seen " + times(entry.operations) +
             ", cannot be named here: " + escape(text, 300) + "\n";
      continue;
    }
    out += indent + "- " + yaml_text(text) + "  # " + times(entry.operations);
    if (entry.files > 0)
      out += "; " + std::to_string(entry.files) + " files seen below: WIDER than what was seen";
    out += "\n";
  }
}

bool any_writable(const Entries& entries) {
  return std::any_of(entries.begin(), entries.end(),
                     [](const auto& entry) { return can_be_written(entry.first); });
}

// A list without items would not be one.
void write_section(std::string& out, const std::string& key, const std::string& indent,
                   const Entries& entries) {
  if (!any_writable(entries)) {
    write_list(out, indent, entries);
    return;
  }
  out += indent + key + "\n";
  write_list(out, indent + "  ", entries);
}

std::string destination_text(const Endpoint& endpoint, const std::string& host) {
  std::string text = to_string(endpoint);
  const std::size_t port = text.rfind(':');
  if (!host.empty()) text = host + text.substr(port);
  const bool known = endpoint.protocol == IPPROTO_TCP || endpoint.protocol == IPPROTO_UDP;
  return known ? text : text.substr(0, text.rfind('/'));
}

}  // namespace

Policy learning_policy(std::vector<Address> resolvers) {
  Policy policy;
  policy.name = "learning";
  policy.file = "learning";
  policy.observe = policy.report_once = true;
  policy.network_default = policy.files_default = policy.exec_default = Verdict::audit;
  policy.resolvers = std::move(resolvers);
  policy.confirm_dns = false;
  HostRule any;
  any.below = true;
  any.rule = {1, Verdict::audit, {}, "any name"};
  if (!policy.resolvers.empty()) policy.hosts.push_back(std::move(any));
  return policy;
}

void Learner::add(Counts& counts, const std::string& what) {
  const auto found = counts.find(what);
  if (found == counts.end() && distinct_ == kMost) {
    ++left_out_;
    return;
  }
  distinct_ += found == counts.end() ? 1 : 0;
  ++counts[what];
}

void Learner::observe(const Operation& operation, const std::vector<std::string>& hosts) {
  ++operations_;
  switch (operation.kind) {
    case OperationKind::open:
      if (operation.read) add(paths_[Access::read], operation.path);
      if (operation.write) add(paths_[Access::write], operation.path);
      break;
    case OperationKind::create:
      add(paths_[Access::create], operation.path);
      break;
    case OperationKind::remove:
      add(paths_[Access::remove], operation.path);
      break;
    case OperationKind::rename:
      add(paths_[Access::rename], operation.path);
      add(paths_[Access::create], operation.new_path);
      break;
    case OperationKind::exec:
      add(paths_[Access::exec], operation.path);
      break;
    case OperationKind::unix_socket:
      add(sockets_, "unix:" + operation.path);
      break;
    case OperationKind::connect:
    case OperationKind::send:
      add(destinations_, destination_text(operation.endpoint, hosts.empty() ? "" : hosts.front()));
      break;
  }
}

std::string Learner::draft(std::string_view name, std::string_view period) const {
  const auto entries_of = [this](Access access) {
    const auto found = paths_.find(access);
    return found == paths_.end() ? Entries{} : group(found->second);
  };
  const auto plain = [](const Counts& counts) {
    Entries entries;
    for (const auto& [text, operations] : counts) entries[text] = {operations, 0};
    return entries;
  };
  std::string out = "# A draft, from " + std::to_string(operations_) + " different operations in " +
                    std::string(period) +
                    ". It allows what was seen and holds everything\n# else: read every line "
                    "before you use it. What did not happen meanwhile is not in it.\n";
  if (left_out_ > 0)
    out += "# INCOMPLETE: " + std::to_string(left_out_) + " operations were too many to keep.\n";
  out += "policy: " + std::string(name) + "\nmode: observe  # until you trust it: then enforce\n";

  out += "network:\n  default: hold\n";
  write_section(out, "allow:", "  ", plain(destinations_));
  if (!sockets_.empty()) {
    out += "  # Unix sockets that were used; those that no rule names are allowed anyway:\n";
    for (const auto& [text, operations] : sockets_)
      out += "  #   " + escape(text, 300) + "  (" + times(operations) + ")\n";
  }
  out += "files:\n  default: hold\n";
  const std::pair<const char*, Access> sections[] = {{"read", Access::read},
                                                     {"write", Access::write},
                                                     {"create", Access::create},
                                                     {"delete", Access::remove},
                                                     {"rename", Access::rename}};
  for (const auto& [key, access] : sections) {
    const Entries entries = entries_of(access);
    if (any_writable(entries)) out += std::string("  ") + key + ":\n";
    write_section(out, "allow:", "    ", entries);
  }
  out += "exec:\n  default: hold\n";
  Entries programs;
  if (const auto found = paths_.find(Access::exec); found != paths_.end())
    programs = plain(found->second);
  write_section(out, "allow:", "  ", programs);
  return out;
}

}  // namespace stayd
