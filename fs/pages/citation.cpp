// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/citation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "vo/base/ascii.h"
#include "vo/base/iso_utc.h"

namespace platefs::fs {
namespace {

constexpr std::size_t kWidth = 96;

/// Outside of entries BibTeX ignores all but '@'.
std::string comment(std::string_view text) {
  std::string lines, line = "%";
  const auto end_line = [&] {
    lines += line + "\n";
    line = "%";
  };
  vo::for_each_word(text, [&](std::string_view word) {
    if (line.size() > 1 && line.size() + word.size() >= kWidth) end_line();
    line += ' ';
    for (const char c : word) line += c == '@' ? std::string{"(at)"} : std::string{c};
  });
  if (line.size() > 1) end_line();
  return lines;
}

std::string latex(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view{"&%$#_{}"}.find(c) != std::string_view::npos) escaped += '\\';
    if (c == '\\' || c == '~' || c == '^') {
      escaped += ' ';
    } else {
      escaped += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return escaped;
}

std::string key_of(std::string_view archive) {
  std::string key = "vo:";
  for (const char c : archive) key += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
  return key;
}

/// What the snapshot has of one archive.
struct Share {
  const cache::ArchiveAnswer* answer = nullptr;
  std::map<std::string, int> collections;
  int plates = 0;
};

std::vector<Share> shares_of(const TargetSnapshot& snapshot) {
  std::vector<Share> shares;
  for (const auto& answer : snapshot.answer->archives) {
    Share share{&answer, {}, 0};
    for (const auto& entry : snapshot.plates) {
      if (entry->ref.table != answer.table) continue;
      ++share.plates;
      ++share.collections[entry->plate().obs_collection.str()];
    }
    if (share.plates > 0) shares.push_back(std::move(share));
  }
  return shares;
}

bool applies(const Credit& credit, const Share& share) {
  if (!credit.archive.empty() && credit.archive != share.answer->archive) return false;
  const auto wanted = vo::lower_case(credit.collection);
  return wanted.empty() || std::any_of(share.collections.begin(), share.collections.end(), [&](const auto& collection) {
           return vo::lower_case(collection.first).find(wanted) != std::string::npos;
         });
}

std::string made_entry(const Share& share, const Credit* credit) {
  const auto& archive = share.answer->archive;
  const bool has_title = credit != nullptr && !credit->title.empty();
  std::string entry =
      fmt::format("@misc{{{},\n  title = {{{{{}}}}},\n", key_of(archive), latex(has_title ? credit->title : archive));
  if (credit != nullptr && !credit->url.empty()) {
    entry += fmt::format("  howpublished = {{\\url{{{}}}}},\n", credit->url);
  }
  return entry + fmt::format("  year = {{{}}},\n  note = {{Virtual Observatory service, asked on {}}}\n}}\n",
                             vo::iso_utc(share.answer->fetched_at).substr(0, 4),
                             vo::iso_utc(share.answer->fetched_at).substr(0, 10));
}

std::string collections_text(const Share& share) {
  std::string text;
  for (const auto& [name, count] : share.collections) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", name.empty() ? "without a collection" : name, count);
  }
  return text;
}

}  // namespace

std::string citation_text(const TargetSnapshot& snapshot, const Target& target, const std::vector<Credit>& credits) {
  auto text =
      comment(fmt::format("How to cite and to thank those who made the plates of {} available.", target.title()));
  const auto shares = shares_of(snapshot);
  if (shares.empty()) text += comment("No archive listed a plate of this place.");
  for (const auto& share : shares) {
    text += fmt::format("\n{}", comment(fmt::format("---- {}: {} plates, {}", share.answer->archive, share.plates,
                                                    collections_text(share))));
    std::string entries, general;
    std::set<std::string> told;
    const Credit* about_archive = nullptr;
    for (const auto& credit : credits) {
      if (!applies(credit, share)) continue;
      if (credit.collection.empty()) about_archive = &credit;
      if (!credit.acknowledgement.empty() && told.insert(credit.acknowledgement).second) {
        text += comment("Acknowledgement: " + credit.acknowledgement);
      }
      if (credit.bibtex.empty() || !told.insert(credit.bibtex).second) continue;
      entries += fmt::format("\n{}{}", credit.bibtex, credit.bibtex.ends_with('\n') ? "" : "\n");
      if (credit.collection.empty()) general = credit.bibtex;
    }
    text += entries;
    if (general.empty()) text += "\n" + made_entry(share, about_archive);
  }
  return text;
}

}  // namespace platefs::fs
