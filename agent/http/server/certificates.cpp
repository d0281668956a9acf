// SPDX-License-Identifier: Apache-2.0
#include "http/server/certificates.h"

namespace stayd::http {
namespace {

FileStamp stamp_of(const std::string& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return {};
  constexpr std::int64_t kSecond = 1'000'000'000;
  // The time of the last change of the inode: no program can set it back.
  return {file.st_dev, file.st_ino, file.st_size,
          file.st_ctim.tv_sec * kSecond + file.st_ctim.tv_nsec};
}

}  // namespace

Result<Certificates> Certificates::load(CertificateFiles files) {
  Certificates certificates(std::move(files));
  if (Result<> loaded = certificates.reload(); !loaded) return loaded.error();
  return certificates;
}

Certificates::Stamps Certificates::stamps() const {
  return {stamp_of(files_.certificate), stamp_of(files_.key)};
}

Result<> Certificates::reload() {
  tried_ = stamps();  // taken before they are read, so that a change during the read is noticed
                      // next time
  Result<TlsContext> context = server_tls(files_);
  if (!context) return context.error();
  context_ = std::move(*context);
  return {};
}

Result<> Certificates::reload_if_changed() {
  if (stamps() == tried_) return {};
  return reload();
}

}  // namespace stayd::http
