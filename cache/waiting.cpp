// SPDX-License-Identifier: BSD-3-Clause
#include "cache/waiting.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/core.h>

namespace platefs::cache {
namespace {

using vo::Error;
using vo::ErrorKind;
using vo::Outcome;

}  // namespace

std::shared_ptr<OpenFile> open_and_wait(Product& product, const std::stop_token& stop) {
  auto box = std::make_shared<Mailbox<std::shared_ptr<OpenFile>>>();
  const auto withdraw =
      product.open([box](Outcome<std::shared_ptr<OpenFile>> file) { box->put(std::move(file)); });
  try {
    return box->take(stop);
  } catch (const Error&) {
    withdraw();
    throw;
  }
}

Extent read_and_wait(OpenFile& file, vo::ByteRange range, const std::stop_token& stop) {
  auto box = std::make_shared<Mailbox<Extent>>();
  file.read(range, [box](Outcome<Extent> extent) { box->put(std::move(extent)); });
  return box->take(stop);
}

void copy_extent(const Extent& extent, std::span<std::byte> out) {
  if (extent.fd < 0) {
    for (auto* at = out.data(); const auto& piece : extent.memory) {
      std::memcpy(at, piece.data(), piece.size());
      at += piece.size();
    }
    return;
  }
  std::size_t done = 0;
  while (done < out.size()) {
    const auto got = ::pread(extent.fd, out.data() + done, out.size() - done,
                             static_cast<off_t>(extent.offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      throw Error{ErrorKind::LocalIo, fmt::format("reading the cache: {}",
                                                  got < 0 ? std::strerror(errno) : "unexpected end")};
    }
    done += static_cast<std::size_t>(got);
  }
}

}  // namespace platefs::cache
