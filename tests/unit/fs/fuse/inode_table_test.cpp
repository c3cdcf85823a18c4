// SPDX-License-Identifier: BSD-3-Clause
#include "fs/fuse/inode_table.h"

#include <gtest/gtest.h>

namespace platefs::fs {
namespace {

Node node(std::string identity, NodeKind kind = NodeKind::Plate) {
  Node node;
  node.kind = kind;
  node.identity = std::move(identity);
  return node;
}

TEST(InodeTable, KnowsTheRootForEver) {
  InodeTable table{node("root", NodeKind::Root)};
  table.forget(kRootInode, 1000);
  ASSERT_NE(table.find(kRootInode), nullptr);
  EXPECT_EQ(table.find(kRootInode)->identity, "root");
}

TEST(InodeTable, ForgetsANodeWithItsLastLookup) {
  InodeTable table{node("root")};
  const auto number = table.remember(node("a"), {});
  EXPECT_EQ(table.remember(node("a"), {}), number);
  table.forget(number, 1);
  EXPECT_NE(table.find(number), nullptr);
  table.forget(number, 1);
  EXPECT_EQ(table.find(number), nullptr);
  EXPECT_EQ(table.size(), 1U);
}

TEST(InodeTable, SurvivesAForgetOfTooMuchAndOfNothing) {
  InodeTable table{node("root")};
  const auto number = table.remember(node("a"), {});
  table.forget(number, 5);
  table.forget(number, 5);
  table.forget(12345, 1);
  EXPECT_EQ(table.find(number), nullptr);
}

TEST(InodeTable, GivesTheSameNumberInEveryRun) {
  InodeTable first{node("root")}, second{node("root")};
  second.remember(node("something else"), {});
  EXPECT_EQ(first.remember(node("target/156+48/1890-05-17_i00811"), {}),
            second.number_of("target/156+48/1890-05-17_i00811"));
}

TEST(InodeTable, TellsANumberWithoutRememberingTheNode) {
  InodeTable table{node("root")};
  const auto number = table.number_of("a");
  EXPECT_EQ(table.find(number), nullptr);
  EXPECT_EQ(table.remember(node("a"), {}), number);
}

TEST(InodeTable, HoldsTheNewestNodeOfANumber) {
  InodeTable table{node("root")};
  auto newer = node("a");
  newer.version = 2;
  const auto number = table.remember(node("a"), {});
  table.remember(newer, {});
  EXPECT_EQ(table.find(number)->version, 2U);
}

TEST(InodeTable, KnowsWhereForgottenNodesWereForAWhile) {
  InodeTable table{node("root"), 2};
  std::vector<std::uint64_t> numbers;
  for (const auto* name : {"a", "b", "c"}) numbers.push_back(table.remember(node(name), {kRootInode, name}));
  EXPECT_EQ(table.place_of(numbers[0]).value().name, "a");
  for (const auto number : numbers) table.forget(number, 1);
  EXPECT_FALSE(table.place_of(numbers[0]));
  EXPECT_EQ(table.place_of(numbers[1]).value().name, "b");
  EXPECT_EQ(table.place_of(numbers[2]).value().name, "c");
  EXPECT_EQ(table.place_of(kRootInode).value().directory, kRootInode);
  EXPECT_FALSE(table.place_of(4711));
}

TEST(InodeTable, GivesManyNodesNumbersOfTheirOwn) {
  InodeTable table{node("root")};
  for (int i = 0; i < 20'000; ++i) table.remember(node("plate " + std::to_string(i)), {});
  EXPECT_EQ(table.size(), 20'001U);
}

}  // namespace
}  // namespace platefs::fs
