// SPDX-License-Identifier: BSD-3-Clause
// How long documents are kept.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>

#include "cache/answers/freshness.h"
#include "cache/store/record.h"
#include "tests/support/store_fixture.h"

namespace platefs::test {
namespace {

constexpr std::int64_t kDay = 86400;

/// Text that can't be compressed.
std::string noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string text(size, ' ');
  for (auto& letter : text) letter = static_cast<char>(random());
  return text;
}

class StoreDocuments : public StoreTest {
 protected:
  void SetUp() override {
    quota = 8 << 20;
    open();
  }
  void keep(const std::string& key, std::string text) {
    store->put_document(key, {std::move(text), false, now, now + 30 * kDay});
    store->commit();
  }
};

TEST_F(StoreDocuments, AreFoundAsTheyWereWhileTheyWaitForTheCommit) {
  const std::string table(100000, 'x');
  store->put_document("plates", {table, false, now, now + kDay});
  store->put_document("none", {{}, true, now, now + kDay});
  store->put_document("gone", {table, false, now, now + kDay});
  store->remove_document("gone");
  EXPECT_EQ(store->document("plates").value().bytes, table);
  EXPECT_EQ(store->document_times("plates").value().fetched_at, now);
  EXPECT_EQ(store->document_times("plates").value().last_use, now);
  EXPECT_TRUE(store->document("none").value().absent);
  EXPECT_FALSE(store->document("gone"));
  EXPECT_FALSE(store->document_times("gone"));
}

TEST_F(StoreDocuments, AMebibyteOfThemAsTheyAreStoredIsCommittedWithoutWaitingForMore) {
  for (int i = 0; i < 10; ++i)
    store->put_document("table " + std::to_string(i), {std::string(1 << 20, 'x'), false, now, now + kDay});
  EXPECT_FALSE(store->is_commit_due());  // they take little
  for (unsigned i = 0; i < 8; ++i)
    store->put_document("picture " + std::to_string(i), {noise(1 << 17, i), false, now, now + kDay});
  EXPECT_TRUE(store->is_commit_due());
  store->commit();
  EXPECT_FALSE(store->is_commit_due());
}

TEST_F(StoreDocuments, TakeAQuarterOfTheQuotaAtTheMostTheLeastRecentlyUsedGoFirst) {
  keep("first", noise(100000, 1));
  keep("used again", noise(100000, 2));
  now += 8 * kDay;
  ASSERT_TRUE(store->document("used again"));
  for (unsigned i = 0; i < 40; ++i) keep("answer " + std::to_string(i), noise(100000, 3 + i));
  EXPECT_LE(store->usage().document_bytes, quota / 4);
  EXPECT_GT(store->usage().document_bytes, quota / 8);
  EXPECT_FALSE(store->document("first"));
  EXPECT_FALSE(store->document("answer 0"));
  EXPECT_EQ(store->document("answer 39")->bytes, noise(100000, 42));
  EXPECT_LE(store->usage().index_bytes, quota / 2);
}

TEST_F(StoreDocuments, OneThatWasUsedStaysLonger) {
  keep("a: used", noise(100000, 1));
  now += kDay;
  keep("b: not used", noise(100000, 2));
  now += 8 * kDay;
  ASSERT_TRUE(store->document("a: used"));
  for (unsigned i = 0; i < 19; ++i) keep("answer " + std::to_string(i), noise(100000, 3 + i));
  EXPECT_FALSE(store->document("b: not used"));
  EXPECT_TRUE(store->document("a: used"));
}

TEST_F(StoreDocuments, AUseIsWrittenOnceAWeek) {
  keep("used", "text");
  now += 8 * kDay;
  ASSERT_TRUE(store->document("used"));
  keep("other", "text");
  EXPECT_EQ(store->document_times("used").value().last_use, now);
  const auto used_at = now;
  now += 6 * kDay;
  ASSERT_TRUE(store->document("used"));
  keep("another", "text");
  EXPECT_EQ(store->document_times("used").value().last_use, used_at);
}

TEST_F(StoreDocuments, LeaveRoomForFiles) {
  for (unsigned i = 0; i < 200; ++i) keep("answer " + std::to_string(i), noise(100000, i));
  const auto info = stored("plate", pattern(3 << 20));
  store->commit();
  EXPECT_EQ(read(info.id, 0, 3 << 20), pattern(3 << 20));
  EXPECT_TRUE(warnings.empty());
  EXPECT_LE(store->usage().bytes + store->usage().index_bytes, quota);
}

TEST_F(StoreDocuments, OneLargerThanItsShareIsNotKept) {
  keep("small", "text");
  keep("huge", noise(3 << 20, 1));
  EXPECT_FALSE(store->document("huge"));
  EXPECT_LE(store->usage().document_bytes, quota / 4);
}

TEST_F(StoreDocuments, ThatNobodyUsedForLongGoWhenTheyAreOutOfDate) {
  keep("old", "text");
  store->put_document("for ever", {"text", false, now, INT64_MAX});
  store->commit();
  now += 200 * kDay;
  keep("new", "text");
  keep("newer", "text");
  EXPECT_FALSE(store->document("old"));
  EXPECT_TRUE(store->document("for ever"));
  EXPECT_TRUE(store->document("new"));
}

TEST_F(StoreDocuments, AreCompressed) {
  std::string table;
  for (int i = 0; i < 20000; ++i) table += "<TD>plate " + std::to_string(i) + "</TD>";
  keep("table", table);
  EXPECT_EQ(store->document("table")->bytes, table);
  EXPECT_LT(store->usage().document_bytes, table.size() / 3);
  keep("empty", "");
  EXPECT_EQ(store->document("empty")->bytes, "");
}

TEST_F(StoreDocuments, AreCountedRightWhenTheyAreReplacedAndRemoved) {
  for (int round = 0; round < 3; ++round) {
    keep("a", noise(50000, 1));
    keep("b", noise(5000, 2));
    keep("a", "short");
  }
  store->remove_document("a");
  store->remove_document("b");
  store->commit();
  EXPECT_EQ(store->usage().document_bytes, 0u);
  EXPECT_EQ(store->usage().documents, 0u);
}

TEST(Record, ADocumentThatClaimsToUnpackToMoreThanItCanIsNone) {
  cache::Document document;
  document.bytes = std::string(100000, 'x');
  auto record = cache::encode(document);
  ASSERT_LT(record.size(), 10000u);
  record = record.substr(0, record.size() - 8);
  record[5] = '\x7f';  // of the size: 2^40 and more
  const auto bytes = std::as_bytes(std::span(record));
  auto checksum = cache::checksum_of(bytes);
  for (int i = 0; i < 8; ++i, checksum >>= 8) record.push_back(static_cast<char>(checksum & 0xff));
  EXPECT_FALSE(cache::decode_document(record));
}

TEST(Freshness, AnAnswerFromTheFutureIsOutOfDate) {
  cache::Freshness options;
  std::int64_t now = 1'700'000'000;
  options.now = [&now] { return now; };
  const cache::Document document{"", false, now, now + 30 * kDay};
  EXPECT_TRUE(options.is_fresh(document));
  now -= 400 * kDay;
  EXPECT_FALSE(options.is_fresh(document));
  now += 400 * kDay + 29 * kDay;
  EXPECT_TRUE(options.is_fresh(document));
}

TEST_F(StoreTest, AClockThatIsSetBackEvictsWhatWasUsedInTheFutureFirst) {
  quota = 4 << 20;
  open();
  stored("in the future", pattern(1 << 20));
  store->commit();
  now -= 400 * kDay;
  for (int i = 0; i < 3; ++i) {
    ++now;
    stored("file " + std::to_string(i), pattern(1 << 20, static_cast<unsigned>(i)));
    store->commit();
  }
  EXPECT_FALSE(store->object("in the future"));
  EXPECT_TRUE(store->object("file 1"));
  EXPECT_TRUE(store->object("file 2"));
}

}  // namespace
}  // namespace platefs::test
