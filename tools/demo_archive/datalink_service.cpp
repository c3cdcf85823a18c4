// SPDX-License-Identifier: BSD-3-Clause
#include "tools/demo_archive/datalink_service.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "tools/demo_archive/votable_out.h"
#include "vo/base/xml_text.h"

namespace platefs::demo {
namespace {

using vo::VotableValue;
using vo::xml_escaped;

/// DataLink 1.1 section 3.2.
std::vector<vo::VotableField> links_fields() {
  return {text_field("ID", "meta.id;meta.main"),
          text_field("access_url", "meta.ref.url"),
          text_field("service_def", "meta.ref"),
          text_field("error_message", "meta.code.error"),
          text_field("description", "meta.note"),
          text_field("semantics", "meta.code"),
          text_field("content_type", "meta.code.mime"),
          number_field("content_length", "long", "byte", "phys.size;meta.file"),
          text_field("local_semantics", "meta.code"),
          text_field("content_qualifier", "meta.code")};
}

struct Row {
  std::string id = {}, access_url = {}, service_def = {}, error_message = {}, description = {}, semantics = {},
              content_type = {};
  VotableValue content_length = {};
};

VotableValue or_null(const std::string& text) { return text.empty() ? VotableValue() : VotableValue(text); }

class Links {
 public:
  Links(const PlateStore& store, const Addresses& addresses) : store_(store), addresses_(addresses) {}

  void add(const std::string& id, std::string_view folder) {
    const auto* const plate = store_.with_did(id);
    if (plate == nullptr || folder_of(plate->collection) != folder || plate->is(Peculiarity::Withdrawn)) {
      return put({.id = id, .error_message = "NotFoundFault: " + id + " is not here", .semantics = "#this"});
    }
    if (plate->collection == Collection::Dasch)
      add_dasch(*plate);
    else if (plate->collection == Collection::Heidelberg)
      add_heidelberg(*plate);
    else
      add_applause(*plate);
  }

  Document take() { return std::move(document_); }

 private:
  void add_dasch(const Plate& plate) {
    put_file(plate, FileRole::Reduced, "#this", "The plate, downsampled by 4");
    put_file(plate, FileRole::Full, "#coderived", "The full-resolution scan");
    put_file(plate, FileRole::Preview, "#preview-image", "A preview of the scan");
    put_cutouts(plate);
  }

  void add_heidelberg(const Plate& plate) {
    put_file(plate, FileRole::Full, "#this", "The full dataset");
    put_file(plate, FileRole::Preview, "#preview", "A preview for the dataset");
    put_cutouts(plate);
  }

  void add_applause(const Plate& plate) {
    put_file(plate, FileRole::Full, "#this", "The main data product");
    put_file(plate, FileRole::Preview, "#preview", "A preview or thumbnail of the data");
  }

  void put_file(const Plate& plate, FileRole role, const char* semantics, const char* description) {
    const bool is_preview = role == FileRole::Preview;
    Row row{.id = plate.publisher_did(),
            .access_url = file_url(plate, role, addresses_),
            .description = description,
            .semantics = semantics,
            .content_type = is_preview ? "image/jpeg" : "image/fits"};
    // As archives do it: known for the data, rounded down to a kB, and not known for pictures.
    if (!is_preview) row.content_length = static_cast<std::int64_t>(store_.size_of(plate, role) / 1024 * 1024);
    put(row);
  }

  void put_cutouts(const Plate& plate) {
    const auto service = fmt::format("soda_{}", document_.rows.size());
    put({.id = plate.publisher_did(),
         .service_def = service,
         .description = "An interactive service on this dataset: cutouts",
         .semantics = "#proc",
         .content_type = "image/fits"});
    document_.resources += descriptor(plate, service);
  }

  void put(const Row& row) {
    document_.rows.push_back({row.id, or_null(row.access_url), or_null(row.service_def), or_null(row.error_message),
                              or_null(row.description), row.semantics, or_null(row.content_type), row.content_length,
                              VotableValue(), VotableValue()});
  }

  /// DataLink 1.1 section 4; the parameters that the collection's SODA service takes.
  std::string descriptor(const Plate& plate, const std::string& service) const {
    std::string inputs =
        fmt::format("<PARAM name=\"ID\" datatype=\"char\" arraysize=\"*\" ucd=\"meta.id;meta.main\" value=\"{}\"/>\n",
                    xml_escaped(plate.publisher_did()));
    inputs += "<PARAM name=\"POS\" datatype=\"char\" arraysize=\"*\" ucd=\"phys.angArea;obs\" value=\"\"/>\n";
    if (plate.collection == Collection::Heidelberg) {
      inputs +=
          "<PARAM name=\"CIRCLE\" datatype=\"double\" arraysize=\"3\" unit=\"deg\" xtype=\"circle\" "
          "ucd=\"pos.outline;obs\" value=\"\"/>\n"
          "<PARAM name=\"POLYGON\" datatype=\"double\" arraysize=\"*\" unit=\"deg\" xtype=\"polygon\" "
          "ucd=\"pos.outline;obs\" value=\"\"/>\n";
    }
    return fmt::format(
        "<RESOURCE ID=\"{}\" type=\"meta\" utype=\"adhoc:service\" name=\"cutouts\">\n"
        "<PARAM name=\"standardID\" datatype=\"char\" arraysize=\"*\" value=\"ivo://ivoa.net/std/SODA#sync-1.0\"/>\n"
        "<PARAM name=\"accessURL\" datatype=\"char\" arraysize=\"*\" ucd=\"meta.ref.url\" value=\"{}/{}/dlget\"/>\n"
        "<GROUP name=\"inputParams\">\n{}</GROUP>\n</RESOURCE>\n",
        service, addresses_.archive, folder_of(plate.collection), inputs);
  }

  const PlateStore& store_;
  const Addresses& addresses_;
  Document document_{
      .infos = {}, .fields = links_fields(), .rows = {}, .closing_infos = {}, .resources = {}, .name = "links"};
};

}  // namespace

Answer DatalinkService::answer(const Request& request, std::string_view folder) const {
  Links links(store_, addresses_);
  for (const auto& id : request.all("ID")) links.add(id, folder);
  return text_answer(200, std::string(kDatalinkType), votable(links.take(), Serialization::Tabledata));
}

}  // namespace platefs::demo
