// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>
#include <string>

#include "audit/record_reader.h"
#include "audit/story.h"
#include "base/json.h"
#include "ctl/answer.h"
#include "ctl/command.h"
#include "ctl/record_files.h"
#include "ctl/story_text.h"

namespace stayd {
namespace {

struct Options {
  TicketId ticket = 0;
  RecordFiles record;
};

Option ticket_option(TicketId& to) {
  return required({"--ticket", "ID", "the ticket", ticket_operand(to).set});
}

int run(const Options& options, const Console& console) {
  const TicketId id = options.ticket;
  const Result<audit::RecordReader> reader = options.record.open();
  if (!reader) return console.fail(reader.error());
  audit::Story story(id);
  const Result<> read = reader->read([&](const audit::ReadLine& line) {
    story.add(line.text);
    return true;
  });
  if (!read) return console.fail(read.error());
  if (story.tellings().empty())
    return console.fail(Error{"the record says nothing of ticket " + std::to_string(id)});
  if (console.json)
    console.out << dump({{"ticket", id},
                         {"tellings", story.tellings()},
                         {"left_out", story.left_out()}})
                << '\n';
  else
    console.out << story_text(story, id, console.width, console.colour);
  return kExitOk;
}

}  // namespace

Command audit_show_command() {
  const auto options = std::make_shared<Options>();
  return {.name = "audit show",
          .summary = "show everything that the record says about one ticket",
          .operands = {options->record.operand()},
          .options = {ticket_option(options->ticket), options->record.option()},
          .run = with(options, run)};
}

}  // namespace stayd
