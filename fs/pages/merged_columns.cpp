// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/merged_columns.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "vo/base/ascii.h"

namespace platefs::fs {
namespace {

using vo::VotableField;

enum class Class { Truth, Integer, Real, Text, Other };

Class class_of(const VotableField& field) {
  constexpr std::array<std::string_view, 4> integers{"unsignedByte", "short", "int", "long"};
  const auto& type = field.datatype;
  if (type == "char" || type == "unicodeChar") return Class::Text;
  if (!field.arraysize.empty() && field.arraysize != "1") return Class::Other;
  if (type == "boolean") return Class::Truth;
  if (type == "float" || type == "double") return Class::Real;
  const bool is_integer = std::find(integers.begin(), integers.end(), type) != integers.end();
  return is_integer ? Class::Integer : Class::Other;
}

void become_text(VotableField& field) {
  field.datatype = "char";
  field.arraysize = "*";
  field.xtype.clear();
}

/// Makes `field` hold the values of `other`, too.
void widen(VotableField& field, const VotableField& other) {
  const auto mine = class_of(field), theirs = class_of(other);
  if (mine == Class::Text && theirs == Class::Text) {
    field.arraysize = "*";
    if (other.datatype == "unicodeChar") field.datatype = other.datatype;
    return;
  }
  if (field.datatype == other.datatype && field.arraysize == other.arraysize) return;
  const bool are_numbers =
      (mine == Class::Integer || mine == Class::Real) && (theirs == Class::Integer || theirs == Class::Real);
  if (!are_numbers) return become_text(field);
  field.datatype = mine == Class::Integer && theirs == Class::Integer ? "long" : "double";
}

void complete(VotableField& field, const VotableField& other) {
  for (const auto part : {&VotableField::unit, &VotableField::ucd, &VotableField::utype, &VotableField::description}) {
    if ((field.*part).empty()) field.*part = other.*part;
  }
  if (field.xtype != other.xtype) field.xtype.clear();
}

/// The cell as a value that the field's datatype holds.
void append_fitting(vo::CellColumn& to, Class wanted, const vo::CellColumn& from, std::size_t row) {
  if (std::holds_alternative<vo::CellColumn::Texts>(from.cells())) return to.append(from, row);
  const auto cell = from.at(row);
  if (wanted == Class::Real && std::holds_alternative<std::int64_t>(cell)) {
    return to.append(static_cast<double>(std::get<std::int64_t>(cell)));
  }
  const bool is_text_among_numbers = wanted == Class::Text && !std::holds_alternative<std::string_view>(cell);
  if (is_text_among_numbers) return to.append(vo::Text{vo::text_of(cell)});
  to.append(cell);
}

}  // namespace

MergedColumns::MergedColumns(const cache::PlatesAnswer& answer, const std::vector<std::string_view>& reserved) {
  for (const auto name : reserved) reserved_.insert(vo::lower_case(name));
  for (const auto& part : answer.archives) {
    if (part.table) places_[part.table.get()] = places_of(*part.table);
  }
}

MergedColumns::Places MergedColumns::places_of(const vo::PlateTable& table) {
  Places places;
  std::unordered_set<std::size_t> taken;
  for (const auto& field : table.table.fields) {
    places.push_back(place_of(field, table.archive, taken));
    taken.insert(places.back());
  }
  return places;
}

std::size_t MergedColumns::place_of(const VotableField& field, const std::string& archive,
                                    const std::unordered_set<std::size_t>& taken) {
  const auto name = field.name.empty() ? std::string{"column"} : field.name;
  const auto wanted = reserved_.contains(vo::lower_case(name)) ? "served_" + name : name;
  const auto found = by_name_.find(vo::lower_case(wanted));
  if (found == by_name_.end()) return add(field, wanted);
  // Twice in one table: two columns, whatever they are called.
  if (taken.contains(found->second)) return add(field, wanted);
  auto& same = fields_[found->second];
  const bool is_other_unit = !same.unit.empty() && !field.unit.empty() && same.unit != field.unit;
  if (is_other_unit) return add(field, fmt::format("{}_{}", wanted, archive));
  widen(same, field);
  complete(same, field);
  return found->second;
}

std::string MergedColumns::free_name(const std::string& wanted) {
  const auto is_free = [this](const std::string& name) {
    const auto plain = vo::lower_case(name);
    return !by_name_.contains(plain) && !reserved_.contains(plain);
  };
  auto name = wanted;
  // Goes on where the last one of that name stopped: a table may have very many.
  auto& number = last_number_.try_emplace(vo::lower_case(wanted), 1).first->second;
  while (!is_free(name)) name = fmt::format("{}_{}", wanted, ++number);
  return name;
}

std::size_t MergedColumns::add(VotableField field, const std::string& wanted) {
  field.name = free_name(wanted);
  by_name_.emplace(vo::lower_case(field.name), fields_.size());
  // IDs of one document and nulls of one archive's column mean nothing in this table.
  field.id.clear();
  field.ref.clear();
  field.null.reset();
  fields_.push_back(std::move(field));
  return fields_.size() - 1;
}

std::vector<vo::CellColumn> MergedColumns::columns_of(
    const std::vector<std::shared_ptr<const PlateEntry>>& plates) const {
  // Of each table the column that stands at a place of ours; null: none does.
  std::map<const vo::PlateTable*, std::vector<const vo::CellColumn*>> sources;
  for (const auto& [table, places] : places_) {
    auto& columns = sources[table];
    columns.resize(fields_.size());
    const auto& served = table->table.rows.columns();
    for (std::size_t i = 0; i < std::min(places.size(), served.size()); ++i) columns[places[i]] = &served[i];
  }
  std::vector<const std::vector<const vo::CellColumn*>*> source_of(plates.size());
  for (std::size_t i = 0; i < plates.size(); ++i) {
    const auto found = sources.find(plates[i]->ref.table.get());
    const bool has_row = found != sources.end() && plates[i]->plate().row < found->first->table.rows.size();
    if (has_row) source_of[i] = &found->second;
  }
  std::vector<vo::CellColumn> columns(fields_.size());
  for (std::size_t place = 0; place < fields_.size(); ++place) {
    const auto wanted = class_of(fields_[place]);
    for (std::size_t i = 0; i < plates.size(); ++i) {
      const auto* const from = source_of[i] == nullptr ? nullptr : (*source_of[i])[place];
      if (from == nullptr) {
        columns[place].append(vo::CellView{});
      } else {
        append_fitting(columns[place], wanted, *from, plates[i]->plate().row);
      }
    }
  }
  return columns;
}

}  // namespace platefs::fs
