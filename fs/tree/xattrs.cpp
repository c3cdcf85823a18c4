// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/xattrs.h"

#include <fmt/core.h>

#include <string_view>

#include "fs/tree/media_type.h"
#include "fs/tree/product_state_name.h"
#include "fs/tree/target.h"
#include "vo/base/iso_utc.h"
#include "vo/services/soda.h"

namespace platefs::fs {
namespace {

using Xattrs = std::map<std::string, std::string>;

void add_plate(Xattrs& xattrs, const vo::Plate& plate) {
  xattrs["user.platefs.did"] = plate.obs_publisher_did;
  xattrs["user.platefs.archive"] = plate.archive;
  xattrs["user.platefs.collection"] = plate.obs_collection;
}

bool shows_the_target(const Node& node) {
  using enum cache::ProductKind;
  const auto kind = node.product_kind;
  return !node.plate || kind == Cutout || kind == Stamp || kind == Aligned || kind == Chart;
}

void add_file(Xattrs& xattrs, const Node& node) {
  const auto facts = node.product->facts();
  xattrs["user.platefs.source"] = facts.source;
  xattrs["user.platefs.state"] = state_name(facts);
  xattrs["user.platefs.fetched_at"] = vo::iso_utc(facts.fetched_at);
  xattrs["user.platefs.etag"] = facts.etag;
  xattrs["user.platefs.error"] = facts.error;
  xattrs["user.xdg.origin.url"] = facts.url;
  xattrs["user.mime_type"] = media_type_of(facts, node.product_kind);
  if (node.product_kind == cache::ProductKind::Cutout) xattrs["user.platefs.exposure"] = node.product->exposure();
  if (shows_the_target(node)) {
    const auto& target = node.target->target();
    xattrs["user.platefs.region"] = fmt::format("CIRCLE {}", vo::circle_text({target.position, target.radius}));
  }
}

// A plate's directory tells what failed in it, so that one getfattr answers "why is it empty".
std::string failures_of(const vo::Plate& plate, const cache::Library& library) {
  std::string text;
  for (const auto& failure : library.failures()) {
    if (failure.did != plate.obs_publisher_did) continue;
    if (!failure.archive.empty() && failure.archive != plate.archive) continue;
    if (!failure.exposure.empty() && failure.exposure != plate.exposure) continue;
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", failure.file, failure.message);
  }
  return text;
}

}  // namespace

Xattrs xattrs_of(const Node& node, const cache::Library& library) {
  Xattrs xattrs;
  if (node.plate) add_plate(xattrs, node.plate->plate());
  if (node.product) add_file(xattrs, node);
  if (node.kind == NodeKind::Document) xattrs["user.mime_type"] = media_type_of(node.document);
  if (node.kind == NodeKind::Plate) {
    xattrs["user.platefs.error"] = failures_of(node.plate->plate(), library);
  }
  if (node.kind == NodeKind::Target || node.kind == NodeKind::TimeSeries) {
    const auto failure = node.target->failure();
    xattrs["user.platefs.error"] = failure ? failure->message() : std::string{};
  }
  std::erase_if(xattrs, [](const auto& entry) { return entry.second.empty(); });
  return xattrs;
}

}  // namespace platefs::fs
