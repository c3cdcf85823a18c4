// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <limits>

#include "vo/votable/votable.h"

namespace platefs::vo {
namespace {

TEST(TextOf, WritesEachKindOfValue) {
  EXPECT_EQ(text_of(VotableValue{}), "");
  EXPECT_EQ(text_of(VotableValue{true}), "true");
  EXPECT_EQ(text_of(VotableValue{std::int64_t{-5}}), "-5");
  EXPECT_EQ(text_of(VotableValue{0.1F}), "0.1");
  EXPECT_EQ(text_of(VotableValue{48.14753874736}), "48.14753874736");
  EXPECT_EQ(text_of(VotableValue{std::string{"i00811"}}), "i00811");
}

TEST(NumberOf, MeansTheDecimalsOfAFloat) { EXPECT_EQ(number_of(VotableValue{0.1F}), 0.1); }

TEST(NumberOf, IsReadFromTextToo) {
  EXPECT_EQ(number_of(VotableValue{std::string{"12.5"}}), 12.5);
  EXPECT_EQ(number_of(VotableValue{std::string{"about 12"}}), std::nullopt);
}

TEST(NumberOf, IsNothingForNullsAndNaN) {
  EXPECT_EQ(number_of(VotableValue{}), std::nullopt);
  EXPECT_EQ(number_of(VotableValue{true}), std::nullopt);
  EXPECT_EQ(number_of(VotableValue{std::numeric_limits<double>::quiet_NaN()}), std::nullopt);
}

TEST(IntegerOf, TakesWholeNumbersInEveryForm) {
  EXPECT_EQ(integer_of(VotableValue{std::int64_t{1276683840}}), 1276683840);
  EXPECT_EQ(integer_of(VotableValue{1276683840.0}), 1276683840);
  EXPECT_EQ(integer_of(VotableValue{std::string{"1276683840"}}), 1276683840);
  EXPECT_EQ(integer_of(VotableValue{std::string{"1.5e3"}}), 1500);
}

TEST(IntegerOf, IsNothingForFractionsAndForWhatDoesNotFit) {
  EXPECT_EQ(integer_of(VotableValue{1.5}), std::nullopt);
  EXPECT_EQ(integer_of(VotableValue{1e19}), std::nullopt);
  EXPECT_EQ(integer_of(VotableValue{std::numeric_limits<double>::infinity()}), std::nullopt);
}

Votable with_fields(std::vector<VotableField> fields) {
  Votable votable;
  votable.fields = std::move(fields);
  return votable;
}

VotableField named(std::string name, std::string utype = {}) {
  VotableField field;
  field.name = std::move(name);
  field.utype = std::move(utype);
  return field;
}

TEST(Column, IsFoundByNameInAnyCase) {
  const auto votable = with_fields({named("S_RA"), named("Access_URL")});
  EXPECT_EQ(votable.column("access_url"), 1);
  EXPECT_EQ(votable.column("s_dec"), -1);
}

TEST(Column, IsFoundByTheEndOfItsUtypeWhereTheNameIsAnother) {
  const auto votable = with_fields({named("format", "obscore:access.format")});
  EXPECT_EQ(votable.column("access_format", "Access.Format"), 0);
  EXPECT_EQ(votable.column("access_format"), -1);
}

TEST(Column, GoesByNameBeforeUtype) {
  const auto votable = with_fields({named("other", "obscore:Access.Format"), named("access_format")});
  EXPECT_EQ(votable.column("access_format", "Access.Format"), 1);
}

TEST(ServiceDescriptor, IsOfAStandardInAnyCaseAndVersion) {
  ServiceDescriptor service;
  service.standard_id = "ivo://ivoa.net/std/soda#sync-1.0";
  EXPECT_TRUE(service.is("ivo://ivoa.net/std/SODA#sync"));
  EXPECT_FALSE(service.is("ivo://ivoa.net/std/SODA#async"));
  EXPECT_FALSE(service.is("ivo://ivoa.net/std/DataLink#links"));
}

TEST(ServiceDescriptor, FindsAnInputInAnyCase) {
  ServiceDescriptor service;
  service.inputs = {named("Pos")};
  EXPECT_EQ(service.input("POS"), &service.inputs[0]);
  EXPECT_EQ(service.input("CIRCLE"), nullptr);
}

}  // namespace
}  // namespace platefs::vo
