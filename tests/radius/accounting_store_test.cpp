#include "radius/accounting_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include "tests/support/database_suite.h"

namespace gardu::radius {
namespace {

using core::Tx;
using gardu::test::kDatabaseMadeAt;

const std::string kJournal = "018f9d2e-0000-7000-8000-00000000000a";
const std::string kOtherJournal = "018f9d2e-0000-7000-8000-00000000000b";

NasBoot bootOf(const std::string& key) {
    NasBoot boot;
    boot.nasKey = key;
    boot.bootDigit = "5";
    boot.digitSeenAt = kDatabaseMadeAt;
    boot.heardAt = kDatabaseMadeAt + core::Milliseconds(1);
    boot.returnedAt = kDatabaseMadeAt + core::Milliseconds(2);
    return boot;
}

QuarantinedPacket packetOf(std::int64_t sequence) {
    QuarantinedPacket packet;
    packet.journalId = kJournal;
    packet.sequence = sequence;
    packet.receivedAt = kDatabaseMadeAt;
    packet.nasKey = "nas-1";
    packet.username = "bob";
    packet.reason = "refused";
    packet.detail = "why";
    packet.packet = "04ff";
    return packet;
}

}  // namespace

class AccountingStoreTest : public gardu::test::DatabaseTest {
    CPPUNIT_TEST_SUITE(AccountingStoreTest);
    CPPUNIT_TEST(markOfEachJournal);
    CPPUNIT_TEST(bootsOfNases);
    CPPUNIT_TEST(manyBoots);
    CPPUNIT_TEST(quarantineNewestFirst);
    CPPUNIT_TEST(quarantinedOnce);
    CPPUNIT_TEST(quarantineTakesAnyWords);
    CPPUNIT_TEST(quarantineIsBounded);
    CPPUNIT_TEST_SUITE_END();

public:
    void markOfEachJournal() {
        db().transact([](Tx& tx) {
            CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, lockHighWaterMark(tx, kJournal));
            setHighWaterMark(tx, kJournal, 17, kDatabaseMadeAt);
            setHighWaterMark(tx, kOtherJournal, 1, kDatabaseMadeAt);
            setHighWaterMark(tx, kJournal, 18, kDatabaseMadeAt);
        });
        db().transact(
            [](Tx& tx) { CPPUNIT_ASSERT_EQUAL(std::int64_t{18}, lockHighWaterMark(tx, kJournal)); });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{18}, mark(kJournal));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, mark(kOtherJournal));
    }

    void bootsOfNases() {
        const NasBoot unknown = bootOf("nas-1");
        NasBoot known = bootOf("nas-2@192.0.2.1");
        known.bootedAt = kDatabaseMadeAt + core::Milliseconds(3);
        put({&unknown, &known});
        CPPUNIT_ASSERT(find({"nas-2@192.0.2.1", "nas-3"}) == std::vector<NasBoot>{known});
        CPPUNIT_ASSERT(find({"nas-1"}) == std::vector<NasBoot>{unknown});
        NasBoot later = unknown;
        later.bootDigit = "6";
        put({&later});
        CPPUNIT_ASSERT(find({"nas-1"}) == std::vector<NasBoot>{later});
        CPPUNIT_ASSERT(find({}).empty());
    }

    void manyBoots() {
        std::vector<NasBoot> boots;
        std::vector<const NasBoot*> pointers;
        std::vector<std::string> keys;
        for (int i = 0; i < 1'100; ++i) {
            keys.push_back("nas-" + std::to_string(i));
            boots.push_back(bootOf(keys.back()));
        }
        pointers.reserve(boots.size());
        for (const NasBoot& boot : boots) {
            pointers.push_back(&boot);
        }
        put(pointers);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1'100}, find(keys).size());
    }

    void quarantineNewestFirst() {
        add({packetOf(5), packetOf(6), packetOf(7)});
        const auto list = db().read([](Tx& tx) { return listQuarantined(tx, 2); });
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, list.size());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{7}, list[0].sequence);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{6}, list[1].sequence);
        CPPUNIT_ASSERT_EQUAL(kJournal + " nas-1 bob refused why 04ff",
                             list[0].journalId + " " + list[0].nasKey + " " + list[0].username + " " +
                                 list[0].reason + " " + list[0].detail + " " + list[0].packet);
        CPPUNIT_ASSERT(list[0].receivedAt == kDatabaseMadeAt);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, db().read(countQuarantined));
    }

    // A journal that is applied again must not stop at what was set aside the first time.
    void quarantinedOnce() {
        add({packetOf(5)});
        add({packetOf(5), packetOf(6)});
        QuarantinedPacket other = packetOf(5);
        other.journalId = kOtherJournal;
        add({other});
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, db().read(countQuarantined));
    }

    void quarantineTakesAnyWords() {
        QuarantinedPacket packet = packetOf(1);
        packet.detail = std::string("a\0b\xff\n", 5) + std::string(2'000, 'x');
        packet.packet = std::string(9'000, 'f');
        add({packet});
        const auto list = db().read([](Tx& tx) { return listQuarantined(tx, 1); });
        CPPUNIT_ASSERT_EQUAL("a\\x00b\\xff\\x0a" + std::string(969, 'x') + "~754d96bc42d4d995",
                             list.at(0).detail);
        CPPUNIT_ASSERT_EQUAL(std::size_t{8'200}, list.at(0).packet.size());
    }

    void quarantineIsBounded() {
        for (int i = 1; i <= 10; ++i) {
            add({packetOf(i)});
        }
        db().transact([](Tx& tx) { pruneQuarantined(tx, 3); });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, db().read(countQuarantined));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{10},
                             db().read([](Tx& tx) { return listQuarantined(tx, 1); }).at(0).sequence);
        db().transact([](Tx& tx) { tx.execute("DELETE FROM accounting_quarantine"); });
        db().transact([](Tx& tx) { pruneQuarantined(tx, 3); });
    }

private:
    std::int64_t mark(const std::string& journal) {
        return db().read([&](Tx& tx) { return highWaterMark(tx, journal); });
    }
    void put(const std::vector<const NasBoot*>& boots) {
        db().transact([&](Tx& tx) { putBoots(tx, boots); });
    }
    std::vector<NasBoot> find(const std::vector<std::string>& keys) {
        return db().read([&](Tx& tx) { return findBoots(tx, keys); });
    }
    void add(const std::vector<QuarantinedPacket>& packets) {
        db().transact([&](Tx& tx) { addQuarantined(tx, packets); });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnSqlite<AccountingStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnMariaDb<AccountingStoreTest>);

}  // namespace gardu::radius
