// SPDX-License-Identifier: Apache-2.0
#include "redaction/span.h"

#include <algorithm>

namespace stayd::redaction {

Spans merged(Spans spans) {
  std::ranges::sort(spans, {}, &Span::begin);
  Spans result;
  for (const Span& span : spans) {
    if (span.begin >= span.end) continue;
    if (!result.empty() && span.begin <= result.back().end)
      result.back().end = std::max(result.back().end, span.end);
    else
      result.push_back(span);
  }
  return result;
}

}  // namespace stayd::redaction
