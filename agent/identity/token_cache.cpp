// SPDX-License-Identifier: Apache-2.0
#include "identity/token_cache.h"

#include <algorithm>
#include <utility>

namespace stayd {

using std::chrono::milliseconds;

milliseconds TokenCache::renewal_after(std::chrono::seconds life) {
  const milliseconds whole = life;
  const milliseconds early = std::min(whole * 8 / 10, whole - std::chrono::minutes(5));
  return std::max(early, whole / 2);
}

const std::string* TokenCache::token(Time now) const {
  return !token_.empty() && now < expires_ ? &token_ : nullptr;
}

void TokenCache::received(IssuedToken token, Time asked) {
  token_ = std::move(token.value);
  received_ = asked;
  expires_ = asked + token.life;
  renew_ = asked + renewal_after(token.life);
  retry_ = asked;
  failures_ = 0;
}

void TokenCache::failed(Error error, Time now, double random, milliseconds at_least) {
  error_ = std::move(error);
  retry_ = now + std::max(kRetry.delay(++failures_, random), at_least);
}

void TokenCache::invalidate(const std::string& token) {
  if (token_.empty() || token != token_) return;
  token_.clear();
  renew_ = Time::min();
  retry_ = received_ + kBetweenTokens;
  error_ = Error{"the token that was issued last was refused"};
}

}  // namespace stayd
