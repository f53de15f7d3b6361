// Records that the database refuses: those that are to blame are set aside, and no others.
#include <cppunit/extensions/HelperMacros.h>

#include "tests/radius/applier_world.h"
#include "tests/support/throws.h"

namespace gardu::radius {
namespace {

using gardu::test::Backend;
using gardu::test::throws;
using test::Acct;
using test::at;
using test::recordOf;

std::string idOf(int number) {
    return "8150" + std::to_string(1'000 + number);
}

}  // namespace

class ApplierRefusedTest : public test::ApplierDatabaseTest {
    CPPUNIT_TEST_SUITE(ApplierRefusedTest);
    CPPUNIT_TEST(refusedRecordsAreSetAside);
    CPPUNIT_TEST(manyRefusedRecordsNeverBlock);
    CPPUNIT_TEST(onlyRefusedRecordsWaitForAnotherOne);
    CPPUNIT_TEST(aFailingTableSetsNothingAside);
    CPPUNIT_TEST_SUITE_END();

public:
    void refusedRecordsAreSetAside() {
        refuseUser("poison");
        std::vector<Acct> starts;
        for (int i = 0; i < 1'500; ++i) {
            const bool isPoison = i == 0 || i == 700 || i == 701 || i == 1'499;
            starts.push_back(
                {.status = AcctStatus::Start, .id = idOf(i), .user = isPoison ? "poison" : "bob"});
        }
        send(starts);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1'500}, world().apply(0));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1'496}, allSessions().size());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1'500}, mark());
        std::string aside;
        for (const QuarantinedPacket& packet : quarantine()) {
            aside += std::to_string(packet.sequence) + " " + packet.reason + " " + packet.username + " " +
                     packet.nasKey + "\n";
        }
        CPPUNIT_ASSERT_EQUAL(std::string("1500 refused poison nas-1\n702 refused poison nas-1\n"
                                         "701 refused poison nas-1\n1 refused poison nas-1\n"),
                             aside);
        const auto record = decodeRecord(recordOf(starts.back()));
        CPPUNIT_ASSERT_EQUAL(core::toHex(std::get<JournaledPacket>(record.value()).octets),
                             quarantine().front().packet);
        CPPUNIT_ASSERT_EQUAL(std::string("accounting_set_aside "), alarmKinds());
        CPPUNIT_ASSERT_EQUAL(4.0, counter("gardu_accounting_set_aside_total"));
        CPPUNIT_ASSERT_EQUAL(1'496.0, counter("gardu_accounting_applied_total"));
    }

    void manyRefusedRecordsNeverBlock() {
        refuseUser("poison");
        sendStarts(0, 35, "poison");
        sendStarts(35, 1, "bob");
        CPPUNIT_ASSERT_EQUAL(std::size_t{36}, world().apply(0));
        CPPUNIT_ASSERT_EQUAL(std::size_t{35}, quarantine().size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, allSessions().size());
    }

    // Nothing shows that it is not the database.
    void onlyRefusedRecordsWaitForAnotherOne() {
        refuseUser("poison");
        sendStarts(0, 5, "poison");
        for (int turn = 0; turn < 3; ++turn) {
            CPPUNIT_ASSERT(throws<core::DbError>([&] { world().apply(0); }));
        }
        CPPUNIT_ASSERT(quarantine().empty());
        sendStarts(5, 1, "bob");
        CPPUNIT_ASSERT_EQUAL(std::size_t{6}, world().apply(0));
        CPPUNIT_ASSERT_EQUAL(std::size_t{5}, quarantine().size());
    }

    // Ten more healthy packets had gone with each turn.
    void aFailingTableSetsNothingAside() {
        sendStarts(0, 60, "bob");
        refuseCounters(true);
        for (int turn = 0; turn < 8; ++turn) {
            CPPUNIT_ASSERT(throws<core::DbError>([&] { world().apply(0); }));
        }
        CPPUNIT_ASSERT(quarantine().empty());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, mark());
        refuseCounters(false);
        CPPUNIT_ASSERT_EQUAL(std::size_t{60}, world().apply(0));
        CPPUNIT_ASSERT_EQUAL(std::size_t{60}, allSessions().size());
    }

private:
    void sendStarts(int first, int count, const std::string& user) {
        std::vector<Acct> starts;
        for (int i = first; i < first + count; ++i) {
            starts.push_back({.status = AcctStatus::Start, .id = idOf(i), .user = user});
        }
        send(starts);
    }

    /// The database takes no session of this user.
    void refuseUser(const std::string& user) {
        db().transact([&](core::Tx& tx) {
            tx.execute(backend() == Backend::MariaDb
                           ? "ALTER TABLE sessions ADD CONSTRAINT CHECK (username <> '" + user + "')"
                           : "CREATE TRIGGER refused BEFORE INSERT ON sessions WHEN NEW.username = '" + user +
                                 "' BEGIN SELECT RAISE(ABORT, 'refused'); END");
        });
    }

    /// While it is empty.
    void refuseCounters(bool isRefused) {
        const char* const make =
            backend() == Backend::MariaDb
                ? "ALTER TABLE session_counters ADD CONSTRAINT refused CHECK (id < 0)"
                : "CREATE TRIGGER refused BEFORE INSERT ON session_counters BEGIN SELECT RAISE(ABORT, "
                  "'refused'); END";
        const char* const drop = backend() == Backend::MariaDb
                                     ? "ALTER TABLE session_counters DROP CONSTRAINT refused"
                                     : "DROP TRIGGER refused";
        db().transact([&](core::Tx& tx) { tx.execute(isRefused ? make : drop); });
    }

    double counter(const std::string& name) { return world().metrics().counter(name, "").value(); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnSqlite<ApplierRefusedTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnMariaDb<ApplierRefusedTest>);

}  // namespace gardu::radius
