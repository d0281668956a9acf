// SPDX-License-Identifier: Apache-2.0
#include "identity/key_cache.h"

#include <utility>

namespace stayd {

std::shared_ptr<const KeySet> KeyCache::keys(Time now) const {
  return keys_ && now < fetched_ + kMaxUse ? keys_ : nullptr;
}

bool KeyCache::look_for_unknown(Time now) {
  if (now < retry_ || (looked_ && now < *looked_ + kBetweenLooks)) return false;
  looked_ = now;
  return true;
}

void KeyCache::fetched(KeySet keys, Time now) {
  keys_ = std::make_shared<const KeySet>(std::move(keys));
  fetched_ = now;
  due_ = now + kRefresh;
  retry_ = now;
  failures_ = 0;
}

void KeyCache::failed(Time now, double random) {
  retry_ = now + kRetry.delay(++failures_, random);
  due_ = retry_;
}

}  // namespace stayd
