// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store.h"
#include "vo/archive.h"
#include "vo/completion.h"
#include "vo/obscore.h"
#include "vo/sky.h"

namespace platefs::cache {

/// What one archive said about a position.
struct ArchiveAnswer {
  std::string archive;
  std::shared_ptr<const vo::PlateTable> table;   ///< null when it failed and nothing was remembered
  std::optional<vo::Error> failure;              ///< with a table: the table is an older answer
  std::int64_t fetched_at = 0;                   ///< Unix seconds of the table
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
  std::string served;                            ///< the document's bytes; empty: there is no DataLink
  vo::DatalinkDocument document;
  vo::PlateLinks files;
  std::int64_t fetched_at = 0;
  /// The archive's links service failed or had nothing: this is what the ObsCore row itself names. Not for long.
  bool is_stand_in = false;

  /// What the document's error rows say, for a reader who finds nothing else; empty without any.
  std::string faults() const;
};

enum class ProductKind { Cutout, Full, Preview, Link };

/// Names one file of one plate.
struct ProductId {
  PlateRef plate;
  ProductKind kind = ProductKind::Full;
  vo::Cone region;                               ///< what a cutout shows; of no meaning for the others
  std::string link;                              ///< of a Link: its name in PlateLinks::others

  /// Identity of the content: whose identifier (vo::authority_of), which one, which file; not the URL that happens to
  /// serve it.
  std::string key() const;
};

enum class ProductState { Remote, Partial, Cached, Failed };

/// What is known of a file without asking anybody.
struct ProductFacts {
  ProductState state = ProductState::Remote;
  std::optional<std::uint64_t> size;             ///< exact; empty until the server said or it was made
  std::uint64_t estimate = 0;                    ///< > 0: what to show until then, rather too large
  std::uint64_t held_bytes = 0;
  std::uint32_t version = 1;                     ///< the one that opening will show unless the archive changed it
  std::string source, url, etag, media_type, error;
  std::int64_t fetched_at = 0;
};

/// One version of a file, being read. While it lives the bytes are not evicted and what is being
/// fetched for it goes on; when the last one goes, so do transfers nobody else waits for. Thread-safe.
struct OpenFile {
  virtual ~OpenFile() = default;
  virtual std::uint64_t size() const = 0;
  virtual std::uint32_t version() const = 0;
  /// The bytes of `range` (clipped to the size), as soon as they are here. Error{Changed} when the
  /// archive replaced the file since it was opened.
  virtual void read(vo::ByteRange range, vo::Completion<Extent> done) = 0;
  /// The same for a reader that knows what it will read: nothing is fetched ahead of it.
  virtual void read_exactly(vo::ByteRange range, vo::Completion<Extent> done) {
    read(range, std::move(done));
  }
  /// The server sends the whole file, whatever part of it is asked for: more requests would bring nothing sooner.
  virtual bool comes_whole() const { return false; }
  /// The archive answered from another version: this one is not to be opened again without asking.
  virtual void was_replaced() {}
  /// A plain file, by its descriptor, that holds all of the version and nothing else, every byte of it tested;
  /// nothing while there is none.
  virtual std::optional<Extent> whole_file() const { return std::nullopt; }
  /// The beginning of the file (a granule, or all of a shorter file), for the first who opens it after it
  /// had to be asked for: he may show it to the kernel before he is answered, since nobody else reads the
  /// file yet. Empty for all others.
  virtual std::optional<Extent> first_bytes() const { return std::nullopt; }
};

/// A question that may be withdrawn; its completion then says Error{Cancelled}. Thread-safe.
using Withdraw = std::function<void()>;

/// One file of one plate, in any state. Thread-safe; never blocks.
struct Product {
  virtual ~Product() = default;
  virtual ProductFacts facts() const = 0;
  /// Of a cutout that is here: the letter of the plate's WCS description that it was cut by, or "primary". Else empty.
  virtual std::string exposure() const { return {}; }
  /// Waits until the exact size is known, fetching or making the file as far as that needs.
  virtual Withdraw open(vo::Completion<std::shared_ptr<OpenFile>> done) = 0;
};

/// What a resolver says of an object's name.
struct ObjectAnswer {
  std::optional<vo::IcrsPosition> position;      ///< nothing: no catalogue knows the name
};

/// A failure worth telling the user in errors.txt.
struct Failure {
  std::string did;                               ///< of the plate
  std::string file;                              ///< "cutout.fits"
  std::string message;
  std::int64_t when = 0;
  std::string exposure = {};                         ///< of a file that is one exposure's own; else empty
  std::string archive = {};                          ///< that listed the plate, by the name that it has here
};

/// The only thing fs/ knows of archives and storage. Thread-safe; never blocks.
struct Library {
  virtual ~Library() = default;

  /// Held and fresh: answered before this returns. Else one query per archive, shared by all who ask.
  /// The answer holds at least one table, or the whole is the first archive's Error.
  virtual void plates_at(const vo::IcrsPosition& position,
                         vo::Completion<std::shared_ptr<const PlatesAnswer>> done) = 0;
  /// The plates of all these positions will be asked for: brings them by fewer requests where an archive
  /// lets it. Asks for nothing that is held and fresh; fails without a word.
  virtual void bring_plates(const std::vector<vo::IcrsPosition>& positions) = 0;
  virtual void links_of(const PlateRef& plate,
                        vo::Completion<std::shared_ptr<const LinksAnswer>> done) = 0;
  /// The links if they are known already; asks nobody.
  virtual std::shared_ptr<const LinksAnswer> known_links(const PlateRef& plate) = 0;
  /// Same id, same object while anybody has it. No network.
  virtual std::shared_ptr<Product> product(const ProductId& id) = 0;

  virtual std::vector<Failure> failures() const = 0;

  /// Names that must stay as they were given once, see Store::update_names.
  virtual void update_names(const std::string& group,
                            std::function<void(std::map<std::string, std::string>&)> change,
                            vo::Completion<std::map<std::string, std::string>> done) = 0;
  /// Where an object is: at once when it was asked before, else one question for all who ask.
  virtual void resolve(const std::string& object, vo::Completion<ObjectAnswer> done) = 0;
  /// The answer if it is known already; asks nobody.
  virtual std::optional<ObjectAnswer> known_object(const std::string& object) const = 0;

  enum class TargetOrder { ByName, LatestFirst };
  /// Names of targets that were entered.
  virtual std::vector<std::string> targets(TargetOrder order) const = 0;
  /// `name` was entered now.
  virtual void remember_target(const std::string& name) = 0;
  virtual Store::Usage usage() const = 0;
};

}  // namespace platefs::cache
