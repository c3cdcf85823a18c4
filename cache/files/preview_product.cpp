// SPDX-License-Identifier: BSD-3-Clause
#include "cache/files/preview_product.h"

#include <fmt/core.h>
#include <xxhash.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cache/files/open_and_read.h"
#include "cache/files/opened_plate.h"
#include "cache/files/remote_fits.h"
#include "cache/store/staged_object.h"

namespace platefs::cache {

using vo::Error;
using vo::ErrorKind;

namespace {

/// A link that leads to no picture, today or ever. Who is silent or out of reach is not asked for more.
bool leads_nowhere(ErrorKind kind) {
  return kind == ErrorKind::NotFound || kind == ErrorKind::NotAuthorized || kind == ErrorKind::Rejected ||
         kind == ErrorKind::Malformed || kind == ErrorKind::Unavailable;
}

/// A FITS file of the plate, and the product that holds it.
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

ProductFacts PreviewProduct::expected() const {
  auto facts = FileProduct::expected();
  const auto links = services().files.known_links(id().plate);
  if (!links || links->files.preview != nullptr) return facts;
  facts.source = "cutout";
  facts.media_type = "image/jpeg";
  return facts;
}

void PreviewProduct::bring() {
  bool is_served = false;
  {
    const auto making = making_.lock();
    is_served = making->is_served;
    if (!is_served && making->is_under_way) return;
    if (!is_served) {
      making->is_under_way = true;
      making->refusal.reset();
      making->giving_up = {};
    }
  }
  if (is_served) return FileProduct::bring();
  services().files.links_of(id().plate, [me = me()](const auto& links) { me->choose(links); });
}

/// Without links the file product says why.
void PreviewProduct::choose(const vo::Outcome<std::shared_ptr<const LinksAnswer>>& links) {
  const bool can_render =
      links && links.value()->files.preview == nullptr && !candidates_in(links.value()->files).empty();
  if (can_render) return render(links.value());
  {
    const auto making = making_.lock();
    making->is_under_way = false;
    making->is_served = links && links.value()->files.preview != nullptr;
  }
  FileProduct::bring();
}

bool PreviewProduct::comes_otherwise(const Error& error) {
  const auto held = present();
  const bool is_begun = held && held->facts.source == "download";
  const auto links = services().files.known_links(id().plate);
  if (is_begun || !leads_nowhere(error.kind()) || !links || candidates_in(links->files).empty()) return false;
  if (wanted().nothing()) return false;
  {
    const auto making = making_.lock();
    making->is_served = false;
    making->is_under_way = true;
    making->refusal = error;
    making->giving_up = {};
  }
  render(links);
  return true;
}

void PreviewProduct::render(const std::shared_ptr<const LinksAnswer>& links) {
  const auto giving_up = making_.lock()->giving_up;
  // The job owns a completion's worth of duty: dropped with the pool, it ends the making all the same.
  auto over = std::make_shared<vo::Completion<bool>>([me = me()](const vo::Outcome<bool>& ran) {
    if (!ran) me->services().writer.post([me, error = ran.error()](Store&) { me->ended(error); });
  });
  pool_.post([me = me(), links, giving_up, over](const std::stop_token& pool_stop) {
    const std::stop_callback also(pool_stop, [giving_up]() mutable { giving_up.request_stop(); });
    try {
      std::string url;
      auto bytes = std::make_shared<const CutoutTools::File>(me->rendered(*links, giving_up.get_token(), url));
      me->services().writer.post([me, bytes, url](Store& store) { me->publish(store, *bytes, url); });
    } catch (...) {
      const auto error = vo::current_error("rendering preview.jpg");
      me->services().writer.post([me, error](Store&) { me->ended(error); });
    }
    (*over)(true);
  });
}

CutoutTools::File PreviewProduct::rendered(const LinksAnswer& links, const std::stop_token& stop,
                                           std::string& url) const {
  const auto candidates = candidates_in(links.files);
  const auto& smallest = *std::ranges::min_element(candidates, {}, &Candidate::size);
  ProductId file = id();
  file.kind = smallest.kind;
  file.link = smallest.name;
  const auto product = services().files.product(file);
  return made_of_one_version([&] {
    const auto plate = open_plate(*product, services().store, file.key(), stop);
    url = product->facts().url;
    RemoteFitsSource source{{services().store, services().transport, hosts_, file.plate.table->service},
                            plate.file,
                            plate.object,
                            vo::Url::parse(smallest.link->access_url),
                            stop};
    return tools_.preview(source);
  });
}

void PreviewProduct::publish(Store& store, const CutoutTools::File& bytes, const std::string& url) {
  try {
    ObjectFacts facts{.size = bytes.size(),
                      .validators = {},
                      .url = url,
                      .source = "cutout",
                      .media_type = "image/jpeg",
                      .fetched_at = services().now()};
    facts.validators.content_hash = XXH3_64bits(bytes.data(), bytes.size());
    StagedObject staged{services().writer, store, key()};
    store.put(staged.id(), 0, bytes);
    have_version(staged.publish(store, facts));
    ended(std::nullopt);
  } catch (...) {
    ended(vo::current_error("keeping preview.jpg in the cache"));
  }
}

void PreviewProduct::trim() {
  FileProduct::trim();
  if (wanted().nothing()) making_.lock()->giving_up.request_stop();
}

void PreviewProduct::ended(const std::optional<Error>& error) {
  bool was_given_up = false;
  std::optional<Error> refusal;
  {
    const auto making = making_.lock();
    making->is_under_way = false;
    refusal = making->refusal;
    was_given_up = making->giving_up.stop_requested();
  }
  if (!error) return;
  if (was_given_up && !wanted().nothing()) return bring();
  give_up(refusal ? Error{refusal->kind(), fmt::format("{}; {}", refusal->message(), error->message())} : *error,
          {0, UINT64_MAX});
}

}  // namespace platefs::cache
