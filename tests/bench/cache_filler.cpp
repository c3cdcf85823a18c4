// SPDX-License-Identifier: BSD-3-Clause
// Fills a cache as `platefs fetch` does, but with files of 4 KiB each, for which no archive is asked:
//
//   bench-cache-filler CACHE < TARGETS
//
// A line of TARGETS is a target whose plates the cache knows: its name, RA, Dec and radius in degrees, and a number,
// with tabs between. The first one's cutouts are in the cache. Each of the others gets so many files, cutouts of the
// same plates under the keys that they would have, and is listed as a target that was used. Files go in by the store,
// with index, checksums and commits, as those of a mount do.
#include <fmt/format.h>
#include <xxhash.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <exception>
#include <iostream>
#include <istream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store/store.h"
#include "vo/base/error.h"

namespace {

using platefs::cache::Store;

constexpr std::size_t kSize = 4096;

struct Target {
  std::string name;
  std::string region;  ///< the line of a key that says what its cutout shows (cache/FORMAT.md)
  std::size_t files = 0;
};

std::istream& operator>>(std::istream& in, Target& target) {
  double ra = 0, dec = 0, radius = 0;
  if (in >> target.name >> ra >> dec >> radius >> target.files)
    target.region = fmt::format("\n{} {} {}\n", ra, dec, radius);
  return in;
}

/// No two files have the same bytes.
std::array<std::byte, kSize> bytes_of(const std::string& key) {
  std::array<std::byte, kSize> bytes{};
  auto state = XXH3_64bits(key.data(), key.size());
  for (std::size_t at = 0; at < kSize; at += sizeof state) {
    std::memcpy(bytes.data() + at, &state, sizeof state);
    state = state * 6364136223846793005u + 1442695040888963407u;
  }
  return bytes;
}

/// A cutout that was fetched, in whose image others are made.
struct Model {
  std::string before, after;  ///< the parts of its key around the region
  platefs::cache::ObjectFacts facts;
};

std::vector<Model> cutouts_of(const Store& store, const std::string& region) {
  std::vector<Model> models;
  store.for_each_object(store.object_ids(), [&](const platefs::cache::ObjectInfo& file) {
    const auto at = file.key.find(region);
    if (at == std::string::npos || file.key.find("\ncutout\n") == std::string::npos) return;
    models.push_back({file.key.substr(0, at), file.key.substr(at + region.size()), file.facts});
  });
  return models;
}

void put_file(Store& store, const std::string& key, platefs::cache::ObjectFacts facts) {
  const auto bytes = bytes_of(key);
  const auto id = store.stage(key);
  store.put(id, 0, bytes);
  facts.size = kSize;
  facts.validators = {.etag = {}, .last_modified = {}, .content_hash = XXH3_64bits(bytes.data(), bytes.size())};
  store.publish(id, facts);
}

void put_target(Store& store, const Target& target, const std::vector<Model>& models) {
  if (target.files > models.size()) throw std::runtime_error("there are not so many files to go by: " + target.name);
  for (std::size_t i = 0; i < target.files; ++i) {
    put_file(store, models[i].before + target.region + models[i].after, models[i].facts);
    if (store.is_commit_due()) store.commit();
  }
  store.put_document("target " + target.name,
                     {.bytes = {}, .absent = false, .fetched_at = std::time(nullptr), .expires_at = INT64_MAX});
}

int fill(const std::string& directory) {
  Store store({.directory = directory,
               .now = [] { return std::time(nullptr); },
               .warn = [](std::string_view text) { std::cerr << text << '\n'; }});
  Target target;
  if (!(std::cin >> target)) throw std::runtime_error("no target");
  const auto models = cutouts_of(store, target.region);
  while (std::cin >> target) put_target(store, target, models);
  store.commit();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    return fill(argv[1]);
  } catch (const platefs::vo::Error& error) {
    std::cerr << error.message() << '\n';
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
  }
  return 1;
}
