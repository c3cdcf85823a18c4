// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/opened_plate.h"

#include "cache/files/open_and_read.h"

namespace platefs::cache {
namespace {

constexpr int kMostTries = 3;  // a cache too small for the plate evicts it at once

}  // namespace

OpenedPlate open_plate(Product& product, const Store& store, std::string_view key, const std::stop_token& stop) {
  for (int tries = 1;; ++tries) {
    auto file = open_and_wait(product, stop);
    const auto object = store.object(key);
    if (object && object->version == file->version()) return {std::move(file), *object};
    if (object || tries == kMostTries) {
      throw vo::Error{vo::ErrorKind::Changed, "the archive replaced the plate meanwhile"};
    }
    read_and_wait(*file, {0, 1}, stop);
  }
}

}  // namespace platefs::cache
