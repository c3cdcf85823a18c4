// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "vo/base/sky.h"
#include "vo/http/transport.h"
#include "vo/services/obscore.h"
#include "vo/services/tap.h"

namespace platefs::vo {

/// A service that speaks no protocol of the Virtual Observatory, in terms of those that do: its plates as a table of
/// ObsCore's columns, its files as a DataLink document, and its way to a cutout. One file of vo/services for each kind.
/// Immutable and thread-safe; what takes a transport blocks. Throws Error.
class OwnProtocol {
 public:
  virtual ~OwnProtocol() = default;

  /// The question for plates at a place as a text: what an answer is remembered by.
  virtual std::string plates_question(const IcrsPosition& position) const = 0;
  /// The plates at a place as a VOTable (votable_text()).
  virtual std::string plates_document(Transport& transport, const IcrsPosition& position,
                                      const std::stop_token& stop) const = 0;

  /// Where a cutout of a plate's surroundings of `region` is asked for, in words for people, and the request.
  virtual std::string way_to_cutouts() const = 0;
  virtual http::Request cutout_request(const PlateTable& table, const Plate& plate, const Cone& region) const = 0;
  /// Cutouts come inside of something else, of so many bytes at most; nothing: the answer is the FITS file.
  virtual std::optional<std::uint64_t> largest_wrapped_cutout() const { return std::nullopt; }
  /// The FITS file in such an answer. Throws Error{Rejected} with what the service says instead.
  virtual std::string unwrapped_cutout(std::string_view answer) const { return std::string{answer}; }

  /// What its files are asked for by; empty: it has none but cutouts.
  virtual std::string files_id(const Plate& /*plate*/) const { return {}; }
  /// They as a DataLink document in VOTable.
  virtual std::string files_document(Transport& transport, const std::string& id, const std::stop_token& stop) const;
};

/// A FIELD of such a table; `datatype` "char" is a text of any length.
VotableField made_column(std::string name, std::string datatype, std::string unit, std::string ucd,
                         std::string description);

/// That of the service's kind; null for kinds of the Virtual Observatory.
std::shared_ptr<const OwnProtocol> own_protocol(const TapService& service);

}  // namespace platefs::vo
