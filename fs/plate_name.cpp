// SPDX-License-Identifier: BSD-3-Clause
#include "fs/plate_name.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <string_view>

#include "vo/ascii.h"
#include "vo/time.h"
#include "vo/url.h"

namespace platefs::fs {
namespace {

/// A name has room for a date, an identifier, an exposure, a collection, a number and an ending within
/// the 255 bytes of a file's name.
constexpr std::size_t kLongestId = 120;
constexpr std::size_t kLongestPart = 40;

bool is_kept(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view{"._+-"}.find(c) != std::string_view::npos;
}

std::string cleaned(std::string_view text, std::size_t longest) {
  std::string clean;
  for (const char c : text) clean += is_kept(c) && static_cast<unsigned char>(c) < 0x80 ? c : '_';
  while (!clean.empty() && clean.front() == '.') clean.erase(0, 1);
  if (clean.size() > longest) {
    // The end tells scans apart more often than the beginning; both are kept in part.
    clean = clean.substr(0, longest / 2) + "_" + clean.substr(clean.size() - longest / 2);
  }
  return clean;
}

constexpr std::array<std::string_view, 6> kPackings{".fz", ".gz", ".Z", ".bz2", ".zip", ".xz"};
constexpr std::array<std::string_view, 7> kTypes{".fits", ".fit", ".fts", ".FITS", ".FIT", ".tif", ".jpg"};

std::string_view without_extension(std::string_view name) {
  const auto strip = [&name](const auto& endings) {
    for (const auto ending : endings) {
      if (name.size() > ending.size() && name.ends_with(ending)) {
        name.remove_suffix(ending.size());
        return;
      }
    }
  };
  strip(kPackings);
  strip(kTypes);
  return name;
}

/// Last segment behind '/', '?' or '=', where the text does not end in one.
std::string_view last_segment(std::string_view text) {
  while (!text.empty() && (text.back() == '/' || text.back() == '?')) text.remove_suffix(1);
  const auto at = text.find_last_of("/?=");
  return at == std::string_view::npos ? text : text.substr(at + 1);
}

/// What stands behind a file's name says how it is wanted ("AG1.fits?download=1"), unless it is asked for by an
/// identifier ("cutout.fits?ID=…").
std::string_view without_wishes(std::string_view text) {
  const auto query = text.find('?');
  if (query == std::string_view::npos || query + 1 == text.size()) return text;
  const auto path = text.substr(0, query);
  const auto file = last_segment(path);
  const bool names_a_file = without_extension(file).size() < file.size();
  const auto wishes = vo::lower_case(text.substr(query));
  const bool has_identifier = wishes.starts_with("?id=") || wishes.find("&id=") != std::string::npos;
  return names_a_file && !has_identifier ? path : text;
}

std::string id_in(const std::string& identifier) {
  const auto decoded = vo::percent_decoded(identifier);
  const auto hash = decoded.find('#');
  const std::string_view whole{decoded};
  auto id = cleaned(without_extension(last_segment(without_wishes(whole.substr(0, hash)))), kLongestId);
  if (hash != std::string::npos && hash + 1 < decoded.size()) {
    id += "_" + cleaned(last_segment(whole.substr(hash + 1)), kLongestPart);
  }
  return id;
}

using Names = std::map<std::string, std::string>;

/// Gives names that are not taken.
class Assignment {
 public:
  explicit Assignment(const Names& existing) : names_(existing) {
    for (const auto& [did, name] : existing) taken_.insert(name);
    taken_.insert({"cutouts", "previews", "plates.vot", "plates.csv", "plates.fits", "errors.txt",
                   "index.html", "target.reg", "CITATION.bib"});
  }

  bool is_taken(const std::string& name) const { return taken_.contains(name); }
  bool has(const std::string& did) const { return names_.contains(did); }

  void give(const std::string& did, const std::string& wanted) {
    auto name = wanted;
    // Goes on where the last one of that name stopped: a list may have very many.
    auto& number = last_number_.try_emplace(wanted, 1).first->second;
    while (is_taken(name)) name = fmt::format("{}~{}", wanted, ++number);
    taken_.insert(name);
    names_[did] = name;
  }

  const Names& names() const { return names_; }

 private:
  Names names_;
  std::set<std::string> taken_;
  std::map<std::string, int> last_number_;
};

}  // namespace

std::string scan_id(const vo::Plate& plate) {
  for (const auto* identifier : {&plate.obs_publisher_did, &plate.access_url, &plate.obs_id}) {
    if (auto id = id_in(*identifier); !id.empty()) return id;
  }
  return "plate";
}

std::string plain_plate_name(const vo::Plate& plate) {
  return fmt::format("{}_{}", plate.t_min ? vo::iso_date(*plate.t_min) : "undated", scan_id(plate));
}

std::map<std::string, std::string> assign_plate_names(const std::vector<vo::Plate>& plates,
                                                      const Names& existing) {
  Assignment assignment{existing};
  std::map<std::string, const vo::Plate*> by_did;    // the order of DIDs settles clashes
  for (const auto& plate : plates) {
    if (!assignment.has(plate.obs_publisher_did)) by_did.emplace(plate.obs_publisher_did, &plate);
  }
  std::map<std::string, int> wanting;
  for (const auto& [did, plate] : by_did) ++wanting[plain_plate_name(*plate)];
  for (const auto& [did, plate] : by_did) {
    auto name = plain_plate_name(*plate);
    if (wanting[name] > 1 || assignment.is_taken(name)) {
      const auto collection = cleaned(plate->obs_collection, kLongestPart);
      if (!collection.empty()) name += "_" + collection;
    }
    assignment.give(did, name);
  }
  return assignment.names();
}

}  // namespace platefs::fs
