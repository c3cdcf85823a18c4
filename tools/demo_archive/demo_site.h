// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tools/demo_archive/datalink_service.h"
#include "tools/demo_archive/faults.h"
#include "tools/demo_archive/http_server.h"
#include "tools/demo_archive/light_curves.h"
#include "tools/demo_archive/request_log.h"
#include "tools/demo_archive/siap_service.h"
#include "tools/demo_archive/soda_service.h"
#include "tools/demo_archive/tap_service.h"

namespace platefs::demo {

/// Which service answers which path:
///   /tap/…                        TAP
///   /siap2, /siap1                Simple Image Access
///   /lightcurves/NAME, dlmeta     light curves, DataLink
///   /form                         cutouts as forms of surveys give them
///   /COLLECTION/dlmeta, dlget     DataLink, SODA
///   /files/COLLECTION/NAME        FITS files; /previews/COLLECTION/NAME pictures
///   /sesame/OPTIONS?NAME          name resolver
///   /control/requests, faults     GET and DELETE; faults also PUT
/// Thread-safe.
class DemoSite : public Site {
 public:
  /// The references outlive the site.
  DemoSite(const PlateStore& store, const Addresses& addresses, TapService::Settings settings, Faults& faults,
           RequestLog& log);

  std::string_view kind_of(const Request& request) const override;
  Answer answer(const Request& request) override;

 private:
  Answer file(const Request& request, std::string_view folder, std::string_view name) const;
  Answer control(const Request& request, std::string_view what);

  const PlateStore& store_;
  LightCurves light_curves_;
  TapService tap_;
  SiapService siap_{tap_.table()};
  DatalinkService datalink_;
  SodaService soda_;
  Faults& faults_;
  RequestLog& log_;
};

}  // namespace platefs::demo
