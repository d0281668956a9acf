// SPDX-License-Identifier: Apache-2.0
#include "proposals/proposal_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

#include "base/whole_file.h"
#include "policy/values.h"

namespace stayd {
namespace {

namespace fs = std::filesystem;

// "17-support-agent.yaml"
std::optional<ProposalFiles::Entry> entry_of(const fs::path& path) {
  const std::string name = path.stem().string();
  ProposalFiles::Entry entry;
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, entry.ticket);
  if (path.extension() != ".yaml" || error != std::errc{} || rest == end || *rest != '-')
    return std::nullopt;
  entry.policy.assign(rest + 1, end);
  entry.path = path.string();
  struct stat status {};
  if (!is_name(entry.policy) || ::lstat(entry.path.c_str(), &status) != 0 ||
      !S_ISREG(status.st_mode))
    return std::nullopt;
  entry.written = TimePoint(std::chrono::seconds(status.st_mtim.tv_sec));
  return entry;
}

}  // namespace

Result<std::string> ProposalFiles::write(const Ticket& ticket, const std::string& text) const {
  if (!is_name(ticket.policy)) return Error{"the policy has no name"};
  if (::mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) return errno_error(directory_);
  const std::string path =
      directory_ + "/" + std::to_string(ticket.id) + "-" + ticket.policy + ".yaml";
  std::error_code error;
  if (!fs::exists(path, error) && list().size() >= kMax)
    return Error{"there are " + std::to_string(kMax) + " proposals in " + directory_ +
                 " already; look at them, and remove them"};
  if (Result<> written = write_whole_file(path, text, 0600); !written) return written.error();
  return {boost::system::in_place_value, path};
}

std::vector<ProposalFiles::Entry> ProposalFiles::list() const {
  std::vector<Entry> entries;
  std::error_code error;
  for (fs::directory_iterator each(directory_, error), end; !error && each != end;
       each.increment(error))
    if (std::optional<Entry> entry = entry_of(each->path())) entries.push_back(std::move(*entry));
  std::ranges::sort(entries, {}, &Entry::ticket);
  return entries;
}

}  // namespace stayd
