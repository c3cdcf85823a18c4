// SPDX-License-Identifier: BSD-3-Clause
#include "cache/store/record.h"

#include <zlib.h>

#include <cstring>
#include <type_traits>
#include <utility>

#include "cache/store/xxh3.h"

namespace platefs::cache {
namespace {

/// Numbers are little-endian on disk whatever the machine.
class Packer {
 public:
  template <typename T>
  Packer& number(T value) {
    auto bits = static_cast<std::make_unsigned_t<T>>(value);
    for (std::size_t i = 0; i < sizeof bits; ++i) {
      bytes_.push_back(static_cast<char>(bits & 0xff));
      if constexpr (sizeof bits > 1) bits = static_cast<decltype(bits)>(bits >> 8);
    }
    return *this;
  }
  Packer& text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    bytes_.append(value);
    return *this;
  }
  std::string sealed() {
    number<std::uint64_t>(XXH3_64bits(bytes_.data(), bytes_.size()));
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
};

/// Reads past the end give zeros and spoil the record.
class Unpacker {
 public:
  explicit Unpacker(std::string_view sealed) {
    if (sealed.size() < 8) {
      good_ = false;
      return;
    }
    Unpacker seal(sealed.substr(sealed.size() - 8), 0);
    bytes_ = sealed.substr(0, sealed.size() - 8);
    good_ = seal.number<std::uint64_t>() == XXH3_64bits(bytes_.data(), bytes_.size());
  }

  /// Of fields without a seal.
  static Unpacker of_bare(std::string_view bytes) { return {bytes, 0}; }

  template <typename T>
  T number() {
    using Bits = std::make_unsigned_t<T>;
    Bits bits = 0;
    const auto raw = take(sizeof bits);
    for (std::size_t i = 0; i < raw.size(); ++i) {
      bits =
          static_cast<Bits>(bits | static_cast<Bits>(static_cast<Bits>(static_cast<unsigned char>(raw[i])) << (8 * i)));
    }
    return static_cast<T>(bits);
  }
  std::string text() { return std::string(view()); }
  /// Of the record's bytes.
  std::string_view view() { return take(number<std::uint32_t>()); }
  /// Everything was there, and nothing else.
  bool complete() const { return good_ && bytes_.empty(); }
  bool good() const { return good_; }

 private:
  Unpacker(std::string_view bare, int) : bytes_(bare) {}
  std::string_view take(std::size_t size) {
    if (!good_ || bytes_.size() < size) {
      good_ = false;
      return {};
    }
    const auto taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  std::string_view bytes_;
  bool good_ = true;
};

void write(Packer& to, const Validators& validators) {
  to.text(validators.etag).text(validators.last_modified).number(validators.content_hash);
}

Validators read_validators(Unpacker& from) {
  Validators validators;
  validators.etag = from.text();
  validators.last_modified = from.text();
  validators.content_hash = from.number<std::uint64_t>();
  return validators;
}

void write(Packer& to, const ObjectFacts& facts) {
  to.number(facts.size);
  write(to, facts.validators);
  to.text(facts.url).text(facts.source).text(facts.media_type).number(facts.fetched_at);
}

ObjectFacts read_facts(Unpacker& from) {
  ObjectFacts facts;
  facts.size = from.number<std::uint64_t>();
  facts.validators = read_validators(from);
  facts.url = from.text();
  facts.source = from.text();
  facts.media_type = from.text();
  facts.fetched_at = from.number<std::int64_t>();
  return facts;
}

/// Empty where it is not worth it. The fastest level: an answer is read more often than it is written, and
/// tables shrink to a fifth by it.
std::string compressed(std::string_view bytes) {
  constexpr std::size_t kWorthIt = 1024;
  constexpr std::size_t kSample = 64 * 1024;  // tells of a long one: tables come packed
  if (bytes.size() < kWorthIt) return {};
  if (bytes.size() > 4 * kSample && compressed(bytes.substr(bytes.size() / 2, kSample)).empty()) return {};
  auto size = ::compressBound(bytes.size());
  std::string packed(size, '\0');
  const int code = ::compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                               reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), Z_BEST_SPEED);
  if (code != Z_OK || size > bytes.size() / 4 * 3) return {};
  packed.resize(size);
  return packed;
}

std::optional<std::string> decompressed(std::string_view packed, std::uint64_t size) {
  constexpr std::uint64_t kMostTimes = 1032;  // zlib does not compress further
  if (size > (packed.size() + 64) * kMostTimes) return std::nullopt;
  std::string bytes(size, '\0');
  auto got = static_cast<uLongf>(size);
  const int code = ::uncompress(reinterpret_cast<Bytef*>(bytes.data()), &got,
                                reinterpret_cast<const Bytef*>(packed.data()), packed.size());
  if (code != Z_OK || got != size) return std::nullopt;
  return bytes;
}

template <typename Record>
std::optional<Record> if_complete(const Unpacker& from, Record&& record) {
  if (!from.complete()) return std::nullopt;
  return std::move(record);
}

}  // namespace

std::string encode(const KeyRecord& record) {
  Packer to;
  to.text(record.key).number(record.present).number(record.version).number(record.size);
  write(to, record.validators);
  return to.sealed();
}

std::optional<KeyRecord> decode_key(std::string_view bytes) {
  Unpacker from(bytes);
  KeyRecord record;
  record.key = from.text();
  record.present = from.number<ObjectId>();
  record.version = from.number<std::uint32_t>();
  record.size = from.number<std::uint64_t>();
  record.validators = read_validators(from);
  return if_complete(from, std::move(record));
}

std::string encode(const ObjectRecord& record) {
  Packer to;
  to.text(record.key).number(record.version);
  write(to, record.facts);
  to.number(static_cast<std::uint8_t>(record.pinned)).number(record.last_use).number(record.held_bytes);
  return to.sealed();
}

std::optional<ObjectRecord> decode_object(std::string_view bytes) {
  Unpacker from(bytes);
  ObjectRecord record;
  record.key = from.text();
  record.version = from.number<std::uint32_t>();
  record.facts = read_facts(from);
  record.pinned = from.number<std::uint8_t>() != 0;
  record.last_use = from.number<std::int64_t>();
  record.held_bytes = from.number<std::uint64_t>();
  return if_complete(from, std::move(record));
}

std::string encode(const ChunkRecord& record) {
  Packer to;
  to.number(record.held);
  for (std::size_t i = 0; i < kGranulesOfChunk; ++i) {
    if (record.has(i)) to.number(record.checksums[i]);
  }
  return to.sealed();
}

std::optional<ChunkRecord> decode_chunk(std::string_view bytes) {
  Unpacker from(bytes);
  ChunkRecord record;
  record.held = from.number<std::uint64_t>();
  for (std::size_t i = 0; i < kGranulesOfChunk; ++i) {
    if (record.has(i)) record.checksums[i] = from.number<std::uint64_t>();
  }
  return if_complete(from, std::move(record));
}

std::string encode(const Document& record) {
  Packer to;
  const auto packed = compressed(record.bytes);
  to.number(packed.empty() ? std::uint64_t{0} : std::uint64_t{record.bytes.size()});
  to.text(packed.empty() ? record.bytes : packed).number(static_cast<std::uint8_t>(record.absent));
  to.number(record.fetched_at).number(record.expires_at).number(record.last_use);
  return to.sealed();
}

std::optional<Document> decode_document(std::string_view bytes) {
  Unpacker from(bytes);
  Document record;
  const auto size = from.number<std::uint64_t>();
  const auto kept = from.view();
  record.absent = from.number<std::uint8_t>() != 0;
  record.fetched_at = from.number<std::int64_t>();
  record.expires_at = from.number<std::int64_t>();
  record.last_use = from.number<std::int64_t>();
  if (!from.complete()) return std::nullopt;
  auto whole = size == 0 ? std::optional{std::string{kept}} : decompressed(kept, size);
  if (!whole) return std::nullopt;
  record.bytes = *std::move(whole);
  return record;
}

std::optional<Document> decode_document_times(std::string_view bytes) {
  constexpr std::size_t kSeal = 8, kTimes = 1 + 3 * 8;  // absent, fetched, expires, last use
  if (bytes.size() < kTimes + kSeal) return std::nullopt;
  auto from = Unpacker::of_bare(bytes.substr(bytes.size() - kSeal - kTimes, kTimes));
  Document record;
  record.absent = from.number<std::uint8_t>() != 0;
  record.fetched_at = from.number<std::int64_t>();
  record.expires_at = from.number<std::int64_t>();
  record.last_use = from.number<std::int64_t>();
  return record;
}

std::string encode(const Names& record) {
  Packer to;
  for (const auto& [key, name] : record) to.text(key).text(name);
  return to.sealed();
}

std::optional<Names> decode_names(std::string_view bytes) {
  Unpacker from(bytes);
  Names record;
  while (from.good() && !from.complete()) {
    auto key = from.text();
    record.insert_or_assign(record.end(), std::move(key), from.text());  // in their order
  }
  return if_complete(from, std::move(record));
}

std::uint64_t checksum_of(std::span<const std::byte> bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::string number_key(std::uint64_t number) {
  std::string key(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) key[7 - i] = static_cast<char>(number >> (8 * i) & 0xff);
  return key;
}

std::uint64_t number_of_key(std::string_view key) {
  std::uint64_t number = 0;
  if (key.size() < 8) return 0;
  for (std::size_t i = 0; i < 8; ++i) number = number << 8 | static_cast<unsigned char>(key[i]);
  return number;
}

}  // namespace platefs::cache
