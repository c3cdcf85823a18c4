// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/star_recipes.h"

#include <optional>
#include <utility>

#include "vo/base/designation.h"
#include "vo/base/mjd.h"
#include "vo/fits/aligned/aligned_frame.h"
#include "vo/fits/pictures/stamp.h"
#include "vo/services/plate_date.h"

namespace platefs::cache {
namespace {

Made of_cutout(const Order& order, PlateInputs& inputs, std::string media_type,
               const std::function<FileBytes(vo::FitsSource&)>& make) {
  auto cutout = order.id;
  cutout.kind = ProductKind::Cutout;
  cutout.variant.clear();
  cutout.marks.reset();
  std::string from;
  auto bytes = inputs.from_file(cutout, [&](vo::FitsSource& source, const std::string& url) {
    from = url;
    return make(source);
  });
  return {made_of(order, from, std::move(media_type)), std::move(bytes), {}};
}

/// The archive's word for whether stars are dark, where its table has one.
std::optional<vo::Polarity> told_polarity(const PlateRef& plate) {
  const auto& table = plate.table->table;
  for (const auto* name : {"polarity", "scan_polarity", "image_polarity"}) {
    const int column = table.column(name);
    if (column < 0 || plate.plate().row >= table.rows.size()) continue;
    const auto word = vo::text_of(table.rows.cell(plate.plate().row, static_cast<std::size_t>(column)));
    if (const auto polarity = vo::polarity_named(word)) return polarity;
  }
  return std::nullopt;
}

vo::PlateCaption caption_of(const Order& order) {
  const auto& plate = order.id.plate.plate();
  return {plate.t_min ? vo::iso_date(*plate.t_min) : std::string(), plate.obs_publisher_did.str(),
          vo::designation(order.id.region.centre), order.id.marks, told_polarity(order.id.plate)};
}

vo::Tone tone_of(const Order& order) {
  return order.id.variant == "positive" ? vo::Tone::StarsBright : vo::Tone::StarsDark;
}

/// A date that can't be right must not take the place of the plate's own.
vo::ExposureTimes times_of(const Order& order) {
  const auto& plate = order.id.plate.plate();
  if (!vo::doubt_on_date(plate, order.now).empty()) return {{}, {}, plate.t_exptime};
  return {plate.t_min, plate.t_max, plate.t_exptime};
}

}  // namespace

Made make_stamp(const Order& order, PlateInputs& inputs) {
  return of_cutout(order, inputs, "image/jpeg", [&](vo::FitsSource& cutout) {
    return vo::stamp_of(cutout, order.id.region, caption_of(order), tone_of(order));
  });
}

Made make_aligned(const Order& order, PlateInputs& inputs) {
  const auto kernel = vo::kernel_named(order.id.variant).value_or(vo::Kernel::Bilinear);
  return of_cutout(order, inputs, "image/fits", [&](vo::FitsSource& cutout) {
    return vo::aligned_frame(cutout, order.id.region, kernel, times_of(order), order.program);
  });
}

Made make_chart(const Order& order, PlateInputs& inputs) {
  return of_cutout(order, inputs, "image/png", [&](vo::FitsSource& cutout) {
    return vo::chart_of(cutout, order.id.region, caption_of(order), tone_of(order));
  });
}

}  // namespace platefs::cache
