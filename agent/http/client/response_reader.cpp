// SPDX-License-Identifier: Apache-2.0
#include "http/client/response_reader.h"

#include <utility>

namespace stayd::http {
namespace {

std::optional<Error> as_error(std::optional<Refusal> refusal) {
  if (!refusal) return std::nullopt;
  return Error{std::move(refusal->message)};
}

}  // namespace

ResponseReader::ResponseReader(MessageLimits limits, Kind kind) : limits_(limits), kind_(kind) {
  begin();
}

void ResponseReader::begin() {
  message_.emplace(limits_);
  if (kind_ != Kind::ordinary) message_->parser().skip(true);
}

std::optional<Error> ResponseReader::take(boost::beast::flat_buffer& buffer) {
  while (!message_->parser().is_header_done()) {
    if (auto refusal = message_->take_header(buffer)) return as_error(std::move(refusal));
    if (!message_->parser().is_header_done()) return std::nullopt;
    const unsigned status = message_->parser().get().result_int();
    if (status >= 200) break;
    // Nothing of ours asks for another protocol.
    if (status < 100 || status == 101) return Error{"status " + std::to_string(status)};
    if (++interim_ > kMaxInterim) return Error{"too many interim answers"};
    begin();
  }
  return as_error(message_->take_body(buffer));
}

std::optional<Error> ResponseReader::take_end() {
  if (!message_->parser().is_header_done()) return Error{"it hung up without an answer"};
  return as_error(message_->take_end());
}

bool ResponseReader::keep_alive() const { return message_->parser().keep_alive(); }

Response ResponseReader::release() {
  auto message = message_->parser().release();
  Response response;
  response.status = message.result_int();
  response.body = std::move(message.body());
  response.fields = std::move(static_cast<Fields&>(message.base()));
  return response;
}

}  // namespace stayd::http
