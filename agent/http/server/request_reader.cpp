// SPDX-License-Identifier: Apache-2.0
#include "http/server/request_reader.h"

#include <boost/beast/core/string.hpp>

namespace stayd::http {

std::optional<Refusal> RequestReader::take(boost::beast::flat_buffer& buffer) {
  if (!has_header()) {
    if (auto refusal = message_.take_header(buffer)) return refusal;
    if (!has_header()) return std::nullopt;
    if (auto refusal = check_header()) return refusal;
  }
  return message_.take_body(buffer);
}

std::optional<Refusal> RequestReader::check_header() {
  const auto& header = message_.parser().get();
  const bool http_1_1 = header.version() == 11;
  // RFC 9112, section 3.2.
  const std::size_t hosts = header.count(field::host);
  if (hosts > 1 || (hosts == 0 && http_1_1)) return Refusal{400, "not exactly one field Host"};
  if (header.count(field::authorization) > 1)
    return Refusal{400, "more than one field Authorization"};
  if (!header.target().starts_with('/')) return Refusal{400, "the target is not a path"};
  if (const auto expectation = header.find(field::expect); expectation != header.end()) {
    if (!boost::beast::iequals(expectation->value(), "100-continue"))
      return Refusal{417, "an expectation other than 100-continue"};
    expects_continue_ = http_1_1;
  }
  return std::nullopt;
}

Request RequestReader::release() {
  auto message = message_.parser().release();
  Request request;
  request.method = message.method();
  request.target = std::string(message.target());
  request.body = std::move(message.body());
  request.fields = std::move(static_cast<Fields&>(message.base()));
  return request;
}

}  // namespace stayd::http
