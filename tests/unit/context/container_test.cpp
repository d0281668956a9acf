// SPDX-License-Identifier: Apache-2.0
#include "context/container.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace stayd {
namespace {

const std::string kId(64, 'a');

TEST(Container, IsKnownByTheNameOfItsCgroup) {
  EXPECT_EQ(container_of("/system.slice/docker-" + kId + ".scope"), (ContainerId{"docker", kId}));
  EXPECT_EQ(container_of("/docker/" + kId), (ContainerId{"docker", kId}));
  EXPECT_EQ(container_of("/machine.slice/libpod-" + kId + ".scope"), (ContainerId{"podman", kId}));
  EXPECT_EQ(container_of("/system.slice/docker.service"), std::nullopt);
  EXPECT_EQ(container_of("/system.slice/docker-../../etc.scope"), std::nullopt);
}

TEST(Container, HasTheLabelsOfItsStateFile) {
  const std::string root = testing::TempDir() + "container-state";
  const std::string directory = root + "/var/lib/docker/containers/" + kId;
  std::filesystem::create_directories(directory);
  std::ofstream(directory + "/config.v2.json") << R"({"Config": {"Labels": {"role": "agent"}}})";
  const auto labels = container_labels("/docker/" + kId, root);
  ASSERT_EQ(labels.size(), 1u);
  EXPECT_EQ(labels[0], (std::pair<std::string, std::string>{"role", "agent"}));
  std::ofstream(directory + "/config.v2.json") << "{broken";
  EXPECT_TRUE(container_labels("/docker/" + kId, root).empty());
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace stayd
