// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "trials/trial.h"

namespace stayd::test {
namespace {

namespace fs = std::filesystem;
using Kind = Attempt::Kind;

void make_file(const std::string& path) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path) << "content\n";
}

std::function<long()> opens(const std::string& path, int flags) {
  return [path, flags]() -> long {
    return Fd(::open(path.c_str(), flags | O_CLOEXEC, 0600)) ? 0 : -1;
  };
}

struct Opening {
  const char* text;
  int flags;
  bool read, write;
};
constexpr Opening kOpenings[] = {
    {"read", O_RDONLY, true, false},        {"read", O_RDONLY | O_CREAT, true, false},
    {"write", O_WRONLY, false, true},       {"append", O_WRONLY | O_APPEND | O_CREAT, false, true},
    {"read and write", O_RDWR, true, true}, {"empty, for reading", O_RDONLY | O_TRUNC, true, true},
};

void make_opening(Trial& trial, const Opening& opening, const std::string& path) {
  trial.text = std::string(opening.text) + " " + path;
  trial.attempt.read = opening.read;
  trial.attempt.write = opening.write;
  trial.prepare = [path] { make_file(path); };
  trial.perform = opens(path, opening.flags);
}

void make_creation(Randomness& random, Trial& trial, const std::string& path) {
  trial.text = "create " + path;
  trial.attempt.kind = Kind::create;
  trial.prepare = [path] { fs::create_directories(fs::path(path).parent_path()); };
  switch (random.below(5)) {
    case 0:
      trial.perform = opens(path, O_WRONLY | O_CREAT);
      break;
    case 1:
      trial.perform = opens(path, O_RDWR | O_CREAT | O_EXCL);
      break;
    case 2:
      trial.perform = [path]() -> long { return ::mkdir(path.c_str(), 0755); };
      break;
    case 3:
      trial.perform = [path]() -> long { return ::symlink("/nowhere", path.c_str()); };
      break;
    default:
      trial.perform = [path]() -> long { return ::mkfifo(path.c_str(), 0600); };
  }
}

void make_deletion(Trial& trial, const std::string& path, bool of_directory) {
  trial.text = "delete " + path;
  trial.attempt.kind = Kind::remove;
  if (of_directory) {
    trial.prepare = [path] { fs::create_directories(path); };
    trial.perform = [path]() -> long { return ::rmdir(path.c_str()); };
  } else {
    trial.prepare = [path] { make_file(path); };
    trial.perform = [path]() -> long { return ::unlink(path.c_str()); };
  }
}

void make_rename(Trial& trial, World& world, const std::string& from, const std::string& to,
                 bool replaces, bool of_directory) {
  trial.text = "rename " + from + " to " + to + (replaces ? ", replacing" : "");
  trial.attempt.kind = Kind::rename;
  trial.attempt.target = replaces ? world.tree.facts(to) : world.tree.new_name(to);
  trial.attempt.replaces = replaces;
  trial.prepare = [from, to, replaces, of_directory] {
    const auto make = [of_directory](const std::string& path) {
      of_directory ? static_cast<void>(fs::create_directories(path)) : make_file(path);
    };
    make(from);
    fs::create_directories(fs::path(to).parent_path());
    if (replaces) make(to);
  };
  trial.perform = [from, to]() -> long { return ::rename(from.c_str(), to.c_str()); };
}

}  // namespace

std::string own_directory(Randomness& random, World& world, std::size_t number) {
  const std::string parent =
      world.root + random.word({"", "/a", "/a/b", "/a/b/c", "/a/b/c/d", "/e", "/e/f"});
  const std::string own = parent + "/o" + std::to_string(number);
  for (const std::string& each : {parent, own}) world.places.push_back(each);
  return own;
}

std::string file_name(Randomness& random, World& world) {
  std::string name = random.word({".env", "key.pem", "id_rsa", "data.csv", "list.csv", "x.tar.gz",
                                  "pem", "dot.", "a b.c",
                                  "a-name-longer-than-thirty-two-bytes-is"
                                  "-hashed-in-several-steps.extension"});
  world.names.push_back(name);
  return name;
}

Trial file_trial(Randomness& random, World& world, std::size_t number) {
  Trial trial;
  const std::string path = own_directory(random, world, number) + "/" + file_name(random, world);
  world.places.push_back(path);
  trial.late = random.one_in(8);
  const std::size_t kind = random.below(world.only_looks ? 9 : 16);
  trial.attempt.file = kind == 9 || kind == 10 ? world.tree.new_name(path) : world.tree.facts(path);
  if (kind < 8) {
    make_opening(trial, kOpenings[random.below(std::size(kOpenings))], path);
  } else if (kind == 8) {
    trial.text = "truncate " + path;
    trial.attempt.write = true;
    trial.prepare = [path] { make_file(path); };
    trial.perform = [path]() -> long { return ::truncate(path.c_str(), 1); };
  } else if (kind < 11) {
    make_creation(random, trial, path);
  } else if (kind == 11) {
    trial.text = "list " + path;
    trial.attempt.read = true;
    trial.prepare = [path] { fs::create_directories(path); };
    trial.perform = opens(path, O_RDONLY | O_DIRECTORY);
  } else if (kind < 14) {
    make_deletion(trial, path, random.one_in(3));
  } else {
    const std::string to = own_directory(random, world, number) + "x/" + file_name(random, world);
    world.places.push_back(to);
    make_rename(trial, world, path, to, random.one_in(2), random.one_in(4));
  }
  return trial;
}

}  // namespace stayd::test
