// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/cutout_product.h"

#include <fmt/core.h>
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "cache/files/open_and_read.h"
#include "cache/files/opened_plate.h"
#include "cache/files/remote_fits.h"
#include "vo/base/mailbox.h"
#include "vo/services/soda.h"

namespace platefs::cache {

using vo::Error;
using vo::ErrorKind;

namespace {

constexpr std::uint64_t kLargestCutout = 4ull << 30;
constexpr std::uint64_t kHeaderRoom = 64 * 1024;
constexpr std::uint64_t kTypicalCutout = 8ull << 20;
constexpr double kFinestPixelArcsec = 0.5;
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
  const bool shared =
      std::all_of(steps.begin(), steps.end(), [kind](const Step& step) { return step.error.kind() == kind; });
  if (!shared || kind == ErrorKind::NotFound) return ErrorKind::Rejected;
  return kind;
}

Error story_of(const std::vector<Step>& steps) {
  if (steps.empty()) {
    return {ErrorKind::NotFound, "the archive offers neither a cutout service nor a FITS file"};
  }
  std::string story;
  for (const auto& step : steps) {
    story += fmt::format("{}{}: {}", story.empty() ? "" : "; ", step.way, step.error.what());
  }
  return {common_kind(steps), story};
}

ProductId file_of(const ProductId& cutout, ProductKind kind, const std::string& link = {}) {
  ProductId file = cutout;
  file.kind = kind;
  file.link = link;
  return file;
}

bool ends_the_chain(const Error& error) {
  return error.kind() == ErrorKind::Cancelled || error.kind() == ErrorKind::NoSpace;
}

}  // namespace

/// Receives a SODA answer into an object that nobody sees yet.
class CutoutProduct::SodaArrival final : public DownloadListener {
 public:
  SodaArrival(std::shared_ptr<CutoutProduct> product, std::shared_ptr<vo::Mailbox<Made>> box)
      : product_(std::move(product)), box_(std::move(box)) {}

  ObjectId on_begin(Store& store, const BodyStart& start, const std::string& url) override {
    made_.facts.url = url;
    made_.facts.source = "soda";
    made_.facts.media_type = start.media_type;
    made_.facts.fetched_at = product_->services().now();
    made_.object = StagedObject{product_->services().writer, store, product_->key()};
    return made_.object.id();
  }
  void on_stored(ObjectId, vo::ByteRange) override {}
  bool wants_hash() const override { return true; }
  void on_done(Store&, vo::Outcome<BodyWriter::Total> outcome) override {
    if (!outcome) {
      made_.object = {};
      return box_->put(outcome.error());
    }
    made_.facts.size = outcome.value().bytes;
    made_.facts.validators.content_hash = outcome.value().hash;
    box_->put(std::move(made_));
  }

 private:
  std::shared_ptr<CutoutProduct> product_;
  std::shared_ptr<vo::Mailbox<Made>> box_;
  Made made_;
};

CutoutProduct::CutoutProduct(ProductServices services, ProductId id, vo::WorkerPool& pool, const CutoutTools& tools,
                             RangeHosts& hosts)
    : StoredProduct(std::move(services), std::move(id)), pool_(pool), tools_(tools), hosts_(hosts) {}

std::shared_ptr<CutoutProduct> CutoutProduct::self() {
  return std::static_pointer_cast<CutoutProduct>(shared_from_this());
}

ProductFacts CutoutProduct::expected() const {
  ProductFacts facts;
  const auto& plate = id().plate.plate();
  const auto links = services().files.known_links(id().plate);
  const bool has_service =
      (links && !links->files.soda.empty()) || !vo::soda_services_of(*id().plate.table, plate).empty();
  facts.source = has_service ? "soda" : "cutout";
  facts.media_type = "image/fits";
  if (const auto size = making_.lock()->size) {
    facts.estimate = *size;
    return facts;
  }
  const double pixel = std::max(plate.s_pixel_scale.value_or(0.0), kFinestPixelArcsec);
  facts.estimate = kTypicalCutout;
  if (plate.s_pixel_scale) {
    const double side = 2.0 * id().region.radius.as_arcseconds() / pixel + 2.0;
    facts.estimate = static_cast<std::uint64_t>(std::ceil(side * side * 4.0)) + kHeaderRoom;
  }
  if (plate.access_estsize_kb.value_or(0) > 0 && plate.is_fits()) {
    facts.estimate = std::min(facts.estimate, *plate.access_estsize_kb * 1024 + kHeaderRoom);
  }
  return facts;
}

std::string CutoutProduct::exposure() const {
  const auto made = present();
  if (!made || !tools_.exposure) return {};
  try {
    ObjectSource cutout{services().store, made->id, made->facts.size, {}};
    return tools_.exposure(cutout);
  } catch (const Error&) {
    return {};  // evicted meanwhile, or an archive's own
  }
}

void CutoutProduct::bring() {
  std::stop_source giving_up;
  {
    const auto making = making_.lock();
    if (making->is_under_way) return;
    making->is_under_way = true;
    making->giving_up = giving_up;
  }
  // The job owns a completion's worth of duty: dropped with the pool, it ends the making all the same.
  auto over = std::make_shared<vo::Completion<bool>>([me = self()](const vo::Outcome<bool>& ran) {
    if (!ran) me->services().writer.post([me, error = ran.error()](Store&) { me->ended(error); });
  });
  // The links first: a conversation of the pool that waited for them would wait for another one of the same
  // few threads, and enough such cutouts for ever.
  services().files.links_of(id().plate, [me = self(), giving_up, over](const Links& links) {
    me->pool_.post([me, giving_up, over, links](const std::stop_token& pool_stop) {
      const std::stop_callback also(pool_stop, [giving_up]() mutable { giving_up.request_stop(); });
      me->make(links, giving_up.get_token());
      (*over)(true);
    });
  });
}

void CutoutProduct::trim() {
  if (wanted().nothing()) making_.lock()->giving_up.request_stop();
}

void CutoutProduct::ended(const std::optional<Error>& error) {
  bool was_given_up = false;
  {
    const auto making = making_.lock();
    making->is_under_way = false;
    was_given_up = making->giving_up.stop_requested();
  }
  if (!error) return settle();
  const bool somebody_came_since = was_given_up && !wanted().nothing();
  if (somebody_came_since) return bring();
  give_up(*error, {0, UINT64_MAX});
}

/// It was made. Whoever waits all the same could not be served from what the cache kept of it: once more, and
/// then no more. A disk that takes nothing leaves memory alone, which holds no large file.
void CutoutProduct::settle() {
  bool is_in_vain = false;
  const bool somebody_waits = !wanted().nothing();
  {
    const auto making = making_.lock();
    making->in_vain = somebody_waits ? making->in_vain + 1 : 0;
    is_in_vain = making->in_vain > 1;
    if (is_in_vain) making->in_vain = 0;
  }
  if (is_in_vain) {
    return give_up({ErrorKind::NoSpace, "the cutout was made, and neither the cache's disk nor memory keeps it"},
                   {0, UINT64_MAX});
  }
  if (somebody_waits) bring();
}

void CutoutProduct::make(const Links& links, const std::stop_token& stop) {
  try {
    publish(first_success(*links.value(), stop));
  } catch (...) {
    const auto error = vo::current_error("making cutout.fits");
    services().writer.post([me = self(), error](Store&) { me->ended(error); });
  }
}

CutoutProduct::Made CutoutProduct::first_success(const LinksAnswer& links, const std::stop_token& stop) {
  std::vector<Step> failed;
  const auto attempt = [&](const std::string& way, const auto& make_it) -> std::optional<Made> {
    try {
      return make_it();
    } catch (...) {
      const auto error = vo::current_error("");
      if (ends_the_chain(error)) throw;
      failed.push_back({way, Error{error.kind(), error.message().substr(2)}});
      return std::nullopt;
    }
  };
  for (const auto* service : links.files.soda) {
    if (auto made = attempt("SODA", [&] { return by_soda(*service, stop); })) return std::move(*made);
  }
  for (const auto& service : vo::soda_services_of(*id().plate.table, id().plate.plate())) {
    const bool is_tried = std::ranges::any_of(
        links.files.soda, [&](const auto* tried) { return tried->access_url == service.access_url; });
    if (is_tried) continue;
    if (auto made = attempt("SODA", [&] { return by_soda(service, stop); })) return std::move(*made);
  }
  if (links.files.full != nullptr) {
    if (auto made = attempt("cut from full.fits",
                            [&] { return by_cutting(file_of(id(), ProductKind::Full), *links.files.full, stop); })) {
      return std::move(*made);
    }
  }
  const std::set<const vo::Link*> fits{links.files.other_fits.begin(), links.files.other_fits.end()};
  int others = 0;
  for (const auto& [name, link] : links.files.others) {
    if (!fits.contains(link) || ++others > kMostOtherFiles) continue;
    if (auto made = attempt("cut from links/" + name, [&, name = name, link = link] {
          return by_cutting(file_of(id(), ProductKind::Link, name), *link, stop);
        })) {
      return std::move(*made);
    }
  }
  if (others > kMostOtherFiles) {
    const auto left = fmt::format("{} more files were not tried", others - kMostOtherFiles);
    failed.push_back({"other FITS", Error{failed.front().error.kind(), left}});
  }
  if (const auto faults = links.faults(); !faults.empty()) {
    failed.push_back({"DataLink", Error{ErrorKind::Rejected, faults}});
  }
  throw story_of(failed);
}

CutoutProduct::Made CutoutProduct::by_soda(const vo::ServiceDescriptor& service, const std::stop_token& stop) {
  auto request = vo::soda_request(service, id().plate.plate().obs_publisher_did, id().region);
  request.max_body = kLargestCutout;
  request.on_behalf_of = id().plate.table->service;
  auto box = std::make_shared<vo::Mailbox<Made>>();
  const auto download = Download::start(services().transport, services().writer, std::move(request), Expected::Fits,
                                        std::make_shared<SodaArrival>(self(), box));
  const std::stop_callback cancel(stop, [download] { download->cancel(); });
  Made made = box->take({});
  const auto better = trimmed(made, vo::is_asked_by_box(service), stop);
  if (!better) return made;
  return stage(*better, made.facts);
}

std::optional<CutoutTools::File> CutoutProduct::trimmed(const Made& made, bool must_be_whole,
                                                        const std::stop_token& stop) const {
  ObjectSource answer{services().store, made.object.id(), made.facts.size, stop};
  return tools_.trim(answer, {id().region, id().plate, made.facts.url, must_be_whole});
}

CutoutProduct::Made CutoutProduct::by_cutting(ProductId plate_file, const vo::Link& link, const std::stop_token& stop) {
  const auto product = services().files.product(plate_file);
  std::string url;
  const auto note_size = [this](std::uint64_t size) { making_.lock()->size = size; };
  const auto bytes = made_of_one_version([&] {
    const auto plate = open_plate(*product, services().store, plate_file.key(), stop);
    RemoteFitsSource source{{services().store, services().transport, hosts_, plate_file.plate.table->service},
                            plate.file,
                            plate.object,
                            vo::Url::parse(link.access_url),
                            stop};
    url = product->facts().url;
    return tools_.cut(source, {id().region, id().plate, url}, note_size);
  });
  return stage(bytes, {.size = 0,
                       .validators = {},
                       .url = url,
                       .source = "cutout",
                       .media_type = "image/fits",
                       .fetched_at = services().now()});
}

CutoutProduct::Made CutoutProduct::stage(const CutoutTools::File& bytes, ObjectFacts facts) {
  Made made{{}, std::move(facts)};
  made.facts.size = bytes.size();
  made.facts.validators.content_hash = XXH3_64bits(bytes.data(), bytes.size());
  auto box = std::make_shared<vo::Mailbox<StagedObject>>();
  services().writer.post([&bytes, box, key = key(), &writer = services().writer](Store& store) {
    try {
      StagedObject object{writer, store, key};
      store.put(object.id(), 0, bytes);
      box->put(std::move(object));
    } catch (...) {
      box->put(vo::current_error("keeping the cutout in the cache"));
    }
  });
  made.object = box->take({});  // the writer never waits for us: it borrows `bytes` meanwhile
  return made;
}

void CutoutProduct::publish(Made made) {
  const auto owned = std::make_shared<Made>(std::move(made));
  services().writer.post([me = self(), owned](Store& store) {
    try {
      me->have_version(owned->object.publish(store, owned->facts));
      me->ended(std::nullopt);
    } catch (...) {
      me->ended(vo::current_error("keeping the cutout in the cache"));
    }
  });
}

}  // namespace platefs::cache
