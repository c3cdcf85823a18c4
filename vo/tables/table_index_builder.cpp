// SPDX-License-Identifier: BSD-3-Clause
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <tuple>
#include <utility>

#include "vo/base/error.h"
#include "vo/tables/index_format.h"
#include "vo/tables/table_index.h"

namespace platefs::vo {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

[[noreturn]] void failed(const std::filesystem::path& file, std::string_view what) {
  const auto kind = errno == ENOSPC || errno == EDQUOT ? ErrorKind::NoSpace : ErrorKind::LocalIo;
  throw Error{kind, fmt::format("{} {}: {}", what, file.string(), std::strerror(errno))};
}

/// A new file beside `file`, with a name that was used by nobody.
int new_file(const std::filesystem::path& file, std::string& name) {
  name = file.string() + ".XXXXXX";
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) failed(name, "making");
  return fd;
}

void write_all(int fd, std::string_view bytes, const std::filesystem::path& file) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) failed(file, "writing");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// Writes a file in pieces, and takes it away again where it is not kept.
class NewFile {
 public:
  explicit NewFile(std::filesystem::path target) : target_(std::move(target)), fd_(new_file(target_, name_)) {}
  ~NewFile() {
    if (fd_ >= 0) ::close(fd_);
    if (!name_.empty()) ::unlink(name_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void put(std::string_view bytes) {
    pending_ += bytes;
    at_ += bytes.size();
    if (pending_.size() >= kPiece) flush();
  }
  template <typename T>
  void put_value(const T& value) {
    put({reinterpret_cast<const char*>(&value), sizeof value});
  }
  std::uint64_t at() const { return at_; }
  void flush() {
    write_all(fd_, pending_, name_);
    pending_.clear();
  }
  template <typename T>
  void rewrite_beginning(const T& value) {
    flush();
    if (::pwrite(fd_, &value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) failed(name_, "writing");
  }
  void keep() {
    if (::fdatasync(fd_) != 0) failed(name_, "writing");
    if (::close(std::exchange(fd_, -1)) != 0) failed(name_, "writing");
    if (::rename(name_.c_str(), target_.c_str()) != 0) failed(target_, "writing");
    name_.clear();
  }

 private:
  std::filesystem::path target_;
  std::string name_;
  int fd_;
  std::string pending_;
  std::uint64_t at_ = 0;
};

/// Circles whose radius is in one class are sought as widely as the largest of them: 1/8 degree, 1/4, … .
int size_class(double radius) {
  constexpr double kSmallest = 0.125;
  return radius <= kSmallest ? 0 : static_cast<int>(std::ceil(std::log2(radius / kSmallest)));
}

int zone_of(const IndexEntry& entry) {
  const double height = std::max(0.25, 0.125 * std::ldexp(1.0, size_class(entry.radius)));
  return static_cast<int>((entry.dec + 90) / height);
}

auto order_of(const IndexEntry& entry) {
  return std::tuple{size_class(entry.radius), zone_of(entry), entry.ra, entry.number};
}

bool is_of_another_block(const IndexEntry& a, const IndexEntry& b) {
  return size_class(a.radius) != size_class(b.radius) || zone_of(a) != zone_of(b);
}

TableIndex::Block block_of(std::span<const IndexEntry> entries, std::uint64_t first) {
  TableIndex::Block block{entries.front().ra, entries.back().ra, 90, -90, 0, first, entries.size(), 0};
  for (const auto& entry : entries) {
    block.dec_from = std::min(block.dec_from, entry.dec);
    block.dec_to = std::max(block.dec_to, entry.dec);
    block.radius = std::max(block.radius, entry.radius);
  }
  block.seal = index_seal(entries.data(), entries.size_bytes());
  return block;
}

std::vector<TableIndex::Block> blocks_of(const std::vector<IndexEntry>& entries) {
  std::vector<TableIndex::Block> blocks;
  std::size_t first = 0;
  for (std::size_t i = 1; i <= entries.size(); ++i) {
    const bool ends =
        i == entries.size() || i - first == kRowsOfBlock || is_of_another_block(entries[i - 1], entries[i]);
    if (!ends) continue;
    blocks.push_back(block_of(std::span{entries}.subspan(first, i - first), first));
    first = i;
  }
  return blocks;
}

std::string directory_of(const IndexHead& head, const std::vector<TableIndex::Block>& blocks) {
  std::string bytes;
  const auto add_number = [&](std::uint64_t number) {
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
  };
  for (const auto* text : {&head.source, &head.version, &head.frame}) {
    add_number(text->size());
    bytes += *text;
  }
  add_number(head.rows);
  add_number(head.placed);
  bytes.append(reinterpret_cast<const char*>(blocks.data()), blocks.size() * sizeof(TableIndex::Block));
  return bytes;
}

}  // namespace

TableIndexBuilder::TableIndexBuilder(std::filesystem::path file) : file_(std::move(file)) {
  std::string name;
  rows_file_ = new_file(file_, name);
  ::unlink(name.c_str());
}

TableIndexBuilder::~TableIndexBuilder() {
  if (rows_file_ >= 0) ::close(rows_file_);
}

void TableIndexBuilder::add(const IcrsPosition& centre, Angle radius, std::string_view row) {
  if (row.size() > kLargestRow) {
    throw Error::malformed(fmt::format("row {} of the table has {} bytes", rows_ + 1, row.size()));
  }
  if (rows_ >= kMostRows) throw Error::malformed(fmt::format("a table of more than {} rows", kMostRows));
  IndexEntry entry;
  entry.ra = centre.ra.as_degrees();
  entry.dec = centre.dec.as_degrees();
  entry.radius = radius.as_degrees();
  entry.offset = written_ + pending_.size();
  entry.length = static_cast<std::uint32_t>(row.size());
  entry.number = static_cast<std::uint32_t>(rows_++);
  entry.seal = index_seal(row);
  entries_.push_back(entry);
  pending_ += row;
  if (pending_.size() >= kPiece) flush();
}

void TableIndexBuilder::flush() {
  write_all(rows_file_, pending_, file_);
  written_ += pending_.size();
  pending_.clear();
}

void TableIndexBuilder::finish(IndexHead head) {
  flush();
  auto entries = std::move(entries_);
  std::ranges::sort(entries, [](const auto& a, const auto& b) { return order_of(a) < order_of(b); });
  NewFile file{file_};
  IndexBeginning beginning;
  file.put_value(beginning);
  std::string row;
  for (auto& entry : entries) {
    row.resize(entry.length);
    const auto got = ::pread(rows_file_, row.data(), row.size(), static_cast<off_t>(entry.offset));
    if (got != static_cast<ssize_t>(row.size())) failed(file_, "reading what was written beside");
    entry.offset = file.at();
    file.put(row);
  }
  while (file.at() % sizeof(std::uint64_t) != 0) file.put(std::string_view{"\0", 1});
  beginning.entries_at = file.at();
  for (const auto& entry : entries) file.put_value(entry);
  beginning.directory_at = file.at();
  head.rows = rows_;
  head.placed = entries.size();
  const auto directory = directory_of(head, blocks_of(entries));
  file.put(directory);
  beginning.size = file.at();
  beginning.directory_seal = index_seal(directory);
  beginning.seal = seal_of(beginning);
  file.rewrite_beginning(beginning);
  file.keep();
}

}  // namespace platefs::vo
