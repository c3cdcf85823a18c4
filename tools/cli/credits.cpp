// SPDX-License-Identifier: BSD-3-Clause
#include "tools/cli/credits.h"

#include <string_view>

namespace platefs::tools {
namespace {

// The words that the projects ask for on their pages: dc.g-vo.org (howtocite of its services),
// dasch.cfa.harvard.edu/citing, plate-archive.org (metadata of DR4), HDAP's table description.
constexpr std::string_view kGavoCitation =
    "@misc{vo:gavo_tap,\n"
    "  title = {{GAVO} {DC} {TAP} service},\n"
    "  author = {{GAVO} Data Center},\n"
    "  url = {http://dc.g-vo.org/tap},\n"
    "  howpublished = {{VO} resource provided by the {GAVO} Data Center}\n"
    "}\n";

constexpr std::string_view kDaschThanks =
    "This work has made use of data provided by Digital Access to a Sky Century @ Harvard (DASCH), which has "
    "been partially supported by NSF grants AST-0407380, AST-0909073, and AST-1313370. Work on DASCH Data "
    "Release 7 received support from the Smithsonian American Women's History Initiative Pool.";
constexpr std::string_view kDaschCitation =
    "@inproceedings{2012IAUS..285...29G,\n"
    "  author = {{Grindlay}, J. and {Tang}, S. and {Los}, E. and {Servillat}, M.},\n"
    "  title = {Opening the 100-Year Window for Time-Domain Astronomy},\n"
    "  booktitle = {New Horizons in Time Domain Astronomy},\n"
    "  series = {IAU Symposium},\n"
    "  volume = {285},\n"
    "  year = {2012},\n"
    "  pages = {29--34}\n"
    "}\n";

constexpr std::string_view kApplauseThanks =
    "Funding for APPLAUSE has been provided by DFG (German Research Foundation, Grant), Leibniz Institute for "
    "Astrophysics Potsdam (AIP), Dr. Remeis Sternwarte Bamberg (University Nuernberg/Erlangen), the Hamburger "
    "Sternwarte (University of Hamburg) and Tartu Observatory. Plate material also has been made available "
    "from Thueringer Landessternwarte Tautenburg, and from the archives of the Vatican Observatory.";
constexpr std::string_view kApplauseCitation =
    "@article{2024arXiv240417355E,\n"
    "  author = {{Enke}, H. and {Tuvikene}, T. and {Groote}, D. and {Edelmann}, H. and {Heber}, U.},\n"
    "  title = {Archives of Photographic PLates for Astronomical USE (APPLAUSE)},\n"
    "  journal = {arXiv e-prints},\n"
    "  eprint = {2404.17355},\n"
    "  archivePrefix = {arXiv},\n"
    "  year = {2024}\n"
    "}\n";

constexpr std::string_view kHdapThanks =
    "The scanning of the plate archive at Landessternwarte Heidelberg was funded by the "
    "Klaus-Tschira-Foundation.";
constexpr std::string_view kHdapCitation =
    "@misc{vo:hdap,\n"
    "  title = {{HDAP} -- Heidelberg Digitized Astronomical Plates},\n"
    "  author = {Mandel, H. and Birkle, K. and Demleitner, M. and {Landessternwarte Heidelberg}},\n"
    "  howpublished = {{VO} resource provided by the {GAVO} Data Center},\n"
    "  doi = {10.21938/haTEMZmoaCTEK6XZvGU.fQ}\n"
    "}\n";

fs::Credit of_collection(std::string_view collection, std::string_view thanks, std::string_view citation) {
  fs::Credit credit;
  credit.collection = collection;
  credit.acknowledgement = thanks;
  credit.bibtex = citation;
  return credit;
}

}  // namespace

std::vector<fs::Credit> credits_of(const CommonOptions& options) {
  std::vector<fs::Credit> credits;
  for (const auto& entry : archives_from(options)) {
    const auto url = vo::Url::parse_trusted(entry.url);
    fs::Credit credit;
    credit.archive = entry.name;
    credit.title = entry.title;
    credit.url = url.text();
    credit.acknowledgement = entry.acknowledgement;
    credit.bibtex = entry.citation;
    if (url.host() == "dc.g-vo.org") {
      credit.title = "GAVO Data Center";
      if (credit.bibtex.empty()) credit.bibtex = kGavoCitation;
    }
    credits.push_back(std::move(credit));
  }
  credits.push_back(of_collection("DASCH", kDaschThanks, kDaschCitation));
  credits.push_back(of_collection("APPLAUSE", kApplauseThanks, kApplauseCitation));
  credits.push_back(of_collection("HDAP", kHdapThanks, kHdapCitation));
  return credits;
}

}  // namespace platefs::tools
