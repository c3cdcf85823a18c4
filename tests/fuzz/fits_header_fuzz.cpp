// SPDX-License-Identifier: BSD-3-Clause
// Headers of a stranger's file: finding the image, reading its coordinates and cutting must either
// succeed or throw vo::Error.

#include <cstddef>
#include <cstdint>
#include <span>

#include "vo/base/error.h"
#include "vo/fits/cutout.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace platefs::vo;
  const Cone cone{IcrsPosition::at(Angle::degrees(156.011), Angle::degrees(48.148)), Angle::degrees(0.02)};
  MemoryFitsSource source{std::as_bytes(std::span{data, size})};
  try {
    const auto cutout = cut(source, cone, {});
    MemoryFitsSource again{cutout.file};
    check_cutout(again, cone.centre);
  } catch (const Error&) {
    // an answer like any other
  }
  return 0;
}
