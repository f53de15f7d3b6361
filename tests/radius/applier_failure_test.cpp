// What the applier does when records cannot be applied, or when the database cannot work.
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <fstream>

#include "tests/radius/applier_world.h"
#include "tests/support/throws.h"

namespace gardu::radius {
namespace {

using gardu::test::Backend;
using gardu::test::MariaDbServer;
using gardu::test::throws;
using test::Acct;
using test::ApplierWorld;
using test::at;
using test::recordOf;

std::string idOf(int number) {
    return "8150" + std::to_string(1'000 + number);
}

}  // namespace

class ApplierFailureTest : public test::ApplierDatabaseTest {
    CPPUNIT_TEST_SUITE(ApplierFailureTest);
    CPPUNIT_TEST(packetsBeforeTheDatabaseCameBack);
    CPPUNIT_TEST(databaseThatCannotWriteSetsNothingAside);
    CPPUNIT_TEST(whatCannotBeReadIsSetAside);
    CPPUNIT_TEST(databaseOutOfReach);
    CPPUNIT_TEST(databaseStopsAndStarts);
    CPPUNIT_TEST_SUITE_END();

public:
    // The same, found out only when packets have been acknowledged under numbers that the database has seen.
    void packetsBeforeTheDatabaseCameBack() {
        const std::string url = noDatabaseYet();
        ApplierWorld late(url, journal(), settings());
        late.applier().load();
        send({{.status = AcctStatus::Start}});
        makeDatabase(url);
        core::Db other(url);
        other.transact([](core::Tx& tx) { setHighWaterMark(tx, test::kJournalId, 1'000, at(0)); });
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, late.apply(0));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, other.read(countOpenSessions));
        send({{.status = AcctStatus::Start, .id = "81500009"}});
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1'001}, journal().status().lastSequence);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, late.apply(0));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, other.read(countOpenSessions));
    }

    // Full, or read-only: no record is to blame, however few of them are tried at once.
    void databaseThatCannotWriteSetsNothingAside() {
        std::vector<Acct> starts;
        starts.reserve(300);
        for (int i = 0; i < 300; ++i) {
            starts.push_back({.status = AcctStatus::Start, .id = idOf(i)});
        }
        send(starts);
        world().apply(0);
        for (Acct& start : starts) {
            start.status = AcctStatus::Stop;
            start.second = 60;
        }
        send(starts);
        allowWriting(false);
        CPPUNIT_ASSERT(throws<core::DbUnusable>([&] { world().apply(60); }));
        allowWriting(true);
        CPPUNIT_ASSERT(quarantine().empty());
        CPPUNIT_ASSERT_EQUAL(std::size_t{300}, world().apply(60));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, db().read(countOpenSessions));
    }

    void whatCannotBeReadIsSetAside() {
        JournaledPacket noPacket;
        noPacket.nasKey = "nas-1";
        noPacket.octets = core::fromHex("04010014").value();
        const std::vector<core::Bytes> records = {core::fromHex("fffe").value(),
                                                  recordOf({.status = AcctStatus::Start}),
                                                  encodeRecord(noPacket), recordOf({.user = ""})};
        journal().append(records);
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, world().apply(0));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, allSessions().size());
        std::string aside;
        for (const QuarantinedPacket& packet : quarantine()) {
            aside += std::to_string(packet.sequence) + " " + packet.reason + " " + packet.detail + "\n";
        }
        CPPUNIT_ASSERT_EQUAL(std::string("4 undecodable user_name_missing\n3 undecodable too_short\n"
                                         "1 undecodable a record of no version that this program knows\n"),
                             aside);
        CPPUNIT_ASSERT_EQUAL(std::string("fffe"), quarantine().back().packet);
    }

    void databaseOutOfReach() {
        const std::string url = noDatabaseYet();
        ApplierWorld away(url, journal(), settings());
        send({{.status = AcctStatus::Start}, {.second = 300, .time = 300, .octets = 5}});
        away.applier().load();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, away.registry().size());
        CPPUNIT_ASSERT(throws<core::DbError>([&] { return away.applier().applyBatch(at(400)); }));
        CPPUNIT_ASSERT(throws<core::DbError>([&] { away.applier().keepHouse(at(400)); }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, journal().status().records);
        CPPUNIT_ASSERT_EQUAL(100.0, away.metrics().gauge("gardu_journal_oldest_seconds", "").value() - 300.0);
        makeDatabase(url);
        core::Db other(url);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, away.apply(500));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, other.read(countOpenSessions));
        CPPUNIT_ASSERT_EQUAL(0.0, away.metrics().gauge("gardu_journal_oldest_seconds", "").value());
    }

    void databaseStopsAndStarts() {
        if (backend() != Backend::MariaDb) {
            return;
        }
        send({{.status = AcctStatus::Start}});
        world().apply(0);
        MariaDbServer::shared().stop();
        send({{.second = 300, .time = 300, .octets = 5}});
        CPPUNIT_ASSERT(throws<core::DbError>([&] { world().apply(300); }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, journal().status().records);
        MariaDbServer::shared().start();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world().apply(301));
        CPPUNIT_ASSERT_EQUAL(std::string("81500001 bob live 0-300 5/50\n"), told());
        CPPUNIT_ASSERT(quarantine().empty());
    }

private:
    void allowWriting(bool isAllowed) {
        if (backend() == Backend::MariaDb) {
            MariaDbServer::shared().administer(isAllowed ? "SET GLOBAL read_only = 0"
                                                         : "SET GLOBAL read_only = 1");
            return;
        }
        world().db().read(
            [&](core::Tx& tx) { tx.execute(isAllowed ? "PRAGMA query_only = 0" : "PRAGMA query_only = 1"); });
    }

    /// The URL of a file that is no database.
    std::string noDatabaseYet() {
        std::ofstream(folder().file("other.db")) << std::string(10'000, 'x');
        return "sqlite:" + folder().file("other.db");
    }

    void makeDatabase(const std::string& url) {
        std::filesystem::remove(folder().file("other.db"));
        core::Db made(url);
        core::migrate(made, at(0));
    }

    double counter(const std::string& name) { return world().metrics().counter(name, "").value(); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnSqlite<ApplierFailureTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnMariaDb<ApplierFailureTest>);

}  // namespace gardu::radius
