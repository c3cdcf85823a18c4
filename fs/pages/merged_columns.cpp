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
using vo::VotableValue;

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

bool is_text_among_numbers(const VotableField& field, const VotableValue& value) {
  return class_of(field) == Class::Text && !std::holds_alternative<std::monostate>(value) &&
         !std::holds_alternative<std::string>(value);
}

bool is_integer_among_reals(const VotableField& field, const VotableValue& value) {
  return class_of(field) == Class::Real && std::holds_alternative<std::int64_t>(value);
}

VotableValue fitting(const VotableField& field, const VotableValue& value) {
  if (is_text_among_numbers(field, value)) return vo::text_of(value);
  if (is_integer_among_reals(field, value)) {
    return static_cast<double>(std::get<std::int64_t>(value));
  }
  return value;
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

std::vector<VotableValue> MergedColumns::row_of(const cache::PlateRef& plate) const {
  std::vector<VotableValue> values(fields_.size());
  const auto places = places_.find(plate.table.get());
  const auto& rows = plate.table->table.rows;
  const auto row = plate.plate().row;
  if (places == places_.end() || row >= rows.size()) return values;
  const auto count = std::min(places->second.size(), rows[row].size());
  for (std::size_t i = 0; i < count; ++i) {
    const auto place = places->second[i];
    values[place] = fitting(fields_[place], rows[row][i]);
  }
  return values;
}

}  // namespace platefs::fs
