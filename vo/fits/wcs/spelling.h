// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <string>
#include <vector>

#include "vo/fits/hdu/header.h"

namespace platefs::vo {

/// Spells what a header's WCS descriptions say so that every program reads it, once what does not count is removed
/// (left_overs.h); each pixel stays where it is on the sky.
/// - Exponents are written with E: wcslib 7.12, and so astropy, reads 1.5D2 as 1.5. Cards without a value are removed:
///   it reads some value from a blank LATPOLE.
/// - CTYPE and CUNIT stand in the words of the standard ('ra---tan', 'degrees'); spell_frames (frame.h) does RADESYS.
/// - The linear part is written as a CD matrix in degrees where programs read its own form in different ways: beside a
///   TPV polynomial (wcslib applies that before CDELT, wcstools knows it beside CD alone) and in other units than
///   degrees (wcstools and SExtractor heed no CUNIT).
/// - A PC matrix without CDELT is given CDELT of 1, which wcstools does not take for granted.
/// - PVi_3 and PVi_4 of a TAN are spelled LONPOLE and LATPOLE: wcstools takes every PV of a TAN for SCAMP's.
/// Descriptions that nobody here reads keep their words, but for the exponents. Returns what to tell in HISTORY.
std::vector<std::string> spell_out(FitsHeader& header);

}  // namespace platefs::vo
