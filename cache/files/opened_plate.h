// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <stop_token>
#include <string_view>

#include "cache/files/product.h"
#include "cache/store/store.h"

namespace platefs::cache {

/// A plate's file, opened, and what the store knows of the version that it reads.
struct OpenedPlate {
  std::shared_ptr<OpenFile> file;
  ObjectInfo object;
};

/// Opens a plate to make something of it. The store may have evicted what an open product remembers: then
/// a byte of it is read, which brings it back. Throws Error{Changed} when the archive replaced the plate
/// meanwhile, Error{Cancelled} on `stop`. For query threads.
OpenedPlate open_plate(Product& product, const Store& store, std::string_view key, const std::stop_token& stop);

/// What `make()` makes of a plate that it opens; anew from the next version when the archive replaces the plate
/// meanwhile, a few times.
template <typename Make>
auto made_of_one_version(const Make& make) {
  for (int tries_left = 3;; --tries_left) {
    try {
      return make();
    } catch (const vo::Error& error) {
      if (error.kind() != vo::ErrorKind::Changed || tries_left == 1) throw;
    }
  }
}

}  // namespace platefs::cache
