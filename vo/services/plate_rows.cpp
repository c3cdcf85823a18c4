// SPDX-License-Identifier: BSD-3-Clause
// Which rows of an ObsCore table are one exposure of one plate.
#include "vo/services/plate_rows.h"

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace platefs::vo {
namespace {

/// FNV-1a: the same on every machine and for ever, since names and keys of files are made of it.
class Digest {
 public:
  Digest& add(std::string_view text) {
    for (const char c : text) take(static_cast<unsigned char>(c));
    take(0xff);  // no text ends as another one begins
    return *this;
  }
  Digest& add(const std::optional<double>& number) { return add(number ? fmt::format("{}", *number) : ""); }
  std::string text() const { return fmt::format("{:016x}", state_); }

 private:
  void take(unsigned char byte) { state_ = (state_ ^ byte) * 0x100000001b3; }
  std::uint64_t state_ = 0xcbf29ce484222325;
};

std::string exposure_of(const Plate& plate) {
  Digest digest;
  digest.add(plate.t_min).add(plate.t_max).add(plate.t_exptime).add(plate.s_ra).add(plate.s_dec);
  return digest.add(plate.s_region).add(plate.obs_title).text();
}

std::string all_cells_of(const Plate& plate, const Votable& table) {
  Digest digest;
  for (const auto& cell : table.rows[plate.row]) digest.add(text_of(cell));
  return digest.text();
}

using DidAndExposure = std::pair<std::string_view, std::string_view>;

/// `cells` gets a digest of each row that is kept; an empty one for the only row of its plate.
void drop_copies(PlateTable& table, std::vector<std::string>& cells) {
  std::map<std::string, int, std::less<>> rows;
  for (const auto& plate : table.plates) ++rows[plate.obs_publisher_did];
  std::set<std::pair<std::string, std::string>> seen;
  std::vector<Plate> kept;
  for (auto& plate : table.plates) {
    const bool is_alone = rows.at(plate.obs_publisher_did) == 1;
    auto all = is_alone ? std::string() : all_cells_of(plate, table.table);
    if (!is_alone && !seen.emplace(plate.obs_publisher_did, all).second) continue;
    cells.push_back(std::move(all));
    kept.push_back(std::move(plate));
  }
  table.copies = table.plates.size() - kept.size();
  table.plates = std::move(kept);
}

/// Rows that name one file for one exposure and yet are no copies differ elsewhere: each is told by all of its cells.
void tell_exposures_apart(std::vector<Plate>& plates, const std::vector<std::string>& cells) {
  std::map<std::pair<DidAndExposure, std::string_view>, int> rows;
  for (auto& plate : plates) {
    plate.exposure = exposure_of(plate);
    ++rows[{{plate.obs_publisher_did, plate.exposure}, plate.access_url}];
  }
  std::vector<bool> is_shared;
  for (const auto& plate : plates) {
    is_shared.push_back(!plate.access_url.empty() &&
                        rows.at({{plate.obs_publisher_did, plate.exposure}, plate.access_url}) > 1);
  }
  rows.clear();  // its keys look into what is changed now
  for (std::size_t i = 0; i < plates.size(); ++i) {
    if (is_shared[i]) plates[i].exposure = cells[i];
  }
}

/// An archive may list an exposure once for each form in which it can be had.
void note_forms(PlateTable& table) {
  auto& plates = table.plates;
  std::map<DidAndExposure, std::size_t> first_rows;
  std::set<std::pair<std::size_t, std::string_view>> seen;
  for (std::size_t i = 0; i < plates.size(); ++i) {
    const auto first =
        first_rows.emplace(DidAndExposure{plates[i].obs_publisher_did, plates[i].exposure}, i).first->second;
    const bool is_new = !plates[i].access_url.empty() && seen.emplace(first, plates[i].access_url).second;
    if (first == i) continue;
    ++table.forms;
    if (is_new) plates[first].further_rows.push_back(i);
  }
}

std::string urls_of(const Plate& plate, const std::vector<Plate>& plates) {
  Digest digest;
  digest.add(plate.access_url);
  for (const auto row : plate.further_rows) digest.add(plates[row].access_url);
  return digest.text();
}

/// Exposures of one plate share its scan, as a rule; some archives have a file for each.
void note_own_files(std::vector<Plate>& plates) {
  std::map<std::string_view, std::string> files;
  std::set<std::string_view> dids_of_several;
  std::vector<std::string> urls;
  std::set<DidAndExposure> seen;
  for (const auto& plate : plates) {
    urls.emplace_back();
    if (!seen.emplace(plate.obs_publisher_did, plate.exposure).second) continue;
    urls.back() = urls_of(plate, plates);
    const auto& known = files.emplace(plate.obs_publisher_did, urls.back()).first->second;
    if (known != urls.back()) dids_of_several.insert(plate.obs_publisher_did);
  }
  for (std::size_t i = 0; i < plates.size(); ++i) {
    if (dids_of_several.contains(plates[i].obs_publisher_did)) plates[i].own_files = urls[i];
  }
}

}  // namespace

void tell_rows_apart(PlateTable& table) {
  std::vector<std::string> cells;
  drop_copies(table, cells);
  tell_exposures_apart(table.plates, cells);
  note_forms(table);
  note_own_files(table.plates);
}

}  // namespace platefs::vo
