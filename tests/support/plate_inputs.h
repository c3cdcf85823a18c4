// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <cstring>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cache/files/file_kinds.h"
#include "cache/files/recipe.h"
#include "tests/support/fake_library.h"
#include "tests/support/fits_builder.h"

namespace platefs::test {

/// What a recipe may read, from memory; notes what is asked.
class FakeInputs final : public cache::PlateInputs {
 public:
  std::map<std::string, std::string> files;    ///< by name: "full.fits"
  std::map<std::string, std::string> answers;  ///< of services, by their URL
  std::map<std::string, vo::Error> failures;   ///< of either
  std::vector<std::string> asked;

  cache::FileBytes from_file(const cache::ProductId& file, const Use& use) override {
    const auto name = cache::file_name(file);
    note(name);
    vo::MemoryFitsSource source{bytes_of(files.at(name))};
    return use(source, "http://files.example/" + name);
  }
  Answer from_service(vo::http::Request request) override {
    auto url = request.url.for_display();
    url.resize(std::min(url.find('?'), url.size()));
    note(request.goes_past_caches() ? url + " past caches" : url);
    Answer answer;
    answer.made.facts.source = "soda";
    answer.made.facts.url = url;
    answer.source = std::make_unique<vo::MemoryFitsSource>(bytes_of(answers.at(url)));
    return answer;
  }
  Answer from_job(const vo::JobQuestion& question) override {
    auto answer = from_service({.url = question.jobs});
    asked.back() += " by a job";
    return answer;
  }
  Answer from_wrapped(vo::http::Request request, const Unwrap& unwrap) override {
    auto answer = from_service({.url = request.url});
    const auto file = unwrap(answers.at(answer.made.facts.url));
    const auto bytes = bytes_of(file);
    answer.made.bytes.assign(bytes.begin(), bytes.end());
    answer.source = std::make_unique<vo::MemoryFitsSource>(answer.made.bytes);
    return answer;
  }

 private:
  void note(const std::string& what) {
    asked.push_back(what);
    if (const auto failure = failures.find(what); failure != failures.end()) throw failure->second;
  }
};

/// Of a plate whose image has fits_builder's tan_cards(), the target on it.
inline cache::Order order_of(cache::ProductKind kind) {
  const vo::Cone region{vo::IcrsPosition::at(vo::Angle::degrees(156.011), vo::Angle::degrees(48.148)),
                        vo::Angle::degrees(0.02)};
  return {.id = {plate_ref("ivo://test/plate?1"), kind, region, {}},
          .links = std::make_shared<cache::LinksAnswer>(),
          .now = 1'700'000'000,
          .program = "0.1.0"};
}

}  // namespace platefs::test
