#include "radius/applier_service.h"

#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <set>

#include "tests/radius/applier_world.h"

namespace gardu::radius {
namespace {

using test::Acct;
using test::at;

constexpr const char* kLogin = "018f9d2e-0000-7000-8000-0000000000ff";

std::string idOf(int number) {
    return "8150" + std::to_string(1'000 + number);
}

/// Three sessions in every disorder that a day has: lost, repeated, late, recycled.
std::vector<Acct> mixedDay() {
    using enum AcctStatus;
    return {
        {.status = Interim, .second = 300, .time = 300, .octets = 1'000},
        {.status = Start, .second = 301, .delay = 301},
        {.status = Interim, .second = 600, .time = 600, .octets = 500'000'000},
        {.status = Interim, .second = 600, .time = 600, .octets = 500'000'000},
        {.status = Stop, .second = 900, .time = 900, .octets = 500'001'000},
        {.status = Interim, .second = 901, .time = 600, .octets = 500'000'000, .delay = 301},
        {.status = Start, .second = 1'000, .id = "81500002", .user = "alice", .address = "10.0.0.3"},
        {.status = Stop, .second = 1'060, .time = 60, .id = "81500002", .user = "alice"},
        {.status = Start, .second = 2'000, .id = "81500001"},
        {.status = Interim, .second = 2'300, .time = 300, .octets = 70, .id = "81500001"},
        {.status = Start, .second = 2'000, .id = "81500001", .user = "carol", .nas = "nas-2"},
    };
}

constexpr const char* kMixedDay =
    "81500001 bob closed 0-900 500001000/5000010000\n"
    "81500002 alice closed 1000-1060 0/0\n"
    "81500001 bob live 2000-2300 70/700\n"
    "81500001 carol live 2000-2000 0/0\n";

}  // namespace

class ApplierServiceTest : public test::ApplierDatabaseTest {
    CPPUNIT_TEST_SUITE(ApplierServiceTest);
    CPPUNIT_TEST(appliesWhatWaits);
    CPPUNIT_TEST(nothingWaits);
    CPPUNIT_TEST(manyBatches);
    CPPUNIT_TEST(secondTimeChangesNothing);
    CPPUNIT_TEST(crashBetweenCommitAndTrim);
    CPPUNIT_TEST(markThatIsGone);
    CPPUNIT_TEST(anotherOneApplied);
    CPPUNIT_TEST(journalBehindTheDatabase);
    CPPUNIT_TEST(numbersAreNeverGivenTwice);
    CPPUNIT_TEST(absurdCountersAreKeptApart);
    CPPUNIT_TEST(rebootOfANas);
    CPPUNIT_TEST(rebootSeenInTheIds);
    CPPUNIT_TEST(goneAndTold);
    CPPUNIT_TEST(subscriptionOfTheClass);
    CPPUNIT_TEST(registryKnowsWhatIsStored);
    CPPUNIT_TEST(startsWithWhatIsOpenAndWhatWaits);
    CPPUNIT_TEST_SUITE_END();

public:
    void appliesWhatWaits() {
        send(mixedDay());
        CPPUNIT_ASSERT_EQUAL(std::size_t{11}, world().applier().applyBatch(at(2'300)));
        CPPUNIT_ASSERT_EQUAL(std::string(kMixedDay), told());
        CPPUNIT_ASSERT_EQUAL(std::string("500001070/5000010700"), usageOfBob());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{11}, mark());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, journal().status().records);
        CPPUNIT_ASSERT_EQUAL(11.0, counter("gardu_accounting_applied_total"));
        CPPUNIT_ASSERT_EQUAL(0.0, counter("gardu_accounting_set_aside_total"));
        CPPUNIT_ASSERT_EQUAL(0.0, gauge("gardu_journal_waiting"));
        CPPUNIT_ASSERT_EQUAL(2.0, gauge("gardu_sessions_open"));
    }

    void nothingWaits() {
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, world().applier().applyBatch(at(0)));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, mark());
    }

    void manyBatches() {
        std::vector<Acct> starts;
        starts.reserve(2'500);
        for (int i = 0; i < 2'500; ++i) {
            starts.push_back({.status = AcctStatus::Start, .second = i / 10, .id = idOf(i)});
        }
        send(starts);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1'000}, world().applier().applyBatch(at(260)));
        CPPUNIT_ASSERT_EQUAL(1'500.0, gauge("gardu_journal_waiting"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1'500}, world().apply(260));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2'500}, allSessions().size());
    }

    void secondTimeChangesNothing() {
        for (const int round : {1, 2, 3}) {
            send(mixedDay());
            world().apply(2'300);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::to_string(round), std::string(kMixedDay), told());
            CPPUNIT_ASSERT_EQUAL(std::string("500001070/5000010700"), usageOfBob());
        }
    }

    void crashBetweenCommitAndTrim() {
        const std::string file = keepJournalOf(mixedDay());
        world().apply(2'300);
        openJournal(file);
        openWorld();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{11}, journal().status().records);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, world().apply(2'300));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, journal().status().records);
        send({{.second = 2'600, .time = 600, .octets = 80}});
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world().apply(2'600));
        CPPUNIT_ASSERT_EQUAL(std::string("500001080/5000010800"), usageOfBob());
    }

    void markThatIsGone() {
        const std::string file = keepJournalOf(mixedDay());
        world().apply(2'300);
        db().transact([](core::Tx& tx) { tx.execute("DELETE FROM journals"); });
        openJournal(file);
        openWorld();
        CPPUNIT_ASSERT_EQUAL(std::size_t{11}, world().apply(2'300));
        CPPUNIT_ASSERT_EQUAL(std::string(kMixedDay), told());
        CPPUNIT_ASSERT_EQUAL(std::string("500001070/5000010700"), usageOfBob());
    }

    // Two processes by mistake, or a database that was put back while we ran.
    void anotherOneApplied() {
        send(mixedDay());
        db().transact([](core::Tx& tx) { setHighWaterMark(tx, test::kJournalId, 6, at(0)); });
        CPPUNIT_ASSERT_EQUAL(std::size_t{5}, world().apply(2'300));
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, allSessions().size());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{11}, mark());
    }

    void journalBehindTheDatabase() {
        db().transact([](core::Tx& tx) { setHighWaterMark(tx, test::kJournalId, 1'000, at(0)); });
        openWorld();
        send({{.status = AcctStatus::Start}});
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1'001}, journal().status().lastSequence);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world().apply(0));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, allSessions().size());
    }

    void numbersAreNeverGivenTwice() {
        std::set<std::int64_t> ids;
        for (int round = 1; round <= 3; ++round) {
            const std::int64_t second = std::int64_t{100} * round;
            openWorld();
            send({{.status = AcctStatus::Start, .second = second, .id = idOf(round)},
                  {.status = AcctStatus::Start, .second = second, .id = idOf(round + 10), .user = "alice"}});
            world().apply(second);
        }
        for (const Session& session : allSessions()) {
            ids.insert(session.id);
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{6}, ids.size());
        CPPUNIT_ASSERT(*ids.begin() >= 1);
    }

    void absurdCountersAreKeptApart() {
        send({{.status = AcctStatus::Start},
              {.second = 300, .time = 300, .octets = 1'000},
              {.second = 600, .time = 600, .octets = 900'000'000'000'000}});
        world().apply(600);
        CPPUNIT_ASSERT_EQUAL(std::string("81500001 bob live 0-600 1000/10000\n"), told());
        CPPUNIT_ASSERT_EQUAL(std::string("1000/10000"), usageOfBob());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, quarantine().size());
        CPPUNIT_ASSERT_EQUAL(std::string("absurd_counters"), quarantine().front().reason);
        CPPUNIT_ASSERT_EQUAL(std::string("accounting_absurd_counters "), alarmKinds());
    }

    void rebootOfANas() {
        constexpr int kSessions = 2'000;
        std::vector<Acct> packets;
        for (int i = 0; i < kSessions; ++i) {
            packets.push_back({.status = AcctStatus::Start, .second = 10, .id = idOf(i)});
            packets.push_back({.second = 310 + i % 60,
                               .time = static_cast<std::uint32_t>(300 + i % 60),
                               .octets = i,
                               .id = idOf(i)});
        }
        packets.push_back({.status = AcctStatus::Start, .second = 20, .id = "81509999", .nas = "nas-2"});
        packets.push_back({.status = AcctStatus::AccountingOn, .second = 1'000});
        send(packets);
        world().apply(1'000);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world().registry().size());
        int closed = 0;
        for (const Session& session : allSessions()) {
            if (session.nasKey == "nas-1") {
                CPPUNIT_ASSERT(session.closedBy == ClosedBy::NasReboot);
                CPPUNIT_ASSERT(session.stoppedAt == session.lastSeenAt);
                CPPUNIT_ASSERT(*session.stoppedAt < at(400));
                ++closed;
            }
        }
        CPPUNIT_ASSERT_EQUAL(kSessions, closed);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, db().read(countOpenSessions));
    }

    void rebootSeenInTheIds() {
        std::vector<Acct> packets;
        packets.reserve(50);
        for (int i = 0; i < 50; ++i) {
            packets.push_back({.status = AcctStatus::Start, .second = 10, .id = "8150" + idOf(i).substr(4)});
        }
        send(packets);
        world().apply(10);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{50}, db().read(countOpenSessions));
        send({{.status = AcctStatus::Start, .second = 900, .id = "81600001", .user = "alice"}});
        world().apply(900);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, db().read(countOpenSessions));
    }

    void goneAndTold() {
        send({{.status = AcctStatus::Start, .login = kLogin},
              {.status = AcctStatus::Start, .id = "81500002", .user = "alice"}});
        world().apply(0);
        const Told told{billing::Access::Full, 7, 8, at(86'400)};
        sendRecord(JournaledTold{{"nas-1", "81500001", kLogin}, told});
        sendRecord(JournaledGone{{"nas-1", "81500002", ""}, at(50)});
        sendRecord(JournaledGone{{"nas-1", "nobody", ""}, at(50)});
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, world().apply(60));
        const auto sessions = allSessions();
        CPPUNIT_ASSERT(sessions.at(0).told == told && sessions.at(0).isOpen());
        CPPUNIT_ASSERT(sessions.at(1).closedBy == ClosedBy::Gone);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, sessions.size());
    }

    // He was renamed while he was online.
    void subscriptionOfTheClass() {
        send({{.status = AcctStatus::Start, .user = "robert", .login = kLogin},
              {.status = AcctStatus::Start, .id = "81500002", .user = "mallory"}});
        world().apply(0);
        CPPUNIT_ASSERT_EQUAL(test::kBobs, allSessions().at(0).subscriptionId);
        CPPUNIT_ASSERT_EQUAL(std::string(), allSessions().at(1).subscriptionId);
    }

    void registryKnowsWhatIsStored() {
        send({{.status = AcctStatus::Start}});
        world().apply(0);
        const auto sessions = world().registry().sessionsOf("bob");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sessions.size());
        CPPUNIT_ASSERT_EQUAL(allSessions().at(0).id, sessions.at(0).id);
        send({{.status = AcctStatus::Stop, .second = 60, .time = 60}});
        world().apply(60);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, world().registry().size());
    }

    void startsWithWhatIsOpenAndWhatWaits() {
        send({{.status = AcctStatus::Start},
              {.status = AcctStatus::Start, .id = "81500002", .user = "alice"}});
        world().apply(0);
        send({{.status = AcctStatus::Stop, .second = 60, .time = 60},
              {.status = AcctStatus::Start, .second = 60, .id = "81500003", .user = "carol"}});
        openWorld();
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, world().registry().sessionsOf("bob").size());
        CPPUNIT_ASSERT(world().registry().sessionsOf("alice").at(0).id != 0);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, world().registry().sessionsOf("carol").at(0).id);
    }

private:
    /// Sends them, and copies the journal as it is then; the copy's name.
    std::string keepJournalOf(const std::vector<Acct>& accts) {
        send(accts);
        openJournal("other.journal");  // closes it
        std::filesystem::copy_file(folder().file("accounting.journal"), folder().file("kept.journal"));
        openJournal("accounting.journal");
        openWorld();
        return "kept.journal";
    }

    double counter(const std::string& name) { return world().metrics().counter(name, "").value(); }
    double gauge(const std::string& name) { return world().metrics().gauge(name, "").value(); }
};

CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnSqlite<ApplierServiceTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(gardu::test::OnMariaDb<ApplierServiceTest>);

}  // namespace gardu::radius
