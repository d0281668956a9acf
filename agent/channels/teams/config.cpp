// SPDX-License-Identifier: Apache-2.0
#include "channels/teams/config.h"

#include <algorithm>
#include <charconv>

#include "base/yaml_reader.h"
#include "identity/account.h"

namespace stayd::teams {
namespace {

constexpr std::string_view kFileKeys[] = {"teams"};
constexpr std::string_view kKeys[] = {"mode",        "cloud",
                                      "tenant",      "app_id",
                                      "secret_file", "certificate",
                                      "listen",      "tls",
                                      "ca_file",     "service_hosts",
                                      "channels",    "plain_http_on_loopback",
                                      "details_url", "workflow_url_file"};
constexpr std::string_view kCertificateKeys[] = {"certificate_file", "key_file"};
constexpr std::size_t kMaxChannels = 256;
constexpr std::size_t kMaxId = 256;

// "19:…@thread.tacv2": nothing that would be read as another conversation, or escapes a path.
bool is_channel_id(std::string_view id) {
  return id.starts_with("19:") && id.size() <= kMaxId &&
         std::ranges::all_of(id, [](unsigned char c) {
           return std::isalnum(c) != 0 ||
                  std::string_view(":@._-").find(char(c)) != std::string_view::npos;
         });
}

class ConfigReader : private YamlReader {
 public:
  ConfigReader(const std::string& file, const std::string& credentials)
      : YamlReader(file), credentials_(credentials) {}

  Result<std::optional<Config>> read(const YamlNode& root) {
    const YamlNode* teams =
        check_map(root, "the configuration", kFileKeys) ? root.find("teams") : nullptr;
    if (teams != nullptr && check_map(*teams, "'teams'", kKeys)) read_teams(*teams);
    if (error()) return *error();
    if (teams == nullptr) return std::optional<Config>();
    return {boost::system::in_place_value, std::move(config_)};
  }

 private:
  void read_teams(const YamlNode& node) {
    read_mode(node);
    if (node.find("ca_file"))
      config_.ca_file = text_of(node, "ca_file", "ca_file: /etc/ssl/ca.pem");
    if (node.find("details_url")) read_details_url(node);
    if (config_.mode == Mode::workflow) {
      config_.workflow_url_file = secret(
          text_of(node, "workflow_url_file", "workflow_url_file: /etc/stayd/teams.workflow"), node);
      return;
    }
    read_cloud(node);
    config_.tenant = guid(node, "tenant");
    config_.app_id = guid(node, "app_id");
    read_proof(node);
    if (const YamlNode* channels = node.find("channels")) read_channels(*channels);
    if (config_.mode == Mode::bot) read_listen(node);
  }

  void read_mode(const YamlNode& node) {
    const std::string mode = text_of(node, "mode", "mode: bot");
    if (mode == "notify") config_.mode = Mode::notify;
    if (mode == "workflow") config_.mode = Mode::workflow;
    if (!mode.empty() && mode != "bot" && config_.mode == Mode::bot)
      fail(node.find("mode")->at,
           "no mode " + in_quotes(mode) + "; " + suggest(mode, {"bot", "notify", "workflow"}));
  }

  void read_cloud(const YamlNode& node) {
    const std::string name =
        node.find("cloud") ? text_of(node, "cloud", "cloud: public") : std::string("public");
    config_.cloud = find_cloud(name);
    if (config_.cloud == nullptr) {
      if (!name.empty())
        fail(node.find("cloud")->at,
             "no cloud " + in_quotes(name) + "; " + suggest(name, {"public", "usgov", "china"}));
      return;
    }
    config_.service_hosts.assign(config_.cloud->service_hosts.begin(),
                                 config_.cloud->service_hosts.end());
    for_item(node.find("service_hosts"), "service_hosts", [this](const YamlNode& item) {
      if (!check_text(item, "service_hosts")) return;
      const Result<http::Url> url = http::parse_url("https://" + item.text + "/");
      if (!url || url->host != item.text)
        return fail(item.at, in_quotes(item.text) + " is no host in lower case");
      config_.service_hosts.push_back(item.text);
    });
    if (config_.service_hosts.empty())
      fail(node.at,
           "the hosts of this cloud's conversations are not known; add 'service_hosts: "
           "[HOST]' with the host of the bot's serviceUrl");
  }

  std::string guid(const YamlNode& node, std::string_view key) {
    const std::string text = text_of(node, key, std::string(key) + ": GUID");
    const Result<std::string> canonical = canonical_guid(text);
    if (!canonical && !text.empty()) fail(node.find(key)->at, canonical.error().message);
    return canonical ? *canonical : std::string();
  }

  std::string secret(const std::string& path, const YamlNode& node) {
    if (path.empty() || path.find('/') != std::string::npos) return path;
    if (credentials_.empty())
      fail(node.at, in_quotes(path) +
                        " would be a credential, but stayd was started without any; "
                        "write a whole path, or LoadCredential= into its unit");
    return credentials_ + "/" + path;
  }

  std::optional<http::CertificateFiles> certificate(const YamlNode& node, std::string_view what) {
    if (!check_map(node, what, kCertificateKeys)) return std::nullopt;
    return http::CertificateFiles{
        text_of(node, "certificate_file", "certificate_file: /etc/stayd/cert.pem"),
        secret(text_of(node, "key_file", "key_file: /etc/stayd/key.pem"), node)};
  }

  void read_proof(const YamlNode& node) {
    const YamlNode* files = node.find("certificate");
    if (files != nullptr && node.find("secret_file") != nullptr)
      return fail(files->at, "both 'secret_file' and 'certificate'; remove one");
    if (files == nullptr) {
      config_.proof = SecretFile(
          secret(text_of(node, "secret_file", "secret_file: /etc/stayd/teams.secret"), node));
    } else if (auto proof = certificate(*files, "'certificate'")) {
      config_.proof = std::move(*proof);
    }
  }

  void read_listen(const YamlNode& node) {
    const std::string text = text_of(node, "listen", "listen: \"0.0.0.0:3978\"");
    if (!text.empty() && !read_address(text))
      fail(node.find("listen")->at, in_quotes(text) +
                                        " is no ADDRESS:PORT; write \"0.0.0.0:3978\" or "
                                        "\"[::]:3978\"");
    const YamlNode* tls = node.find("tls");
    const YamlNode* plain = node.find("plain_http_on_loopback");
    const bool is_plain = plain != nullptr && plain->text == "true";
    if (plain != nullptr && !is_plain && plain->text != "false")
      fail(plain->at, "'plain_http_on_loopback' must be true or false");
    if ((tls != nullptr) == is_plain)
      return fail(node.at,
                  "Teams speaks TLS: add 'tls: {certificate_file: …, key_file: …}', or "
                  "'plain_http_on_loopback: true' behind a proxy of this host; not both");
    if (tls != nullptr)
      config_.tls = certificate(*tls, "'tls'");
    else if (!http::is_loopback(config_.address))
      fail(plain->at, "plain HTTP is for loopback addresses; write 'listen: \"127.0.0.1:3978\"'");
  }

  bool read_address(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == text.npos) return false;
    std::string_view address = text.substr(0, colon);
    const std::string_view port = text.substr(colon + 1);
    if (address.starts_with('[') && address.ends_with(']'))
      address = address.substr(1, address.size() - 2);
    else if (address.find(':') != address.npos)
      return false;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), config_.port);
    config_.address = address;
    return error == std::errc() && end == port.data() + port.size() && config_.port != 0 &&
           !address.empty();
  }

  void read_details_url(const YamlNode& node) {
    std::string text = text_of(node, "details_url", "details_url: https://stayd.example.com");
    const Result<http::Url> url = http::parse_url(text);
    if (!url || !url->secure || url->target.find('?') != std::string::npos)
      return fail(node.find("details_url")->at, "'details_url' must be an https URL without '?'");
    while (text.ends_with('/')) text.pop_back();
    config_.details_url = std::move(text);
  }

  void read_channels(const YamlNode& node) {
    if (!check_map(node, "'channels'", {})) return;
    if (node.entries.size() > kMaxChannels) fail(node.at, "more than 256 channels");
    for (const YamlEntry& entry : node.entries) {
      if (!check_text(entry.value, entry.key)) continue;
      if (!is_channel_id(entry.value.text))
        fail(entry.value.at,
             in_quotes(entry.value.text) +
                 " is not a channel; write \"19:…@thread.tacv2\", as in the channel's "
                 "link");
      config_.channels.emplace(entry.key, entry.value.text);
    }
  }

  const std::string& credentials_;
  Config config_;
};

}  // namespace

Result<std::optional<Config>> parse_config(std::string_view text, const std::string& file,
                                           const std::string& credentials) {
  Result<YamlNode> root = parse_yaml(text, file);
  if (!root) return root.error();
  return ConfigReader(file, credentials).read(*root);
}

}  // namespace stayd::teams
