// SPDX-License-Identifier: Apache-2.0
#include "http/message.h"

#include <algorithm>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/json.h"

namespace stayd::http {
namespace {

namespace beast_http = boost::beast::http;

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kMarks.find(c) != kMarks.npos;
  });
}

// Section 5.5, without the bytes beyond ASCII that it calls obsolete.
bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '\t' || (c >= 0x20 && c < 0x7f); });
}

constexpr field kOurs[] = {
    field::connection, field::content_length,      field::expect,           field::host,
    field::keep_alive, field::proxy_authorization, field::proxy_connection, field::te,
    field::trailer,    field::transfer_encoding,   field::upgrade};

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Result<> check_outgoing_fields(const Fields& fields) {
  for (const auto& entry : fields) {
    if (!is_token(view(entry.name_string()))) return Error{"a field's name is not a token"};
    const std::string name(entry.name_string());
    if (!is_field_value(view(entry.value())))
      return Error{"field " + name + ": its value has a byte that is not allowed there"};
    if (std::find(std::begin(kOurs), std::end(kOurs), entry.name()) != std::end(kOurs))
      return Error{"field " + name + ": cannot be set"};
  }
  return {};
}

Result<std::string_view> only_value(const Fields& fields, field name) {
  const std::size_t count = fields.count(name);
  const std::string_view spelt = view(beast_http::to_string(name));
  if (count == 0) return Error{"no field " + std::string(spelt)};
  if (count > 1) return Error{"more than one field " + std::string(spelt)};
  return {boost::system::in_place_value, view(fields[name])};
}

Reply error_reply(unsigned status, std::string_view message) {
  Reply reply;
  reply.status = status;
  reply.body = dump({{"error", message}}) + "\n";
  return reply;
}

std::string serialize(const Reply& reply, bool keep_alive, bool to_head) {
  beast_http::response<beast_http::string_body> response;
  static_cast<Fields&>(response.base()) = reply.fields;
  response.version(11);
  response.result(reply.status);
  if (!reply.content_type.empty()) response.set(field::content_type, reply.content_type);
  response.keep_alive(keep_alive);
  if (reply.status != 204) response.content_length(reply.body.size());  // RFC 9110, section 8.6
  if (!to_head) response.body() = reply.body;
  std::ostringstream text;
  text << response;
  return text.str();
}

}  // namespace stayd::http
