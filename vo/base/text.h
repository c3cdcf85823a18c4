// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <fmt/core.h>

#include <atomic>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace platefs::vo {

/// A text that never changes, shared by its copies: 8 bytes each, whatever its length; an empty one costs nothing
/// else. What tables say again and again is kept once. Copies may be made and dropped on any thread.
class Text {
 public:
  Text() = default;
  Text(std::string_view text);                                     // NOLINT(google-explicit-constructor)
  Text(const char* text) : Text(std::string_view{text}) {}         // NOLINT(google-explicit-constructor)
  Text(const std::string& text) : Text(std::string_view{text}) {}  // NOLINT(google-explicit-constructor)
  Text(const Text& other) noexcept : block_(other.block_) { join(); }
  Text(Text&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Text& operator=(Text other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Text() {
    if (block_ != nullptr && block_->users.fetch_sub(1, std::memory_order_acq_rel) == 1) drop(block_);
  }

  std::string_view view() const noexcept {
    return block_ == nullptr ? std::string_view{} : std::string_view{block_->first(), block_->size};
  }
  operator std::string_view() const noexcept { return view(); }  // NOLINT(google-explicit-constructor)
  std::string str() const { return std::string{view()}; }
  bool empty() const noexcept { return block_ == nullptr; }
  std::size_t size() const noexcept { return block_ == nullptr ? 0 : block_->size; }
  /// They share one place in memory, or are both empty: then they are equal, too.
  bool is_same(const Text& other) const noexcept { return block_ == other.block_; }

  friend bool operator==(const Text& a, const Text& b) noexcept { return a.is_same(b) || a.view() == b.view(); }
  friend bool operator==(const Text& a, std::string_view b) noexcept { return a.view() == b; }
  friend bool operator==(const Text& a, const char* b) noexcept { return a.view() == b; }
  friend bool operator==(const Text& a, const std::string& b) noexcept { return a.view() == b; }
  friend std::strong_ordering operator<=>(const Text& a, const Text& b) noexcept { return a.view() <=> b.view(); }
  friend std::string operator+(const Text& a, std::string_view b) { return a.str().append(b); }
  friend std::string operator+(const std::string& a, const Text& b) { return a + b.str(); }
  friend std::string operator+(const char* a, const Text& b) { return a + b.str(); }

  /// Bytes of memory that a text of this length takes, about.
  static constexpr std::uint64_t memory_of(std::size_t size) { return size == 0 ? 0 : sizeof(Block) + 24 + size; }

 private:
  struct Block {
    std::atomic<std::uint32_t> users;
    std::uint32_t size;
    char* first() noexcept { return reinterpret_cast<char*>(this + 1); }
  };
  void join() const noexcept {
    if (block_ != nullptr) block_->users.fetch_add(1, std::memory_order_relaxed);
  }
  static void drop(Block* block) noexcept;

  Block* block_ = nullptr;
};

/// Makes equal texts one. Keeps what it made while it lives. Not thread-safe.
class TextPool {
 public:
  Text of(std::string_view text);
  /// Memory of all texts that it made, and its own.
  std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    Text text;
  };
  void grow();

  std::vector<Slot> slots_;  ///< a power of two; open addressing
  std::size_t used_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace platefs::vo

template <>
struct fmt::formatter<platefs::vo::Text> : fmt::formatter<fmt::string_view> {
  template <typename Context>
  auto format(const platefs::vo::Text& text, Context& context) const {
    const auto view = text.view();
    return fmt::formatter<fmt::string_view>::format({view.data(), view.size()}, context);
  }
};
