// SPDX-License-Identifier: Apache-2.0
#include "redaction/known_forms.h"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "redaction/patterns.h"
#include "redaction/values.h"

namespace stayd::redaction {
namespace {

std::vector<std::string> forms() {
  return {
      // AWS, GitHub, GitLab, Slack, Google
      R"re(\b((?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|gl(?:pat|ptt|dt|rt|cbt|oas|soat|ft|imt|agent)-[A-Za-z0-9_.-]{16,}|xox[abeoprs]-[A-Za-z0-9.-]{10,}|xapp-[A-Za-z0-9-]{20,}|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}))re",
      // Registries of packages and images
      R"re(\b(npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{30,}|rubygems_[0-9a-f]{32,}|oy2[a-z0-9]{43}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}))re",
      // Models
      R"re(\b(hf_[A-Za-z0-9]{20,}|sk-(?:proj|ant|or|svcacct|admin|lf)-[A-Za-z0-9_-]{20,}|sk-[A-Za-z0-9]{20,}|gsk_[A-Za-z0-9]{20,}|r8_[A-Za-z0-9]{30,}|xai-[A-Za-z0-9]{30,}|pplx-[A-Za-z0-9]{30,}|nvapi-[A-Za-z0-9_-]{30,}))re",
      // Payment, mail, monitoring, clouds, stores of secrets
      R"re(\b([rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|key-[0-9a-f]{32}|glsa_[A-Za-z0-9_]{30,}|glc_[A-Za-z0-9+/=]{30,}|sntry[su]_[A-Za-z0-9+/=_-]{30,}|NRAK-[A-Z0-9]{27}|do[opr]_v1_[0-9a-f]{64}|dapi[0-9a-f]{32}|tskey-[a-z]+-[A-Za-z0-9-]{16,}|sbp_[0-9a-f]{40}|pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.-]{20,}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|hv[sbr]\.[A-Za-z0-9_-]{20,}|dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{20,}|[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,}|ATATT3[A-Za-z0-9_=-]{50,}|lin_api_[A-Za-z0-9]{30,}|ntn_[A-Za-z0-9]{40,}|figd_[A-Za-z0-9_-]{30,}|PMAK-[0-9a-f]{24}-[0-9a-f]{34}|AGE-SECRET-KEY-1[A-Z0-9]{20,}))re",
      // RFC 7519
      R"re(\b(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*))re",
      // URLs that are secrets
      R"re((?i)\bhooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9_/-]{20,}))re",
      R"re((?i)\bdiscord(?:app)?\.com/api/webhooks/[0-9]+/([A-Za-z0-9_-]{20,}))re",
      R"re((?i)\bwebhook\.office\.com/webhookb2/([^\s"'?#]{20,}))re",
      R"re(\bbot([0-9]{6,}:[A-Za-z0-9_-]{30,}))re",
      R"re((?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(.*?)(?:-----END|$))re",
      R"re((?i)\bbearer\s+([a-z0-9._~+/=-]{8,}))re",
      // SQL: PASSWORD 'X', IDENTIFIED BY 'X', SET PASSWORD FOR bob = 'X'
      R"re((?i)(?:^|[^\w-])(?:password|secret)(?:\s+for\s+\S+)?(?:\s*=\s*|\s+)'([^']+)')re",
      R"re((?i)\bidentified\s+(?:with\s+\S+\s+)?(?:by|as)\s+(?:password\s+)?["']([^"']+)["'])re",
      R"re((?i)\bpassword\(\s*["']([^"']+)["'])re",
      // mongosh, requests of Python, .netrc, JDBC without a URL
      R"re(\.(?:auth|createUser|changeUserPassword)\(\s*["'][^"']*["']\s*,\s*["']([^"']+)["'])re",
      R"re(\bauth\s*=\s*\(\s*["'][^"']*["']\s*,\s*["']([^"']+)["'])re",
      R"re((?i)\blogin\s+\S+\s+password\s+([^\s"']+))re",
      R"re((?i)\bjdbc:[a-z]+:thin:[^/\s"']+/([^@\s"']+)@)re",
  };
}

const Patterns& patterns() {
  static const Patterns patterns = [] {
    Result<Patterns> made = Patterns::create(forms());
    if (!made) throw std::logic_error(made.error().message);
    return std::move(*made);
  }();
  return patterns;
}

}  // namespace

bool find_known_forms(std::string_view text, Spans& spans) {
  Spans found;
  if (!patterns().find(text, found)) return false;
  std::erase_if(found, [text](const Span& span) { return !can_be_secret(span.of(text)); });
  spans.insert(spans.end(), found.begin(), found.end());
  return true;
}

}  // namespace stayd::redaction
