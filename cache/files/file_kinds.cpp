// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/file_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "cache/files/cached_file.h"
#include "cache/files/cutout_recipe.h"
#include "cache/files/download_origin.h"
#include "cache/files/first_of.h"
#include "cache/files/made_origin.h"
#include "cache/files/preview_recipe.h"
#include "cache/files/remote_fits.h"
#include "cache/files/star_recipes.h"
#include "vo/fits/aligned/sky_grid.h"
#include "vo/services/own_protocol.h"
#include "vo/services/soda.h"

namespace platefs::cache {
namespace {

using vo::Error;
using vo::ErrorKind;

struct Kind {
  std::string_view word;  ///< in keys, which last for ever
  std::string_view name;
  bool is_made_here = false;  ///< by a recipe alone
  bool shows_region = false;
  bool is_the_rows = false;  ///< what the ObsCore row describes, or made of that
};

constexpr Kind kCutout{"cutout", "cutout.fits", true, true, false};
constexpr Kind kFull{"full", "full.fits", false, false, true};
constexpr Kind kPreview{"preview", "preview.jpg", false, false, true};
constexpr Kind kLink{"link", "links/", false, false, false};
// Made of the cutout. A word changes when what is drawn does: what an older platefs kept is drawn anew.
constexpr Kind kStamp{"stamp", "stamp.jpg", true, true, false};
constexpr Kind kAligned{"aligned", "aligned.fits", true, true, false};
constexpr Kind kChart{"chart", "chart.png", true, true, false};
constexpr Kind kTimeSeries{"timeseries", "timeseries.vot", false, false, true};

const Kind& kind_of(ProductKind kind) {
  switch (kind) {
    case ProductKind::Cutout:
      return kCutout;
    case ProductKind::Full:
      return kFull;
    case ProductKind::Preview:
      return kPreview;
    case ProductKind::Stamp:
      return kStamp;
    case ProductKind::Aligned:
      return kAligned;
    case ProductKind::Chart:
      return kChart;
    case ProductKind::TimeSeries:
      return kTimeSeries;
    case ProductKind::Link:
      break;
  }
  return kLink;
}

constexpr std::uint64_t kHeaderRoom = 64 * 1024;
constexpr std::uint64_t kTypicalCutout = 8ull << 20;
constexpr auto kWidestFrame = vo::Angle::degrees(30);
constexpr std::uint64_t kTypicalStamp = 256 * 1024, kTypicalChart = 1024 * 1024;
constexpr double kFinestPixelArcsec = 0.5;

ProductFacts expected_cutout(const ProductId& id, const LinksAnswer* links) {
  ProductFacts facts;
  const auto& plate = id.plate.plate();
  const bool has_service =
      (links != nullptr && !links->files.soda.empty()) || !vo::soda_services_of(*id.plate.table, plate).empty();
  facts.source = has_service || id.plate.table->own ? "soda" : "cutout";
  facts.media_type = "image/fits";
  facts.estimate = kTypicalCutout;
  if (plate.s_pixel_scale) {
    const double pixel = std::max(*plate.s_pixel_scale, kFinestPixelArcsec);
    const double side = 2.0 * id.region.radius.as_arcseconds() / pixel + 2.0;
    facts.estimate = static_cast<std::uint64_t>(std::ceil(side * side * 4.0)) + kHeaderRoom;
  }
  if (plate.access_estsize_kb.value_or(0) > 0 && plate.is_fits()) {
    facts.estimate = std::min(facts.estimate, *plate.access_estsize_kb * 1024 + kHeaderRoom);
  }
  return facts;
}

constexpr std::uint64_t kFitsBlock = 2880;
constexpr std::uint64_t kTypicalPreview = 256 * 1024;
constexpr std::uint64_t kTypicalTimeSeries = 1024 * 1024;
constexpr std::uint64_t kTypicalPlate = 512ull << 20;

// Stated lengths are often rounded down to a kB; a FITS file ends on a block, so the next border above is
// both positive and rather too large than too small.
std::uint64_t padded_estimate(std::uint64_t stated) {
  return (stated + 1023 + kFitsBlock - 1) / kFitsBlock * kFitsBlock;
}

FileLocation location_of(const vo::Link& link) {
  return {link.is_local ? vo::Url::parse_trusted(link.access_url) : vo::Url::parse(link.access_url),
          link.content_length, link.content_type};
}

std::optional<FileLocation> source_in(const LinksAnswer& links, const ProductId& id) {
  const vo::Link* link = nullptr;
  if (id.kind == ProductKind::Full) link = links.files.full;
  if (id.kind == ProductKind::Preview) link = links.files.preview;
  if (id.kind == ProductKind::TimeSeries) link = links.files.itself;
  if (id.kind == ProductKind::Link) {
    const auto found = links.files.others.find(id.link);
    if (found != links.files.others.end()) link = found->second;
  }
  if (link == nullptr) return std::nullopt;
  return location_of(*link);
}

std::uint64_t typical_size(ProductKind kind) {
  if (kind == ProductKind::TimeSeries) return kTypicalTimeSeries;
  return kind == ProductKind::Preview ? kTypicalPreview : kTypicalPlate;
}

ProductFacts expected_download(const ProductId& id, const LinksAnswer* links) {
  ProductFacts facts;
  facts.source = "download";
  facts.estimate = typical_size(id.kind);
  const auto& plate = id.plate.plate();
  const bool row_is_the_file =
      id.kind == ProductKind::TimeSeries ? !plate.is_datalink() : id.kind == ProductKind::Full && plate.is_fits();
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

ProductFacts expected_of_cutout(const ProductId& id) {
  ProductFacts facts;
  facts.source = "cutout";
  if (id.kind != ProductKind::Aligned) {
    facts.media_type = id.kind == ProductKind::Stamp ? "image/jpeg" : "image/png";
    facts.estimate = id.kind == ProductKind::Stamp ? kTypicalStamp : kTypicalChart;
    return facts;
  }
  facts.media_type = "image/fits";
  auto region = id.region;
  region.radius = std::min(region.radius, kWidestFrame);  // of more there is none: opening it tells
  const auto side = static_cast<std::uint64_t>(vo::SkyGrid::of_frames(region).size());
  facts.estimate = side * side * 4 + kHeaderRoom;
  return facts;
}

/// How a file is made of the cutout, which is made before.
MadeOrigin::How of_cutout(ProductKind kind) {
  const auto doing = fmt::format("making {}", kind_of(kind).name);
  if (kind == ProductKind::Stamp) return {doing, make_stamp, ProductKind::Cutout};
  return {doing, kind == ProductKind::Aligned ? make_aligned : make_chart, ProductKind::Cutout};
}

FirstOf::Choose choice_of(const CachedFile& preview) {
  return [&preview](const Error& failure) {
    return preview_fallback(preview.services().files.known_links(preview.id().plate).get(), failure);
  };
}

std::unique_ptr<Origin> preview_origin(CachedFile& preview) {
  if (!has_files(preview.id().plate)) {
    return std::make_unique<MadeOrigin>(
        preview, MadeOrigin::How{"rendering preview.jpg", make_preview_of_cutout, ProductKind::Cutout});
  }
  const auto served = [](CachedFile& file, Failed failed) {
    return std::make_unique<DownloadOrigin>(file, std::move(failed));
  };
  const auto rendered = [](CachedFile& file, Failed failed) {
    return std::make_unique<MadeOrigin>(file, MadeOrigin::How{"rendering preview.jpg", make_preview},
                                        std::move(failed));
  };
  return std::make_unique<FirstOf>(preview, served, rendered, choice_of(preview));
}

/// What will not get better by asking again.
bool is_for_good(ErrorKind kind) {
  return kind == ErrorKind::NotFound || kind == ErrorKind::NotAuthorized || kind == ErrorKind::Rejected ||
         kind == ErrorKind::BadUsage || kind == ErrorKind::Malformed;
}

std::unique_ptr<Origin> full_origin(CachedFile& full) {
  const auto best = [](CachedFile& file, Failed failed) {
    return std::make_unique<DownloadOrigin>(file, std::move(failed));
  };
  const auto next_best = [](CachedFile& file, Failed failed) {
    return std::make_unique<DownloadOrigin>(file, std::move(failed),
                                            DownloadOrigin::Way{std::string{kNextBest}, next_best_source});
  };
  const auto choose = [&full](const Error& failure) {
    const auto links = full.services().files.known_links(full.id().plate);
    const bool has_another = links && links->files.next_best != nullptr;
    return has_another && is_for_good(failure.kind()) ? FirstOf::Fallback::AfterRefusal : FirstOf::Fallback::None;
  };
  return std::make_unique<FirstOf>(full, best, next_best, choose);
}

}  // namespace

std::string ProductId::key() const {
  const auto& row = plate.plate();
  const auto& traits = kind_of(kind);
  auto key = fmt::format("{}\n{}\n{}", plate.table->authority, row.obs_publisher_did, traits.word);
  if (traits.shows_region) {
    key += fmt::format("\n{} {} {}", region.centre.ra.as_degrees(), region.centre.dec.as_degrees(),
                       region.radius.as_degrees());
  }
  if (kind == ProductKind::Link) key += "\n" + link;
  // Rows of one DID share its files, as a rule; a cutout's place, dates and coordinates are those of its row.
  if (traits.shows_region && !row.exposure.empty()) key += "\n" + row.exposure;
  if (kind != ProductKind::Cutout && traits.is_made_here && !variant.empty()) key += "\n" + variant;
  if (marks && (kind == ProductKind::Stamp || kind == ProductKind::Chart)) key += "\n" + marks->key;
  if (!row.own_files.empty()) key += (traits.is_the_rows ? "\n\n" : "\n") + row.own_files;
  return key;
}

std::string file_name(const ProductId& id) {
  return std::string{kind_of(id.kind).name} + (id.kind == ProductKind::Link ? id.link : "");
}

bool is_made_here(ProductKind kind) { return kind_of(kind).is_made_here; }

bool shows_region(ProductKind kind) { return kind_of(kind).shows_region; }

bool is_had_without_links(const ProductId& id) { return shows_region(id.kind) && id.plate.table->own != nullptr; }

bool has_files(const PlateRef& plate) {
  const auto& own = plate.table->own;
  return !own || !own->files_id(plate.plate()).empty();
}

FileLocation file_source(const LinksAnswer& links, const ProductId& id) {
  if (auto source = source_in(links, id)) return *source;
  if (const auto faults = links.faults(); !faults.empty()) {
    throw Error{links.kind_of_faults(),
                fmt::format("the archive's DataLink offers no {} but says {}", file_name(id), faults)};
  }
  throw Error{ErrorKind::NotFound, fmt::format("the archive offers no {} for this plate", file_name(id))};
}

FileLocation next_best_source(const LinksAnswer& links, const ProductId& id) {
  if (links.files.next_best != nullptr) return location_of(*links.files.next_best);
  throw Error{ErrorKind::NotFound, fmt::format("the archive offers nothing in place of {}", file_name(id))};
}

FileLocation source_of_version(const LinksAnswer& links, const ProductId& id, const ObjectInfo& version) {
  return version.facts.source == kNextBest ? next_best_source(links, id) : file_source(links, id);
}

ProductFacts expected_facts(const ProductId& id, const LinksAnswer* links) {
  if (id.kind == ProductKind::Cutout) return expected_cutout(id, links);
  if (is_made_here(id.kind)) return expected_of_cutout(id);
  auto facts = expected_download(id, links);
  if (id.kind == ProductKind::Preview && links != nullptr && links->files.preview == nullptr) {
    facts.source = "cutout";
    facts.media_type = "image/jpeg";
  }
  return facts;
}

Expected expected_kind(const ProductId& id) {
  if (id.kind == ProductKind::Preview) return Expected::Image;
  if (id.kind == ProductKind::TimeSeries) return Expected::Data;
  if (id.kind != ProductKind::Link) return Expected::Fits;
  const auto ends_like = [&id](std::string_view ending) { return id.link.ends_with(ending); };
  const bool is_fits = ends_like(".fits") || ends_like(".fits.gz") || ends_like(".fits.fz");
  return is_fits ? Expected::Fits : Expected::Anything;
}

std::string exposure_of(const ProductId& id, const Store& store, const ObjectInfo& present) {
  if (id.kind != ProductKind::Cutout) return {};
  try {
    ObjectSource cutout{store, present.id, present.facts.size, {}};
    return vo::exposure_told(cutout);
  } catch (const Error&) {
    return {};  // evicted meanwhile, or an archive's own
  }
}

std::shared_ptr<CachedFile> make_file(ProductServices services, ProductId id) {
  const auto origin = [kind = id.kind](CachedFile& file) -> std::unique_ptr<Origin> {
    if (kind == ProductKind::Cutout) {
      return std::make_unique<MadeOrigin>(file, MadeOrigin::How{"making cutout.fits", make_cutout});
    }
    if (is_made_here(kind)) return std::make_unique<MadeOrigin>(file, of_cutout(kind));
    if (kind == ProductKind::Preview) return preview_origin(file);
    if (kind == ProductKind::Full) return full_origin(file);
    return std::make_unique<DownloadOrigin>(file);
  };
  return std::make_shared<CachedFile>(std::move(services), std::move(id), origin);
}

}  // namespace platefs::cache
