// SPDX-License-Identifier: BSD-3-Clause
#include "fs/http/entry.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <utility>

#include "fs/tree/media_type.h"
#include "vo/base/ascii.h"

namespace platefs::fs {
namespace {

constexpr std::size_t kLongestType = 127;

bool is_token_character(char c) {
  constexpr std::string_view kOthers = "!#$&-^_.+";
  return vo::is_letter(c) || vo::is_digit(c) || kOthers.find(c) != std::string_view::npos;
}

/// type/subtype and parameters in printable ASCII (RFC 6838, section 4.2).
bool is_media_type(std::string_view text) {
  const auto essence = vo::trimmed(text.substr(0, text.find(';')));
  const auto slash = essence.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == essence.size()) return false;
  const auto type = essence.substr(0, slash), subtype = essence.substr(slash + 1);
  return text.size() <= kLongestType && std::ranges::all_of(type, is_token_character) &&
         std::ranges::all_of(subtype, is_token_character) &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

std::string tag_of(std::string_view text) {
  const auto hash = XXH3_128bits(text.data(), text.size());
  return fmt::format("\"{:016x}{:016x}\"", hash.high64, hash.low64);
}

}  // namespace

std::string content_type_of(const Node& document) {
  const std::string type{media_type_of(document.document)};
  return type.starts_with("text/") ? type + "; charset=utf-8" : type;
}

std::string content_type_of(const Node& file, const cache::ProductFacts& facts) {
  const auto type = media_type_of(facts, file.product_kind);
  return is_media_type(type) ? std::string{type} : "application/octet-stream";
}

Validators validators_of(const Node& file, const cache::ProductFacts& facts, std::uint32_t version,
                         std::uint64_t size) {
  if (facts.version != version || facts.fetched_at == 0) return {};  // another one came meanwhile: it is not named
  return {tag_of(fmt::format("{}\n{}\n{}\n{}\n{}", file.identity, version, size, facts.etag, facts.fetched_at)),
          facts.fetched_at};
}

Validators validators_of(std::string_view text) { return {tag_of(text), 0}; }

Entry entry_of(std::string name, const Node& node, const Documents& documents, std::int64_t observed) {
  Entry entry{.name = std::move(name), .is_directory = node.is_directory(), .observed = observed};
  if (node.kind == NodeKind::Symlink) entry.is_directory = true;  // each leads to a plate
  if (entry.is_directory) return entry;
  if (!node.product) {
    entry.media_type = content_type_of(node);
    entry.size = documents.size(node);
    return entry;
  }
  const auto facts = node.product->facts();
  entry.media_type = content_type_of(node, facts);
  if (const auto stand_in = documents.placeholder(node, facts)) {
    entry.size = stand_in->size();
    return entry;
  }
  entry.size = facts.size;
  entry.estimate = std::max<std::uint64_t>(facts.estimate, 2880);
  if (facts.size) entry.validators = validators_of(node, facts, facts.version, *facts.size);
  return entry;
}

}  // namespace platefs::fs
