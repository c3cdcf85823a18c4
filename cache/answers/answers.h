// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vo/base/completion.h"
#include "vo/base/error.h"
#include "vo/base/sky.h"
#include "vo/services/archive.h"
#include "vo/services/obscore.h"

// What archives and resolvers answered, as the rooms of cache/ and fs/ hand it on: plain values; an answer that is
// shared is immutable. Asked for by PlateQueries, LinkQueries, NameQueries and StarQueries, remembered by AnswerCache.
namespace platefs::cache {

/// What one archive said about a position.
struct ArchiveAnswer {
  std::string archive;
  std::shared_ptr<const vo::PlateTable> table;  ///< null when it failed and nothing was remembered
  std::optional<vo::Error> failure;             ///< with a table: the table is an older answer
  std::int64_t fetched_at = 0;                  ///< Unix seconds of the table
};

/// The plates that contain a position, archive by archive in the order they are configured.
struct PlatesAnswer {
  vo::IcrsPosition position;
  std::vector<ArchiveAnswer> archives;
  std::int64_t answered_at = 0;
};

/// One plate of an answer; keeps the table alive.
struct PlateRef {
  std::shared_ptr<const vo::PlateTable> table;
  std::size_t index = 0;

  const vo::Plate& plate() const { return table->plates[index]; }
};

/// A plate's DataLink document and what platefs makes of it. `files` points into `document`.
struct LinksAnswer {
  std::string served;  ///< the document's bytes; empty: there is no DataLink
  vo::DatalinkDocument document;
  vo::PlateLinks files;
  std::int64_t fetched_at = 0;
  bool is_complete = true;     ///< false: a document that this one leads to could not be had
  bool is_from_store = false;  ///< the archive said it in another run of platefs, or before memory was short
  /// The archive's links service failed or had nothing: this is what the ObsCore row itself names. Not for long.
  bool is_stand_in = false;

  /// What the document's error rows say, for a reader who finds nothing else; empty without any.
  std::string faults() const;
  /// What they have in common, those about #this before others.
  vo::ErrorKind kind_of_faults() const;
};

/// Why a plate's links are asked for again.
struct LinksDoubt {
  std::int64_t told_at = 0;  ///< those of then or before are in doubt: Unix seconds, 0 for what the row says itself
  /// What they name was refused, as the URL that an archive signed is after some minutes; else it was there, and is no
  /// file of that kind.
  bool is_refused = true;
};

/// What a resolver says of an object's name.
struct ObjectAnswer {
  std::optional<vo::IcrsPosition> position;  ///< nothing: no catalogue knows the name
};

/// A failure worth telling the user in errors.txt.
struct Failure {
  std::string did;   ///< of the plate
  std::string file;  ///< "cutout.fits"
  std::string message;
  std::int64_t when = 0;
  std::string exposure = {};  ///< of a file that is one exposure's own; else empty
  std::string archive = {};   ///< that listed the plate, by the name that it has here
  enum class Lasts {
    Passing,      ///< it may be over any moment
    Longer,       ///< nothing is there, or it is not what is needed
    WhileOffline  ///< nobody was asked
  };
  Lasts lasts = Lasts::Passing;
};

}  // namespace platefs::cache
