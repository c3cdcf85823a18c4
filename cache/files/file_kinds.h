// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cache/fetch/response_check.h"
#include "cache/files/product.h"
#include "cache/store/store.h"
#include "vo/base/url.h"

// What the kinds of a plate's files differ in.
//
// A file that is made here is added by
//  1. a name in ProductKind (product.h), with its parameters in ProductId;
//  2. its row in the table of file_kinds.cpp: the word in its key, its name, what it shows;
//  3. a recipe, as preview_recipe.h has it: Made make_this(const Order&, PlateInputs&), which asks the inputs for other
//     files of the plate and returns bytes; unit tests call it with inputs of their own;
//  4. its case in make_file(), where `from` names the file that it is made of if that is made here itself;
//  5. what it will be before it is made (size rather too large, media type), in expected_facts().
namespace platefs::cache {

class CachedFile;
struct ProductServices;

/// "cutout.fits", "links/scan.fits": for messages.
std::string file_name(const ProductId& id);
/// Recipes make it; no link of the archive leads to it.
bool is_made_here(ProductKind kind);
/// It shows the region of its id, by the row of its id: one for each exposure of a plate.
bool shows_region(ProductKind kind);

/// It comes of a cutout that is asked for without the plate's links, whose document would cost requests of its own.
bool is_had_without_links(const ProductId& id);
/// The archive has files of the plate itself, beside cutouts.
bool has_files(const PlateRef& plate);

/// Where an archive has a file ready, and what it says of it before anybody asks for it.
struct FileLocation {
  vo::Url url;
  std::optional<std::uint64_t> stated_size;  ///< bytes; often rounded down to a kB
  std::string media_type;
};

/// The source of a plate's file according to its links. Throws Error{NotFound} when the archive offers none,
/// with what its DataLink says instead and the kind of that, the Error of a URL that is none. Pure.
FileLocation file_source(const LinksAnswer& links, const ProductId& id);

/// The same of what full.fits is while the best file can't be had. Throws Error{NotFound} when there is none.
FileLocation next_best_source(const LinksAnswer& links, const ProductId& id);
/// ObjectFacts::source of such a file.
inline constexpr std::string_view kNextBest = "next best";
/// Where that version of a file came from: the best file, or the next best.
FileLocation source_of_version(const LinksAnswer& links, const ProductId& id, const ObjectInfo& version);

/// What a file will be while nothing of it is here: a size rather too large, where it will come from.
/// `links`: null when they are not known yet. Pure.
ProductFacts expected_facts(const ProductId& id, const LinksAnswer* links);
/// What the file's first bytes must look like.
Expected expected_kind(const ProductId& id);
/// Product::exposure of what is in the store.
std::string exposure_of(const ProductId& id, const Store& store, const ObjectInfo& present);

/// The file, with the origin that its kind has.
std::shared_ptr<CachedFile> make_file(ProductServices services, ProductId id);

}  // namespace platefs::cache
