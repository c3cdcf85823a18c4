// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "vo/fits/hdu/source.h"

namespace platefs::demo {

/// The bytes of a file or an answer. Immutable, thread-safe.
struct Content {
  virtual ~Content() = default;
  virtual std::uint64_t size() const = 0;
  /// Fills `out` with the bytes from `first` on; the caller stays within size(). Throws
  /// vo::Error{LocalIo}.
  virtual void read(std::uint64_t first, std::span<char> out) const = 0;
};

using ContentPointer = std::shared_ptr<const Content>;

ContentPointer content_of_text(std::string text);
/// Opens the file. Throws vo::Error{LocalIo}.
ContentPointer content_of_file(const std::filesystem::path& path);
/// Bytes [first, first + size) of `whole`.
ContentPointer part_of(ContentPointer whole, std::uint64_t first, std::uint64_t size);
/// All of them, one behind the other.
ContentPointer joined(std::vector<ContentPointer> parts);
/// The next edition of the file: some bytes behind the FITS header differ, the length does not.
ContentPointer another_edition_of(ContentPointer whole);

std::string text_of(const Content& content);

/// `content` for the FITS code of vo/.
class ContentFitsSource : public vo::FitsSource {
 public:
  explicit ContentFitsSource(ContentPointer content) : content_(std::move(content)) {}
  std::uint64_t size() override { return content_->size(); }
  void read(std::span<const vo::ByteRange> ranges, std::span<std::byte> out) override;

 private:
  ContentPointer content_;
};

}  // namespace platefs::demo
