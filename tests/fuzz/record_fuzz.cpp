// SPDX-License-Identifier: Apache-2.0
// Any bytes as a record: verified, told, exported; and whatever they are, a writer that finds
// them finds where to go on.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "audit/export.h"
#include "audit/story.h"
#include "audit/tail.h"
#include "audit/verifier.h"

namespace {

using namespace stayd::audit;

void require(bool condition) {
  if (!condition) std::abort();
}

// A fixed one, which has signed the seeds.
const PublicKey& key() {
  static const PublicKey key =
      (*public_keys("-----BEGIN PUBLIC KEY-----\n"
                    "MCowBQYDK2VwAyEAS5JP4kJ4I7kq0PEyEXiZCXiLdp8eZb/v6zObYVJe1fw=\n"
                    "-----END PUBLIC KEY-----\n"))[0];
  return key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Verifier verifier({{key()}, {{3, Head{}.hash}}, size % 2 == 0});
  verifier.begin_file("r");
  Story story(1);
  Exporter plain(ExportFormat::plain), ocsf(ExportFormat::ocsf), journal(ExportFormat::journal);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    verifier.line(line, end < text.size());
    story.add(line);
    plain.convert(line);
    ocsf.convert(line);
    journal.convert(line);
    at = end + 1;
  }
  const Verification result = verifier.finish();
  require(!result.intact() || !result.proven.empty());
  require(result.problems.size() <= Verifier::kMaxFindings);
  for (const Finding& each : result.problems) require(each.where.file == "r");
  for (const Range& each : result.proven) require(each.first <= each.last && each.first != 0);

  const std::optional<Tail> tail = find_tail(text, true);
  require(tail && tail->torn <= size);
  const std::optional<Tail> part = find_tail(text.substr(size / 2), false);
  require(!part || (part->head == tail->head && part->torn == tail->torn));
  return 0;
}
