// SPDX-License-Identifier: Apache-2.0
#include "identity/token_request.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/json.h"
#include "base/regular_file.h"
#include "identity/jwt_signer.h"

namespace stayd {
namespace {

using http::percent_encode;
using nlohmann::json;
using std::chrono::seconds;

constexpr std::size_t kMaxAnswer = 64 * 1024;
constexpr std::size_t kMaxToken = 16 * 1024;
constexpr std::size_t kMaxCertificate = 1024 * 1024;
constexpr seconds kAssertionLife = std::chrono::minutes(10);
constexpr seconds kMaxLife = std::chrono::hours(24);

constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";  // RFC 7523, section 2.2

// RFC 7523, section 3.
Result<std::string> assertion(const ClientCredentials& credentials,
                              const http::CertificateFiles& files, std::string_view nonce,
                              TimePoint now) {
  const Result<std::string> certificate = read_regular_file(files.certificate, kMaxCertificate);
  if (!certificate) return certificate.error();
  const Result<std::string> key = SecretFile(files.key).read();
  if (!key) return key.error();
  const Result<JwtSigner> signer = JwtSigner::parse(*certificate, *key);
  if (!signer) return in_context(files.certificate + " and " + files.key, signer.error());
  const std::int64_t time = std::chrono::floor<seconds>(now).time_since_epoch().count();
  const json claims = {{"aud", credentials.token_endpoint.text()},
                       {"iss", credentials.client_id},
                       {"sub", credentials.client_id},
                       {"jti", nonce},
                       {"nbf", time},
                       {"iat", time},
                       {"exp", time + kAssertionLife.count()}};
  return signer->sign(claims);
}

Result<std::string> proof(const ClientCredentials& credentials, std::string_view nonce,
                          TimePoint now) {
  if (const auto* secret = std::get_if<SecretFile>(&credentials.proof)) {
    const Result<std::string> text = secret->read();
    if (!text) return text.error();
    return {boost::system::in_place_value, "client_secret=" + percent_encode(*text)};
  }
  const Result<std::string> token =
      assertion(credentials, std::get<http::CertificateFiles>(credentials.proof), nonce, now);
  if (!token) return token.error();
  return {boost::system::in_place_value, "client_assertion_type=" + percent_encode(kAssertionType) +
                                             "&client_assertion=" + percent_encode(*token)};
}

std::string_view advice(unsigned long code) {
  switch (code) {
    case 700016:
      return "there is no application of this client id in the tenant";
    case 700027:
      return "the certificate is not registered for the application";
    case 90002:
      return "there is no such tenant";
    case 7000215:
      return "the secret is wrong: the file needs its value, not its id";
    case 7000222:
      return "the secret has expired";
    default:
      return {};
  }
}

// Codes are for machines: anything else in their place is not repeated.
bool is_code(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
  });
}

const std::string* text_of(const json& object, const char* name) {
  const auto member = object.find(name);
  return member == object.end() ? nullptr : member->get_ptr<const std::string*>();
}

unsigned long microsoft_code(const json& answer) {
  const auto codes = answer.find("error_codes");
  if (codes == answer.end() || !codes->is_array() || codes->empty()) return 0;
  const json& first = codes->front();
  return first.is_number_unsigned() ? first.get<unsigned long>() : 0;
}

Error refusal(unsigned status, const json& answer) {
  std::string message = "status " + std::to_string(status);
  const std::string* error = text_of(answer, "error");
  if (error && is_code(*error)) message += ", " + *error;
  const unsigned long code = microsoft_code(answer);
  if (code != 0) message += ", AADSTS" + std::to_string(code);
  if (!advice(code).empty()) message += ": " + std::string(advice(code));
  return Error{std::move(message)};
}

// Whole seconds; some endpoints write them as text.
std::optional<seconds> life_of(const json& answer) {
  std::uint64_t value = 0;
  const auto member = answer.find("expires_in");
  if (member == answer.end()) return std::nullopt;
  if (member->is_number_unsigned()) {
    value = member->get<std::uint64_t>();
  } else if (const auto* text = member->get_ptr<const std::string*>()) {
    const char* end = text->data() + text->size();
    const auto [rest, error] = std::from_chars(text->data(), end, value);
    if (error != std::errc() || rest != end) return std::nullopt;
  }
  if (value == 0) return std::nullopt;
  return seconds(std::min<std::uint64_t>(value, kMaxLife.count()));
}

// b64token of RFC 6750, section 2.1.
bool is_bearer_token(std::string_view text) {
  static constexpr std::string_view kMarks = "-._~+/=";
  return !text.empty() && text.size() <= kMaxToken &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  kMarks.find(c) != kMarks.npos;
         });
}

}  // namespace

Result<std::string> token_request(const ClientCredentials& credentials, std::string_view nonce,
                                  TimePoint now) {
  const Result<std::string> proven = proof(credentials, nonce, now);
  if (!proven) return proven.error();
  return {boost::system::in_place_value,
          "grant_type=client_credentials&client_id=" + percent_encode(credentials.client_id) +
              "&scope=" + percent_encode(credentials.scope) + "&" + *proven};
}

Result<IssuedToken> parse_token(unsigned status, std::string_view body) {
  const Result<json> answer = parse_json(body, {kMaxAnswer, 8, /*duplicate_members=*/false});
  const bool object = answer && answer->is_object();
  if (status != 200) return refusal(status, object ? *answer : json::object());
  if (!answer) return answer.error();
  if (!object) return Error{"no JSON object"};
  const std::string* type = text_of(*answer, "token_type");
  // RFC 6749, section 5.1: case does not count.
  const bool bearer = type && type->size() == 6 &&
                      std::equal(type->begin(), type->end(), "bearer",
                                 [](char a, char b) { return a == b || a + ('a' - 'A') == b; });
  if (!bearer) return Error{"\"token_type\" is not Bearer"};
  const std::string* value = text_of(*answer, "access_token");
  if (!value || !is_bearer_token(*value)) return Error{"no fit \"access_token\""};
  const std::optional<seconds> life = life_of(*answer);
  if (!life) return Error{"\"expires_in\" is not a number of seconds"};
  return IssuedToken{*value, *life};
}

}  // namespace stayd
