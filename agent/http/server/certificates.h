// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <compare>
#include <cstdint>
#include <utility>

#include "base/result.h"
#include "http/tls.h"

namespace stayd::http {

// Tells one version of a file from another.
struct FileStamp {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t changed_ns = 0;
  bool operator==(const FileStamp&) const = default;
};

// A server's certificate and key, which others renew while it runs.
class Certificates {
 public:
  static Result<Certificates> load(CertificateFiles files);

  // For new connections; those that are there keep what they began with.
  const TlsContext& context() const { return context_; }

  // Reads the files again. On an error what was read before stays in use.
  Result<> reload();

  // Reads them if they are not those that were tried last. Files that do not fit each other, as
  // in the middle of a renewal, are an error once; the next change is tried again.
  Result<> reload_if_changed();

 private:
  using Stamps = std::pair<FileStamp, FileStamp>;

  explicit Certificates(CertificateFiles files) : files_(std::move(files)) {}
  Stamps stamps() const;

  CertificateFiles files_;
  TlsContext context_;
  Stamps tried_;
};

}  // namespace stayd::http
