// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "audit/signing.h"

namespace stayd::audit {

// The key that signs the record: `record.key` of `credentials` (a directory of systemd.exec(5)
// credentials; empty: there is none), else of `directory`, where one is made if there is none
// yet. The public key is put into `record.pub` of `directory`, whichever it is, in front of those
// of earlier keys.
//
// A private key must be a file of ours that nobody else may read, in a directory that nobody
// else may change: anything else is an error that says which, and not put right in silence.
Result<SigningKey> load_signing_key(const std::string& directory, const std::string& credentials);

// All keys of a file of public ones.
Result<std::vector<PublicKey>> load_public_keys(const std::string& file);

}  // namespace stayd::audit
