// SPDX-License-Identifier: BSD-3-Clause
#include "vo/tables/table_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

constexpr std::size_t kCopied = std::size_t{1} << 20;
constexpr int kGzipOnly = 16 + MAX_WBITS;
/// Unpacked; far more than a million rows have.
constexpr std::uint64_t kLargestTable = std::uint64_t{16} << 30;

[[noreturn]] void table_file_failed(std::string_view what, std::string_view file) {
  const auto kind = errno == ENOSPC || errno == EDQUOT    ? ErrorKind::NoSpace
                    : errno == ENOENT || errno == ENOTDIR ? ErrorKind::NotFound
                                                          : ErrorKind::LocalIo;
  throw Error{kind, fmt::format("{} {}: {}", what, file, std::strerror(errno))};
}

int unnamed_file(const std::filesystem::path& directory) {
  auto name = (directory / "table.XXXXXX").string();
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) table_file_failed("making a file in", directory.string());
  ::unlink(name.c_str());
  return fd;
}

void put_all(int fd, const char* bytes, std::size_t size) {
  while (size > 0) {
    const auto written = ::write(fd, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) table_file_failed("writing", "a copy of the table");
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
}

struct Descriptor {
  int fd = -1;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

struct stat facts_of(int fd, const std::string& name) {
  struct stat facts {};
  if (::fstat(fd, &facts) != 0) table_file_failed("looking at", name);
  if (!S_ISREG(facts.st_mode)) throw Error{ErrorKind::Rejected, fmt::format("{} is no file", name)};
  return facts;
}

std::string version_in(const struct stat& facts) {
  return fmt::format("file {} {}.{:09} {}", facts.st_size, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec, facts.st_ino);
}

void require_wanted(const std::stop_token& stop) {
  if (stop.stop_requested()) throw Error{ErrorKind::Cancelled, "nobody waits for the table"};
}

/// Members of gzip, one behind the other, as one text.
class Gunzip {
 public:
  explicit Gunzip(int to) : to_(to), piece_(kCopied) {
    if (inflateInit2(&state_, kGzipOnly) != Z_OK) throw std::bad_alloc{};
  }
  ~Gunzip() { inflateEnd(&state_); }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  void take(std::string_view bytes) {
    state_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    state_.avail_in = static_cast<uInt>(bytes.size());
    while (state_.avail_in > 0) {
      if (has_ended_ && inflateReset(&state_) != Z_OK) throw Error::malformed("the table's gzip can't be read");
      has_ended_ = false;
      state_.next_out = reinterpret_cast<Bytef*>(piece_.data());
      state_.avail_out = static_cast<uInt>(piece_.size());
      const int result = inflate(&state_, Z_NO_FLUSH);
      const auto size = piece_.size() - state_.avail_out;
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) broken();
      if (written_ += size; written_ > kLargestTable) throw Error::malformed("the table unpacks to more than 16 GiB");
      put_all(to_, piece_.data(), size);
      has_ended_ = result == Z_STREAM_END;
      if (result == Z_BUF_ERROR && size == 0) break;
    }
  }
  void end() const {
    if (!has_ended_) broken();
  }

 private:
  [[noreturn]] static void broken() { throw Error::malformed("the table's gzip is broken or cut off"); }

  int to_;
  z_stream state_{};
  std::vector<char> piece_;
  std::uint64_t written_ = 0;
  bool has_ended_ = false;
};

}  // namespace

TableFile::TableFile(const std::filesystem::path& directory) : directory_(directory), fd_(unnamed_file(directory)) {}

TableFile::~TableFile() {
  unmap();
  ::close(fd_);
}

void TableFile::copy_from(const std::filesystem::path& file, const std::stop_token& stop) {
  const Descriptor from{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (from.fd < 0) table_file_failed("reading", file.string());
  const auto before = version_in(facts_of(from.fd, file.string()));
  std::vector<char> piece(kCopied);
  while (true) {
    require_wanted(stop);
    const auto got = ::read(from.fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) table_file_failed("reading", file.string());
    if (got == 0) break;
    put_all(fd_, piece.data(), static_cast<std::size_t>(got));
  }
  if (version_in(facts_of(from.fd, file.string())) != before) {
    throw Error{ErrorKind::Unavailable, fmt::format("{} is being written at the moment; try again", file.string())};
  }
}

std::string_view TableFile::bytes(const std::stop_token& stop) {
  if (map_ == nullptr) map();
  const std::string_view held{static_cast<const char*>(map_), size_};
  if (held.starts_with("\x1f\x8b")) unpack(stop);
  return {static_cast<const char*>(map_), size_};
}

void TableFile::unpack(const std::stop_token& stop) {
  const int unpacked = unnamed_file(directory_);
  Descriptor ended{unpacked};
  Gunzip gunzip{unpacked};
  for (std::size_t at = 0; at < size_; at += kCopied) {
    require_wanted(stop);
    gunzip.take({static_cast<const char*>(map_) + at, std::min(kCopied, size_ - at)});
  }
  gunzip.end();
  unmap();
  ::close(std::exchange(fd_, std::exchange(ended.fd, -1)));
  map();
}

void TableFile::map() {
  struct stat facts {};
  if (::fstat(fd_, &facts) != 0) table_file_failed("looking at", "a copy of the table");
  size_ = static_cast<std::size_t>(facts.st_size);
  if (size_ == 0) throw Error::malformed("the table is an empty file");
  void* const map = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, fd_, 0);
  if (map == MAP_FAILED) table_file_failed("mapping", "a copy of the table");
  map_ = map;
}

void TableFile::unmap() {
  if (map_ != nullptr) ::munmap(std::exchange(map_, nullptr), size_);
}

void TableFile::forget_pages() const {
  if (map_ != nullptr) ::madvise(map_, size_, MADV_DONTNEED);
}

std::string version_of_file(const std::filesystem::path& file) {
  const Descriptor at{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (at.fd < 0) table_file_failed("reading", file.string());
  return version_in(facts_of(at.fd, file.string()));
}

std::string index_file_name(std::string_view source) {
  return fmt::format("{:016x}.index", XXH3_64bits(source.data(), source.size()));
}

}  // namespace platefs::vo
