// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/opened_plate.h"

#include <utility>

#include "vo/base/wait_for.h"

namespace platefs::cache {
namespace {

constexpr int kMostTries = 3;  // a cache too small for the plate evicts it at once

}  // namespace

OpenedPlate open_plate(Product& product, const Store& store, std::string_view key, const std::stop_token& stop) {
  for (int tries = 1;; ++tries) {
    const auto open = [&](vo::Completion<std::shared_ptr<OpenFile>> done) { return product.open(std::move(done)); };
    auto file = vo::wait_for<std::shared_ptr<OpenFile>>(open, stop);
    const auto object = store.object(key);
    if (object && object->version == file->version()) return {std::move(file), *object};
    if (object || tries == kMostTries) {
      throw vo::Error{vo::ErrorKind::Changed, "the archive replaced the plate meanwhile"};
    }
    vo::wait_for<Extent>([&](vo::Completion<Extent> done) { file->read({0, 1}, std::move(done)); }, stop);
  }
}

}  // namespace platefs::cache
