// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "fs/fuse/operations.h"
#include "tests/support/mounted_tree.h"
#include "tests/support/recorded_fuse.h"

/// The calls of the kernel, tried without one.
namespace platefs::fs {

constexpr auto kTarget = "156.011+48.148";
constexpr auto kPlate = "1890-05-17_i00811";

class OperationsTest : public testing::Test, protected test::MountedTree {
 protected:
  OperationsTest() {
    add_lookup_operations(calls);
    add_directory_operations(calls);
    add_file_operations(calls);
    add_xattr_operations(calls);
    add_refused_operations(calls);
  }

  fuse_req request() {
    fuse_req asked;
    asked.operations = &operations;
    return asked;
  }
  test::RecordedAnswer lookup(fuse_ino_t parent, const std::string& name, pid_t caller = 0) {
    auto asked = request();
    asked.caller.pid = caller;
    calls.lookup(&asked, parent, name.c_str());
    EXPECT_EQ(asked.answer.answers, 1);
    return asked.answer;
  }
  fuse_ino_t inode_of(const std::vector<std::string>& path) {
    fuse_ino_t inode = kRootInode;
    for (const auto& name : path) inode = lookup(inode, name).entry.value().ino;
    return inode;
  }
  /// As the kernel opens: when it hears ESTALE, it looks the name up again, once.
  test::RecordedAnswer open(fuse_ino_t inode, int flags = O_RDONLY, pid_t caller = 0) {
    auto answer = open_once(inode, flags, caller);
    if (answer.error != ESTALE) return answer;
    attributes_of(inode, caller);
    return open_once(inode, flags, caller);
  }
  test::RecordedAnswer attributes_of(fuse_ino_t inode, pid_t caller = 0) {
    auto asked = request();
    asked.caller.pid = caller;
    calls.getattr(&asked, inode, nullptr);
    return asked.answer;
  }
  test::RecordedAnswer open_once(fuse_ino_t inode, int flags = O_RDONLY, pid_t caller = 0) {
    auto asked = request();
    asked.caller.pid = caller;
    fuse_file_info file = {};
    file.flags = flags;
    calls.open(&asked, inode, &file);
    return asked.answer;
  }
  std::string read(fuse_file_info file, std::size_t size, off_t offset, fuse_ino_t inode = 2) {
    auto asked = request();
    calls.read(&asked, inode, size, offset, &file);
    return asked.answer.bytes.value_or("no bytes");
  }
  void release(fuse_file_info file, fuse_ino_t inode = 2) {
    auto asked = request();
    calls.release(&asked, inode, &file);
    EXPECT_EQ(asked.answer.error, 0);
  }
  fuse_file_info opendir(fuse_ino_t inode) {
    auto asked = request();
    fuse_file_info file = {};
    calls.opendir(&asked, inode, &file);
    return asked.answer.opened.value();
  }
  void releasedir(fuse_file_info file) {
    auto asked = request();
    calls.releasedir(&asked, 2, &file);
  }

  /// What readdir lists from the beginning: inode numbers by name.
  std::map<std::string, std::uint64_t> numbers_in(fuse_file_info file, fuse_ino_t inode) {
    auto asked = request();
    calls.readdir(&asked, inode, 1 << 16, 0, &file);
    const auto bytes = asked.answer.bytes.value();
    std::map<std::string, std::uint64_t> numbers;
    for (std::size_t at = 0; at < bytes.size();) {
      std::uint64_t number = 0;
      std::uint32_t length = 0;
      std::memcpy(&number, bytes.data() + at, 8);  // struct fuse_dirent: ino, off, namelen, type, name
      std::memcpy(&length, bytes.data() + at + 16, 4);
      numbers[bytes.substr(at + 24, length)] = number;
      at += (24 + length + 7) / 8 * 8;
    }
    return numbers;
  }

  bool is_past_the_kernels_cache(const std::vector<std::string>& path) {
    const auto opened = open(inode_of(path)).opened.value();
    release(opened);
    return opened.direct_io;
  }

  IconGuard guard{{"fs_tests"}, [](std::string_view) {}};
  Activity activity;
  Operations operations = make_operations();
  fuse_lowlevel_ops calls = {};

 private:
  Operations make_operations() {
    return {.library = library,
            .documents = documents,
            .tree = tree,
            .attributes = attributes,
            .prefetch = {library, 0},
            .guard = guard,
            .activity = activity,
            .log = [this](std::string_view line) { logged.emplace_back(line); },
            .wish_of = [](pid_t) { return SignalWish::Ends; }};
  }
};

}  // namespace platefs::fs
