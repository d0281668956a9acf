// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "audit/redactor.h"

namespace stayd::audit {
namespace {

// What names of secrets are made of.
#define NAME                                                                               \
  "(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|" \
  "credentials?)"
#define VALUE R"re(("[^"]*"?|'[^']*'?|[^\s"']+))re"

constexpr std::array<std::string_view, 14> kPatterns = {
    // --password X, --client-secret=X
    R"re((?i)(?:^|[\s"'])--?(?:[a-z0-9]+[_-])*)re" NAME R"re((?:=|\s+))re" VALUE,
    // AWS_SECRET_ACCESS_KEY=X, PGPASSWORD=X, MYSQL_PWD=X, ?access_token=X&
    R"re((?i)\b[a-z0-9_.-]*(?:)re" NAME R"re([a-z0-9_]*|_pwd)=("[^"]*"?|'[^']*'?|[^\s"'&;]+))re",
    // "api_key": "X"
    R"re((?i)["'][a-z0-9_.-]*)re" NAME
    R"re([a-z0-9_]*["']\s*:\s*("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s"',}]+))re",
    R"re((?i)\b(?:proxy-)?authorization["']?\s*[:=]\s*["']?([^"'\r\n]+))re",
    R"re((?i)\b(?:cookie|set-cookie|(?:[a-z0-9]+-)+(?:token|key|secret|password))\s*:\s*([^"'\r\n]+))re",
    R"re((?i)\bbearer\s+([a-z0-9._~+/=-]{8,}))re",
    // https://TOKEN@host, postgres://user:X@host
    R"re((?i)\bhttps?://([^\s/"'?#]+)@)re",
    R"re((?i)\b[a-z][a-z0-9+.-]*://[^\s/:@"']*:([^\s/"'?#]+)@)re",
    R"re((?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(.*?)(?:-----END|$))re",
    // curl -u user:X
    R"re((?i)(?:^|\s)(?:-u|--user|--proxy-user)[= ]([^\s:"']*:[^\s"']+))re",
    R"re(\bsshpass\s+-p\s?(\S+))re",
    R"re(\b(?:mysql|mariadb)[a-z]*\s(?:[^\n]*\s)?-p(\S+))re",
    // AWS, GitHub, GitLab, Slack, Google, npm, Stripe, and keys that begin with sk-
    R"re(\b((?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{20,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|AIza[A-Za-z0-9_-]{35}|npm_[A-Za-z0-9]{36}|[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|sk-[A-Za-z0-9_-]{20,}))re",
    // RFC 7519
    R"re(\b(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*))re",
};

#undef NAME
#undef VALUE

}  // namespace

std::span<const std::string_view> default_patterns() { return kPatterns; }

}  // namespace stayd::audit
