// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/wcs/spelling.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "vo/fits/hdu/card.h"
#include "vo/fits/wcs/element.h"
#include "vo/fits/wcs/letters.h"
#include "vo/fits/wcs/reading.h"
#include "vo/fits/wcs/unit.h"

namespace platefs::vo {
namespace {

bool is_of_wcs(std::string_view keyword) {
  return description_letter(keyword).has_value() || lettered(keyword).has_value();
}

bool is_undefined(const CardValue& value) { return !value.is_text && value.token.empty(); }

void spell_numbers(FitsHeader& header) {
  std::vector<std::string> cards;
  for (const auto& card : header.cards()) {
    const auto value = value_of(card);
    if (!is_of_wcs(keyword_of(card))) {
      cards.push_back(card);
    } else if (const auto number = real_from(value); number && value.token.find_first_of("Dde") != std::string::npos) {
      cards.push_back(bare_card(keyword_of(card), token_of(*number), value.comment));
    } else if (!is_undefined(value)) {
      cards.push_back(card);
    }
  }
  header = FitsHeader{std::move(cards)};
}

void spell_type(FitsHeader& header, const WcsReading& reading, int axis) {
  const auto name = fmt::format("CTYPE{}", axis);
  const auto keyword = reading.cards.spelled(name), type = reading.cards.word(name);
  if (header.text(keyword) != type) header.set_text(keyword, type);
}

double unit_of(const WcsReading& reading, int axis) { return degrees_per_unit(reading.cards, axis).value_or(1.0); }

bool is_in_degrees(const WcsReading& reading) { return unit_of(reading, 1) == 1.0 && unit_of(reading, 2) == 1.0; }

/// An unknown word, which was taken for degrees, as well: who reads it would refuse the header.
void spell_unit(FitsHeader& header, const WcsReading& reading, int axis) {
  const auto keyword = reading.cards.spelled(fmt::format("CUNIT{}", axis));
  const auto stated = header.text(keyword);
  if (stated && *stated != "deg") header.set_text(keyword, "deg");
}

bool is_of_linear_part(const WcsReading& reading, std::string_view keyword) {
  if (const auto element = element_of(keyword))
    return element->stem != "PV" && element->letter == reading.cards.letter();
  constexpr std::array kScales{"CDELT1", "CDELT2", "CROTA1", "CROTA2"};
  return std::ranges::any_of(
      kScales, [&](const char* name) { return reading.cards.has(name) && reading.cards.spelled(name) == keyword; });
}

/// A CD matrix says 0 of an axis that it does not name, which would leave a cube without coordinates.
std::vector<std::string> further_terms(const FitsHeader& header, const WcsReading& reading) {
  const std::string letter(reading.cards.letter() == ' ' ? 0 : 1, reading.cards.letter());
  const auto real = [&](const std::string& keyword) { return header.real(keyword + letter).value_or(1.0); };
  const auto axes = header.integer("WCSAXES" + letter).value_or(header.integer("NAXIS").value_or(2));
  std::vector<std::string> terms;
  for (std::int64_t axis = 3; axis <= std::min<std::int64_t>(axes, 9); ++axis) {
    const auto element = fmt::format("{0}_{0}", axis);
    if (header.has("CD" + element + letter)) continue;
    const double step = real(fmt::format("CDELT{}", axis)) * real("PC" + element);
    terms.push_back(bare_card("CD" + element + letter, token_of(step), {}));
  }
  return terms;
}

/// PC beside CD is forbidden, for all axes.
bool is_further_pc(const WcsReading& reading, std::string_view keyword) {
  const auto known = keyword.starts_with("PC") ? lettered(keyword) : std::nullopt;
  return known && known->letter == reading.cards.letter();
}

/// In the place of the cards that said it.
void write_matrix(FitsHeader& header, const WcsReading& reading) {
  std::vector<std::string> matrix;
  for (int i = 1; i <= 2; ++i) {
    for (int j = 1; j <= 2; ++j) {
      const auto value = reading.linear[static_cast<std::size_t>(i - 1)][static_cast<std::size_t>(j - 1)];
      const WcsElement element{"CD", i, j, reading.cards.letter()};
      matrix.push_back(bare_card(element.keyword(), token_of(value * unit_of(reading, i)), {}));
    }
  }
  for (const auto& term : further_terms(header, reading)) matrix.push_back(term);
  std::vector<std::string> cards;
  for (const auto& card : header.cards()) {
    const auto keyword = keyword_of(card);
    const bool is_replaced = is_of_linear_part(reading, keyword) || is_further_pc(reading, keyword);
    if (!is_replaced) cards.push_back(card);
    if (is_replaced) cards.insert(cards.end(), matrix.begin(), matrix.end());
    if (is_replaced) matrix.clear();
  }
  header = FitsHeader{std::move(cards)};
}

/// Before the matrix: some programs take the first card whose keyword begins as it should.
void add_scales(FitsHeader& header, const WcsReading& reading) {
  std::vector<std::string> scales;
  for (const auto* name : {"CDELT1", "CDELT2"}) {
    if (!reading.cards.has(name)) scales.push_back(bare_card(reading.cards.spelled(name), "1.0", {}));
  }
  auto cards = header.cards();
  const auto matrix = std::ranges::find_if(
      cards, [&](const std::string& card) { return is_of_linear_part(reading, keyword_of(card)); });
  cards.insert(matrix, scales.begin(), scales.end());
  header = FitsHeader{std::move(cards)};
}

void write_reference(FitsHeader& header, const WcsReading& reading, int axis) {
  const auto name = fmt::format("CRVAL{}", axis);
  const auto value = reading.cards.number(name);
  if (value && unit_of(reading, axis) != 1.0) {
    header.set_real(reading.cards.spelled(name), *value * unit_of(reading, axis));
  }
}

void spell_linear_part(FitsHeader& header, const WcsReading& reading, std::vector<std::string>& remarks) {
  const bool has_form_of_its_own = reading.distortion.is_tpv && !reading.counts_cd;
  if (has_form_of_its_own || !is_in_degrees(reading)) {
    write_matrix(header, reading);
    for (int axis = 1; axis <= 2; ++axis) write_reference(header, reading, axis);
    const auto which = reading.cards.letter() == ' ' ? std::string{"the primary WCS description"}
                                                     : fmt::format("WCS description {}", reading.cards.letter());
    return remarks.push_back(fmt::format("The linear part of {} was written as a CD matrix in degrees", which));
  }
  if (!reading.counts_cd) add_scales(header, reading);
}

/// PV1_3 and PV1_4 of a TAN (of its longitude axis) are LONPOLE and LATPOLE, and count before those.
void spell_pole(FitsHeader& header, const WcsReading& reading) {
  const auto axis = reading.types.longitude_axis;
  const auto& own = reading.distortion.parameters[static_cast<std::size_t>(axis - 1)];
  const bool has_poles_alone =
      !own.empty() && std::ranges::all_of(own, [](const auto& each) { return each.first == 3 || each.first == 4; });
  if (reading.types.projection != "TAN" || reading.distortion.is_tpv || !has_poles_alone) return;
  for (const auto& [number, value] : own) {
    const WcsElement parameter{"PV", axis, number, reading.cards.letter()};
    const auto pole = reading.cards.spelled(number == 3 ? "LONPOLE" : "LATPOLE");
    header.remove(pole);
    auto cards = header.cards();
    const auto old = std::ranges::find(cards, parameter.keyword(), keyword_of);
    if (old != cards.end()) *old = renamed(*old, pole);
    header = FitsHeader{std::move(cards)};
  }
  header.remove_if([&](std::string_view keyword) {
    const auto element = element_of(keyword);
    return element && element->stem == "PV" && element->letter == reading.cards.letter();
  });
}

}  // namespace

std::vector<std::string> spell_out(FitsHeader& header) {
  spell_numbers(header);
  std::vector<std::string> remarks;
  for (const auto& reading : readings_of(header).read) {
    spell_linear_part(header, reading, remarks);
    spell_pole(header, reading);
    for (int axis = 1; axis <= 2; ++axis) {
      spell_type(header, reading, axis);
      spell_unit(header, reading, axis);
    }
  }
  return remarks;
}

}  // namespace platefs::vo
