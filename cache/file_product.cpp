// SPDX-License-Identifier: BSD-3-Clause
#include "cache/file_product.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace platefs::cache {

using vo::Error;
using vo::ErrorKind;

namespace {

constexpr std::uint64_t kFitsBlock = 2880;
constexpr std::uint64_t kTypicalPreview = 256 * 1024;
constexpr std::uint64_t kTypicalPlate = 512ull << 20;

// Stated lengths are often rounded down to a kB; a FITS file ends on a block, so the next border above is
// both positive and rather too large than too small.
std::uint64_t padded_estimate(std::uint64_t stated) {
  return (stated + 1023 + kFitsBlock - 1) / kFitsBlock * kFitsBlock;
}

}  // namespace

/// Carries what one download brings into the product.
class FileProduct::Arrival final : public DownloadListener {
 public:
  explicit Arrival(std::shared_ptr<FileProduct> product) : product_(std::move(product)) {}

  // Whatever part of the file the answer begins with, it is a part of the version that its validators
  // name: create() goes on with the present version or begins the next, so two never mix.
  ObjectId on_begin(Store& store, const BodyStart& start, const std::string& url) override {
    size_known_ = start.file_size.has_value();
    facts_.size = start.file_size.value_or(0);
    facts_.validators = start.validators;
    facts_.url = url;
    facts_.source = "download";
    facts_.media_type = start.media_type;
    facts_.fetched_at = product_->services().now();
    if (!size_known_) return store.stage(product_->key());
    keep_fuller_validators(store);
    const auto info = store.create(product_->key(), facts_);
    product_->have_version(info);
    return info.id;
  }

  void on_stored(ObjectId object, vo::ByteRange range) override {
    if (size_known_) product_->have_bytes(object, range);
  }

  void on_done(Store& store, vo::Outcome<Intake::Total> outcome) override {
    product_->fetch_over(size_known_ ? error_in(outcome) : settle_staged(store, outcome));
  }

 private:
  // A server that names an ETag once and leaves it out the next time has not changed the file.
  void keep_fuller_validators(Store& store) {
    const auto present = store.object(product_->key());
    if (present && present->facts.size == facts_.size &&
        same_version(present->facts.validators, facts_.validators)) {
      facts_.validators = present->facts.validators;
    }
  }

  static std::optional<Error> error_in(const vo::Outcome<Intake::Total>& outcome) {
    if (outcome) return std::nullopt;
    return outcome.error();
  }

  std::optional<Error> settle_staged(Store& store, const vo::Outcome<Intake::Total>& outcome) {
    if (!outcome) return outcome.error();
    try {
      facts_.size = outcome.value().bytes;
      facts_.validators.content_hash = outcome.value().hash;
      product_->have_version(store.publish(outcome.value().object, facts_));
      return std::nullopt;
    } catch (...) {
      return vo::current_error("keeping the file in the cache");
    }
  }

  std::shared_ptr<FileProduct> product_;
  ObjectFacts facts_;
  bool size_known_ = true;
};

Expected FileProduct::expected_kind() const {
  switch (id().kind) {
    case ProductKind::Full:
    case ProductKind::Cutout: return Expected::Fits;
    case ProductKind::Preview: return Expected::Image;
    case ProductKind::Link: break;
  }
  return id().link.ends_with(".fits") ? Expected::Fits : Expected::Anything;
}

std::optional<FileProduct::Source> FileProduct::source_in(const LinksAnswer& links,
                                                          const ProductId& id) {
  const vo::Link* link = nullptr;
  if (id.kind == ProductKind::Full) link = links.files.full;
  if (id.kind == ProductKind::Preview) link = links.files.preview;
  if (id.kind == ProductKind::Link) {
    const auto found = links.files.others.find(id.link);
    if (found != links.files.others.end()) link = found->second;
  }
  if (link == nullptr) return std::nullopt;
  return Source{vo::Url::parse(link->access_url), link->content_length, link->content_type};
}

ProductFacts FileProduct::expected() const {
  ProductFacts facts;
  facts.source = "download";
  facts.estimate = id().kind == ProductKind::Preview ? kTypicalPreview : kTypicalPlate;
  const auto& plate = id().plate.plate();
  const bool row_is_the_file = id().kind == ProductKind::Full && plate.is_fits();
  if (row_is_the_file && plate.access_estsize_kb.value_or(0) > 0) {
    facts.estimate = padded_estimate(*plate.access_estsize_kb * 1024);
    facts.url = plate.access_url;
  }
  const auto links = services().library.known_links(id().plate);
  if (!links) return facts;
  try {
    if (const auto source = source_in(*links, id())) {
      facts.url = source->url.for_display();
      facts.media_type = source->media_type;
      if (source->stated_size.value_or(0) > 0) facts.estimate = padded_estimate(*source->stated_size);
    }
  } catch (const Error&) {
    facts.url.clear();  // an unusable URL: opening the file tells why
  }
  return facts;
}

FileProduct::Source FileProduct::source_of(
    const vo::Outcome<std::shared_ptr<const LinksAnswer>>& links) const {
  if (auto source = source_in(*links.value(), id())) return *source;
  if (const auto faults = links.value()->faults(); !faults.empty()) {
    throw Error{ErrorKind::Rejected, fmt::format("the archive's DataLink offers no {} but says {}",
                                                 file_name(), faults)};
  }
  throw Error{ErrorKind::NotFound, fmt::format("the archive offers no {} for this plate", file_name())};
}

void FileProduct::begin_fetch(std::uint64_t first) {
  fetch_.lock()->abandoned = false;
  auto self = std::static_pointer_cast<FileProduct>(shared_from_this());
  services().library.links_of(
      id().plate, [self, first](const vo::Outcome<std::shared_ptr<const LinksAnswer>>& links) {
        try {
          self->fetch_from(self->source_of(links), first);
        } catch (...) {
          self->fail(vo::current_error(fmt::format("finding {}", self->file_name())));
        }
      });
}

void FileProduct::fetch_from(const Source& source, std::uint64_t first) {
  vo::http::Request request{.url = source.url};
  request.range = vo::ByteRange{first, UINT64_MAX};
  if (fetch_.lock()->abandoned) return fail(Error{ErrorKind::Cancelled, "nobody waits any more"});
  auto self = std::static_pointer_cast<FileProduct>(shared_from_this());
  auto download = Download::start(services().transport, services().writer, std::move(request),
                                  expected_kind(), std::make_shared<Arrival>(self));
  bool abandoned = false;
  {
    auto fetch = fetch_.lock();
    fetch->download = download;
    abandoned = fetch->abandoned;
  }
  if (abandoned) download->cancel();
}

void FileProduct::fail(const Error& error) {
  // On the writer thread like every other end of a fetch, so that a caller's lock is never met.
  auto self = std::static_pointer_cast<FileProduct>(shared_from_this());
  services().writer.post([self, error](Store&) { self->fetch_over(error); });
}

void FileProduct::fetch_over(const std::optional<Error>& error) {
  fetch_.lock()->download.reset();
  fetch_ended(error);
}

void FileProduct::abandon_fetch() {
  std::shared_ptr<Download> download;
  {
    auto fetch = fetch_.lock();
    fetch->abandoned = true;
    download = fetch->download;
  }
  if (download) download->cancel();
}

}  // namespace platefs::cache
