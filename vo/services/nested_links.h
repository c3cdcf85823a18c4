// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <functional>

#include "vo/base/url.h"
#include "vo/services/datalink.h"

namespace platefs::vo {

/// Rows of the document lead to further DataLink documents (DataLink 1.1 section 3.2.6).
bool leads_to_documents(const DatalinkDocument& document);

/// The document at a URL, as served; throws Error.
using DocumentAt = std::function<DatalinkDocument(const Url&)>;

/// Puts the rows of the documents that those of `document` lead to beside them, three documents deep, each document
/// once, at most 16 in all. What a row of such a document is to the plate, the row that leads to it says: "#this" of a
/// progenitor is a progenitor of the plate; what is behind "#this" is the plate's own, its services too. A document
/// that can't be had leaves a row that says why. `itself`: where `document` came from, its URLs being absolute already.
/// False: something could not be had.
bool add_nested_links(DatalinkDocument& document, const Url& itself, const DocumentAt& document_at);

}  // namespace platefs::vo
