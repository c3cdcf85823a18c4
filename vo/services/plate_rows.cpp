// SPDX-License-Identifier: BSD-3-Clause
// Which rows of an ObsCore table are one exposure of one plate.
#include "vo/services/plate_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "vo/base/repeats.h"

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
  Digest& add(const std::optional<double>& number) {
    if (!number) return add(std::string_view{});
    std::array<char, 32> decimals{};
    const auto* end = fmt::format_to(decimals.data(), "{}", *number);
    return add(std::string_view{decimals.data(), static_cast<std::size_t>(end - decimals.data())});
  }
  Text text() const { return fmt::format("{:016x}", state_); }

 private:
  void take(unsigned char byte) { state_ = (state_ ^ byte) * 0x100000001b3; }
  std::uint64_t state_ = 0xcbf29ce484222325;
};

Text exposure_of(const Plate& plate) {
  Digest digest;
  digest.add(plate.t_min).add(plate.t_max).add(plate.t_exptime).add(plate.s_ra).add(plate.s_dec);
  return digest.add(plate.s_region).add(plate.obs_title).text();
}

Text all_cells_of(const Plate& plate, const Votable& table) {
  Digest digest;
  std::string room;
  for (const auto& column : table.rows.columns()) {
    room.clear();
    append_text(room, column.at(plate.row));
    digest.add(room);
  }
  return digest.text();
}

/// The rows of one obs_publisher_did, in the order of the table: places among its plates.
using Group = std::vector<std::size_t>;

/// Those that have more than one row; the rest, nearly all of a large table as a rule, needs no telling apart.
std::vector<Group> groups_of_several(const std::vector<Plate>& plates) {
  const std::hash<std::string_view> hash;
  std::vector<std::uint64_t> hashes;
  hashes.reserve(plates.size());
  for (const auto& plate : plates) hashes.push_back(hash(plate.obs_publisher_did.view()));
  std::unordered_map<std::string_view, std::size_t> firsts;
  std::unordered_map<std::size_t, Group> groups;
  for (const auto i : places_of_repeated(hashes)) {
    const auto [known, is_new] = firsts.emplace(plates[i].obs_publisher_did.view(), i);
    if (is_new) continue;
    auto& group = groups[known->second];
    if (group.empty()) group.push_back(known->second);
    group.push_back(i);
  }
  std::vector<Group> several;
  for (auto& [first, group] : groups) several.push_back(std::move(group));
  return several;
}

/// Rows of one group that say the same in all cells are one; `cells` gets a digest of each row of the others.
void mark_copies(const PlateTable& table, const Group& group, std::vector<Text>& cells, std::vector<bool>& is_copy) {
  std::unordered_set<std::string_view> seen;
  for (const auto row : group) {
    cells[row] = all_cells_of(table.plates[row], table.table);
    is_copy[row] = !seen.insert(cells[row].view()).second;
  }
}

/// Leaves out the copies; `cells` has a digest of each row that is left, an empty one for the only row of its plate.
/// The groups of what is left.
std::vector<Group> drop_copies(PlateTable& table, std::vector<Text>& cells) {
  auto& plates = table.plates;
  cells.resize(plates.size());
  std::vector<bool> is_copy(plates.size());
  auto groups = groups_of_several(plates);
  for (const auto& group : groups) mark_copies(table, group, cells, is_copy);
  if (std::ranges::none_of(is_copy, [](bool copy) { return copy; })) return groups;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < plates.size(); ++i) {
    if (is_copy[i]) continue;
    if (kept != i) {
      plates[kept] = std::move(plates[i]);
      cells[kept] = std::move(cells[i]);
    }
    ++kept;
  }
  table.copies = plates.size() - kept;
  plates.resize(kept);
  return groups_of_several(plates);
}

/// Rows that name one file for one exposure and yet are no copies differ elsewhere: each is told by all of its cells.
void tell_exposures_apart(std::vector<Plate>& plates, const Group& group, const std::vector<Text>& cells) {
  std::map<std::pair<std::string_view, std::string_view>, Group> rows;  // by exposure and URL
  for (const auto row : group) rows[{plates[row].exposure, plates[row].access_url}].push_back(row);
  Group shared;
  for (const auto& [key, same] : rows) {
    if (same.size() > 1 && !key.second.empty()) shared.insert(shared.end(), same.begin(), same.end());
  }
  rows.clear();  // its keys look into what is changed now
  for (const auto row : shared) plates[row].exposure = cells[row];
}

/// An archive may list an exposure once for each form in which it can be had.
void note_forms(PlateTable& table, const Group& group) {
  auto& plates = table.plates;
  std::map<std::string_view, std::size_t> first_rows;  // by exposure
  std::set<std::pair<std::size_t, std::string_view>> seen;
  for (const auto row : group) {
    const auto first = first_rows.emplace(plates[row].exposure, row).first->second;
    const bool is_new = !plates[row].access_url.empty() && seen.emplace(first, plates[row].access_url).second;
    if (first == row) continue;
    ++table.forms;
    if (is_new) plates[first].further_rows.push_back(row);
  }
}

Text urls_of(const Plate& plate, const std::vector<Plate>& plates) {
  Digest digest;
  digest.add(plate.access_url);
  for (const auto row : plate.further_rows) digest.add(plates[row].access_url);
  return digest.text();
}

/// Exposures of one plate share its scan, as a rule; some archives have a file for each.
void note_own_files(std::vector<Plate>& plates, const Group& group) {
  std::set<std::string_view> seen, files;
  std::vector<Text> urls;
  for (const auto row : group) {
    const bool is_first = seen.insert(plates[row].exposure).second;
    urls.push_back(is_first ? urls_of(plates[row], plates) : Text{});
  }
  for (const auto& each : urls) {
    if (!each.empty()) files.insert(each);
  }
  if (files.size() < 2) return;
  for (std::size_t i = 0; i < group.size(); ++i) plates[group[i]].own_files = urls[i];
}

}  // namespace

void tell_rows_apart(PlateTable& table) {
  std::vector<Text> cells;
  const auto groups = drop_copies(table, cells);
  for (auto& plate : table.plates) plate.exposure = exposure_of(plate);
  for (const auto& group : groups) {
    tell_exposures_apart(table.plates, group, cells);
    note_forms(table, group);
    note_own_files(table.plates, group);
  }
}

}  // namespace platefs::vo
