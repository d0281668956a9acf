// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <nlohmann/json.hpp>
#include <string>

#include "audit/chain.h"
#include "audit/export.h"
#include "audit/record_reader.h"
#include "audit/story.h"
#include "base/escape.h"
#include "base/json.h"
#include "ctl/commands.h"
#include "ctl/story_text.h"

namespace stayd {
namespace {

using audit::RecordReader;
using nlohmann::json;

// What was named, else all that there is.
Result<RecordReader> open_record(const Arguments& arguments) {
  return arguments.operands.empty() ? RecordReader::open_all(arguments.record)
                                    : RecordReader::open(arguments.operands);
}

}  // namespace

int run_audit_show(const Arguments& arguments, const Console& console) {
  TicketId id = 0;
  const char* end = arguments.ticket.data() + arguments.ticket.size();
  const auto [stopped, error] = std::from_chars(arguments.ticket.data(), end, id);
  if (error != std::errc{} || stopped != end)
    return console.fail(Error{"which ticket? add --ticket ID"}, kExitUsage);
  const Result<RecordReader> reader = open_record(arguments);
  if (!reader) return console.fail(reader.error());
  audit::Story story(id);
  const Result<> read = reader->read([&](const audit::ReadLine& line) {
    story.add(line.text);
    return true;
  });
  if (!read) return console.fail(read.error());
  if (story.tellings().empty())
    return console.fail(Error{"the record says nothing of ticket " + std::to_string(id)});
  if (arguments.json)
    console.out << dump({{"ticket", id},
                         {"tellings", story.tellings()},
                         {"left_out", story.left_out()}})
                << '\n';
  else
    console.out << story_text(story, id, console.width, console.colour);
  return kExitOk;
}

int run_audit_export(const Arguments& arguments, const Console& console) {
  const std::optional<audit::ExportFormat> format = audit::parse_export_format(arguments.format);
  if (!format)
    return console.fail(Error{"in which format? add --format ocsf, journal or plain"}, kExitUsage);
  const Result<RecordReader> reader = open_record(arguments);
  if (!reader) return console.fail(reader.error());
  audit::Exporter exporter(*format);
  std::uint64_t left_out = 0;
  const Result<> read = reader->read([&](const audit::ReadLine& line) {
    if (!audit::parse_line(line.text)) ++left_out;
    console.out << exporter.convert(line.text);
    // Whoever reads may have had enough.
    return static_cast<bool>(console.out);
  });
  if (!read) return console.fail(read.error());
  if (left_out != 0)
    console.err << "stayctl: " << left_out
                << " lines are none of a record and were left out; see: stayctl audit verify\n";
  return kExitOk;
}

}  // namespace stayd
