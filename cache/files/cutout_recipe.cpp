// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/cutout_recipe.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "vo/services/own_protocol.h"
#include "vo/services/plate_date.h"
#include "vo/services/service_answer.h"
#include "vo/services/soda.h"

namespace platefs::cache {

using vo::Error;
using vo::ErrorKind;

namespace {

constexpr std::uint64_t kLargestCutout = 4ull << 30;
/// Of a plate's other files: a document may list thousands, and each costs requests while somebody waits.
constexpr int kMostOtherFiles = 8;

/// Why one way to a cutout failed.
struct Step {
  std::string way;
  Error error;
};

// A kind that every step shares is worth its own errno (all timed out, all refused); else it is an I/O
// error whose story is in the message. "Not found" would claim that there is nothing to try.
ErrorKind common_kind(const std::vector<Step>& steps) {
  const auto kind = steps.front().error.kind();
  const bool shared = std::ranges::all_of(steps, [kind](const Step& step) { return step.error.kind() == kind; });
  if (!shared || kind == ErrorKind::NotFound) return ErrorKind::Rejected;
  return kind == ErrorKind::Malformed ? ErrorKind::Rejected : kind;
}

/// The archive could answer otherwise another time.
bool is_passing(ErrorKind kind) {
  return kind != ErrorKind::NotFound && kind != ErrorKind::Rejected && kind != ErrorKind::Malformed;
}

/// `is_impossible`: a plate's image was read, and no cutout can be made of it.
Error story_of(const std::vector<Step>& steps, bool is_impossible) {
  if (steps.empty()) {
    return {ErrorKind::NotFound, "the archive offers neither a cutout service nor a FITS file"};
  }
  std::string story;
  for (const auto& step : steps) {
    story += fmt::format("{}{}: {}", story.empty() ? "" : "; ", step.way, step.error.what());
  }
  const bool may_work = std::ranges::any_of(steps, [](const Step& step) { return is_passing(step.error.kind()); });
  return {is_impossible && !may_work ? ErrorKind::Malformed : common_kind(steps), story};
}

bool ends_the_chain(const Error& error) {
  return error.kind() == ErrorKind::Cancelled || error.kind() == ErrorKind::NoSpace;
}

std::optional<vo::IcrsPosition> centre_of(const vo::Plate& plate) {
  if (!plate.s_ra || !plate.s_dec) return std::nullopt;
  const double turns = *plate.s_ra - 360.0 * std::floor(*plate.s_ra / 360.0);
  try {
    return vo::IcrsPosition::at(vo::Angle::degrees(turns < 360.0 ? turns : 0.0), vo::Angle::degrees(*plate.s_dec));
  } catch (const Error&) {
    return std::nullopt;  // a centre off the sphere tells no exposure from another
  }
}

/// Archives may publish the exposures of a plate under one identifier, or its file under several.
bool is_exposure_of_one_plate(const vo::Plate& a, const vo::Plate& b) {
  const bool is_one_plate =
      a.obs_publisher_did == b.obs_publisher_did || (!a.access_url.empty() && a.access_url == b.access_url);
  return is_one_plate && a.exposure != b.exposure;
}

vo::ExposureCentres centres_of(const PlateRef& row) {
  vo::ExposureCentres centres{centre_of(row.plate())};
  for (const auto& plate : row.table->plates) {
    const auto centre = is_exposure_of_one_plate(plate, row.plate()) ? centre_of(plate) : std::nullopt;
    if (centre && centre != centres.own) centres.others.push_back(*centre);
  }
  return centres;
}

/// The ways to one cutout, tried one after the other.
class Chain {
 public:
  Chain(const Order& order, PlateInputs& inputs) : order_(order), inputs_(inputs) {}

  Made first_success() {
    const auto& files = order_.links->files;
    if (const auto& own = order_.id.plate.table->own) {
      if (auto made = attempt(own->way_to_cutouts(), [&] { return by_protocol(*own); })) return std::move(*made);
    }
    for (const auto& service : services()) {
      if (auto made = attempt("SODA", [&] { return by_soda(service); })) return std::move(*made);
    }
    if (files.full != nullptr) {
      if (auto made = attempt("cut from full.fits", [&] { return by_cutting(ProductKind::Full, {}); })) {
        return std::move(*made);
      }
    }
    const std::set<const vo::Link*> fits{files.other_fits.begin(), files.other_fits.end()};
    int others = 0;
    for (const auto& other : files.others) {
      const auto& name = other.first;
      if (!fits.contains(other.second) || ++others > kMostOtherFiles) continue;
      if (auto made = attempt("cut from links/" + name, [&] { return by_cutting(ProductKind::Link, name); })) {
        return std::move(*made);
      }
    }
    if (others > kMostOtherFiles) {
      const auto left = fmt::format("{} more files were not tried", others - kMostOtherFiles);
      failed_.push_back({"other FITS", Error{failed_.front().error.kind(), left}});
    }
    if (const auto faults = order_.links->faults(); !faults.empty()) {
      const auto kind = order_.links->kind_of_faults();
      if (failed_.empty()) throw Error{kind, "the archive's DataLink says " + faults};  // there is nothing to try
      failed_.push_back({"DataLink", Error{kind, faults}});
    }
    throw story_of(failed_, is_impossible_);
  }

 private:
  template <typename Make>
  std::optional<Made> attempt(const std::string& way, const Make& make) {
    try {
      return make();
    } catch (...) {
      const auto error = vo::current_error("");
      if (ends_the_chain(error)) throw;
      failed_.push_back({way, Error{error.kind(), error.message().substr(2)}});
      return std::nullopt;
    }
  }

  /// The links', and those that the table of plates describes itself.
  std::vector<vo::ServiceDescriptor> services() const {
    std::vector<vo::ServiceDescriptor> services;
    for (const auto* service : order_.links->files.soda) services.push_back(*service);
    const auto of_the_links = services.size();
    for (auto& service : vo::soda_services_of(*order_.id.plate.table, order_.id.plate.plate())) {
      const auto end = services.begin() + static_cast<std::ptrdiff_t>(of_the_links);
      const bool is_tried =
          std::any_of(services.begin(), end, [&](const auto& tried) { return tried.access_url == service.access_url; });
      if (!is_tried) services.push_back(std::move(service));
    }
    // What one that wants a job would say, one that answers at once has said.
    if (!std::ranges::all_of(services, vo::is_asked_by_job)) std::erase_if(services, vo::is_asked_by_job);
    return services;
  }

  PlateInputs::Answer by_soda_request(const vo::ServiceDescriptor& service) {
    const auto& plate = order_.id.plate;
    auto request = vo::soda_request(service, plate.plate().obs_publisher_did.str(), order_.id.region);
    request.max_body = kLargestCutout;
    request.on_behalf_of = plate.table->service;
    const auto ask = [&](vo::http::Request asked) { return inputs_.from_service(std::move(asked)); };
    return vo::ask_past_caches_at_last(std::move(request), ask);
  }

  PlateInputs::Answer by_soda_job(const vo::ServiceDescriptor& service) {
    const auto& plate = order_.id.plate;
    auto question = vo::soda_job(service, plate.plate().obs_publisher_did.str(), order_.id.region);
    question.on_behalf_of = plate.table->service;
    return inputs_.from_job(question);
  }

  Made by_soda(const vo::ServiceDescriptor& service) {
    const auto& id = order_.id;
    auto answer = vo::is_asked_by_job(service) ? by_soda_job(service) : by_soda_request(service);
    if (vo::is_asked_by_box(service) && vo::falls_short(*answer.source, id.region, centres_of(id.plate))) {
      throw Error{ErrorKind::Rejected, "the service's cutout ends before the region does"};
    }
    return trimmed(std::move(answer));
  }

  /// Of a service that speaks no protocol of the Virtual Observatory.
  Made by_protocol(const vo::OwnProtocol& own) {
    const auto& plate = order_.id.plate;
    auto request = own.cutout_request(*plate.table, plate.plate(), order_.id.region);
    request.on_behalf_of = plate.table->service;
    const auto largest = own.largest_wrapped_cutout();
    request.max_body = largest.value_or(kLargestCutout);
    if (!largest) return trimmed(inputs_.from_service(std::move(request)));
    const auto unwrap = [&own](std::string_view answer) { return own.unwrapped_cutout(answer); };
    return trimmed(inputs_.from_wrapped(std::move(request), unwrap));
  }

  Made trimmed(PlateInputs::Answer answer) {
    auto better = vo::trimmed(*answer.source, order_.id.region, provenance_of(order_, answer.made.facts.url));
    if (better) answer.made.bytes = std::move(better->file);
    return std::move(answer.made);
  }

  Made by_cutting(ProductKind kind, const std::string& link) {
    auto file = order_.id;
    file.kind = kind;
    file.link = link;
    std::string from;
    auto bytes = inputs_.from_file(file, [&](vo::FitsSource& source, const std::string& url) {
      from = url;
      return cut_out_of(source, url);
    });
    return {made_of(order_, from, "image/fits"), std::move(bytes), {}};
  }

  FileBytes cut_out_of(vo::FitsSource& source, const std::string& url) {
    try {
      return vo::cut(source, order_.id.region, provenance_of(order_, url), order_.on_size).file;
    } catch (const Error& error) {
      is_impossible_ = is_impossible_ || error.kind() == ErrorKind::Rejected || error.kind() == ErrorKind::Malformed;
      throw;
    }
  }

  const Order& order_;
  PlateInputs& inputs_;
  std::vector<Step> failed_;
  bool is_impossible_ = false;
};

}  // namespace

vo::CutoutProvenance provenance_of(const Order& order, const std::string& source_url) {
  const auto& row = order.id.plate;
  const auto& plate = row.plate();
  // A date that can't be right must not take the place of the plate's own.
  const bool is_dated = vo::doubt_on_date(plate, order.now).empty();
  return {.source_did = plate.obs_publisher_did.str(),
          .archive = plate.archive.str(),
          .source_url = source_url,
          .region = fmt::format("CIRCLE ICRS {}", vo::circle_text(order.id.region)),
          .platefs_version = order.program,
          .t_min = is_dated ? plate.t_min : std::nullopt,
          .t_max = is_dated ? plate.t_max : std::nullopt,
          .exptime_seconds = plate.t_exptime,
          .facts = {plate.s_pixel_scale, plate.s_fov, plate.s_xel1, plate.s_xel2},
          .centres = centres_of(row)};
}

Made make_cutout(const Order& order, PlateInputs& inputs) { return Chain{order, inputs}.first_success(); }

}  // namespace platefs::cache
