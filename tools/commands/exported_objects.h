// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

#include "tools/commands/export.h"
#include "vo/http/s3_bucket.h"

namespace platefs::tools {

/// Objects of an S3 bucket, named as the files that ExportedDirectory writes. Each is sent from the cache in one
/// request of known length (at most 5 GiB), with its SHA-256, which the service tests. The manifest is an object as
/// well: written at the beginning, which shows that the bucket can be written before an archive is asked, now and then,
/// and in the end. What it tells of is not sent again.
class ExportedObjects final : public Export {
 public:
  /// `prefix` ends in '/' or is empty; `manifest` is the name of that below it. Throws as S3Bucket.
  ExportedObjects(vo::S3Bucket bucket, std::string prefix, const std::string& manifest);

  /// The manifest tells of it, and the cache knows no other version.
  bool has(const FetchJob& job, const cache::ProductFacts& facts) override;
  void deliver(const FetchJob& job, cache::OpenFile& file, const cache::Product& product) override;
  void failed(const FetchJob& job, const std::string& error) override;
  /// One that is there already is left alone.
  void write(const std::string& path, std::string_view text) override;
  void finish(bool is_complete) override;
  /// What is being sent is given up within a second; the manifest is written all the same, with the service's patience.
  void stop() noexcept override { stop_.request_stop(); }

 private:
  void add(ManifestEntry entry);
  void put_manifest();

  vo::S3Bucket bucket_;
  std::string prefix_, manifest_;
  std::stop_source stop_;
  std::mutex putting_;  ///< one manifest at a time, taken before `mutex_`
  std::mutex mutex_;
  std::map<std::string, ManifestEntry> entries_;       ///< by path; under `mutex_`
  std::chrono::steady_clock::time_point put_at_ = {};  ///< under `mutex_`
};

}  // namespace platefs::tools
