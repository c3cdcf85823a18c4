// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "vo/base/guarded.h"
#include "vo/base/sky.h"
#include "vo/http/transport.h"
#include "vo/services/datalink.h"
#include "vo/services/obscore.h"
#include "vo/services/plate_search.h"
#include "vo/services/tap.h"

namespace platefs::vo {

/// Where one plate's DataLink document is: `endpoint` called with ID=`id`.
struct LinksQuestion {
  Url endpoint;  ///< without the ID parameter
  std::string id;
  /// The URL that a table states for this plate: asked as it stands, whatever its parameters are called.
  std::optional<Url> as_stated = {};
  bool may_be_batched = true;  ///< the endpoint takes ID by that name
};

/// One configured archive and its conversations: blocking, straight-line, for a query thread. Holds
/// no state but what it was built with and how the service wants to be asked, so any number of threads may use it.
/// Throws Error.
class Archive {
 public:
  Archive(TapService service, Transport& transport);  ///< `transport` outlives the archive

  const TapService& service() const { return service_; }

  /// The answer to the plates query, and the document to keep: plates_from_document() makes the same of it again. That
  /// is the VOTable as it came, unpacked if it was gzip-ed; of a large one its packed form (packed_table.h).
  struct Plates {
    std::string document;
    PlateTable table;
    std::optional<Error> failure = {};  ///< the service failed: these are rows that it gave before
  };
  /// One request; of a mirror where the service can't be reached, which is then asked first for five minutes.
  Plates plates_at(const IcrsPosition& position, const std::stop_token& stop) const;
  /// That for each of `positions`, by one request with an upload (tap_upload.h); `documents` is empty
  /// when the service cut the answer short.
  struct PlatesOfMany {
    std::vector<std::string> documents;
    std::size_t rows = 0;
  };
  PlatesOfMany plates_documents(std::span<const IcrsPosition> positions, const std::stop_token& stop) const;
  /// The raw VOSI capabilities, checked to be such. One request.
  std::string capabilities_document(const std::stop_token& stop) const;
  /// The service may be asked for many positions at once; whether it can be, its capabilities tell.
  bool may_take_uploads() const { return service_.kind == ServiceKind::Tap; }
  /// What was found out of how the service wants to be asked; of the mirrors nothing is kept.
  SearchHabits habits() const { return search_.habits(); }
  void resume(const SearchHabits& habits) const { search_.resume(habits); }
  /// A document of those above as rows. No I/O.
  PlateTable plates_from_document(std::string_view document) const;

  /// The question to ask for a plate's links: access_url when it is a DataLink, else that of a further row of
  /// the dataset, else the service attached to the response; nothing when there is none of them (then
  /// access_url is the file). No I/O.
  static std::optional<LinksQuestion> links_question(const PlateTable& table, const Plate& plate);
  /// The same for an access_url that leads to a DataLink document although its row does not say so.
  static std::optional<LinksQuestion> links_question_by_url(const Plate& plate);
  /// The raw DataLink document, unpacked likewise, and what it says. One request (and its redirects) for all `ids`.
  struct LinksDocument {
    std::string text;
    DatalinkDocument links;
  };
  LinksDocument links_document(const Url& endpoint, const std::vector<std::string>& ids,
                               const std::stop_token& stop) const;
  /// The same for one plate.
  LinksDocument links_document(const LinksQuestion& question, const std::stop_token& stop) const;

 private:
  PlateTable plates_in(Votable table) const;
  LinksDocument links_document_at(Url url, const std::stop_token& stop) const;

  /// A mirror, asked as the service is.
  struct Mirror {
    Mirror(TapService of, Transport& transport) : service(std::move(of)), search(service, transport) {}
    TapService service;
    PlateSearch search;
  };
  using Clock = std::chrono::steady_clock;
  /// Who answered last, when the service itself did not.
  struct Turn {
    std::size_t mirror = 0;
    Clock::time_point until{};
  };
  PlateSearch::Answer asked_in_turn(const IcrsPosition& position, const std::stop_token& stop) const;

  TapService service_;
  Transport& transport_;
  mutable PlateSearch search_;  ///< what it learns changes no answer
  std::vector<std::unique_ptr<Mirror>> mirrors_;
  mutable Guarded<Turn> turn_;
};

/// What the table itself names of a plate: a #this row with its access_url, and a #preview row when the table has
/// a preview column; likewise of each further row of the dataset.
DatalinkDocument links_of_rows(const PlateTable& table, const Plate& plate);

/// Which link is which file (the rules of the tree). Values point into the document.
struct PlateLinks {
  const Link* full = nullptr;                  ///< #this or #coderived FITS of highest resolution
  const Link* next_best = nullptr;             ///< what stands in for `full` when that can't be had: another such file
  const Link* preview = nullptr;               ///< #preview-image, #preview, #thumbnail
  const Link* itself = nullptr;                ///< #this, whatever its type: of data that are no image
  std::vector<const ServiceDescriptor*> soda;  ///< to try in this order
  std::vector<const Link*> other_fits;         ///< FITS rows beside `full`, to cut from if it fails
  std::map<std::string, const Link*> others;   ///< every other downloadable row by file name in links/
};
PlateLinks plate_links(const DatalinkDocument& document, const Plate& plate);

}  // namespace platefs::vo
