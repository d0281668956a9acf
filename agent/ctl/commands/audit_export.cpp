// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>

#include "audit/chain.h"
#include "audit/export.h"
#include "base/yaml.h"
#include "ctl/command.h"
#include "ctl/record_files.h"

namespace stayd {
namespace {

struct Options {
  audit::ExportFormat format{};
  RecordFiles record;
};

Option format_option(audit::ExportFormat& to) {
  return required(
      {"--format", "FORMAT", "ocsf, journal or plain", [&to](const std::string& value) -> Result<> {
         const auto format = audit::parse_export_format(value);
         if (!format) return Error{stayd::in_quotes(value) + " is not ocsf, journal or plain"};
         to = *format;
         return {};
       }});
}

int run(const Options& options, const Console& console) {
  const Result<audit::RecordReader> reader = options.record.open();
  if (!reader) return console.fail(reader.error());
  audit::Exporter exporter(options.format);
  std::uint64_t left_out = 0;
  const Result<> read = reader->read([&](const audit::ReadLine& line) {
    if (!audit::parse_line(line.text)) ++left_out;
    console.out << exporter.convert(line.text);
    // Whoever reads may have had enough.
    return static_cast<bool>(console.out);
  });
  if (!read) return console.fail(read.error());
  if (left_out != 0)
    console.note(std::to_string(left_out) +
                 " lines are not lines of a record and were left out; see: stayctl audit verify");
  return kExitOk;
}

}  // namespace

Command audit_export_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "audit export",
          .summary = "export the record as OCSF, for a journal, or as text",
          .operands = {options->record.operand()},
          .options = {format_option(options->format), options->record.option()},
          .run = with(options, run)};
}

}  // namespace stayd
