// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cache/store/store.h"
#include "tests/support/scratch_directory.h"

namespace platefs::test {

using Bytes = std::vector<std::byte>;

/// `size` bytes that differ from granule to granule and from seed to seed.
inline Bytes pattern(std::uint64_t size, unsigned seed = 1) {
  Bytes bytes(size);
  std::uint32_t state = seed * 2654435761u + 1;
  for (auto& byte : bytes) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<std::byte>(state >> 24);
  }
  return bytes;
}

inline Bytes bytes_of(const cache::Extent& extent) {
  if (extent.fd < 0) {
    Bytes bytes;
    for (const auto& piece : extent.memory) bytes.insert(bytes.end(), piece.begin(), piece.end());
    return bytes;
  }
  Bytes bytes(extent.size);
  const auto got = ::pread(extent.fd, bytes.data(), bytes.size(), static_cast<off_t>(extent.offset));
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

/// A store in a directory of its own, which can be closed and opened again.
class StoreTest : public testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    store.reset();
    cache::StoreOptions options;
    options.directory = scratch.path() / "cache";
    options.quota = quota;
    options.open_files = open_files;
    options.now = [this] { return now; };
    options.warn = [this](std::string_view text) { warnings.emplace_back(text); };
    store = std::make_unique<cache::Store>(options);
  }
  void reopen() { open(); }

  static cache::ObjectFacts facts(std::uint64_t size, const std::string& etag = "\"1\"") {
    cache::ObjectFacts made;
    made.size = size;
    made.validators.etag = etag;
    made.url = "http://archive.test/plate.fits";
    made.source = "download";
    return made;
  }
  cache::ObjectInfo stored(const std::string& key, const Bytes& bytes, const std::string& etag = "\"1\"") {
    const auto info = store->create(key, facts(bytes.size(), etag));
    store->put(info.id, 0, bytes);
    return info;
  }
  std::optional<Bytes> read(cache::ObjectId id, std::uint64_t first, std::uint64_t end) {
    const auto extent = store->read(id, {first, end});
    if (!extent) return std::nullopt;
    return bytes_of(*extent);
  }

  ScratchDirectory scratch;
  std::uint64_t quota = 1ull << 30;
  std::size_t open_files = 0;
  std::int64_t now = 1'700'000'000;
  std::vector<std::string> warnings;
  std::unique_ptr<cache::Store> store;
};

}  // namespace platefs::test
