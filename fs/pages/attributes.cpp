// SPDX-License-Identifier: BSD-3-Clause
#include "fs/pages/attributes.h"

#include <algorithm>
#include <cmath>

#include "fs/tree/target.h"
#include "vo/base/mjd.h"

namespace platefs::fs {
namespace {

constexpr double kLong = 3600.0;
constexpr double kVersionMayChange = 60.0;
/// Ten thousand years: a date further away is a mistake, and a number that tools fail on.
constexpr double kFarthestSeconds = 3.2e11;

}  // namespace

Attributes AttributePolicy::of(const Node& node, std::uint64_t inode) const {
  Attributes attributes;
  auto& stat = attributes.stat;
  stat.st_ino = inode;
  stat.st_uid = ownership_.uid;
  stat.st_gid = ownership_.gid;
  stat.st_blksize = 128 * 1024;
  if (node.is_directory()) {
    describe_directory(node, attributes);
  } else if (node.kind == NodeKind::Symlink) {
    describe_link(node, attributes);
  } else if (node.kind == NodeKind::Document) {
    describe_document(node, attributes);
  } else {
    describe_file(node, attributes);
  }
  return attributes;
}

std::int64_t AttributePolicy::time_of(const Node& node) const {
  return time_of(node, node.product ? node.product->facts().fetched_at : 0);
}

// The observation's beginning, if known: `ls -lt` and `find -newermt` then select by epoch.
std::int64_t AttributePolicy::time_of(const Node& node, std::int64_t fetched_at) const {
  const bool has_date = node.plate && node.plate->plate().t_min && !ownership_.mtime_is_fetch_time;
  if (!has_date) return fetched_at != 0 ? fetched_at : ownership_.mounted_at;
  const double since_epoch = vo::unix_seconds(*node.plate->plate().t_min);
  return std::llround(std::clamp(since_epoch, -kFarthestSeconds, kFarthestSeconds));
}

void AttributePolicy::set_time(const Node& node, std::int64_t fetched_at, struct stat& stat) const {
  for (auto* time : {&stat.st_mtim, &stat.st_ctim, &stat.st_atim}) *time = {time_of(node, fetched_at), 0};
}

void AttributePolicy::describe_directory(const Node& node, Attributes& attributes) const {
  attributes.stat.st_mode = S_IFDIR | 0555;
  attributes.stat.st_nlink = 1;  // not counted; 2 would mean that there are no subdirectories
  attributes.stat.st_size = 4096;
  set_time(node, 0, attributes.stat);
  attributes.attribute_timeout = attributes.entry_timeout = kLong;
}

void AttributePolicy::describe_link(const Node& node, Attributes& attributes) const {
  attributes.stat.st_mode = S_IFLNK | 0777;
  attributes.stat.st_nlink = 1;
  attributes.stat.st_size = static_cast<off_t>(node.link.size());
  set_time(node, 0, attributes.stat);
  attributes.attribute_timeout = attributes.entry_timeout = kLong;
}

void AttributePolicy::describe_document(const Node& node, Attributes& attributes) const {
  const auto size = documents_.size(node);
  attributes.stat.st_mode = S_IFREG | 0444;
  attributes.stat.st_nlink = 1;
  attributes.stat.st_size = static_cast<off_t>(size);
  attributes.stat.st_blocks = static_cast<blkcnt_t>((size + 511) / 512);
  set_time(node, 0, attributes.stat);
  // Its text may change with the next answer or failure.
  attributes.attribute_timeout = 0;
  attributes.entry_timeout = node.document == DocumentKind::Errors ? 0 : kVersionMayChange;
}

void AttributePolicy::describe_file(const Node& node, Attributes& attributes) const {
  const auto facts = node.product->facts();
  attributes.stat.st_mode = S_IFREG | 0444;
  const bool has_second_name =
      node.product_kind == cache::ProductKind::Cutout || node.product_kind == cache::ProductKind::Preview;
  attributes.stat.st_nlink = has_second_name ? 2 : 1;
  const auto stand_in = documents_.placeholder(node, facts);
  const auto shown = stand_in ? stand_in->size() : facts.size.value_or(std::max<std::uint64_t>(facts.estimate, 2880));
  attributes.stat.st_size = static_cast<off_t>(shown);
  attributes.stat.st_blocks = static_cast<blkcnt_t>((facts.held_bytes + 511) / 512);
  set_time(node, facts.fetched_at, attributes.stat);
  // st_blocks may lag behind what is being fetched; sizes never do.
  attributes.attribute_timeout = facts.size ? kVersionMayChange : 0;
  attributes.entry_timeout = kVersionMayChange;
}

}  // namespace platefs::fs
