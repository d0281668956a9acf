// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace stayd::audit {

// Lines of the record as events of the Open Cybersecurity Schema Framework, version 1.7.0
// (https://schema.ocsf.io). Pure.
//
//   operation, ticket_opened           File System Activity 1001, Process Activity 1007 or
//                                      Network Activity 4001, with what was done with it
//   decision…, ticket_closed, …        Entity Management 3004, of the ticket, the hold or the
//   policy granted                            Authorize Session 3003 killed Process Activity 1007
//   started, stopped                   Application Lifecycle 6002
//   record_…                           Event Log Activity 1008
//   any other                          Base Event 0
class OcsfMapper {
 public:
  // Nothing: a signature, which says nothing outside of its record. Remembers the host that
  // the record names.
  std::optional<nlohmann::json> map(const nlohmann::json& event);

 private:
  nlohmann::json base(const nlohmann::json& event, int class_uid, int activity) const;
  nlohmann::json operation(const nlohmann::json& event, const nlohmann::json& operation,
                           const nlohmann::json& about) const;
  nlohmann::json entity(const nlohmann::json& event) const;
  nlohmann::json grant(const nlohmann::json& event) const;
  nlohmann::json log(const nlohmann::json& event) const;
  nlohmann::json device() const;

  std::string host_;
};

}  // namespace stayd::audit
