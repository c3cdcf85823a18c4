// SPDX-License-Identifier: BSD-3-Clause
// Which row of a DataLink document becomes which file.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>
#include <utility>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/base/words.h"
#include "vo/services/archive.h"

namespace platefs::vo {
namespace {

constexpr std::array<std::string_view, 5> kNotThePlate = {"#auxiliary", "#calibration", "#documentation", "#preview",
                                                          "#counterpart"};

constexpr std::string_view kVotableType = "application/x-votable";

bool is_downloadable(const Link& link) {
  if (link.is_error() || link.access_url.empty() || is_datalink_type(link.content_type)) return false;
  return link.is_local || starts_with_ignoring_case(link.access_url, "http://") ||
         starts_with_ignoring_case(link.access_url, "https://");
}

std::string url_path(const Link& link) {
  try {
    return lower_case(Url::parse_trusted(link.access_url).last_segment());
  } catch (const Error&) {
    return {};
  }
}

/// ".fz" of "x.fits.fz".
std::string_view packing_of(std::string_view name) {
  for (const std::string_view ending : {".fz", ".gz", ".z", ".bz2", ".xz"}) {
    if (name.size() > ending.size() && name.ends_with(ending)) return ending;
  }
  return {};
}

bool has_any_ending(std::string_view name, std::initializer_list<std::string_view> endings) {
  return std::ranges::any_of(endings, [name](std::string_view ending) { return name.ends_with(ending); });
}

/// The archive leaves the type out, says nothing with it, or a word that nobody knows.
bool is_of_unknown_type(const Link& link) { return media_word(link.content_type) == MediaWord::Unknown; }

/// By its type, else by the URL's ending.
bool is_fits_link(const Link& link) {
  if (link.is_fits()) return true;
  const auto path = url_path(link);
  const auto plain = path.substr(0, path.size() - packing_of(path).size());
  return is_of_unknown_type(link) && has_any_ending(plain, {".fits", ".fit", ".fts"});
}

/// Neither type nor ending tell: "getproduct.php?id=7". It is worth a try, and checked when it comes.
bool could_be_fits(const Link& link) {
  return is_of_unknown_type(link) &&
         !has_any_ending(url_path(link),
                         {".jpg",  ".jpeg", ".png", ".gif", ".tif",  ".tiff", ".pdf", ".txt", ".log", ".htm",
                          ".html", ".xml",  ".vot", ".csv", ".json", ".md5",  ".zip", ".tar", ".tgz", ".tar.gz"});
}

bool mentions(const Link& link, std::initializer_list<std::string_view> words) {
  const auto text = lower_case(link.description + " " + link.content_qualifier + " " + link.local_semantics);
  return std::ranges::any_of(words, [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

/// What the archive's own words say of the resolution: -1 less than there is, 1 all there is, 0 nothing.
int said_resolution(const Link& link) {
  if (mentions(link, {"downsampl", "down-sampl", "downscal", "down-scal", "scaled-down", "scaled down", "binned",
                      "low resolution", "low-resolution", "lower resolution", "lower-resolution", "lowres",
                      "reduced resolution", "reduced size", "thumbnail"})) {
    return -1;
  }
  return mentions(link, {"full resolution", "full-resolution", "original resolution", "highest resolution", "full-res",
                         "full size", "unscaled"})
             ? 1
             : 0;
}

/// Whether the caller will get it: 2 yes, 1 with the right credentials, 0 no. Link_authorized knows of those.
int accessibility_of(const Link& link) { return !link.is_authorized ? 0 : link.needs_login ? 1 : 2; }

/// A length counts only between rows that both have one: "unknown" is neither more nor less.
bool is_better(const Link& a, const Link& b) {
  if (a.is_authorized != b.is_authorized) return a.is_authorized;
  const int said_a = said_resolution(a), said_b = said_resolution(b);
  if (said_a != said_b) return said_a > said_b;
  if (a.needs_login != b.needs_login) return b.needs_login;
  if (a.content_length && b.content_length && *a.content_length != *b.content_length) {
    return *a.content_length > *b.content_length;
  }
  return false;
}

std::vector<const Link*> fits_links(const DatalinkDocument& document, std::string_view semantics) {
  std::vector<const Link*> found;
  for (const auto* link : document.by_semantics(semantics)) {
    if (is_downloadable(*link) && is_fits_link(*link)) found.push_back(link);
  }
  return found;
}

/// Where nothing is said to be FITS: the first #this that nothing is said about.
const Link* untold_plate(const DatalinkDocument& document) {
  const Link* best = nullptr;
  for (const auto* link : document.by_semantics("#this")) {
    if (!is_downloadable(*link) || !could_be_fits(*link)) continue;
    if (best == nullptr || accessibility_of(*link) > accessibility_of(*best)) best = link;
  }
  return best;
}

/// #this unless something else is better; of what is another file than `taken`.
const Link* best_resolved(const DatalinkDocument& document, const Link* taken = nullptr) {
  auto candidates = fits_links(document, "#this");
  const auto coderived = fits_links(document, "#coderived");
  candidates.insert(candidates.end(), coderived.begin(), coderived.end());
  const Link* best = nullptr;
  for (const auto* link : candidates) {
    if (taken != nullptr && link->access_url == taken->access_url) continue;
    if (best == nullptr || is_better(*link, *best)) best = link;
  }
  return best;
}

/// May show the sky of this plate: not its flat field, its noise or another plate.
bool may_hold_the_plate(const Link& link) {
  // Of what is said to be the plate itself the first bytes decide.
  const bool is_plate = is_or_narrower(link.semantics, "#this") && could_be_fits(link);
  return (is_fits_link(link) || is_plate) && std::ranges::none_of(kNotThePlate, [&](std::string_view term) {
           return is_or_narrower(link.semantics, term);
         });
}

/// A VOTable before others.
const Link* dataset_itself(const DatalinkDocument& document) {
  const auto rank = [](const Link& link) {
    return std::pair{accessibility_of(link), normalized_media_type(link.content_type).starts_with(kVotableType)};
  };
  const Link* best = nullptr;
  for (const auto* link : document.by_semantics("#this")) {
    if (is_downloadable(*link) && (best == nullptr || rank(*link) > rank(*best))) best = link;
  }
  return best;
}

const Link* first_image(const DatalinkDocument& document, std::string_view semantics) {
  const Link* best = nullptr;
  for (const auto* link : document.by_semantics(semantics)) {
    const auto type = normalized_media_type(link->content_type);
    const bool is_picture = type.empty() || (type.starts_with("image/") && !link->is_fits());
    if (!is_downloadable(*link) || !is_picture) continue;
    if (best == nullptr || accessibility_of(*link) > accessibility_of(*best)) best = link;
  }
  return best;
}

const Link* best_preview(const DatalinkDocument& document) {
  for (const auto* const semantics : {"#preview-image", "#preview", "#thumbnail"}) {
    if (const auto* link = first_image(document, semantics)) return link;
  }
  return nullptr;
}

std::string safe(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool is_plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    result += is_plain ? c : '_';
  }
  const auto first = result.find_first_not_of('.');
  return first == std::string::npos ? std::string() : result.substr(first, 60);
}

/// The word behind '#' or the last '/' of a term.
std::string word_of(std::string_view term) {
  while (term.ends_with('/') || term.ends_with('#')) term.remove_suffix(1);
  const auto cut = term.find_last_of("#/:");
  return safe(cut == std::string_view::npos ? term : term.substr(cut + 1));
}

std::string stem_of(const Link& link) {
  auto stem = word_of(link.semantics);
  if (stem.empty()) stem = "link";
  const auto role = word_of(link.role);
  return role.empty() ? stem : stem + "-" + role;
}

std::string extension_of_type(std::string_view content_type) {
  struct Known {
    std::string_view type, extension;
  };
  static constexpr std::array<Known, 18> kKnown = {{{"image/jpeg", ".jpg"},
                                                    {"image/jpg", ".jpg"},
                                                    {"image/png", ".png"},
                                                    {"image/gif", ".gif"},
                                                    {"image/tiff", ".tif"},
                                                    {"text/html", ".html"},
                                                    {"text/plain", ".txt"},
                                                    {"text/csv", ".csv"},
                                                    {"text/xml", ".xml"},
                                                    {"application/xml", ".xml"},
                                                    {"application/json", ".json"},
                                                    {"application/pdf", ".pdf"},
                                                    {"application/zip", ".zip"},
                                                    {"application/gzip", ".gz"},
                                                    {"application/x-gzip", ".gz"},
                                                    {"application/x-tar", ".tar"},
                                                    {"application/x-votable+xml", ".vot"},
                                                    {"application/x-votable", ".vot"}}};
  auto type = normalized_media_type(content_type);
  type = type.substr(0, type.find(';'));
  if (media_word(type) == MediaWord::Fits || media_word(type) == MediaWord::FitsTable) return ".fits";
  const auto* const found = std::ranges::find(kKnown, type, &Known::type);
  return found == kKnown.end() ? std::string() : std::string(found->extension);
}

/// Compressed FITS keep the ending by which programs know how to open them.
std::string extension_of(const Link& link) {
  const auto path = url_path(link);
  for (const std::string_view ending : {".fits.fz", ".fits.gz", ".fits.bz2", ".fits.xz", ".tar.gz"}) {
    if (path.ends_with(ending)) return std::string(ending);
  }
  if (has_any_ending(path, {".fit.gz", ".fts.gz"})) return ".fits.gz";
  if (has_any_ending(path, {".fits.z", ".fit.z", ".fts.z"})) return ".fits.Z";
  auto by_type = extension_of_type(link.content_type);
  if (!by_type.empty()) return by_type;
  const auto dot = path.rfind('.');
  if (dot == std::string::npos || dot == 0 || path.size() - dot > 6) return {};
  return safe(path.substr(dot)).empty() ? std::string() : "." + safe(path.substr(dot + 1));
}

/// Gives each link of a document a name of its own: "preview.jpg", "preview-2.jpg".
class LinkNames {
 public:
  std::string name(const Link& link) {
    const auto stem = stem_of(link);
    const auto extension = extension_of(link);
    auto name = stem + extension;
    // Goes on where the last one of that name stopped: a document may have very many.
    auto& number = last_number_.emplace(name, 1).first->second;
    while (!taken_.insert(name).second) name = fmt::format("{}-{}{}", stem, ++number, extension);
    return name;
  }

 private:
  std::set<std::string> taken_;
  std::map<std::string, int> last_number_;
};

Link link_of_row(const Plate& plate, std::string_view semantics, std::string_view url) {
  Link link;
  link.id = plate.obs_publisher_did;
  link.access_url = url;
  link.semantics = semantics;
  return link;
}

void add_links_of_row(DatalinkDocument& document, const Plate& plate) {
  if (!plate.access_url.empty()) {
    auto link = link_of_row(plate, "#this", plate.access_url);
    link.content_type = plate.access_format;
    link.description = "The file that the archive's table names";
    if (plate.access_estsize_kb) link.content_length = *plate.access_estsize_kb * 1024;
    document.links.push_back(std::move(link));
  }
  if (!plate.preview.empty()) document.links.push_back(link_of_row(plate, "#preview", plate.preview));
}

}  // namespace

DatalinkDocument links_of_rows(const PlateTable& table, const Plate& plate) {
  DatalinkDocument document;
  add_links_of_row(document, plate);
  for (const auto row : plate.further_rows) add_links_of_row(document, table.plates[row]);
  if (table.service && table.service->scheme() == "file") {
    for (auto& link : document.links) link.is_local = link.access_url.starts_with("file://");
  }
  return document;
}

PlateLinks plate_links(const DatalinkDocument& document, const Plate& /*plate*/) {
  PlateLinks files;
  files.full = best_resolved(document);
  if (files.full != nullptr) files.next_best = best_resolved(document, files.full);
  if (files.full == nullptr) files.full = untold_plate(document);
  files.preview = best_preview(document);
  files.itself = dataset_itself(document);
  files.soda = document.soda_services();
  for (const auto* const semantics : {"#this", "#coderived"}) {
    for (const auto* link : fits_links(document, semantics)) {
      if (link != files.full) files.other_fits.push_back(link);
    }
  }
  const std::set<const Link*> first(files.other_fits.begin(), files.other_fits.end());
  LinkNames names;
  for (const auto& link : document.links) {
    if (&link == files.full || &link == files.preview || !is_downloadable(link)) continue;
    files.others.emplace(names.name(link), &link);
    if (may_hold_the_plate(link) && !first.contains(&link)) files.other_fits.push_back(&link);
  }
  return files;
}

}  // namespace platefs::vo
