// SPDX-License-Identifier: BSD-3-Clause
#include "vo/base/text.h"

#include <cstring>
#include <functional>
#include <limits>
#include <new>

#include "vo/base/error.h"

namespace platefs::vo {

Text::Text(std::string_view text) {
  if (text.empty()) return;
  if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw Error{ErrorKind::Malformed, "a text of more than 4 GiB"};
  }
  auto* memory = ::operator new(sizeof(Block) + text.size());
  block_ = new (memory) Block{{1}, static_cast<std::uint32_t>(text.size())};
  std::memcpy(block_->first(), text.data(), text.size());
}

void Text::drop(Block* block) noexcept {
  block->~Block();
  ::operator delete(block);
}

Text TextPool::of(std::string_view text) {
  if (text.empty()) return {};
  if (2 * (used_ + 1) > slots_.size()) grow();
  const std::uint64_t hash = std::hash<std::string_view>{}(text);
  auto at = hash & (slots_.size() - 1);
  for (; !slots_[at].text.empty(); at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].hash == hash && slots_[at].text == text) return slots_[at].text;
  }
  slots_[at] = {hash, Text{text}};
  ++used_;
  bytes_ += Text::memory_of(text.size());
  return slots_[at].text;
}

void TextPool::grow() {
  std::vector<Slot> larger(slots_.empty() ? 64 : 2 * slots_.size());
  for (auto& slot : slots_) {
    if (slot.text.empty()) continue;
    auto at = slot.hash & (larger.size() - 1);
    while (!larger[at].text.empty()) at = (at + 1) & (larger.size() - 1);
    larger[at] = std::move(slot);
  }
  bytes_ += (larger.size() - slots_.size()) * sizeof(Slot);
  slots_ = std::move(larger);
}

}  // namespace platefs::vo
