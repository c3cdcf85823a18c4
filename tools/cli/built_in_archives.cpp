// SPDX-License-Identifier: BSD-3-Clause
// Public archives that need no configuration, with what is known of them. No live service has been asked for it: what
// stands here is from their public descriptions and from captured answers.
#include <utility>

#include "tools/cli/archive_entry.h"

namespace platefs::tools {
namespace {

constexpr const char* kCaptured = "answers captured by others, as of November 2026; never live";
constexpr const char* kDescribed = "a server written from its public description, November 2026; never live";
constexpr const char* kStatement = "nothing: by its public description, November 2026";

ArchiveEntry built_in(std::string name, std::string url, std::string title) {
  ArchiveEntry entry;
  entry.name = std::move(name);
  entry.url = std::move(url);
  entry.title = std::move(title);
  return entry;
}

/// All images of these have an s_region, and they are large: what makes a query slow there is felt by many.
ArchiveEntry obscore(std::string name, std::string url, std::string title) {
  auto entry = built_in(std::move(name), std::move(url), std::move(title));
  entry.place_form = vo::PlaceForm::Region;
  entry.tried = kCaptured;
  return entry;
}

ArchiveEntry gavo() {
  auto entry = obscore("gavo", "http://dc.g-vo.org/tap", "GAVO Data Center: DASCH, APPLAUSE, HDAP and more");
  entry.holds =
      "DASCH but its widest plates, APPLAUSE DR3 (about 44,000 plates), HDAP, Boyden, Kapteyn, Potsdam, Muenster";
  entry.has_plates = true;
  return entry;
}

/// The plates that are too wide for its ObsCore table.
ArchiveEntry gavo_wide() {
  auto entry = built_in("gavo-dasch-wide", "http://dc.g-vo.org/tap", "GAVO Data Center: the widest plates of DASCH");
  entry.table = "dasch.wide_plates";
  entry.dataproduct_types = {};
  entry.excluded_collections = std::vector<std::string>{};
  entry.holds = "DASCH patrol and meteor plates, of more than 400 arc seconds per millimetre";
  entry.tried = kStatement;
  entry.has_plates = true;
  return entry;
}

/// Its own schema in terms of ObsCore: each astrometric solution is a row, the dates are those of all exposures of the
/// plate. The polygons are text there.
ArchiveEntry applause() {
  auto entry = built_in("applause", "https://www.plate-archive.org/tap", "APPLAUSE DR4");
  entry.table =
      "(SELECT 'image' AS dataproduct_type, 'APPLAUSE DR4' AS obs_collection, "
      "'https://www.plate-archive.org/files/' || c.filename_scan AS obs_publisher_did, "
      "'https://www.plate-archive.org/files/' || c.filename_scan AS access_url, 'image/fits' AS access_format, "
      "c.filename_scan AS obs_title, s.ra_icrs AS s_ra, s.dec_icrs AS s_dec, s.fov1 + s.fov2 AS s_fov, "
      "s.stc_polygon AS s_region, s.pixel_scale AS s_pixel_scale, c.naxis1 AS s_xel1, c.naxis2 AS s_xel2, "
      "e.jd_first - 2400000.5 AS t_min, e.jd_last - 2400000.5 AS t_max, s.solution_id, s.solution_num, s.plate_id "
      "FROM applause_dr4.solution AS s JOIN applause_dr4.scan AS c ON s.scan_id = c.scan_id "
      "LEFT OUTER JOIN (SELECT plate_id, MIN(jd_start) AS jd_first, MAX(jd_end) AS jd_last FROM applause_dr4.exposure "
      "GROUP BY plate_id) AS e ON s.plate_id = e.plate_id) AS o";
  entry.dataproduct_types = {};
  entry.excluded_collections = std::vector<std::string>{};
  entry.place_form = vo::PlaceForm::Box;
  entry.holds = "125,473 scans of 97,703 plates, 68,399 of them with an astrometric solution";
  entry.tried = kStatement;
  entry.has_plates = true;
  entry.acknowledgement =
      "Funding for APPLAUSE has been provided by DFG (German Research Foundation, Grant), Leibniz Institute for "
      "Astrophysics Potsdam (AIP), Dr. Remeis Sternwarte Bamberg (University Nuernberg/Erlangen), the Hamburger "
      "Sternwarte (University of Hamburg) and Tartu Observatory. Plate material also has been made available from "
      "Thueringer Landessternwarte Tautenburg, and from the archives of the Vatican Observatory.";
  return entry;
}

ArchiveEntry starglass() {
  auto entry = built_in("starglass", "https://api.starglass.cfa.harvard.edu/public/dasch/dr7",
                        "Harvard StarGlass: DASCH DR7 itself");
  entry.kind = vo::ServiceKind::StarGlass;
  entry.max_requests = 2;
  entry.max_rate = 4;  // it limits how many it answers without a key, and does not say to how many
  entry.holds = "429,274 plates, 97 % of them with an astrometric solution; the logbooks' exposures of others";
  entry.tried = kDescribed;
  entry.has_plates = true;
  return entry;
}

ArchiveEntry form(std::string name, std::string url, std::string title, std::string max_size,
                  std::vector<vo::Survey> plates) {
  auto entry = built_in(std::move(name), std::move(url), std::move(title));
  entry.kind = vo::ServiceKind::Template;
  entry.max_requests = 1;  // as they ask for
  entry.max_size = std::move(max_size);
  entry.plates = std::move(plates);
  entry.tried = kStatement;
  entry.has_plates = true;
  return entry;
}

constexpr double kFirstScans = 1.7, kSecondScans = 1.0;  // arc seconds

ArchiveEntry stsci() {
  auto entry = form("stsci-dss",
                    "https://archive.stsci.edu/cgi-bin/dss_search?v={plate}&r={ra}&d={dec}&e=J2000&h={size_arcmin}&w="
                    "{size_arcmin}&f=fits&c=none",
                    "STScI Digitized Sky Survey", "60m",
                    {{.id = "poss1_red", .title = "POSS-I E", .dec_min = -33, .pixel_scale = kFirstScans},
                     {.id = "poss1_blue", .title = "POSS-I O", .dec_min = -33, .pixel_scale = kSecondScans},
                     {.id = "quickv", .title = "Palomar Quick-V", .dec_min = 3, .pixel_scale = kFirstScans},
                     {.id = "poss2ukstu_red", .title = "POSS-II F, SERC-ER, AAO-SES", .pixel_scale = kSecondScans},
                     {.id = "poss2ukstu_blue", .title = "POSS-II J, SERC-J and EJ", .pixel_scale = kSecondScans},
                     {.id = "poss2ukstu_ir", .title = "POSS-II N, SERC-I", .pixel_scale = kSecondScans}});
  entry.holds = "Palomar and UK Schmidt plates of 1950 to 2002, the best one of each survey at a place";
  return entry;
}

ArchiveEntry eso_dss() {
  auto entry =
      form("eso-dss",
           "http://archive.eso.org/dss/dss/image?ra={ra}&dec={dec}&equinox=J2000&x={size_arcmin}&y={size_arcmin}"
           "&Sky-Survey={plate}&mime-type=application/x-fits",
           "ESO Digitized Sky Survey", "40m",
           {{.id = "DSS1", .title = "DSS 1", .pixel_scale = kFirstScans},
            {.id = "DSS2-red", .title = "DSS 2 red", .pixel_scale = kSecondScans},
            {.id = "DSS2-blue", .title = "DSS 2 blue", .pixel_scale = kSecondScans},
            {.id = "DSS2-infrared", .title = "DSS 2 infrared", .pixel_scale = kSecondScans}});
  entry.holds = "Palomar and UK Schmidt plates of 1950 to 2002, cut out of the plate as it is";
  return entry;
}

ArchiveEntry skyview() {
  auto entry = form("skyview",
                    "https://skyview.gsfc.nasa.gov/current/cgi/runquery.pl?Position={ra},{dec}&Survey={plate}&"
                    "Coordinates=J2000&Projection=Tan&Size={size}&Pixels={width_pixels}&Return=FITS",
                    "SkyView: Digitized Sky Survey", "2d",
                    {{.id = "DSS1-red", .value = "DSS1 Red", .title = "DSS 1 red", .pixel_scale = kFirstScans},
                     {.id = "DSS1-blue", .value = "DSS1 Blue", .title = "DSS 1 blue", .pixel_scale = kFirstScans},
                     {.id = "DSS2-red", .value = "DSS2 Red", .title = "DSS 2 red", .pixel_scale = kSecondScans},
                     {.id = "DSS2-blue", .value = "DSS2 Blue", .title = "DSS 2 blue", .pixel_scale = kSecondScans},
                     {.id = "DSS2-ir", .value = "DSS2 IR", .title = "DSS 2 infrared", .pixel_scale = kSecondScans}});
  entry.holds = "Schmidt plates, resampled and joined: no one date";
  return entry;
}

ArchiveEntry hips() {
  auto entry =
      form("hips-dss",
           "https://alasky.cds.unistra.fr/hips-image-services/hips2fits?hips={plate}&ra={ra}&dec={dec}&fov="
           "{size}&width={width_pixels}&height={width_pixels}&projection=TAN&coordsys=icrs&rotation_angle=0"
           "&format=fits",
           "CDS hips2fits: Digitized Sky Survey", "90m",
           {{.id = "DSS2-red", .value = "CDS/P/DSS2/red", .title = "DSS 2 red", .pixel_scale = kSecondScans},
            {.id = "DSS2-blue", .value = "CDS/P/DSS2/blue", .title = "DSS 2 blue", .pixel_scale = kSecondScans}});
  entry.holds = "Schmidt plates, resampled and joined: no one date";
  return entry;
}

ArchiveEntry without_plates(ArchiveEntry entry) {
  entry.holds = "images; no plates";
  return entry;
}

}  // namespace

const std::map<std::string, ArchiveEntry>& built_in_archives() {
  static const std::map<std::string, ArchiveEntry> archives = [] {
    std::map<std::string, ArchiveEntry> made;
    const auto add = [&made](ArchiveEntry entry) {
      auto name = entry.name;
      made.emplace(std::move(name), std::move(entry));
    };
    for (const auto& make : {gavo, gavo_wide, applause, starglass, stsci, eso_dss, skyview, hips}) add(make());
    for (auto& entry : {
             obscore("alma", "https://almascience.eso.org/tap", "ALMA Science Archive"),
             obscore("astron", "https://vo.astron.nl/tap", "ASTRON"),
             obscore("cadc", "https://ws.cadc-ccda.hia-iha.nrc-cnrc.gc.ca/argus", "Canadian Astronomy Data Centre"),
             obscore("casda", "https://casda.csiro.au/casda_vo_tools/tap", "CSIRO ASKAP Science Data Archive"),
             obscore("eso", "http://archive.eso.org/tap_obs", "ESO Science Archive"),
             obscore("irsa", "https://irsa.ipac.caltech.edu/TAP", "NASA/IPAC Infrared Science Archive"),
         }) {
      add(without_plates(entry));
    }
    return made;
  }();
  return archives;
}

}  // namespace platefs::tools
