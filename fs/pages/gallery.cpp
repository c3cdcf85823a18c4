// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/gallery.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "fs/pages/gallery_limits.h"
#include "fs/pages/gallery_limits_script.h"
#include "fs/pages/gallery_script.h"
#include "fs/pages/gallery_style.h"
#include "fs/pages/gallery_timeline.h"
#include "fs/pages/plate_facts.h"
#include "fs/tree/selection.h"
#include "vo/base/iso_utc.h"
#include "vo/base/mjd.h"
#include "vo/base/url.h"
#include "vo/base/xml_text.h"

namespace platefs::fs {
namespace {

using vo::xml_escaped;

constexpr std::size_t kFewUnderAHeading = 8;
constexpr std::size_t kMostTold = 12;  ///< collections in the summary

std::string_view plural(std::size_t count) { return count == 1 ? "" : "s"; }

/// One page being written.
class Page {
 public:
  Page(const TargetSnapshot& snapshot, const Target& target, const std::string& version, const FailedStamps& failed,
       const GalleryStars& stars)
      : snapshot_(snapshot), target_(target), version_(version), failed_(failed), stars_(stars) {
    for (const auto& part : snapshot.answer->archives) {
      if (part.table) archives_.push_back(part.archive);
    }
    archive_counts_.resize(archives_.size());
    for (const auto& entry : snapshot.plates) count(*entry);
  }

  std::string take() {
    begin();
    header();
    text_ += "<main>\n" + gallery_timeline(years_, collections_) + gallery_coverage();
    player();
    if (snapshot_.plates.size() > 1) filters();
    text_ += "<div class=\"plates\"><div class=\"grid loose\" hidden></div>\n";
    sections();
    text_ += "</div></main>\n";
    footer();
    return std::move(text_);
  }

 private:
  std::size_t archive_of(const PlateEntry& entry) const {
    const auto found = std::find(archives_.begin(), archives_.end(), entry.ref.table->archive);
    return static_cast<std::size_t>(found - archives_.begin());
  }

  /// A colour belongs to a collection of an archive.
  std::size_t collection_of(const PlateEntry& entry) const {
    const auto name = collection_name(entry);
    return static_cast<std::size_t>(std::ranges::find(collections_, name) - collections_.begin());
  }

  static std::string collection_name(const PlateEntry& entry) {
    const auto& collection = entry.plate().obs_collection;
    return collection.empty() ? entry.ref.table->archive : collection.str();
  }

  void count(const PlateEntry& entry) {
    const auto archive = archive_of(entry);
    if (archive < archives_.size()) ++archive_counts_[archive];
    const auto collection = collection_of(entry);
    if (collection == collections_.size()) {
      collections_.push_back(collection_name(entry));
      counts_.push_back(0);
    }
    ++counts_[collection];
    largest_scale_ = std::max(largest_scale_, entry.plate().s_pixel_scale.value_or(0));
    if (const auto year = year_of(entry.plate())) {
      auto& counts = years_[*year];
      counts.resize(std::max(counts.size(), collections_.size()));
      ++counts[collection];
    }
  }

  void begin() {
    // The browser itself keeps the page from loading anything from elsewhere, whatever an archive wrote.
    text_ += fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' file: data:; "
        "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<link rel=\"icon\" href=\"data:,\">\n"
        "<title>{}: photographic plates</title>\n<style>{}{}</style>\n"
        "<script>document.documentElement.classList.add('scripted')</script>\n</head>\n<body>\n",
        xml_escaped(target_.title()), kGalleryStyle, kGalleryLimitsStyle);
  }

  void header() {
    const auto& place = target_.position;
    text_ += fmt::format(
        "<header>\n<h1>{}</h1>\n<p class=\"place\">{} · {} {:+} (ICRS, degrees) · cutout radius {}</p>\n"
        "<p class=\"sum\">{}</p>\n",
        xml_escaped(target_.title()), sexagesimal_text(place), place.ra.as_degrees(), place.dec.as_degrees(),
        angle_text(target_.radius), summary());
    text_ +=
        "<ul class=\"sheets\"><li><a href=\"plates.vot\">plates.vot</a></li>"
        "<li><a href=\"plates.csv\">plates.csv</a></li><li><a href=\"plates.fits\">plates.fits</a></li>"
        "<li><a href=\"target.reg\">target.reg</a></li><li><a href=\"CITATION.bib\">how to cite</a></li>"
        "<li><a href=\"blink.gif\">blink.gif</a></li><li><a href=\"contact.jpg\">contact.jpg</a></li>"
        "<li><a href=\"stamps/\">stamps/</a></li><li><a href=\"aligned/\">aligned/</a></li>"
        "<li><a href=\"cutouts/\">cutouts/</a></li><li><a href=\"previews/\">previews/</a></li></ul>\n";
    warnings();
    text_ += "</header>\n";
  }

  std::string summary() const {
    const auto total = snapshot_.plates.size();
    if (total == 0) return "No plate covers this place.";
    auto text = fmt::format("<b>{}</b> plate{}", total, plural(total));
    if (!years_.empty()) {
      const int first = years_.begin()->first, last = years_.rbegin()->first;
      text += first == last ? fmt::format(" of {}", first) : fmt::format(" from {} to {}", first, last);
    }
    for (std::size_t i = 0; i < std::min(collections_.size(), kMostTold); ++i) {
      text += fmt::format(" · <i class=\"dot a{}\"></i> {} {}", i % 8, xml_escaped(collections_[i]), counts_[i]);
    }
    if (collections_.size() > kMostTold) {
      text += fmt::format(" · {} further collections", collections_.size() - kMostTold);
    }
    return text;
  }

  void warnings() {
    std::string told;
    for (const auto& part : snapshot_.answer->archives) {
      const auto archive = xml_escaped(part.archive);
      if (part.failure)
        told += fmt::format("<p><b>{}</b> failed{}.</p>", archive,
                            part.table ? "; its plates are an older answer" : "; its plates are missing");
      if (part.table && part.table->truncated) {
        told += fmt::format("<p><b>{}</b> cut its list short: there are more plates.</p>", archive);
      }
    }
    if (!told.empty() || snapshot_.plates.empty()) {
      text_ += fmt::format(
          "<div class=\"warn\">{}<p><a href=\"errors.txt\">errors.txt</a> says why and what to do.</p></div>\n", told);
    }
  }

  /// Shown by the script, without which nothing in it works.
  void player() {
    if (snapshot_.plates.empty()) return;
    text_ +=
        "<div class=\"player\" hidden><div class=\"screen\"></div><div class=\"panel\">"
        "<div class=\"when\"></div><div class=\"what\"></div>"
        "<input type=\"range\" name=\"epoch\" step=\"any\" aria-label=\"Epoch\"><div class=\"ends\"></div>"
        "<div class=\"keys\"><button type=\"button\" name=\"back\" title=\"←\">◀</button>"
        "<button type=\"button\" name=\"play\" class=\"play\" title=\"space\">play</button>"
        "<button type=\"button\" name=\"on\" title=\"→\">▶</button> <span class=\"number\"></span>"
        "<label>speed <input type=\"range\" name=\"speed\" min=\"1\" max=\"20\" value=\"4\"></label></div>"
        "<div class=\"keys\"><button type=\"button\" name=\"keep\" title=\"k\">compare with this</button>"
        "<button type=\"button\" name=\"hold\" title=\"c\">hold to see it</button>"
        "<label title=\"m\"><input type=\"checkbox\" name=\"mark\" checked>ring</label></div>"
        "<p class=\"soft\"><kbd>←</kbd> <kbd>→</kbd> step · <kbd>space</kbd> play · <kbd>k</kbd> keep · hold "
        "<kbd>c</kbd> "
        "compare · <kbd>m</kbd> ring</p>";
    text_ += gallery_limits(target_, stars_) + "</div></div>\n";
  }

  void filters() {
    text_ += "<form hidden>";
    boxes("archive", "Archives", archives_, archive_counts_, {});
    boxes("collection", "Collections", collections_, counts_, "dot");
    const auto bound = [this](bool first) {
      if (years_.empty()) return std::string{};
      return fmt::format(" placeholder=\"{}\"", first ? years_.begin()->first : years_.rbegin()->first);
    };
    text_ += fmt::format(
        "<label>from <input type=\"number\" name=\"from\" step=\"1\"{}></label>"
        "<label>to <input type=\"number\" name=\"to\" step=\"1\"{}></label>"
        "<label>scale up to <input type=\"number\" name=\"scale\" min=\"0\" step=\"any\"{}>″/px</label>"
        "<label>order <select name=\"order\"><option value=\"date\">date</option><option value=\"scale\">scale</option>"
        "<option value=\"exposure\">exposure</option><option value=\"offset\">off centre</option></select></label>"
        "<button type=\"reset\">all</button><output name=\"shown\"></output></form>\n",
        bound(true), bound(false), largest_scale_ > 0 ? fmt::format(" placeholder=\"{:.3g}\"", largest_scale_) : "");
  }

  /// What can be left out, one box for each; none where there is no choice.
  void boxes(std::string_view name, std::string_view legend, const std::vector<std::string>& words,
             const std::vector<std::size_t>& counts, std::string_view dot) {
    if (words.size() < 2) return;
    text_ += fmt::format("<fieldset><legend>{}</legend>", legend);
    for (std::size_t i = 0; i < words.size(); ++i) {
      text_ += fmt::format("<label><input type=\"checkbox\" name=\"{}\" value=\"{}\" checked>{}{} ({})</label>", name,
                           i, dot.empty() ? "" : fmt::format("<i class=\"dot a{}\"></i>", i % 8), xml_escaped(words[i]),
                           counts[i]);
    }
    text_ += "</fieldset>";
  }

  static int period_of(int year, int span) { return static_cast<int>(std::floor(1.0 * year / span)) * span; }

  /// Years under one heading: a decade, or more where that would be a heading for every few plates.
  int period_span() const {
    for (const int span : {10, 25, 50}) {
      std::set<int> periods;
      for (const auto& [year, counts] : years_) periods.insert(period_of(year, span));
      if (snapshot_.plates.size() >= kFewUnderAHeading * periods.size()) return span;
    }
    return 100;
  }

  /// "1890s", "1900–1924".
  static std::string heading_of(const PlateEntry& entry, int span) {
    const auto year = year_of(entry.plate());
    if (!year) return "Without a date";
    const int first = period_of(*year, span);
    return span == 10 ? fmt::format("{}s", first) : fmt::format("{}–{}", first, first + span - 1);
  }

  // Plates come sorted by name, which is by epoch; those without a date are last.
  void sections() {
    const auto& plates = snapshot_.plates;
    const int span = period_span();
    for (std::size_t at = 0; at < plates.size();) {
      const auto heading = heading_of(*plates[at], span);
      auto end = at;
      while (end < plates.size() && heading_of(*plates[end], span) == heading) ++end;
      text_ += fmt::format("<section class=\"epoch\"><h2>{}<small>{} plate{}</small></h2><div class=\"grid\">\n",
                           heading, end - at, plural(end - at));
      for (; at < end; ++at) card(*plates[at]);
      text_ += "</div></section>\n";
    }
  }

  void card(const PlateEntry& entry) {
    const auto& plate = entry.plate();
    const auto collection = collection_of(entry);
    const auto year = year_of(plate);
    const auto year_text = year ? fmt::format("{}", *year) : "";
    const bool is_first_of_year = year && marked_.insert(*year).second;
    const auto path = vo::percent_encoded(entry.name);
    const auto name = xml_escaped(entry.name);
    text_ += fmt::format("<article class=\"card\"{} data-archive=\"{}\" data-collection=\"{}\" data-year=\"{}\"{}>",
                         is_first_of_year ? fmt::format(" id=\"y{}\"", *year) : "", archive_of(entry), collection,
                         year_text, numbers(entry));
    picture(entry.name, path, name);
    text_ += date_heading(plate);
    text_ += fmt::format("<p><i class=\"dot a{}\"></i> {}</p>", collection % 8, provenance(entry));
    line(facts(plate));
    line(xml_escaped(telescope(plate)));
    line(xml_escaped(plate.obs_title));
    text_ += fmt::format("<p class=\"soft\"><code>{}</code></p>", name);
    text_ += fmt::format(
        "<p class=\"links\"><a href=\"cutouts/{0}.fits\">cutout</a> <a href=\"aligned/{0}.fits\">aligned</a> "
        "<a href=\"previews/{0}.jpg\">whole</a> <a href=\"{0}/full.fits\">plate</a> "
        "<a href=\"{0}/plate.json\">facts</a> <a href=\"{0}/\">files</a></p></div></article>\n",
        path);
  }

  void picture(const std::string& plate, const std::string& path, const std::string& name) {
    const auto why = failed_.find(plate);
    text_ += fmt::format("<a class=\"pic{1}\" href=\"stamps/{0}.jpg\" data-whole=\"previews/{0}.jpg\">", path,
                         why == failed_.end() ? "" : " none");
    if (why == failed_.end()) {
      text_ += fmt::format(
          "<img src=\"stamps/{}.jpg\" loading=\"lazy\" decoding=\"async\" width=\"240\" height=\"240\" "
          "alt=\"The target on {}\">",
          path, name);
    } else {
      text_ += fmt::format("<span class=\"why\">no stamp: {}</span>", xml_escaped(why->second));
    }
    text_ += "</a><div class=\"text\">";
  }

  /// What the script sorts by and the player tells.
  std::string numbers(const PlateEntry& entry) const {
    const auto& plate = entry.plate();
    const auto origin = provenance(entry);
    const auto time = [](const std::optional<double>& mjd) { return mjd ? vo::iso_datetime(*mjd) : ""; };
    const auto number = [](const std::optional<double>& value) { return value ? fmt::format("{:.9g}", *value) : ""; };
    const auto distance = separation_from(plate, target_.position);
    const auto told = facts(plate, Html::No);
    return fmt::format(
        " data-plate=\"{}\" data-min=\"{}\" data-max=\"{}\" data-mjd=\"{}\" data-date=\"{}\" data-exposure=\"{}\" "
        "data-scale=\"{}\" data-offset=\"{}\" data-what=\"{}\"",
        xml_escaped(entry.name), time(plate.t_min), time(plate.t_max), number(plate.t_min),
        plate.t_min ? vo::iso_date(*plate.t_min) : "", number(plate.t_exptime), number(plate.s_pixel_scale),
        distance ? number(distance->as_degrees()) : "", told.empty() ? origin : origin + " · " + told);
  }

  void line(const std::string& html) {
    if (!html.empty()) text_ += "<p>" + html + "</p>";
  }

  static std::string date_heading(const vo::Plate& plate) {
    if (!plate.t_min) return "<h3>no date</h3>";
    const auto when = vo::iso_datetime(*plate.t_min);
    const auto clock = when.find('T');
    if (clock == std::string::npos) return fmt::format("<h3><time>{}</time></h3>", when);
    return fmt::format("<h3><time datetime=\"{}Z\">{} <span>{} UT</span></time></h3>", when, when.substr(0, clock),
                       when.substr(clock + 1, 5));
  }

  static std::string provenance(const PlateEntry& entry) {
    const auto archive = xml_escaped(entry.ref.table->archive);
    const auto& collection = entry.plate().obs_collection;
    return collection.empty() ? archive : fmt::format("{} · {}", archive, xml_escaped(collection));
  }

  enum class Html { No, Yes };
  std::string facts(const vo::Plate& plate, Html html = Html::Yes) const {
    std::string text;
    const auto add = [&text](const std::string& fact) { text += (text.empty() ? "" : " · ") + fact; };
    if (plate.t_exptime) {
      const auto duration = duration_text(*plate.t_exptime);
      add(html == Html::Yes ? "<span title=\"exposure\">" + duration + "</span>" : duration);
    }
    if (const auto distance = separation_from(plate, target_.position)) {
      add(angle_text(*distance) + " off centre");
    }
    if (plate.s_pixel_scale) add(fmt::format("{:.3g}″/px", *plate.s_pixel_scale));
    return text;
  }

  static std::string telescope(const vo::Plate& plate) {
    if (plate.facility_name.empty() || plate.instrument_name.empty() || plate.facility_name == plate.instrument_name) {
      return (plate.facility_name.empty() ? plate.instrument_name : plate.facility_name).str();
    }
    return fmt::format("{}, {}", plate.facility_name, plate.instrument_name);
  }

  void footer() {
    text_ += fmt::format(
        "<footer><p>Blink all epochs: <code>ds9 cutouts/*.fits</code> · plot them: <code>topcat plates.vot</code></p>"
        "<p>Written by platefs {} from the archives' answers of "
        "{}.</p></footer>\n<script>{}{}</script>\n</body>\n</html>\n",
        xml_escaped(version_), vo::iso_utc(snapshot_.answer->answered_at), kGalleryLimitsScript, kGalleryScript);
  }

  const TargetSnapshot& snapshot_;
  const Target& target_;
  const std::string& version_;
  const FailedStamps& failed_;
  const GalleryStars& stars_;
  std::vector<std::string> archives_;
  std::vector<std::size_t> archive_counts_;
  std::vector<std::string> collections_;  ///< in the order of their first plates
  std::vector<std::size_t> counts_;       ///< of these
  double largest_scale_ = 0;              ///< arc seconds a pixel
  std::map<int, YearCounts> years_;
  std::set<int> marked_;
  std::string text_;
};

}  // namespace

std::string gallery_page(const TargetSnapshot& snapshot, const Target& target, const std::string& platefs_version,
                         const FailedStamps& failed, const GalleryStars& stars) {
  return Page{snapshot, target, platefs_version, failed, stars}.take();
}

}  // namespace platefs::fs
