// SPDX-License-Identifier: BSD-3-Clause
#include "vo/tables/table_index.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <numbers>
#include <utility>

#include "vo/base/error.h"
#include "vo/tables/index_format.h"

namespace platefs::vo {
namespace {

/// Of the printed decimals of places; far below a pixel.
constexpr double kRounding = 1e-6;
/// Rows of one block that are farther apart are read one by one.
constexpr std::uint64_t kLargestStretch = std::uint64_t{8} << 20;

[[noreturn]] void damaged(std::string_view what) {
  throw Error{ErrorKind::Corrupt, fmt::format("the index of a table is damaged: {}", what)};
}

class FileBytes final : public IndexBytes {
 public:
  FileBytes(int fd, std::string name) : fd_(fd), name_(std::move(name)) {
    struct stat facts {};
    if (::fstat(fd_, &facts) != 0) failed();
    size_ = static_cast<std::uint64_t>(std::max<off_t>(facts.st_size, 0));
  }
  ~FileBytes() override { ::close(fd_); }
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t offset, std::span<std::byte> out) const override {
    while (!out.empty()) {
      const auto got = ::pread(fd_, out.data(), out.size(), static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) failed();
      if (got == 0) damaged("it ends too early");
      offset += static_cast<std::uint64_t>(got);
      out = out.subspan(static_cast<std::size_t>(got));
    }
  }

 private:
  [[noreturn]] void failed() const {
    throw Error{ErrorKind::LocalIo, fmt::format("reading {}: {}", name_, std::strerror(errno))};
  }

  int fd_;
  std::string name_;
  std::uint64_t size_ = 0;
};

template <typename T>
std::vector<T> read_all(const IndexBytes& bytes, std::uint64_t offset, std::uint64_t count) {
  std::vector<T> all(static_cast<std::size_t>(count));
  bytes.read(offset, std::as_writable_bytes(std::span{all}));
  return all;
}

/// Takes the directory apart.
class Directory {
 public:
  explicit Directory(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    std::memcpy(&value, taken(sizeof value).data(), sizeof value);
    return value;
  }
  std::string text() { return std::string{taken(number())}; }
  std::vector<TableIndex::Block> blocks() {
    std::vector<TableIndex::Block> blocks(rest_.size() / sizeof(TableIndex::Block));
    if (blocks.size() * sizeof(TableIndex::Block) != rest_.size()) damaged("its directory has half a block");
    if (!blocks.empty()) std::memcpy(blocks.data(), rest_.data(), rest_.size());
    return blocks;
  }

 private:
  std::string_view taken(std::uint64_t size) {
    if (size > rest_.size()) damaged("its directory is cut off");
    const auto bytes = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(bytes.size());
    return bytes;
  }

  std::string_view rest_;
};

/// How far in RA a place may lie from one within `radius` of it: all around near the poles.
double widest_difference(double dec, double radius) {
  if (std::abs(dec) + radius >= 90) return 360;
  const auto radians = [](double degrees) { return degrees * std::numbers::pi / 180; };
  return std::asin(std::sin(radians(radius)) / std::cos(radians(dec))) * 180 / std::numbers::pi;
}

bool may_hold(const TableIndex::Block& block, double ra, double dec, Angle reach) {
  const double radius = block.radius + reach.as_degrees() + kRounding;
  if (dec < block.dec_from - radius || dec > block.dec_to + radius) return false;
  const double half = widest_difference(dec, radius) + kRounding;
  for (const double turn : {-360.0, 0.0, 360.0}) {
    if (ra + turn >= block.ra_from - half && ra + turn <= block.ra_to + half) return true;
  }
  return false;
}

bool is_place(const IndexEntry& entry) {
  return entry.ra >= 0 && entry.ra < 360 && std::abs(entry.dec) <= 90 && entry.radius >= 0;
}

bool holds(const IndexEntry& entry, const IcrsPosition& position, Angle reach) {
  if (!is_place(entry)) damaged("an entry has no place");
  const auto centre = IcrsPosition::at(Angle::degrees(entry.ra), Angle::degrees(entry.dec));
  return separation(centre, position).as_degrees() <= entry.radius + reach.as_degrees() + kRounding;
}

void check_entry(const IndexEntry& entry, std::uint64_t rows_end) {
  if (entry.length > kLargestRow || entry.offset < sizeof(IndexBeginning) || entry.offset > rows_end ||
      entry.length > rows_end - entry.offset) {
    damaged("a row lies outside");
  }
}

TableIndex::Row row_of(const IndexEntry& entry, std::string bytes) {
  if (index_seal(bytes) != entry.seal) damaged("a row has another checksum");
  return {entry.number, std::move(bytes)};
}

std::string text_at(const IndexBytes& bytes, std::uint64_t offset, std::uint64_t size) {
  std::string text(static_cast<std::size_t>(size), '\0');
  bytes.read(offset, std::as_writable_bytes(std::span{text}));
  return text;
}

void append_rows(const IndexBytes& bytes, const std::vector<IndexEntry>& entries, std::vector<TableIndex::Row>& rows) {
  if (entries.empty()) return;
  std::uint64_t from = UINT64_MAX, to = 0;
  for (const auto& entry : entries) {
    from = std::min(from, entry.offset);
    to = std::max(to, entry.offset + entry.length);
  }
  if (to - from > kLargestStretch) {
    for (const auto& entry : entries) rows.push_back(row_of(entry, text_at(bytes, entry.offset, entry.length)));
    return;
  }
  const auto stretch = text_at(bytes, from, to - from);
  for (const auto& entry : entries) {
    rows.push_back(row_of(entry, stretch.substr(static_cast<std::size_t>(entry.offset - from), entry.length)));
  }
}

}  // namespace

TableIndex::TableIndex(std::unique_ptr<const IndexBytes> bytes) : bytes_(std::move(bytes)) {
  const auto size = bytes_->size();
  if (size < sizeof(IndexBeginning)) damaged("it is too short");
  const auto beginning = read_all<IndexBeginning>(*bytes_, 0, 1).front();
  if (beginning.magic != kIndexMagic || beginning.seal != seal_of(beginning)) damaged("it begins otherwise");
  if (beginning.size != size || beginning.directory_at > size || beginning.entries_at > beginning.directory_at ||
      beginning.entries_at < sizeof(IndexBeginning) || size - beginning.directory_at > kLargestDirectory) {
    damaged("its parts lie outside");
  }
  const auto directory = text_at(*bytes_, beginning.directory_at, size - beginning.directory_at);
  if (index_seal(directory) != beginning.directory_seal) damaged("its directory has another checksum");
  entries_at_ = beginning.entries_at;
  entries_ = (beginning.directory_at - beginning.entries_at) / sizeof(IndexEntry);
  Directory parts{directory};
  head_.source = parts.text();
  head_.version = parts.text();
  head_.frame = parts.text();
  head_.rows = parts.number();
  head_.placed = parts.number();
  blocks_ = parts.blocks();
  for (const auto& block : blocks_) {
    if (block.count > kRowsOfBlock || block.first > entries_ || block.count > entries_ - block.first) {
      damaged("a block lies outside");
    }
  }
}

TableIndex::~TableIndex() = default;

std::shared_ptr<const TableIndex> TableIndex::open(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    const auto kind = errno == ENOENT ? ErrorKind::NotFound : ErrorKind::LocalIo;
    throw Error{kind, fmt::format("{}: {}", file.string(), std::strerror(errno))};
  }
  return std::make_shared<const TableIndex>(std::make_unique<const FileBytes>(fd, file.string()));
}

std::vector<TableIndex::Row> TableIndex::rows_at(const IcrsPosition& position, std::size_t most, Angle reach) const {
  const double ra = position.ra.as_degrees(), dec = position.dec.as_degrees();
  std::vector<Row> rows;
  for (const auto& block : blocks_) {
    if (!may_hold(block, ra, dec, reach)) continue;
    auto entries = read_all<IndexEntry>(*bytes_, entries_at_ + block.first * sizeof(IndexEntry), block.count);
    if (index_seal(entries.data(), entries.size() * sizeof(IndexEntry)) != block.seal) {
      damaged("a block has another checksum");
    }
    std::erase_if(entries, [&](const IndexEntry& entry) { return !holds(entry, position, reach); });
    if (entries.size() > most + 1 - rows.size()) entries.resize(most + 1 - rows.size());
    for (const auto& entry : entries) check_entry(entry, entries_at_);
    append_rows(*bytes_, entries, rows);
    if (rows.size() > most) break;
  }
  std::ranges::sort(rows, {}, &Row::number);
  return rows;
}

}  // namespace platefs::vo
