// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// The words of policies and of files of cases, map by map. packaging/schema says the same to
// editors; a test compares them.
namespace stayd {

inline constexpr std::string_view kPolicyKeys[] = {
    "policy", "applies_to", "owner",   "user",  "mode", "on_agent_loss", "use",     "with",
    "trust",  "labels",     "network", "files", "exec", "flows",         "approval"};
inline constexpr std::string_view kUseKeys[] = {"pack", "without"};
inline constexpr std::string_view kAppliesToKeys[] = {"unit",  "slice", "cgroup",
                                                      "label", "user",  "group"};
inline constexpr std::string_view kNetworkKeys[] = {"default", "unix", "allow", "audit",
                                                    "hold",    "deny", "dns",   "confirm_dns"};
inline constexpr std::string_view kFilesKeys[] = {"default", "read",   "write",
                                                  "create",  "delete", "rename"};
inline constexpr std::string_view kExecKeys[] = {"default", "allow", "audit", "hold", "deny"};
inline constexpr std::string_view kEntryKeys[] = {"what", "class"};
inline constexpr std::string_view kToolKeys[] = {"tool",        "words",      "options",
                                                 "takes_value", "pipes_into", "class"};
inline constexpr std::string_view kVerdictKeys[] = {"allow", "audit", "hold", "deny"};
inline constexpr std::string_view kFlowKeys[] = {"after", "network", "except",
                                                 "write", "exec",    "class"};
inline constexpr std::string_view kAfterKeys[] = {"read", "files"};
inline constexpr std::string_view kApprovalKeys[] = {
    "approvers", "quorum", "timeout", "linger", "scopes", "escalate", "when_nobody_listens", "for"};
inline constexpr std::string_view kApprovalForKeys[] = {
    "rule",   "class",    "approvers",          "quorum", "timeout", "linger",
    "scopes", "escalate", "when_nobody_listens"};
inline constexpr std::string_view kEscalationKeys[] = {"after", "to"};

inline constexpr std::string_view kPackKeys[] = {"pack",    "about", "use",  "parameters", "labels",
                                                 "network", "files", "exec", "flows"};
inline constexpr std::string_view kParameterKeys[] = {"means", "kind", "example", "default"};

inline constexpr std::string_view kCaseFileKeys[] = {"policy", "home", "links", "cases"};
inline constexpr std::string_view kCaseKeys[] = {"do", "expect", "rule", "touched", "sha256"};
// The words with which an operation begins, before its colon.
inline constexpr std::string_view kOperationWords[] = {
    "open", "create", "delete", "link", "rename", "replace", "exec", "connect", "send"};

}  // namespace stayd
