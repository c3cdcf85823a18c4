// SPDX-License-Identifier: BSD-3-Clause
#include "vo/fits/pictures/shades.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace platefs::vo {
namespace {

constexpr int kSize = 240;

/// Grain around a level, on which stars and faults are drawn.
class Emulsion {
 public:
  Emulsion(double sky, double noise, unsigned seed = 1) : noise_(noise), values_(kSize * kSize) {
    std::mt19937 engine(seed);
    std::normal_distribution<double> grain(sky, noise);
    for (auto& value : values_) value = static_cast<float>(grain(engine));
  }
  Emulsion& star(int x, int y, double height) {
    for (int v = -8; v <= 8; ++v) {
      for (int u = -8; u <= 8; ++u) add(x + u, y + v, height * noise_ * std::exp(-(u * u + v * v) / 8.0));
    }
    return *this;
  }
  Emulsion& stars(int count, double height) {
    for (int i = 0; i < count; ++i) star(20 + 37 * i % 200, 20 + 61 * i % 200, height);
    return *this;
  }
  Emulsion& scratch(int x, int y, int du, int dv, int length, double height) {
    for (int i = 0; i < length; ++i) {
      for (int wide = 0; wide < 3; ++wide) add(x + i * du, y + i * dv + wide, height * noise_);
    }
    return *this;
  }
  Emulsion& gradient(double height) {
    for (int y = 0; y < kSize; ++y) {
      for (int x = 0; x < kSize; ++x) add(x, y, height * noise_ * x / kSize);
    }
    return *this;
  }
  Emulsion& empty(int from_row) {
    for (std::size_t i = static_cast<std::size_t>(from_row * kSize); i < values_.size(); ++i) {
      values_[i] = std::numeric_limits<float>::quiet_NaN();
    }
    return *this;
  }
  const std::vector<float>& values() const { return values_; }
  Sky sky() const { return sky_of(values_, kSize); }

 private:
  void add(int x, int y, double value) {
    if (x >= 0 && y >= 0 && x < kSize && y < kSize)
      values_[static_cast<std::size_t>(y * kSize + x)] += static_cast<float>(value);
  }
  double noise_;
  std::vector<float> values_;
};

TEST(Sky, IsMeasuredBesideStars) {
  const auto sky = Emulsion{20000, 500}.stars(40, -20).sky();
  EXPECT_NEAR(sky.median, 20000, 50);
  EXPECT_NEAR(sky.noise, 500, 40);
}

TEST(Sky, OfAGradientHasTheNoiseOfTheGrain) { EXPECT_NEAR((Emulsion{20000, 500}.gradient(10).sky().noise), 500, 60); }

TEST(Polarity, IsTheSideOfTheStars) {
  EXPECT_EQ((Emulsion{20000, 500}.stars(12, -15).sky().polarity), Polarity::StarsAreDark);
  EXPECT_EQ((Emulsion{20000, 500}.stars(12, 15).sky().polarity), Polarity::StarsAreBright);
}

TEST(Polarity, IsTheArchivesWordWhereNoStarTells) {
  const auto blank = Emulsion{20000, 500};
  for (const auto told : {Polarity::StarsAreBright, Polarity::StarsAreDark}) {
    EXPECT_EQ(sky_of(blank.values(), kSize, 1, told).polarity, told);
    EXPECT_FALSE(sky_of(blank.values(), kSize, 1, told).has_stars);
    const auto field = Emulsion{20000, 500}.stars(12, -15);
    EXPECT_EQ(sky_of(field.values(), kSize, 1, told).polarity, Polarity::StarsAreDark);
    EXPECT_TRUE(sky_of(field.values(), kSize, 1, told).has_stars);
  }
}

TEST(Polarity, IsNotClearWhereBothSidesHaveAsMuch) {
  const auto both = Emulsion{20000, 500}
                        .stars(6, 15)
                        .star(30, 110, -15)
                        .star(70, 110, -15)
                        .star(110, 110, -15)
                        .star(150, 110, -15)
                        .star(190, 110, -15);
  EXPECT_FALSE(both.sky().has_stars);
}

TEST(Polarity, IsNamedByArchivesInTheirWords) {
  EXPECT_EQ(polarity_named("Negative"), Polarity::StarsAreDark);
  EXPECT_EQ(polarity_named("stars dark"), Polarity::StarsAreDark);
  EXPECT_EQ(polarity_named("POSITIVE"), Polarity::StarsAreBright);
  EXPECT_EQ(polarity_named(""), std::nullopt);
  EXPECT_EQ(polarity_named("1"), std::nullopt);
}

TEST(Polarity, OfFewFaintStarsIsTheirs) {
  EXPECT_EQ((Emulsion{100, 3}.stars(3, 8).sky().polarity), Polarity::StarsAreBright);
  EXPECT_EQ((Emulsion{100, 3}.stars(3, -8).sky().polarity), Polarity::StarsAreDark);
}

TEST(Polarity, IsNotThatOfScratchesGradientsOrThePlatesEdge) {
  for (const double sense : {1.0, -1.0}) {
    const auto expected = sense > 0 ? Polarity::StarsAreBright : Polarity::StarsAreDark;
    auto plate = Emulsion{20000, 500}.stars(8, sense * 10);
    plate.scratch(5, 30, 1, 1, 180, -sense * 40).scratch(10, 200, 1, 0, 220, -sense * 40).gradient(-sense * 40);
    EXPECT_EQ(plate.sky().polarity, expected);
    EXPECT_EQ(plate.scratch(0, 0, 1, 0, 240, -sense * 60).empty(180).sky().polarity, expected);
  }
}

TEST(Polarity, OfStarsThatAreLargeInThePictureIsTheirs) {
  for (const double sense : {1.0, -1.0}) {
    const auto plate = Emulsion{20000, 500}.stars(12, sense * 15);
    std::vector<float> larger;  // 5 x 5 pixels for each of a quarter of the plate
    constexpr int kLarge = kSize / 2 * 5;
    for (int i = 0; i < kLarge * kLarge; ++i) {
      larger.push_back(plate.values()[static_cast<std::size_t>(i / kLarge / 5 * kSize + i % kLarge / 5)]);
    }
    EXPECT_EQ(sky_of(larger, kLarge, 5).polarity, sense > 0 ? Polarity::StarsAreBright : Polarity::StarsAreDark);
  }
}

TEST(Polarity, OfAnEmptyFieldIsANegatives) {
  EXPECT_EQ((Emulsion{20000, 500}.sky().polarity), Polarity::StarsAreDark);
  EXPECT_EQ(sky_of(std::vector<float>(kSize * kSize, 7.0F), kSize).polarity, Polarity::StarsAreDark);
}

TEST(Shades, AreTheSameForNegativeAndPositiveOfOnePlate) {
  const auto negative = Emulsion{20000, 500}.stars(12, -15);
  std::vector<float> turned;
  for (const float value : negative.values()) turned.push_back(40000 - value);
  const auto a = shades_of(negative.values(), negative.sky()), b = shades_of(turned, sky_of(turned, kSize));
  int different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) different += std::abs(int{*a[i]} - int{*b[i]}) > 2;
  EXPECT_EQ(different, 0);
}

TEST(Shades, OfTheSkyAreAlikeOnPlatesOfEveryScaleAndLevel) {
  const auto mean_of = [](const Emulsion& plate) {
    double sum = 0;
    for (const auto& shade : shades_of(plate.values(), plate.sky())) sum += *shade;
    return sum / (kSize * kSize);
  };
  const double first = mean_of(Emulsion{20000, 500}.stars(12, -30));
  EXPECT_NEAR(mean_of(Emulsion{120, 4, 2}.stars(12, -30)), first, 6);
  EXPECT_NEAR(mean_of(Emulsion{0.3, 0.01, 3}.stars(12, 30)), first, 6);
}

TEST(Shades, OfABrightStarAreFullAndOfUndefinedValuesNone) {
  auto plate = Emulsion{20000, 500}.stars(12, -15).star(120, 120, -80).empty(200);
  const auto shades = shades_of(plate.values(), plate.sky());
  EXPECT_EQ(shades[120 * kSize + 120], 255);
  EXPECT_FALSE(shades[210 * kSize + 120].has_value());
}

TEST(Shades, OfOneNumberAllOverAreEven) {
  const std::vector<float> flat(kSize * kSize, 7.0F);
  const auto shades = shades_of(flat, sky_of(flat, kSize));
  EXPECT_EQ(shades.front(), shades.back());
}

}  // namespace
}  // namespace platefs::vo
