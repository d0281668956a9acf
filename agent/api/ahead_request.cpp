// SPDX-License-Identifier: Apache-2.0
#include "api/ahead_request.h"

#include <netinet/in.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "api/arguments.h"
#include "base/escape.h"
#include "policy/attempt.h"
#include "policy/values.h"

namespace stayd {
namespace {

constexpr std::size_t kMaxWord = 16;
constexpr std::size_t kMaxDestination = 512;
constexpr std::size_t kMaxArguments = 1024;

constexpr std::pair<std::string_view, OperationKind> kOperations[] = {
    {"open", OperationKind::open},       {"create", OperationKind::create},
    {"delete", OperationKind::remove},   {"exec", OperationKind::exec},
    {"connect", OperationKind::connect}, {"send", OperationKind::send}};

std::optional<OperationKind> kind_of(std::string_view word) {
  const auto known =
      std::ranges::find(kOperations, word, &std::pair<std::string_view, OperationKind>::first);
  return known == std::end(kOperations) ? std::nullopt : std::optional(known->second);
}

void read_access(BodyReader& body, Wanted& wanted) {
  const std::string access = body.optional_text("access", kMaxWord);
  if (wanted.kind != OperationKind::open) {
    if (!access.empty()) body.fail("\"access\" goes with \"open\" only");
    return;
  }
  wanted.read = access.empty() || access == "read" || access == "readwrite";
  wanted.write = access == "write" || access == "readwrite";
  if (!wanted.read && !wanted.write)
    body.fail("\"access\" is not \"read\", \"write\" or \"readwrite\"");
}

void read_path(BodyReader& body, Wanted& wanted) {
  wanted.path = body.required_text("object", kMaxPath);
  if (!wanted.path.starts_with('/') || wanted.path.find('\0') != wanted.path.npos)
    body.fail("\"object\" is not an absolute path");
}

void read_arguments(BodyReader& body, Wanted& wanted) {
  wanted.arguments = body.required_texts("object", kMaxArguments);
  if (wanted.arguments.empty()) return;
  const std::string& program = wanted.arguments.front();
  if (program.empty() || program.size() > kMaxPath)
    body.fail("the first of \"object\" is not a program");
  if (program.find('/') != program.npos && !program.starts_with('/'))
    body.fail("the first of \"object\" is neither an absolute path nor a name without '/'");
  for (const std::string& each : wanted.arguments)
    if (each.find('\0') != each.npos) body.fail("\"object\" has an argument with a zero byte");
}

void read_destination(BodyReader& body, Wanted& wanted) {
  std::string text = body.required_text("object", kMaxDestination);
  if (text.empty()) return;
  const bool names_protocol = text.find('/') != text.npos;
  if (wanted.kind == OperationKind::send && !names_protocol) text += "/udp";
  PathTree nothing;
  const Result<Attempt> attempt = parse_attempt("connect:" + text, nothing);
  if (!attempt) return body.fail("\"object\": " + attempt.error().message);
  const DestinationFacts& destination = attempt->destination;
  if (attempt->kind != Attempt::Kind::network || destination.hosts.size() > 1 ||
      text.find('@') != text.npos)
    return body.fail("\"object\" is not ADDRESS:PORT or HOST:PORT");
  wanted.endpoint = {
      .address = destination.address, .port = destination.port, .protocol = destination.protocol};
  if (!destination.hosts.empty()) wanted.host = destination.hosts.front();
}

}  // namespace

Result<AheadRequest> read_ahead_request(std::string_view text) {
  BodyReader body(text);
  AheadRequest request;
  const std::string word = body.required_text("operation", kMaxWord);
  const std::optional<OperationKind> kind = kind_of(word);
  if (!kind) body.fail("\"operation\" is not open, create, delete, exec, connect or send");
  request.wanted.kind = kind.value_or(OperationKind::open);
  read_access(body, request.wanted);
  if (request.wanted.kind == OperationKind::exec)
    read_arguments(body, request.wanted);
  else if (has_path(request.wanted.kind))
    read_path(body, request.wanted);
  else
    read_destination(body, request.wanted);
  request.reason = body.required_text("reason", AheadRequest::kMaxReason);
  if (Result<> rest = body.finish(); !rest) return rest.error();
  return {boost::system::in_place_value, std::move(request)};
}

}  // namespace stayd
