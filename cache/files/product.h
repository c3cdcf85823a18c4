// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/answers/answers.h"
#include "cache/store/extent.h"
#include "vo/base/byte_range.h"
#include "vo/base/completion.h"
#include "vo/base/sky.h"
#include "vo/base/sky_mark.h"

// One file of one plate, as fs/ and the commands see it.
namespace platefs::cache {

enum class ProductKind {
  Cutout,
  Full,
  Preview,
  Link,
  Stamp,       ///< a picture of a cutout, the same for every epoch: vo/fits/pictures/stamp.h
  Aligned,     ///< a cutout on the grid of all epochs: vo/fits/aligned/aligned_frame.h
  Chart,       ///< a finding chart of a cutout
  TimeSeries,  ///< a light curve as the archive serves it: its row is of that type, and no plate
};

/// Names one file of one plate.
struct ProductId {
  PlateRef plate;
  ProductKind kind = ProductKind::Full;
  vo::Cone region;   ///< what a cutout shows; of no meaning for the others
  std::string link;  ///< of a Link: its name in PlateLinks::others
  std::string variant =
      {};  ///< of a Stamp or Chart "positive" (bright stars), of an Aligned one "lanczos3"; empty: as usual
  std::shared_ptr<const vo::SkyMarks> marks = {};  ///< of a Stamp or Chart: what is marked on it; null: nothing

  /// Identity of the content: whose identifier (vo::authority_of), which one, which file; not the URL that happens to
  /// serve it.
  std::string key() const;
};

/// Names a file that shows the stamps of many plates together.
struct AlbumId {
  enum class Kind { Animation, Sheet };
  Kind kind = Kind::Animation;
  std::vector<PlateRef> plates;  ///< in the order of their dates; those of album_places (album.h)
  std::size_t of_plates = 0;     ///< there are so many in all
  vo::Cone region;
  std::string place;    ///< the target, for people
  std::string variant;  ///< of the stamps
  std::shared_ptr<const vo::SkyMarks> marks = {};

  std::string key() const;
};

enum class ProductState { Remote, Partial, Cached, Failed };

/// What is known of a file without asking anybody.
struct ProductFacts {
  ProductState state = ProductState::Remote;
  std::optional<std::uint64_t> size;  ///< exact; empty until the server said or it was made
  std::uint64_t estimate = 0;         ///< > 0: what to show until then, rather too large
  std::uint64_t held_bytes = 0;
  bool is_under_way = false;  ///< it is being fetched or made just now, in this process
  std::uint32_t version = 1;  ///< the one that opening will show unless the archive changed it
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
  virtual void read_exactly(vo::ByteRange range, vo::Completion<Extent> done) { read(range, std::move(done)); }
  /// The server sends the whole file, whatever part of it is asked for: more requests would bring nothing sooner.
  virtual bool comes_whole() const { return false; }
  /// The archive answered from another version: this one is not to be opened again without asking.
  virtual void was_replaced() {}
  /// `range` of a plain file, by its descriptor, whose bytes stand where they do in the version, every one of them
  /// tested; nothing while they are not all there. Reads nothing.
  virtual std::optional<Extent> on_disk(vo::ByteRange /*range*/) const { return std::nullopt; }
  /// The file holds all of the version and nothing else.
  std::optional<Extent> whole_file() const { return on_disk({0, size()}); }
  /// The beginning of the file (a granule, or all of a shorter file), for the first caller that opens it after it had
  /// to be asked for: the mount may hand it to the kernel before it replies, since nobody else reads the file yet.
  /// Empty for all others.
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
  /// The same for a caller that knows what it will read: with the size come no more bytes than a FITS header needs.
  virtual Withdraw open_exactly(vo::Completion<std::shared_ptr<OpenFile>> done) { return open(std::move(done)); }
};

/// What can be had of a plate: its links, and its files. Thread-safe; never blocks.
struct PlateFiles {
  virtual ~PlateFiles() = default;
  virtual void links_of(const PlateRef& plate, vo::Completion<std::shared_ptr<const LinksAnswer>> done) = 0;
  /// The same for somebody who did not find what they name: asked for again where they are in doubt. Where the row
  /// itself named what is no file, that is asked whether it is a DataLink document. Where the archive does not answer,
  /// those of before.
  virtual void links_anew(const PlateRef& plate, const LinksDoubt& doubt,
                          vo::Completion<std::shared_ptr<const LinksAnswer>> done) = 0;
  /// Asks for the links that are not known, together where their service takes that. Whoever wants to be told calls
  /// links_of() afterwards, which waits for the same answer.
  virtual void ask_links_ahead(const std::vector<PlateRef>& /*plates*/) {}
  /// The links if they are known already; asks nobody.
  virtual std::shared_ptr<const LinksAnswer> known_links(const PlateRef& plate) = 0;
  /// Same id, same object while anybody has it. No network.
  virtual std::shared_ptr<Product> product(const ProductId& id) = 0;
  /// The same of an album, whose stamps are made first; those that can't be are left out.
  virtual std::shared_ptr<Product> album(const AlbumId& id) = 0;
};

}  // namespace platefs::cache
