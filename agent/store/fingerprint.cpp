// SPDX-License-Identifier: Apache-2.0
#include "store/fingerprint.h"

#include "base/digest.h"

namespace stayd {
namespace {

// Fields with their lengths, so that none can pass for the end of one and the start of the next.
class Fields {
 public:
  void add(std::string_view field) {
    text_ += std::to_string(field.size()) + ":";
    text_ += field;
  }
  std::string digest() const { return sha256_hex(text_); }

 private:
  std::string text_;
};

}  // namespace

std::string fingerprint_of(const Operation& operation, std::string_view policy) {
  Fields fields;
  fields.add("1");  // raised when the fields change; earlier fingerprints then match nothing
  fields.add(policy);
  fields.add(to_string(operation.kind));
  fields.add(operation.caller.program);
  if (has_path(operation.kind)) {
    fields.add(operation.path);
    fields.add(operation.new_path);
  } else {
    fields.add(to_string(operation.endpoint));
  }
  if (operation.kind == OperationKind::open) {
    fields.add(operation.read ? "read" : "");
    fields.add(operation.write ? "write" : "");
  }
  if (operation.kind == OperationKind::exec) {
    fields.add(operation.arguments_incomplete ? "incomplete" : "");
    for (const std::string& argument : operation.arguments) fields.add(argument);
  }
  return fields.digest();
}

std::string fingerprint_of(const Ticket& ticket) {
  return fingerprint_of(ticket.operation, ticket.policy);
}

}  // namespace stayd
