// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/plate_catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace platefs::demo {
namespace {

using enum Collection;
using enum Peculiarity;

constexpr double kTargetRa = 156.01124674021, kTargetDec = 48.14753874736;
constexpr double kCrowdedRa = 83.6324, kCrowdedDec = 22.0174;

/// A line of the observing log. `east` and `north` (arc minutes) say where the plate's reference
/// point lies from the field's; `bend` is how far SIP moves a pixel at the edge.
struct Entry {
  Collection collection;
  const char* id;
  int year;
  unsigned month, day;
  double hour;  // UT; 0: only the date is known
  double east, north, rotation;
  double bend = 0;
  bool mirrored = false;
  Peculiarity peculiarity = None;
  int width = 900, height = 800;
  double scale = 3.6;  // arc seconds per pixel
  double minutes = 30;
  PlateSolution::Form form = PlateSolution::Form::Cd;
};

constexpr auto kCdelt = PlateSolution::Form::Cdelt;

constexpr Entry kOverTarget[] = {
    {Dasch, "b01941", 1888, 3, 24, 4.25, 1, -2, 0, 0, false, None, 1400, 1200},
    {Dasch, "i00601", 1890, 1, 21, 7.5, -2, 1, 3},
    {Dasch, "i00811", 1890, 5, 17, 0, 2, 2, -4, 1.5},
    {Dasch, "i01126", 1890, 11, 2, 8.1, -3, -1, 90},
    {Dasch, "i02347", 1891, 12, 8, 6.6, 0.5, 1, 45, 0, false, None, 1000, 1000},
    {Dasch, "i05998", 1893, 3, 3, 3.2, 1, 3, 180},
    {Dasch, "i05999", 1893, 3, 3, 4.4, 1, 3, 180, 0, false, SodaFails},
    {Dasch, "i06043", 1893, 3, 16, 2.7, -4, 2, 1.5, 2.5},
    {Dasch, "i06162", 1893, 4, 18, 2.0, 3, -3, -1.5, 0, true},
    {Dasch, "i08266", 1894, 2, 5, 5.9, 0, 0, 30, 1},
    {Dasch, "i08359", 1894, 3, 7, 3.4, 14, 9, 2},
    {Dasch, "i08382", 1894, 3, 12, 3.9, -1, 1, 0, 0, false, Withdrawn},
    {Dasch, "i12127", 1895, 1, 26, 6.3, 2, 0, 12},
    {Dasch, "i15404", 1896, 4, 11, 2.5, -2, -2, 8, 2, false, None, 1300, 1100},
    {Dasch, "a03387", 1899, 12, 31, 7.7, 1, 1, -20, 0, false, FixedCutout},
    {Dasch, "ac00512", 1903, 2, 14, 4.1, 0, 4, 5, 0, false, Packed},
    {Dasch, "mc03170", 1914, 4, 4, 2.9, -1, -1, -90},
    {Dasch, "rh01338", 1932, 3, 1, 3.3, 4, 1, 1, 3},
    {Dasch, "ai34512", 1938, 2, 27, 4.4, -3, 3, 2},
    {Dasch, "dnb00417", 1968, 3, 22, 5.2, 2, -1, 0.5},
    {Dasch, "dnb09973", 1989, 4, 3, 3.0, 1, 0, -0.7, 0.8},
    {Heidelberg, "B0318a", 1901, 3, 12, 21.4, 0, 2, 2, 0, false, None, 1100, 900, 3.0, 95},
    {Heidelberg, "B0822b", 1903, 4, 20, 22.1, 2, 1, -15, 1.2, false, None, 1100, 900, 3.0, 120},
    {Heidelberg, "B1975a", 1908, 2, 29, 20.6, -2, -1, 75, 0, true, None, 1100, 900, 3.0, 60},
    {Heidelberg, "D4411", 1921, 5, 5, 22.7, 1, -1, 4, 0, false, FixedCutout},
    {Heidelberg, "F0069", 1927, 1, 30, 1.4, -1, 2, -6},
    {Applause, "AG03152_y", 1909, 4, 14, 21.3, 0, 1, 1, 0, false, None, 1500, 1300, 3.0, 20},
    {Applause, "AG03170_y", 1911, 4, 17, 20.9, 2, -2, -2, 2},
    {Applause, "AG03203_x", 1913, 3, 28, 0, -1, 0, 88},
    {Applause, "AG03255_y", 1919, 5, 1, 22.2, 1, 1, 0, 0, false, Unsolved},
    {Applause, "HS00417_x", 1925, 2, 21, 23.5, -2, 2, 3, 0, false, None, 900, 800, 3.6, 60, kCdelt},
    {Applause, "HS01338_y", 1929, 3, 9, 21.8, 3, 0, -3, 1.8},
    {Applause, "HS02210_y", 1934, 4, 12, 22.6, 0, -3, 45, 0, false, None, 1000, 1000},
    {Applause, "HS03544_x", 1941, 3, 24, 20.4, -3, 1, 0, 0, false, Packed},
    {Applause, "GS00711_y", 1954, 4, 2, 21.1, 2, 2, -0.5, 0, true},
    {Applause, "GS01202_y", 1958, 3, 17, 22.9, -1, -2, 10},
    {Applause, "LA02873_x", 1961, 4, 9, 21.6, 1, 0, 4, 2.2},
    {Applause, "LA04418_y", 1965, 5, 3, 23.3, 0, 2, 1},
    {Applause, "SB06120_x", 1971, 2, 25, 22.0, -2, 0, -1.2},
    {Applause, "SB07731_x", 1976, 3, 30, 20.8, 2, -1, 0},
    {Applause, "SB09014_y", 1983, 4, 11, 21.9, 0, 0, 6, 1.1},
    {Applause, "DR00099_x", 1900, 1, 1, 0, 1, -1, -8, 0, false, Undated},
    {Loose, "POT032_000002E", 1913, 8, 26, 22.4, 1, 1, 15, 0, false, None, 900, 800, 3.6, 5, kCdelt},
    {Loose, "KAP_1947_0311", 1947, 3, 11, 23.1, -1, 1, -30},
};

constexpr Entry kOverAndromeda[] = {
    {Dasch, "mc01009", 1911, 10, 19, 2.2, 0, 0, 0},
    {Dasch, "mc31788", 1942, 9, 12, 5.5, 3, 2, 20, 1.5},
    {Heidelberg, "B0003a", 1900, 8, 1, 23.6, -2, 1, 0, 0, false, None, 1100, 900, 3.0, 150},
    {Applause, "HS00031_y", 1913, 11, 2, 19.9, 2, -2, 5},
    {Loose, "M31_1923_10_06", 1923, 10, 6, 7.0, 0, 1, 180, 0, false, None, 900, 800, 3.6, 45, kCdelt},
};

double mjd_of(const Entry& entry) {
  using namespace std::chrono;
  const sys_days date{year{entry.year} / month{entry.month} / day{entry.day}};
  return static_cast<double>(date.time_since_epoch().count()) + 40587 + entry.hour / 24;
}

vo::IcrsPosition beside(const vo::IcrsPosition& field, double east_arcmin, double north_arcmin) {
  return vo::offset(field, vo::Angle::radians(std::atan2(east_arcmin, north_arcmin)),
                    vo::Angle::arcminutes(std::hypot(east_arcmin, north_arcmin)));
}

Plate plate_of(const Entry& entry, const vo::IcrsPosition& field) {
  Plate plate;
  plate.collection = entry.collection;
  plate.id = entry.id;
  if (entry.peculiarity != Undated) plate.t_min = mjd_of(entry);
  plate.exposure_seconds = entry.minutes * 60;
  plate.width = entry.width;
  plate.height = entry.height;
  plate.peculiarity = entry.peculiarity;
  const double half = std::max(entry.width, entry.height) / 2.0;
  plate.solution = {.centre = beside(field, entry.east, entry.north),
                    // Off centre, so that a misplaced reference pixel shows.
                    .reference = {entry.width / 2.0 + 7.25, entry.height / 2.0 - 4.75},
                    .scale_degrees = entry.scale / 3600,
                    .rotation_degrees = entry.rotation,
                    .mirrored = entry.mirrored,
                    .sip = entry.bend / (half * half),
                    .form = entry.form};
  return plate;
}

/// Three exposures, hours or years apart, whose fields overlap: all cover the field's middle.
Plate thrice_exposed(Entry entry, PlateSolution::Form form, const vo::IcrsPosition& field) {
  entry.form = form;
  auto plate = plate_of(entry, field);
  const double years[] = {0.05, 400.25};
  for (int n = 0; n < 2; ++n) {
    auto again = entry;
    again.east += 11.0 * (n + 1);
    again.north -= 7.0 * (n + 1);
    again.rotation += 2.5 * (n + 1);
    const auto solution = plate_of(again, field).solution;
    plate.further.push_back({*plate.t_min + years[n], 600.0 * (n + 1), solution});
  }
  return plate;
}

}  // namespace

vo::IcrsPosition thrice_exposed_target() { return {vo::Angle::degrees(201.3651), vo::Angle::degrees(-43.0191)}; }

vo::IcrsPosition demo_target() { return {vo::Angle::degrees(kTargetRa), vo::Angle::degrees(kTargetDec)}; }
vo::IcrsPosition crowded_target() { return {vo::Angle::degrees(kCrowdedRa), vo::Angle::degrees(kCrowdedDec)}; }

std::vector<Plate> demo_plates() {
  const vo::IcrsPosition andromeda{vo::Angle::degrees(10.6847), vo::Angle::degrees(41.2688)};
  // Across right ascension zero, and beside the north pole: where careless arithmetic fails.
  const vo::IcrsPosition at_zero{vo::Angle::degrees(359.98), vo::Angle::degrees(-30.2)};
  const vo::IcrsPosition at_pole{vo::Angle::degrees(75.0), vo::Angle::degrees(89.8)};
  std::vector<Plate> plates;
  for (const auto& entry : kOverTarget) plates.push_back(plate_of(entry, demo_target()));
  for (const auto& entry : kOverAndromeda) plates.push_back(plate_of(entry, andromeda));
  plates.push_back(plate_of({Dasch, "bm00318", 1925, 10, 10, 3.0, 0, 0, 33}, at_zero));
  plates.push_back(plate_of({Heidelberg, "P0001", 1930, 6, 1, 23.0, 0, 0, 10}, at_pole));
  const auto field = thrice_exposed_target();
  plates.push_back(thrice_exposed({Dasch, "b12345", 1909, 5, 2, 3.5, -9, 6, 3, 1.5, false, None, 1000, 900},
                                  PlateSolution::Form::Scamp, field));
  plates.push_back(thrice_exposed({Applause, "HS05001_y", 1930, 5, 21, 21.5, -8, 5, -4, 2, false, None, 1000, 900},
                                  PlateSolution::Form::Tpv, field));
  return plates;
}

std::vector<Plate> many_plates(int count) {
  std::vector<Plate> plates;
  for (int i = 0; i < count; ++i) {
    const Entry entry{.collection = i % 3 == 2 ? Applause : Dasch,
                      .id = "",
                      .year = 1888 + i % 102,
                      .month = 1 + static_cast<unsigned>(i / 102 % 12),
                      .day = 1 + static_cast<unsigned>(i % 28),
                      .hour = 1.0 + i % 23,
                      .east = i % 7 - 3.0,
                      .north = i % 5 - 2.0,
                      .rotation = i % 11 - 5.0,
                      .width = 400,
                      .height = 400};
    auto plate = plate_of(entry, crowded_target());
    plate.id = fmt::format("n{:06}", i);
    plate.is_in_memory = true;
    plates.push_back(std::move(plate));
  }
  return plates;
}

}  // namespace platefs::demo
