// SPDX-License-Identifier: Apache-2.0
#include "audit/key_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "base/fd.h"
#include "base/whole_file.h"

namespace stayd::audit {
namespace {

constexpr std::size_t kMaxFile = 64 << 10;
constexpr mode_t kOthers = 077;
constexpr mode_t kOthersWrite = 022;

std::string mode_text(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", mode & 07777u);
  return text;
}

Result<std::string> read_all(const Fd& file, const std::string& path) {
  std::string text;
  char bytes[4096];
  ssize_t size = 0;
  while ((size = ::read(file.get(), bytes, sizeof bytes)) != 0) {
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno_error(path);
    text.append(bytes, static_cast<std::size_t>(size));
    if (text.size() > kMaxFile) return Error{path + " is too large for a key"};
  }
  OPENSSL_cleanse(bytes, sizeof bytes);
  return {boost::system::in_place_value, std::move(text)};
}

Result<> is_ours(const struct stat& status, const std::string& path, mode_t forbidden) {
  if (status.st_uid != 0 && status.st_uid != ::geteuid())
    return Error{path + " belongs to uid " + std::to_string(status.st_uid) +
                 ", who could change it: chown it to root"};
  if ((status.st_mode & forbidden) != 0)
    return Error{path + " has mode " + mode_text(status.st_mode) + ", so that others could " +
                 (forbidden == kOthers ? "read or " : "") + "change it: chmod " +
                 (forbidden == kOthers ? "0600 " : "go-w ") + path};
  return {};
}

Result<> check_directory(const std::string& directory) {
  struct stat status {};
  if (::stat(directory.c_str(), &status) != 0) return errno_error(directory);
  if (!S_ISDIR(status.st_mode)) return Error{directory + " is not a directory"};
  return is_ours(status, directory, kOthersWrite);
}

// Nothing: there is no such file.
Result<std::optional<SigningKey>> read_key(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file && errno == ENOENT) return std::optional<SigningKey>();
  if (!file) return errno_error("key " + path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return errno_error("key " + path);
  if (!S_ISREG(status.st_mode)) return Error{"key " + path + " is not a regular file"};
  if (Result<> ours = is_ours(status, path, kOthers); !ours) return in_context("key", ours.error());
  Result<std::string> text = read_all(file, path);
  if (!text) return in_context("key", text.error());
  Result<SigningKey> key = SigningKey::from_pem(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!key) return in_context("key " + path, key.error());
  return std::optional<SigningKey>(std::move(*key));
}

Result<SigningKey> make_key(const std::string& path) {
  Result<SigningKey> key = SigningKey::generate();
  if (!key) return key;
  std::string text = key->pem();
  const Result<> written = write_whole_file(path, text, 0600);
  OPENSSL_cleanse(text.data(), text.size());
  if (!written) return in_context("new key", written.error());
  return key;
}

Result<SigningKey> find_key(const std::string& directory, const std::string& credentials) {
  if (!credentials.empty()) {
    Result<std::optional<SigningKey>> key = read_key(credentials + "/record.key");
    if (!key) return key.error();
    if (*key) return std::move(**key);
  }
  if (Result<> fine = check_directory(directory); !fine)
    return in_context("directory of the record's key", fine.error());
  Result<std::optional<SigningKey>> key = read_key(directory + "/record.key");
  if (!key) return key.error();
  if (*key) return std::move(**key);
  return make_key(directory + "/record.key");
}

// In front of those that signed before, which verification of older lines needs.
Result<> publish(const PublicKey& key, const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file && errno != ENOENT) return errno_error(path);
  std::string before;
  if (file) {
    Result<std::string> text = read_all(file, path);
    if (!text) return text.error();
    const Result<std::vector<PublicKey>> known = public_keys(*text);
    if (!known) return in_context(path, known.error());
    for (const PublicKey& each : *known)
      if (each.id() == key.id()) return {};
    before = std::move(*text);
  }
  return write_whole_file(path, key.pem() + before, 0644);
}

}  // namespace

Result<SigningKey> load_signing_key(const std::string& directory, const std::string& credentials) {
  std::error_code error;
  if (std::filesystem::create_directories(directory, error))
    ::chmod(directory.c_str(), 0755);  // the public key is for everybody
  if (error) return Error{"directory of the record's key: " + directory + ": " + error.message()};
  Result<SigningKey> key = find_key(directory, credentials);
  if (!key) return key;
  if (Result<> published = publish(key->public_key(), directory + "/record.pub"); !published)
    return in_context("public key", published.error());
  return key;
}

Result<std::vector<PublicKey>> load_public_keys(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return errno_error("public key " + path);
  Result<std::string> text = read_all(file, path);
  if (!text) return in_context("public key", text.error());
  Result<std::vector<PublicKey>> keys = public_keys(*text);
  if (!keys) return in_context("public key " + path, keys.error());
  return keys;
}

}  // namespace stayd::audit
