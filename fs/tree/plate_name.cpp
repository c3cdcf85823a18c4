// SPDX-License-Identifier: BSD-3-Clause
#include "fs/tree/plate_name.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <functional>
#include <iterator>
#include <set>
#include <span>
#include <string_view>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "vo/base/ascii.h"
#include "vo/base/mjd.h"
#include "vo/base/url.h"

namespace platefs::fs {
namespace {

/// A name has room for a date, an identifier, an exposure, a collection, a number and an ending within
/// the 255 bytes of a file's name.
constexpr std::size_t kLongestId = 120;
constexpr std::size_t kLongestPart = 40;

bool is_kept(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view{"._+-"}.find(c) != std::string_view::npos;
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

std::string id_in(std::string_view identifier) {
  const auto decoded = vo::percent_decoded(identifier);
  const auto hash = decoded.find('#');
  const std::string_view whole{decoded};
  auto id = cleaned(without_extension(last_segment(without_wishes(whole.substr(0, hash)))), kLongestId);
  if (hash != std::string::npos && hash + 1 < decoded.size()) {
    id += "_" + cleaned(last_segment(whole.substr(hash + 1)), kLongestPart);
  }
  return id;
}

/// Two archives may list one DID and mean two plates.
void put_id(std::string& room, const vo::Plate& plate) {
  room.assign(plate.obs_publisher_did.view());
  if (!plate.authority.empty()) room.append("\n").append(plate.authority.view());
}

std::string id_of(const vo::Plate& plate) {
  std::string id;
  put_id(id, plate);
  return id;
}

std::string key_of(const vo::Plate& plate) { return id_of(plate).append("\n").append(plate.exposure); }

/// Gives names that are not taken.
class Assignment {
 public:
  Assignment(PlateNames& names, std::size_t plates) : names_(names) {
    taken_.reserve(names.size() + plates + 10);
    for (const auto& [key, name] : names) taken_.insert(name);
    taken_.insert({"cutouts", "previews", "plates.vot", "plates.csv", "plates.fits", "errors.txt", "index.html",
                   "target.reg", "CITATION.bib", "unsolved"});
  }

  bool is_taken(const std::string& name) const { return taken_.contains(name); }

  void give(const std::string& key, const std::string& wanted) {
    auto name = wanted;
    if (is_taken(name)) {
      // Goes on where the last one of that name stopped: a table may hold very many.
      auto& number = last_number_.emplace(wanted, 1).first->second;
      while (is_taken(name)) name = fmt::format("{}~{}", wanted, ++number);
    }
    taken_.insert(share(key, name));
  }
  const std::string& share(const std::string& key, const std::string& name) {
    // Keys come in their order, as a rule.
    return names_.insert_or_assign(names_.end(), key, name)->second;
  }

 private:
  PlateNames& names_;
  std::unordered_set<std::string_view> taken_;
  std::map<std::string, int> last_number_;
};

using Exposures = std::vector<const vo::Plate*>;

bool is_earlier(const vo::Plate* a, const vo::Plate* b) {
  return std::tie(a->t_min, a->t_max, a->exposure) < std::tie(b->t_min, b->t_max, b->exposure);
}

/// Plates of one DID and archive, each exposure once, by date.
Exposures distinct(std::span<const vo::Plate* const> plates) {
  Exposures exposures;
  std::set<std::string_view> seen;
  for (const auto* plate : plates) {
    if (seen.insert(plate->exposure).second) exposures.push_back(plate);
  }
  std::ranges::sort(exposures, is_earlier);
  return exposures;
}

/// Calls `take(id, exposures)` for each DID and archive, in the order that settles clashes.
template <typename Take>
void for_each_id(std::vector<const vo::Plate*> plates, Take take) {
  const auto id = [](const vo::Plate* plate) {
    return std::pair{plate->obs_publisher_did.view(), plate->authority.view()};
  };
  std::ranges::stable_sort(plates, {}, id);
  for (auto first = plates.begin(); first != plates.end();) {
    const auto last = std::find_if(first, plates.end(), [&](const auto* other) { return id(other) != id(*first); });
    const std::span<const vo::Plate* const> same{first, last};
    take(id_of(**first), same.size() == 1 ? Exposures{*first} : distinct(same));
    first = last;
  }
}

/// Names that a DID has and no exposure that is there now: what had them was told by less, or in other words.
std::set<std::string> names_left_over(const PlateNames& existing, const std::string& did, const Exposures& exposures) {
  std::set<std::string> left, used;
  if (const auto found = existing.find(did); found != existing.end()) left.insert(found->second);
  const auto stem = did + "\n";
  for (auto at = existing.lower_bound(stem); at != existing.end() && at->first.starts_with(stem); ++at) {
    left.insert(at->second);
  }
  for (const auto* plate : exposures) {
    const auto found = existing.find(key_of(*plate));
    if (found != existing.end()) left.erase(found->second);
  }
  return left;
}

bool is_name_for(const std::string& name, const vo::Plate& plate) {
  const auto plain = plain_plate_name(plate);
  if (!name.starts_with(plain)) return false;
  return name.size() == plain.size() || name[plain.size()] == '_' || name[plain.size()] == '~';
}

/// Exposures that have no name yet; in `shared` those that take over one of their DID. One that is alone keeps the name
/// of its DID, whatever its row says now.
Exposures without_names(const std::string& did, const Exposures& exposures, const PlateNames& existing,
                        std::vector<std::pair<std::string, std::string>>& shared) {
  if (existing.empty()) return exposures;
  auto left = names_left_over(existing, did, exposures);
  Exposures unnamed;
  for (const auto* plate : exposures) {
    if (existing.contains(key_of(*plate))) continue;
    const auto found = std::ranges::find_if(left, [&](const std::string& name) {
      return (exposures.size() == 1 && left.size() == 1) || is_name_for(name, *plate);
    });
    if (found == left.end()) {
      unnamed.push_back(plate);
      continue;
    }
    if (exposures.size() > 1 || !existing.contains(did)) shared.emplace_back(key_of(*plate), *found);
    left.erase(found);
  }
  return unnamed;
}

}  // namespace

std::string scan_id(const vo::Plate& plate) {
  if (auto name = cleaned(plate.scan_name, kLongestId); !name.empty()) return name;
  for (const auto& identifier : {plate.obs_publisher_did.view(), plate.access_url.view(), plate.obs_id.view()}) {
    if (auto id = id_in(identifier); !id.empty()) return id;
  }
  return "plate";
}

std::string plain_plate_name(const vo::Plate& plate) {
  return fmt::format("{}_{}", plate.t_min ? vo::iso_date(*plate.t_min) : "undated", scan_id(plate));
}

std::string did_of_name(const std::string& key) { return key.substr(0, key.find('\n')); }

NamesByPlate::NamesByPlate(const PlateNames& names) {
  given_.reserve(names.size());
  slots_.resize(std::bit_ceil(2 * names.size() + 1));
  for (auto at = names.begin(); at != names.end(); ++at) {
    const auto next = std::next(at);
    const bool has_exposures = next != names.end() && next->first.size() > at->first.size() &&
                               next->first.starts_with(at->first) && next->first[at->first.size()] == '\n';
    given_.push_back({&*at, has_exposures});
    auto slot = first_slot(at->first);
    while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = static_cast<std::uint32_t>(given_.size());
  }
}

std::size_t NamesByPlate::first_slot(std::string_view key) const {
  return std::hash<std::string_view>{}(key) & (slots_.size() - 1);
}

const NamesByPlate::Given* NamesByPlate::find(std::string_view key) const {
  for (auto slot = first_slot(key); slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
    const auto& given = given_[slots_[slot] - 1];
    if (given.entry->first == key) return &given;
  }
  return nullptr;
}

const std::string* NamesByPlate::of(const vo::Plate& plate) {
  put_id(key_, plate);
  const auto* const alone = find(key_);
  if (alone != nullptr && !alone->has_exposures) return &alone->entry->second;
  const auto* const given = find(key_.append("\n").append(plate.exposure.view()));
  if (given != nullptr) return &given->entry->second;
  return alone == nullptr ? nullptr : &alone->entry->second;
}

bool NamesByPlate::name_all(const std::vector<const vo::Plate*>& plates) {
  if (plates.size() > given_.size()) return false;
  std::vector<bool> seen(given_.size());
  return std::ranges::all_of(plates, [&](const vo::Plate* plate) {
    put_id(key_, *plate);
    const auto* const alone = find(key_);
    if (alone == nullptr || alone->has_exposures) return false;
    const auto number = static_cast<std::size_t>(alone - given_.data());
    if (seen[number]) return false;
    seen[number] = true;
    return true;
  });
}

void add_plate_names(const std::vector<const vo::Plate*>& plates, PlateNames& names) {
  // Every listing but the first.
  if (NamesByPlate{names}.name_all(plates)) return;
  struct Unnamed {
    std::string key, wanted;
    const vo::Plate* plate;
    const int* wanting;  ///< plates that want that name
  };
  std::vector<Unnamed> unnamed;
  std::unordered_map<std::string, int> wanting;
  wanting.reserve(plates.size());
  unnamed.reserve(plates.size() - std::min(plates.size(), names.size()));
  Assignment assignment{names, plates.size()};
  std::vector<std::pair<std::string, std::string>> shared;
  for_each_id(plates, [&](const std::string& id, const Exposures& exposures) {
    for (const auto* plate : without_names(id, exposures, names, shared)) {
      const bool is_alone = exposures.size() == 1 && !names.contains(id);
      auto wanted = plain_plate_name(*plate);
      auto& count = wanting[wanted];
      ++count;
      unnamed.push_back({is_alone ? id : key_of(*plate), std::move(wanted), plate, &count});
    }
  });
  for (const auto& [key, name] : shared) assignment.share(key, name);
  for (const auto& [key, wanted, plate, count] : unnamed) {
    auto name = wanted;
    if (*count > 1 || assignment.is_taken(name)) {
      const auto collection = cleaned(plate->obs_collection, kLongestPart);
      if (!collection.empty()) name += "_" + collection;
    }
    assignment.give(key, name);
  }
}

}  // namespace platefs::fs
