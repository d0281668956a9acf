// SPDX-License-Identifier: Apache-2.0
#include "audit/export.h"

#include <algorithm>

#include "audit/chain.h"
#include "audit/journal.h"
#include "base/escape.h"
#include "base/json.h"
#include "base/rfc3339.h"

namespace stayd::audit {
namespace {

using nlohmann::json;

// One line of printable ASCII, whatever the record holds: its strings should be so already.
std::string printable(const std::string& text) {
  for (const char c : text)
    if (c < 0x20 || c > 0x7e) return escape(text, kUnbounded);
  return text;
}

std::string plain(const Line& line, const json& event) {
  std::string text = std::string(line.time) + " " + std::string(line.event);
  for (const auto& [name, value] : event.items()) {
    if (name == "seq" || name == "prev" || name == "time" || name == "event") continue;
    text += " " + printable(name) + "=" +
            printable(value.is_string() ? value.get<std::string>() : dump(value));
  }
  return text + "\n";
}

// A field with a newline in it would need the binary form; none has.
void add(std::string& entry, std::string_view name, const std::string& value) {
  entry += std::string(name) + "=" + printable(value) + "\n";
}

std::string journal(const Line& line, const json& event, std::int64_t ms) {
  std::string entry;
  add(entry, "__REALTIME_TIMESTAMP", std::to_string(ms * 1000));
  add(entry, "SYSLOG_IDENTIFIER", "stayd");
  bool has_message = false;
  for (const JournalField& field : entry_of(event)) {
    add(entry, field.name, field.value);
    has_message = has_message || field.name == "MESSAGE";
  }
  if (!has_message) {
    add(entry, "MESSAGE", std::string(line.event));
    add(entry, "STAYD_EVENT", std::string(line.event));
    if (const auto ticket = event.find("ticket"); ticket != event.end())
      add(entry, "STAYD_TICKET", dump(*ticket));
  }
  add(entry, "STAYD_RECORD_SEQ", std::to_string(line.number));
  add(entry, "STAYD_RECORD_LINE", std::string(line.text));
  return entry + "\n";
}

}  // namespace

std::optional<ExportFormat> parse_export_format(std::string_view name) {
  if (name == "plain") return ExportFormat::plain;
  if (name == "ocsf") return ExportFormat::ocsf;
  if (name == "journal") return ExportFormat::journal;
  return std::nullopt;
}

std::string Exporter::convert(std::string_view text) {
  const Result<Line> line = parse_line(text);
  if (!line) return "";
  const Result<json> event = parse_json(text);
  if (!event || !event->is_object()) return "";
  switch (format_) {
    case ExportFormat::plain:
      return plain(*line, *event);
    case ExportFormat::journal:
      // An importer refuses what has no time; of a line that has none, the one before tells.
      if (const auto time = parse_rfc3339(line->time))
        last_ms_ = std::max<std::int64_t>(time->time_since_epoch().count(), 1);
      return journal(*line, *event, last_ms_);
    case ExportFormat::ocsf:
      break;
  }
  const std::optional<json> mapped = ocsf_.map(*event);
  return mapped ? dump(*mapped) + "\n" : "";
}

}  // namespace stayd::audit
