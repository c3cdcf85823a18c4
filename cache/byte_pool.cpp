// SPDX-License-Identifier: BSD-3-Clause
#include "cache/byte_pool.h"

#include <utility>

namespace platefs::cache {

std::vector<std::byte> BytePool::take() {
  {
    const auto spare = spare_->lock();
    if (!spare->empty()) {
      auto bytes = std::move(spare->back());
      spare->pop_back();
      return bytes;
    }
  }
  std::vector<std::byte> bytes;
  bytes.reserve(kUsual);
  return bytes;
}

SharedBytes BytePool::share(std::vector<std::byte> bytes) {
  const auto give_back = [spare = spare_](std::vector<std::byte>* used) {
    const std::unique_ptr<std::vector<std::byte>> owned(used);
    if (owned->capacity() < kUsual || owned->capacity() > 2 * kUsual) return;
    owned->clear();
    const auto access = spare->lock();
    if (access->size() < kMostSpare) access->push_back(std::move(*owned));
  };
  return {new std::vector<std::byte>(std::move(bytes)), give_back};
}

}  // namespace platefs::cache
