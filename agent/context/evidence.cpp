// SPDX-License-Identifier: Apache-2.0
#include "context/evidence.h"

#include <nlohmann/json.hpp>

#include "base/escape.h"
#include "base/rfc3339.h"

namespace stayd {
namespace {

using nlohmann::json;

json escaped(const std::vector<std::string>& texts, std::size_t text_max) {
  json result = json::array();
  for (const std::string& text : texts) result.push_back(escape(text, text_max));
  return result;
}

json intent_json(const std::optional<Intent>& intent, std::size_t text_max) {
  if (!intent) return nullptr;
  return {{"claim", escape(intent->text, text_max)},
          {"declared", rfc3339(intent->declared)},
          {"process", intent->process}};
}

json precedent_json(const Precedent& precedent) {
  json result = {{"approved", precedent.approved}, {"denied", precedent.denied}, {"last", nullptr}};
  if (precedent.last) result["last"] = rfc3339(*precedent.last);
  return result;
}

}  // namespace

json to_json(const Evidence& evidence, std::size_t text_max) {
  json sent = json::array();
  for (const SentTo& each : evidence.sent)
    sent.push_back({{"to", to_string(each.endpoint)},
                    {"names", escaped(each.names, text_max)},
                    {"bytes", each.bytes}});
  return {{"host", escape(evidence.host, text_max)},
          {"unit", escape(evidence.unit, text_max)},
          {"container", escape(evidence.container, text_max)},
          {"user", escape(evidence.user, text_max)},
          {"login_user", escape(evidence.login_user, text_max)},
          {"intent", intent_json(evidence.intent, text_max)},
          {"touched", escaped(evidence.touched, text_max)},
          {"files_read", escaped(evidence.files_read, text_max)},
          {"files_read_count", evidence.files_read_count},
          {"sent", std::move(sent)},
          {"bytes_sent", evidence.bytes_sent},
          {"precedent", precedent_json(evidence.precedent)}};
}

}  // namespace stayd
