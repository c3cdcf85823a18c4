// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/preview_recipe.h"

#include <algorithm>
#include <set>
#include <utility>

#include "vo/fits/preview.h"

namespace platefs::cache {

using vo::Error;
using vo::ErrorKind;

namespace {

/// A link that leads to no picture, today or ever. Who is silent or out of reach is not asked for more.
bool leads_nowhere(ErrorKind kind) {
  return kind == ErrorKind::NotFound || kind == ErrorKind::NotAuthorized || kind == ErrorKind::Rejected ||
         kind == ErrorKind::BadUsage || kind == ErrorKind::Malformed || kind == ErrorKind::Unavailable;
}

/// A FITS file of the plate.
struct Candidate {
  const vo::Link* link = nullptr;
  ProductKind kind = ProductKind::Full;
  std::string name;

  std::uint64_t size() const { return link->content_length.value_or(UINT64_MAX); }
};

std::vector<Candidate> candidates_in(const vo::PlateLinks& files) {
  std::vector<Candidate> found;
  if (files.full != nullptr) found.push_back({files.full, ProductKind::Full, {}});
  const std::set<const vo::Link*> fits{files.other_fits.begin(), files.other_fits.end()};
  for (const auto& [name, link] : files.others) {
    if (fits.contains(link)) found.push_back({link, ProductKind::Link, name});
  }
  return found;
}

}  // namespace

namespace {

Made rendered_from(const ProductId& file, const Order& order, PlateInputs& inputs) {
  std::string from;
  auto bytes = inputs.from_file(file, [&](vo::FitsSource& source, const std::string& url) {
    from = url;
    return vo::preview_of(source);
  });
  return {made_of(order, from, "image/jpeg"), std::move(bytes), {}};
}

}  // namespace

Made make_preview_of_cutout(const Order& order, PlateInputs& inputs) {
  auto cutout = order.id;
  cutout.kind = ProductKind::Cutout;
  return rendered_from(cutout, order, inputs);
}

Made make_preview(const Order& order, PlateInputs& inputs) {
  const auto candidates = candidates_in(order.links->files);
  if (candidates.empty()) throw Error{ErrorKind::NotFound, "the archive offers no FITS file to render it from"};
  const auto& smallest = *std::ranges::min_element(candidates, {}, &Candidate::size);
  auto file = order.id;
  file.kind = smallest.kind;
  file.link = smallest.name;
  return rendered_from(file, order, inputs);
}

FirstOf::Fallback preview_fallback(const LinksAnswer* links, const Error& failure) {
  if (links == nullptr || candidates_in(links->files).empty()) return FirstOf::Fallback::None;
  if (links->files.preview == nullptr) return FirstOf::Fallback::InItsPlace;
  return leads_nowhere(failure.kind()) ? FirstOf::Fallback::AfterRefusal : FirstOf::Fallback::None;
}

}  // namespace platefs::cache
