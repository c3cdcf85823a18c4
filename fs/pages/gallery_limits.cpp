// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/gallery_limits.h"

#include <fmt/format.h>

#include "vo/base/xml_text.h"

namespace platefs::fs {
namespace {

/// What the browser keeps limits under: the place, whatever it is called.
std::string place_key(const Target& target) {
  return fmt::format("{:.5f}{:+.5f}", target.position.ra.as_degrees(), target.position.dec.as_degrees());
}

std::string data_of(const Target& target, const GalleryStars& stars) {
  return fmt::format(
      "data-place=\"{}\" data-ra=\"{}\" data-dec=\"{}\" data-radius=\"{}\" data-from=\"{}\" data-stars=\"{}\"",
      place_key(target), target.position.ra.as_degrees(), target.position.dec.as_degrees(), target.radius.as_degrees(),
      stars.are_on_stamps ? "sequence" : "catalogue",
      stars.stars.empty() ? "" : vo::xml_escaped(vo::sequence_csv(stars.stars)));
}

std::string offer(const GalleryStars& stars) {
  if (stars.catalogue.empty() || stars.are_on_stamps) return {};
  return fmt::format("<button type=\"button\" name=\"offer\">stars of {}</button>", vo::xml_escaped(stars.catalogue));
}

}  // namespace

std::string gallery_limits(const Target& target, const GalleryStars& stars) {
  const auto problem =
      stars.problem.empty() ? "" : fmt::format("<p class=\"wrong\">{}</p>", vo::xml_escaped(stars.problem));
  return fmt::format(
      "<div class=\"limits\" {}><div class=\"keys\"><button type=\"button\" name=\"judge\" title=\"l\" hidden>judge "
      "limits</button><b class=\"title\">Limits by eye</b> <span class=\"soft hint\">which comparison star is the "
      "faintest that each plate shows? Drop a sequence.csv (name,ra,dec,mag) on the page</span>{}"
      "<button type=\"button\" name=\"choose\">load a file</button><input type=\"file\" name=\"load\" "
      "accept=\".csv,.txt,.tsv,.psv\" multiple hidden></div>{}"
      "<div class=\"judging\" hidden><div class=\"stars\" role=\"group\" aria-label=\"The faintest star that is "
      "seen\"></div>"
      "<div class=\"keys\"><label><input type=\"checkbox\" name=\"seen\">the star itself is seen</label>"
      "<span class=\"verdict\"></span></div>"
      "<p class=\"soft\"><kbd>a</kbd>–<kbd>z</kbd> the faintest that is seen, and on to the next plate · with "
      "<kbd>Shift</kbd> the star itself is seen, too · <kbd>0</kbd> none of them · <kbd>⌫</kbd> take back · "
      "<kbd>Esc</kbd> end</p></div>"
      "<div class=\"keys results\" hidden><output name=\"judged\"></output>"
      "<button type=\"button\" name=\"save\">limits.csv</button>"
      "<button type=\"button\" name=\"save-bars\" title=\"the same with | between\">limits.txt</button>"
      "<button type=\"button\" name=\"save-sequence\">sequence.csv</button>"
      "<button type=\"button\" name=\"forget\">forget all</button></div><p class=\"told soft\" role=\"status\"></p>"
      "</div>",
      data_of(target, stars), offer(stars), problem);
}

std::string gallery_coverage() {
  return "<figure class=\"coverage\" hidden><div class=\"map\"><div class=\"months\" "
         "aria-hidden=\"true\"><span>Jan</span>"
         "<span>Apr</span><span>Jul</span><span>Oct</span></div>"
         "<svg preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Limits by year and month\"></svg></div>"
         "<figcaption></figcaption></figure>\n";
}

}  // namespace platefs::fs
