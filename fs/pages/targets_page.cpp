// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/targets_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include "fs/pages/gallery_style.h"
#include "fs/tree/selection.h"
#include "vo/base/url.h"
#include "vo/base/xml_text.h"

namespace platefs::fs {
namespace {

using vo::percent_encoded;
using vo::xml_escaped;

constexpr std::size_t kStampsToTry = 4;
constexpr std::size_t kMostTargets = 2000;

/// A picture that can't be had gives way to the next of its list.
constexpr std::string_view kScript = R"js(
document.addEventListener('error', event => {
  const image = event.target;
  if (image.tagName !== 'IMG') return;
  const others = (image.dataset.others || '').split(' ').filter(Boolean);
  if (!others.length) { image.parentNode.classList.add('none'); return; }
  image.dataset.others = others.slice(1).join(' ');
  image.src = others[0];
}, true);
)js";

std::string years_text(const TargetSnapshot& snapshot) {
  std::optional<int> first, last;
  for (const auto& entry : snapshot.plates) {
    const auto year = year_of(entry->plate());
    if (!year) continue;
    first = std::min(first.value_or(*year), *year);
    last = std::max(last.value_or(*year), *year);
  }
  if (!first) return "no dates";
  return first == last ? fmt::to_string(*first) : fmt::format("{}–{}", *first, *last);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string picture(const std::string& directory, const std::vector<std::string>& plates) {
  if (plates.empty()) return "<span class=\"why\">no plate</span>";
  std::string others;
  const auto path = [&](const std::string& plate) { return directory + "/stamps/" + percent_encoded(plate) + ".jpg"; };
  for (std::size_t i = 1; i < plates.size(); ++i) others += (i > 1 ? " " : "") + path(plates[i]);
  return fmt::format(
      "<img src=\"{}\" data-others=\"{}\" loading=\"lazy\" decoding=\"async\" width=\"240\" height=\"240\" alt=\"\">",
      path(plates.front()), others);
}

std::string card(const UsedTarget& target) {
  auto lines = lines_of(target.note);
  const auto summary = lines.empty() ? std::string() : lines.front();
  if (!lines.empty()) lines.erase(lines.begin());
  const auto directory = percent_encoded(target.name);
  auto shown = target.name;
  std::replace(shown.begin(), shown.end(), '_', ' ');
  return fmt::format(
      "<article class=\"card target\"><a class=\"pic\" href=\"{0}/index.html\">{1}</a><div class=\"text\">"
      "<h3><a href=\"{0}/index.html\">{2}</a></h3><p>{3}</p><p class=\"soft\"><code>{4}</code></p></div></article>\n",
      directory, picture(directory, lines), xml_escaped(shown), xml_escaped(summary), xml_escaped(target.name));
}

}  // namespace

std::string note_on(const TargetSnapshot& snapshot, const FailedFiles& failed) {
  const auto count = snapshot.plates.size();
  auto note = fmt::format("{} plate{}{}", count, count == 1 ? "" : "s", count == 0 ? "" : ", " + years_text(snapshot));
  std::size_t named = 0;
  for (const auto& entry : snapshot.plates) {
    if (named == kStampsToTry) break;
    if (!is_listed(entry->ref, cache::ProductKind::Stamp, failed)) continue;
    note += "\n" + entry->name;
    ++named;
  }
  return note;
}

std::string targets_page(const std::vector<UsedTarget>& targets, const std::string& platefs_version) {
  auto text = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' file: data:; "
      "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<link rel=\"icon\" href=\"data:,\">\n"
      "<title>Photographic "
      "plates</title>\n<style>{}.card.target{{height:auto}}</style>\n</head>\n<body>\n<header><h1>Photographic "
      "plates</h1>\n<p class=\"sum\">{}</p></header>\n<main><div class=\"plates\"><div class=\"grid\" "
      "style=\"margin-top:1.2rem\">\n",
      kGalleryStyle,
      targets.empty()
          ? "No target was used yet. Enter a directory that is named after a place on the sky: "
            "<a href=\"README.txt\">README.txt</a> tells how."
          : "The targets that were used, the latest first. <a href=\"README.txt\">README.txt</a> tells how to "
            "name others.");
  for (std::size_t i = 0; i < std::min(targets.size(), kMostTargets); ++i) text += card(targets[i]);
  text += "</div></div></main>\n";
  if (targets.size() > kMostTargets) {
    text +=
        fmt::format("<footer><p>{} more are in .platefs/targets.txt.</p></footer>\n", targets.size() - kMostTargets);
  }
  return text + fmt::format("<footer><p>Written by platefs {}.</p></footer>\n<script>{}</script>\n</body>\n</html>\n",
                            xml_escaped(platefs_version), kScript);
}

}  // namespace platefs::fs
