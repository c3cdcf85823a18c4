// SPDX-License-Identifier: BSD-3-Clause
#include "vo/services/nested_links.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "vo/base/ascii.h"
#include "vo/base/error.h"
#include "vo/services/datalink_urls.h"
#include "vo/services/obscore.h"

namespace platefs::vo {
namespace {

constexpr int kDeepestDocument = 3;
constexpr std::size_t kMostDocuments = 16;

bool leads_to_document(const Link& link) {
  const bool is_web =
      starts_with_ignoring_case(link.access_url, "http://") || starts_with_ignoring_case(link.access_url, "https://");
  return is_web && !link.is_error() && is_datalink_type(link.content_type);
}

class Nested {
 public:
  Nested(const Url& itself, const DocumentAt& document_at) : document_at_(document_at) { seen_.insert(itself.text()); }

  void add_to(DatalinkDocument& document, int depth) {
    const auto own = document.links.size();
    for (std::size_t i = 0; i < own; ++i) {
      if (!leads_to_document(document.links[i]) || depth > kDeepestDocument) continue;
      const auto leading = document.links[i];
      try {
        const auto url = Url::parse(leading.access_url);
        if (seen_.size() > kMostDocuments || !seen_.insert(url.text()).second) continue;
        take(document, leading, read(url, depth));
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::Cancelled) throw;
        is_complete_ = false;
        auto& told = document.links[i];
        told.error_message = error.message();
        told.access_url.clear();
      }
    }
  }

  bool is_complete() const { return is_complete_; }

 private:
  DatalinkDocument read(const Url& url, int depth) {
    auto document = document_at_(url);
    make_absolute(document, url);
    if (const auto ids = url.parameter("ID"); ids.size() == 1) document.keep_rows_of(ids.front());
    add_to(document, depth + 1);
    return document;
  }

  void take(DatalinkDocument& document, const Link& leading, DatalinkDocument nested) {
    const bool is_the_plates = is_or_narrower(leading.semantics, "#this");
    const auto prefix = fmt::format("nested{}/", ++documents_);
    for (auto& link : nested.links) {
      link.id = leading.id;
      if (!is_the_plates) {
        if (!is_or_narrower(link.semantics, "#this")) link.role = link.semantics;
        link.semantics = leading.semantics;
        link.service_def.clear();
      } else if (!link.service_def.empty()) {
        link.service_def.insert(0, prefix);
      }
      const bool is_of_use = !link.access_url.empty() || !link.service_def.empty() || link.is_error();
      if (is_of_use) document.links.push_back(std::move(link));
    }
    if (!is_the_plates) return;
    for (auto& service : nested.services) {
      service.id.insert(0, prefix);
      document.services.push_back(std::move(service));
    }
  }

  const DocumentAt& document_at_;
  std::set<std::string> seen_;
  int documents_ = 0;
  bool is_complete_ = true;
};

}  // namespace

bool leads_to_documents(const DatalinkDocument& document) {
  return std::ranges::any_of(document.links, leads_to_document);
}

bool add_nested_links(DatalinkDocument& document, const Url& itself, const DocumentAt& document_at) {
  if (!leads_to_documents(document)) return true;
  Nested nested{itself, document_at};
  nested.add_to(document, 1);
  return nested.is_complete();
}

}  // namespace platefs::vo
