// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/file_location.h"

#include <fmt/core.h>

namespace platefs::cache {
namespace {

using vo::Error;
using vo::ErrorKind;

constexpr std::uint64_t kFitsBlock = 2880;
constexpr std::uint64_t kTypicalPreview = 256 * 1024;
constexpr std::uint64_t kTypicalPlate = 512ull << 20;

// Stated lengths are often rounded down to a kB; a FITS file ends on a block, so the next border above is
// both positive and rather too large than too small.
std::uint64_t padded_estimate(std::uint64_t stated) {
  return (stated + 1023 + kFitsBlock - 1) / kFitsBlock * kFitsBlock;
}

std::optional<FileLocation> source_in(const LinksAnswer& links, const ProductId& id) {
  const vo::Link* link = nullptr;
  if (id.kind == ProductKind::Full) link = links.files.full;
  if (id.kind == ProductKind::Preview) link = links.files.preview;
  if (id.kind == ProductKind::Link) {
    const auto found = links.files.others.find(id.link);
    if (found != links.files.others.end()) link = found->second;
  }
  if (link == nullptr) return std::nullopt;
  return FileLocation{vo::Url::parse(link->access_url), link->content_length, link->content_type};
}

}  // namespace

FileLocation file_source(const LinksAnswer& links, const ProductId& id, const std::string& name) {
  if (auto source = source_in(links, id)) return *source;
  if (const auto faults = links.faults(); !faults.empty()) {
    throw Error{ErrorKind::Rejected, fmt::format("the archive's DataLink offers no {} but says {}", name, faults)};
  }
  throw Error{ErrorKind::NotFound, fmt::format("the archive offers no {} for this plate", name)};
}

ProductFacts expected_download(const ProductId& id, const LinksAnswer* links) {
  ProductFacts facts;
  facts.source = "download";
  facts.estimate = id.kind == ProductKind::Preview ? kTypicalPreview : kTypicalPlate;
  const auto& plate = id.plate.plate();
  const bool row_is_the_file = id.kind == ProductKind::Full && plate.is_fits();
  if (row_is_the_file && plate.access_estsize_kb.value_or(0) > 0) {
    facts.estimate = padded_estimate(*plate.access_estsize_kb * 1024);
    facts.url = plate.access_url;
  }
  if (links == nullptr) return facts;
  try {
    if (const auto source = source_in(*links, id)) {
      facts.url = source->url.for_display();
      facts.media_type = source->media_type;
      if (source->stated_size.value_or(0) > 0) facts.estimate = padded_estimate(*source->stated_size);
    }
  } catch (const Error&) {
    facts.url.clear();  // an unusable URL: opening the file tells why
  }
  return facts;
}

}  // namespace platefs::cache
