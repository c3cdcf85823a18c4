// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/open_and_read.h"

#include <utility>

#include "vo/base/mailbox.h"
namespace platefs::cache {
namespace {

using vo::Error;
using vo::ErrorKind;
using vo::Outcome;

}  // namespace

std::shared_ptr<OpenFile> open_and_wait(Product& product, const std::stop_token& stop) {
  auto box = std::make_shared<vo::Mailbox<std::shared_ptr<OpenFile>>>();
  const auto withdraw = product.open([box](Outcome<std::shared_ptr<OpenFile>> file) { box->put(std::move(file)); });
  try {
    return box->take(stop);
  } catch (const Error&) {
    withdraw();
    throw;
  }
}

Extent read_and_wait(OpenFile& file, vo::ByteRange range, const std::stop_token& stop) {
  auto box = std::make_shared<vo::Mailbox<Extent>>();
  file.read(range, [box](Outcome<Extent> extent) { box->put(std::move(extent)); });
  return box->take(stop);
}

}  // namespace platefs::cache
