// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/buffer_pool.h"

#include <cstring>
#include <utility>

namespace platefs::cache {

void append(Buffer& buffer, std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  const auto before = buffer.size();
  buffer.resize(before + bytes.size());
  std::memcpy(buffer.data() + before, bytes.data(), bytes.size());
}

Buffer BufferPool::take() {
  {
    const auto spare = spare_->lock();
    if (!spare->empty()) {
      auto bytes = std::move(spare->back());
      spare->pop_back();
      return bytes;
    }
  }
  Buffer bytes;
  bytes.reserve(kBufferSize);
  return bytes;
}

SharedBytes BufferPool::share(Buffer bytes) {
  const auto give_back = [spare = spare_](Buffer* used) {
    const std::unique_ptr<Buffer> owned(used);
    if (owned->capacity() != kBufferSize) return;
    owned->clear();
    const auto access = spare->lock();
    if (access->size() < kMostSpare) access->push_back(std::move(*owned));
  };
  return {new Buffer(std::move(bytes)), give_back};
}

}  // namespace platefs::cache
