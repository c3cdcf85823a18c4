// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/adql_tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "vo/base/ascii.h"
#include "vo/base/error.h"

namespace platefs::demo {
namespace {

bool begins_word(char c) { return vo::is_letter(c) || c == '_'; }

class Scanner {
 public:
  explicit Scanner(std::string_view query) : query_(query) {}

  std::vector<AdqlToken> take() {
    std::vector<AdqlToken> tokens;
    for (skip_blanks(); at_ < query_.size(); skip_blanks()) {
      const auto start = at_;
      auto token = next();
      token.at = start;
      tokens.push_back(std::move(token));
    }
    tokens.push_back({AdqlToken::Kind::End, "the end of the query", at_});
    return tokens;
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < query_.size() ? query_[at_ + ahead] : '\0'; }

  void skip_blanks() {
    while (vo::is_blank(peek())) ++at_;
    if (peek() == '-' && peek(1) == '-') {
      at_ = std::min(query_.find('\n', at_), query_.size());
      skip_blanks();
    }
  }

  AdqlToken next() {
    const char c = peek();
    if (begins_word(c) || c == '"') return word();
    if (vo::is_digit(c) || (c == '.' && vo::is_digit(peek(1)))) return number();
    if (c == '\'') return {AdqlToken::Kind::Text, quoted('\''), 0};
    return sign();
  }

  AdqlToken word() {
    std::string text;
    while (begins_word(peek()) || vo::is_digit(peek()) || peek() == '.' || peek() == '"') {
      if (peek() == '"')
        text += quoted('"');
      else
        text += query_[at_++];
    }
    return {AdqlToken::Kind::Word, std::move(text), 0};
  }

  AdqlToken number() {
    const auto start = at_;
    while (vo::is_digit(peek()) || peek() == '.') ++at_;
    if (vo::lower(peek()) == 'e') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      while (vo::is_digit(peek())) ++at_;
    }
    return {AdqlToken::Kind::Number, std::string(query_.substr(start, at_ - start)), 0};
  }

  /// Between quotes; a quote in it is doubled.
  std::string quoted(char quote) {
    std::string text;
    for (++at_; at_ < query_.size(); ++at_) {
      if (peek() == quote && peek(1) != quote) {
        ++at_;
        return text;
      }
      if (peek() == quote) ++at_;
      text += peek();
    }
    throw vo::Error(vo::ErrorKind::Rejected, fmt::format("ADQL: a quote ({}) is not closed", quote));
  }

  AdqlToken sign() {
    for (const std::string_view two : {"<=", ">=", "<>", "!="}) {
      if (query_.substr(at_, 2) == two) {
        at_ += 2;
        return {AdqlToken::Kind::Sign, std::string(two), 0};
      }
    }
    if (std::string_view("()=<>,*+-/").find(peek()) == std::string_view::npos) {
      throw vo::Error(vo::ErrorKind::Rejected, fmt::format("ADQL: unexpected '{}' at {}", peek(), at_ + 1));
    }
    return {AdqlToken::Kind::Sign, std::string(1, query_[at_++]), 0};
  }

  std::string_view query_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<AdqlToken> adql_tokens(std::string_view query) { return Scanner(query).take(); }

}  // namespace platefs::demo
