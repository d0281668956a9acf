// SPDX-License-Identifier: Apache-2.0
#include "policy/attempt.h"

#include <netinet/in.h>

#include <algorithm>
#include <cctype>
#include <span>

#include "base/suggestion.h"
#include "policy/keys.h"
#include "policy/values.h"

namespace stayd {
namespace {

using Kind = Attempt::Kind;

std::optional<Error> check_path(std::string_view path) {
  if (!path.starts_with('/'))
    return Error{in_quotes(path) + " is not an absolute path; begin with '/'"};
  if (path.size() > kMaxPath || path.find('\0') != path.npos)
    return Error{in_quotes(path) + " is longer than a path can be; write a shorter one"};
  if (normal_path(path) != path)
    return Error{in_quotes(path) + " is not a plain path; write " + in_quotes(normal_path(path))};
  return std::nullopt;
}

// "/srv/x:read"
Result<Attempt> parse_open(std::string_view rest, PathTree& tree) {
  const std::size_t colon = rest.rfind(':');
  const std::string_view mode = colon == rest.npos ? "" : rest.substr(colon + 1);
  Attempt attempt;
  attempt.read = mode == "read" || mode == "readwrite";
  attempt.write = mode == "write" || mode == "readwrite";
  if (!attempt.read && !attempt.write)
    return Error{in_quotes(rest) +
                 " does not say what for; write open:/srv/x:read, :write or "
                 ":readwrite"};
  const std::string path(rest.substr(0, colon));
  if (auto error = check_path(path)) return *error;
  attempt.file = tree.facts(path);
  return attempt;
}

Result<Attempt> parse_name(Kind kind, std::string_view rest, PathTree& tree) {
  if (auto error = check_path(rest)) return *error;
  Attempt attempt;
  attempt.kind = kind;
  attempt.file =
      kind == Kind::create ? tree.new_name(std::string(rest)) : tree.facts(std::string(rest));
  return attempt;
}

// "/srv/x:/srv/y"
Result<Attempt> parse_two_names(Kind kind, std::string_view rest, bool replaces, PathTree& tree) {
  const std::size_t colon = rest.find(":/");
  if (colon == rest.npos)
    return Error{in_quotes(rest) + " does not say where to; write " +
                 (kind == Kind::link ? "link" : "rename") + ":/srv/x:/srv/y"};
  const std::string from(rest.substr(0, colon)), to(rest.substr(colon + 1));
  for (const std::string& path : {from, to})
    if (auto error = check_path(path)) return *error;
  Attempt attempt;
  attempt.kind = kind;
  attempt.file = tree.facts(from);
  attempt.target = replaces ? tree.facts(to) : tree.new_name(to);
  attempt.replaces = replaces;
  return attempt;
}

// Takes the words for the program's origins off the text.
std::uint32_t take_origin(std::string_view& program) {
  constexpr auto bit = [](std::uint32_t origin) { return std::uint32_t{1} << origin; };
  if (program == "memfd") {
    program = "/memfd";
    return bit(STAYD_ORIGIN_MEMFD) | bit(STAYD_ORIGIN_DELETED) | bit(STAYD_ORIGIN_WRITABLE);
  }
  for (auto [prefix, origin] : {std::pair{"deleted:", STAYD_ORIGIN_DELETED},
                                std::pair{"writable:", STAYD_ORIGIN_WRITABLE}}) {
    if (!program.starts_with(prefix)) continue;
    program.remove_prefix(std::string_view(prefix).size());
    return bit(static_cast<std::uint32_t>(origin));
  }
  return 0;
}

// Takes a word that begins with a quote and ends, with the same one, at a space or the end of the
// text. Nothing: the next word is none of those.
std::optional<std::string> take_quoted(std::string_view& text) {
  const char quote = text.front();
  if (quote != '"' && quote != '\'') return std::nullopt;
  std::string word;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) {
      if (i + 1 < text.size() && text[i + 1] != ' ') return std::nullopt;
      text.remove_prefix(i + 1);
      return word;
    }
    const bool escapes = quote == '"' && text[i] == '\\' && i + 1 < text.size() &&
                         (text[i + 1] == '"' || text[i + 1] == '\\');
    if (escapes) ++i;
    word += text[i];
  }
  return std::nullopt;
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    if (text.front() == ' ') {
      text.remove_prefix(1);
    } else if (std::optional<std::string> quoted = take_quoted(text)) {
      words.push_back(std::move(*quoted));
    } else {
      const std::size_t space = std::min(text.find(' '), text.size());
      words.emplace_back(text.substr(0, space));
      text.remove_prefix(space);
    }
  }
  return words;
}

// "/usr/bin/git push --force"
Result<Attempt> parse_exec(std::string_view rest, PathTree& tree) {
  std::vector<std::string> words = split_words(rest);
  if (words.empty()) return Error{"no program; write exec:/usr/bin/git push"};
  std::string_view program = words.front();
  Attempt attempt;
  attempt.kind = Kind::exec;
  attempt.program.origins = take_origin(program);
  const std::string path(program);
  if (auto error = check_path(path)) return *error;
  attempt.file = tree.facts(path);
  attempt.program.path = attempt.file.path;
  words.front() = path;
  attempt.program.arguments = std::move(words);
  attempt.program.looks_ahead = true;
  return attempt;
}

Result<Attempt> parse_socket(std::string_view name, PathTree& tree) {
  Attempt attempt;
  attempt.kind = Kind::unix_socket;
  if (name.starts_with('@') && name.size() > 1) {
    attempt.abstract_name = name.substr(1);
    return attempt;
  }
  if (auto error = check_path(name)) return *error;
  attempt.file = tree.facts(std::string(name));
  return attempt;
}

Result<Attempt> parse_connect(std::string_view rest, PathTree& tree) {
  if (rest.starts_with("unix:")) return parse_socket(rest.substr(5), tree);
  std::string host;
  std::string text(rest);
  const std::size_t at = rest.find('@');
  if (at != rest.npos) {
    host = rest.substr(0, at);
    text = rest.substr(at + 1);
  }
  Result<PortsText> ports = split_ports(text);
  if (!ports) return ports.error();
  if (ports->first_port == 0 || ports->first_port != ports->last_port)
    return Error{in_quotes(rest) + " does not say which port; write connect:192.0.2.7:443"};
  Result<Destinations> to = parse_destinations(ports->host);
  if (!to && at == rest.npos) {
    host = ports->host;
    to = parse_destinations(kNowhere);
  }
  if (!to) return to.error();
  std::transform(host.begin(), host.end(), host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (to->prefix.bits != 128 || (!host.empty() && !is_host_name(host)))
    return Error{in_quotes(rest) +
                 " is neither one address nor a host name; write 192.0.2.7:443, "
                 "[2001:db8::1]:443 or files.example.org:443"};
  Attempt attempt;
  attempt.kind = Kind::network;
  attempt.destination.address = to->prefix.address;
  attempt.destination.port = ports->first_port;
  attempt.destination.protocol = IPPROTO_TCP;
  if (ports->protocol != 0) attempt.destination.protocol = ports->protocol;
  if (!host.empty()) attempt.destination.hosts = {host};
  return attempt;
}

}  // namespace

Result<Attempt> parse_attempt(std::string_view text, PathTree& tree) {
  const std::size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  const std::string_view rest = colon == text.npos ? "" : text.substr(colon + 1);
  if (kind == "open") return parse_open(rest, tree);
  if (kind == "create") return parse_name(Kind::create, rest, tree);
  if (kind == "delete") return parse_name(Kind::remove, rest, tree);
  if (kind == "rename") return parse_two_names(Kind::rename, rest, false, tree);
  if (kind == "replace") return parse_two_names(Kind::rename, rest, true, tree);
  if (kind == "link") return parse_two_names(Kind::link, rest, false, tree);
  if (kind == "exec") return parse_exec(rest, tree);
  if (kind == "connect" || kind == "send") return parse_connect(rest, tree);
  const std::string nearest =
      suggest(kind, {std::begin(kOperationWords), std::end(kOperationWords)});
  if (nearest.starts_with("did you") && colon != text.npos)
    return Error{in_quotes(text) + " is not an operation; " + nearest};
  return Error{in_quotes(text) +
               " is not an operation; write open:/srv/x:read, create:/srv/x, delete:/srv/x, "
               "rename:/srv/x:/srv/y, exec:/usr/bin/git push or connect:192.0.2.7:443"};
}

std::string quoted_argument(std::string_view argument) {
  if (!argument.empty() && argument.find_first_of(" '\"") == argument.npos)
    return std::string(argument);
  std::string text = "\"";
  for (const char c : argument) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"";
}

Result<LabelRead> parse_label_read(std::string_view text) {
  const std::size_t equals = text.find('=');
  LabelRead read{std::string(text.substr(0, equals)), 1};
  if (equals == text.npos) return read;
  const std::optional<std::uint32_t> files = parse_count(text.substr(equals + 1), kMaxFiles);
  if (!files)
    return Error{in_quotes(text) +
                 " is not a label with a number of files; write LABEL=N, 1 to 1000000"};
  read.files = *files;
  return read;
}

Result<std::uint64_t> touched_mask(const Policy& policy, const CompiledPolicy& compiled,
                                   const std::vector<std::string>& labels) {
  std::uint64_t mask = 0;
  const std::span flows(compiled.settings.flows, compiled.settings.flow_count);
  for (const std::string& text : labels) {
    const Result<LabelRead> read = parse_label_read(text);
    if (!read) return read.error();
    const std::string& name = read->label;
    const auto same = [&](const Label& label) { return label.name == name; };
    if (std::none_of(policy.labels.begin(), policy.labels.end(), same)) {
      std::vector<std::string_view> known;
      for (const Label& label : policy.labels) known.push_back(label.name);
      return Error{"unknown label " + in_quotes(name) + "; " +
                   (known.empty() ? "the policy has none" : suggest(name, known))};
    }
    for (std::size_t bit = 0; bit < compiled.labels.size(); ++bit) {
      if (compiled.labels[bit] != name) continue;
      mask |= std::uint64_t{1} << bit;
      for (const stayd_flow& flow : flows)
        if (flow.files != 0 && flow.counted == bit && flow.files <= read->files)
          mask |= flow.labels;
    }
  }
  return mask;
}

}  // namespace stayd
