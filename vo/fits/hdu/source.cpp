// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/hdu/source.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "vo/base/error.h"

namespace platefs::vo {
namespace {

Error beyond_the_end(ByteRange range, std::uint64_t size) {
  return {ErrorKind::Malformed,
          fmt::format("bytes {} to {} are beyond the end of a file of {} bytes", range.first, range.end, size)};
}

Error local_failure(std::string_view what) {
  return {ErrorKind::LocalIo, fmt::format("{}: {}", what, std::generic_category().message(errno))};
}

void read_fully(int fd, ByteRange range, std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const auto got = ::pread(fd, out.data() + done, out.size() - done, static_cast<off_t>(range.first + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw local_failure("reading a FITS file");
    if (got == 0) throw beyond_the_end(range, range.first + done);
    done += static_cast<std::size_t>(got);
  }
}

/// Calls `read_one` with each range and its part of `out`.
template <typename ReadOne>
void for_each_part(std::span<const ByteRange> ranges, std::span<std::byte> out, ReadOne read_one) {
  std::size_t at = 0;
  for (const auto& range : ranges) {
    read_one(range, out.subspan(at, range.size()));
    at += range.size();
  }
}

}  // namespace

void require_wanted(const FitsSource& source) {
  if (source.is_cancelled()) throw Error{ErrorKind::Cancelled, "nobody waits for it any more"};
}

void read_range(FitsSource& source, ByteRange range, std::span<std::byte> out) {
  source.read(std::span{&range, 1}, out);
}

std::uint64_t FileFitsSource::size() {
  struct stat facts {};
  if (::fstat(fd_, &facts) != 0) throw local_failure("asking for the size of a FITS file");
  return static_cast<std::uint64_t>(facts.st_size);
}

void FileFitsSource::read(std::span<const ByteRange> ranges, std::span<std::byte> out) {
  for_each_part(ranges, out, [&](ByteRange range, std::span<std::byte> part) { read_fully(fd_, range, part); });
}

void MemoryFitsSource::read(std::span<const ByteRange> ranges, std::span<std::byte> out) {
  for_each_part(ranges, out, [&](ByteRange range, std::span<std::byte> part) {
    if (range.end > bytes_.size()) throw beyond_the_end(range, bytes_.size());
    std::ranges::copy(bytes_.subspan(range.first, range.size()), part.begin());
  });
}

}  // namespace platefs::vo
