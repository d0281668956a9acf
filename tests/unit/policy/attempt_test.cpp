// SPDX-License-Identifier: Apache-2.0
#include "policy/attempt.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace stayd {
namespace {

Attempt parsed(const std::string& text) {
  PathTree tree;
  const Result<Attempt> attempt = parse_attempt(text, tree);
  EXPECT_TRUE(attempt) << attempt.error().message;
  return attempt ? *attempt : Attempt{};
}

std::string complaint(const std::string& text) {
  PathTree tree;
  const Result<Attempt> attempt = parse_attempt(text, tree);
  return attempt ? "accepted" : attempt.error().message;
}

TEST(Attempt, IsReadAsItIsWritten) {
  const Attempt open = parsed("open:/srv/a:b:readwrite");
  EXPECT_EQ(open.file.path, "/srv/a:b");
  EXPECT_TRUE(open.read && open.write);
  EXPECT_EQ(parsed("rename:/srv/a:/srv/b").target.path, "/srv/b");
  EXPECT_TRUE(parsed("replace:/srv/a:/srv/b").replaces);
  const Attempt exec = parsed("exec:/usr/bin/git push  --force");
  EXPECT_EQ(exec.program.arguments, (std::vector<std::string>{"/usr/bin/git", "push", "--force"}));
  const Attempt quoted = parsed("exec:/bin/sh -c \"a \\\"b\\\\ | c\" '' 'd e' f'g \"h\"i");
  EXPECT_EQ(quoted.program.arguments,
            (std::vector<std::string>{"/bin/sh", "-c", "a \"b\\ | c", "", "d e", "f'g", "\"h\"i"}));
  EXPECT_EQ(parsed("connect:unix:@name").abstract_name, "name");
  const Attempt connect = parsed("connect:Files.Example.org@192.0.2.7:443");
  EXPECT_EQ(connect.destination.hosts, std::vector<std::string>{"files.example.org"});
  EXPECT_EQ(connect.destination.protocol, IPPROTO_TCP);
  EXPECT_EQ(parsed("send:[2001:db8::1]:53/udp").destination.protocol, IPPROTO_UDP);
}

TEST(Attempt, EveryMistakeSaysWhatToWrite) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"open:/srv/x",
       "'/srv/x' does not say what for; write open:/srv/x:read, :write or :readwrite"},
      {"open:srv/x:read", "'srv/x' is not an absolute path; begin with '/'"},
      {"open:/srv/../etc:read", "'/srv/../etc' is not a plain path; write '/etc'"},
      {"delet:/x", "'delet:/x' is not an operation; did you mean 'delete'?"},
      {"/srv/x",
       "'/srv/x' is not an operation; write open:/srv/x:read, create:/srv/x, delete:/srv/x, "
       "rename:/srv/x:/srv/y, exec:/usr/bin/git push or connect:192.0.2.7:443"},
      {"rename:/srv/x", "'/srv/x' does not say where to; write rename:/srv/x:/srv/y"},
      {"link:/srv/x", "'/srv/x' does not say where to; write link:/srv/x:/srv/y"},
      {"exec:", "no program; write exec:/usr/bin/git push"},
      {"connect:192.0.2.7", "'192.0.2.7' does not say which port; write connect:192.0.2.7:443"},
      {"connect:10.0.0.0/8:80",
       "'10.0.0.0/8:80' is neither one address nor a host name; write 192.0.2.7:443, "
       "[2001:db8::1]:443 or files.example.org:443"},
  };
  for (const auto& [text, message] : mistakes) EXPECT_EQ(complaint(text), message) << text;
}

TEST(Attempt, AQuotedArgumentIsReadAsItWas) {
  for (const std::string argument : {"a", "", "a b", "\"", "'", "\\", "\\\"' \\", "a=\"b c\""}) {
    const Attempt exec = parsed("exec:/bin/sh " + quoted_argument(argument) + " end");
    EXPECT_EQ(exec.program.arguments, (std::vector<std::string>{"/bin/sh", argument, "end"}));
  }
}

}  // namespace
}  // namespace stayd
