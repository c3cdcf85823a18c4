// SPDX-License-Identifier: BSD-3-Clause
#include "tools/commands/plate_table.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "tools/cli/version.h"
#include "vo/base/error.h"
#include "vo/tables/batched_table.h"
#include "vo/votable/writer.h"

namespace platefs::tools {
namespace {

using vo::Error;
using vo::ErrorKind;

/// Takes the rows of a table that has our columns.
class KnownRows final : public vo::RowReceiver {
 public:
  void begin(const vo::FieldList& fields) override {
    vo::Votable named;
    named.fields = fields;
    places_.clear();
    for (const auto& field : plate_fields()) {
      places_.push_back(named.column(field.name));
      if (places_.back() < 0) {
        throw Error{
            ErrorKind::Rejected,
            fmt::format("it is a table that was not made by this command (no column {}): name another file by -o",
                        field.name)};
      }
    }
  }
  void take(vo::VotableRows batch) override {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      PlateRow row;
      for (const auto place : places_) row.push_back(vo::value_of(batch.cell(i, static_cast<std::size_t>(place))));
      auto url = vo::text_of(row[plate_field("access_url")]);
      rows[std::move(url)].push_back(std::move(row));
    }
  }
  PlateRows rows;

 private:
  std::vector<int> places_;
};

[[noreturn]] void failed_to_write(const std::string& file) {
  const auto kind = errno == ENOSPC || errno == EDQUOT ? ErrorKind::NoSpace : ErrorKind::LocalIo;
  throw Error{kind, fmt::format("writing {}: {}", file, std::strerror(errno))};
}

void write_whole(int fd, std::string_view bytes, const std::string& file) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) failed_to_write(file);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

vo::VotableDocument document_of(const PlateRows& plates) {
  vo::VotableDocument document;
  document.table_name = "plates";
  document.description = "Photographic plates by the headers of their scans";
  document.infos.push_back({"creator", fmt::format("platefs {}", version()), ""});
  document.fields = plate_fields();
  document.keeps_declarations = true;
  for (const auto& [url, rows] : plates) {
    for (const auto& row : rows) document.rows.push_back(row);
  }
  return document;
}

}  // namespace

PlateRows read_plate_table(const std::filesystem::path& file) {
  std::ifstream stream{file, std::ios::binary};
  if (!stream) {
    if (errno == ENOENT) return {};
    throw Error{ErrorKind::Rejected, fmt::format("{}: {}", file.string(), std::strerror(errno))};
  }
  std::ostringstream content;
  content << stream.rdbuf();
  if (content.view().empty()) return {};
  KnownRows known;
  try {
    vo::read_table_in_batches(content.view(), known);
  } catch (const Error& error) {
    throw Error{ErrorKind::Rejected,
                fmt::format("{} is there already and can't be gone on with: {}", file.string(), error.message())};
  }
  return std::move(known.rows);
}

std::string version_of_rows(const std::vector<PlateRow>& rows) {
  return rows.empty() ? std::string{} : vo::text_of(rows.front()[plate_field("file_version")]);
}

void write_plate_table(const std::filesystem::path& file, const PlateRows& rows) {
  const auto text = vo::votable_text(document_of(rows));
  auto name = file.string() + ".XXXXXX";
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) failed_to_write(file.string());
  try {
    // As a new file of the user's would be: it is for a web server to read.
    const auto mask = ::umask(0);
    ::umask(mask);
    if (::fchmod(fd, 0666 & ~mask) != 0) failed_to_write(file.string());
    write_whole(fd, text, file.string());
    if (::fsync(fd) != 0) failed_to_write(file.string());
    if (::rename(name.c_str(), file.c_str()) != 0) failed_to_write(file.string());
    ::close(fd);
  } catch (...) {
    ::close(fd);
    ::unlink(name.c_str());
    throw;
  }
}

}  // namespace platefs::tools
