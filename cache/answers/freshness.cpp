// SPDX-License-Identifier: BSD-3-Clause
#include "cache/answers/freshness.h"

#include <utility>

#include "vo/base/error.h"

namespace platefs::cache {

bool Freshness::is_fresh(const Document& document) const {
  // A second is long: an answer of the very one may be older than the wish for a new one.
  return is_in_date(document, now()) && (refresh_before == 0 || document.fetched_at > refresh_before);
}

void remember(Writer& writer, const std::string& key, Document document) {
  writer.post([key, document = writer.packed(std::move(document))](Store& store) mutable {
    try {
      store.put_packed(key, std::move(document));
    } catch (const vo::Error&) {
      // See the header.
    }
  });
}

}  // namespace platefs::cache
