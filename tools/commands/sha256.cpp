// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/sha256.h"

#include <fmt/core.h>
#include <openssl/evp.h>

#include <array>
#include <new>

namespace platefs::tools {

struct Sha256::Context {
  Context() : digest(EVP_MD_CTX_new()) {
    if (digest == nullptr || EVP_DigestInit_ex(digest, EVP_sha256(), nullptr) != 1) throw std::bad_alloc{};
  }
  ~Context() { EVP_MD_CTX_free(digest); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  EVP_MD_CTX* digest;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {}
Sha256::~Sha256() = default;

void Sha256::add(std::span<const std::byte> bytes) { EVP_DigestUpdate(context_->digest, bytes.data(), bytes.size()); }

std::string Sha256::hexadecimal() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context_->digest, digest.data(), &size);
  std::string text;
  for (const auto byte : std::span{digest}.first(size)) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace platefs::tools
