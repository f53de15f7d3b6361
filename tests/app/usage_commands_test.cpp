// usage, who-had, enforce and journal by the real program, over rows that the stores put.
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>

#include "billing/subscription_store.h"
#include "radius/accounting_store.h"
#include "radius/enforcement_store.h"
#include "radius/journal.h"
#include "radius/usage_store.h"
#include "tests/app/gardu_program.h"
#include "tests/app/session_rows.h"

namespace gardu::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

core::Instant at(const char* text) {
    return core::parseInstant(text).value();
}

class UsageCommandsTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(UsageCommandsTest);
    CPPUNIT_TEST(usageByDay);
    CPPUNIT_TEST(usageByHour);
    CPPUNIT_TEST(usageOfThisMonthWithoutWords);
    CPPUNIT_TEST(usageOfWrongPeriods);
    CPPUNIT_TEST(whoHadAnAddress);
    CPPUNIT_TEST(whoHadNamesTheCustomer);
    CPPUNIT_TEST(whoHadOfWrongWords);
    CPPUNIT_TEST(enforceStatusAndResume);
    CPPUNIT_TEST(journalBeforeTheServer);
    CPPUNIT_TEST(journalThatLags);
    CPPUNIT_TEST(journalWithoutItsDatabase);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        gardu_ = std::make_unique<Gardu>(folder().file("data"), databaseUrl());
    }

private:
    std::unique_ptr<Gardu> gardu_;

    std::string addBob() {
        gardu_->must("package add --name home --bandwidth 10M/10M --price 1000");
        gardu_->must("subscriber add --username bob --password b --package home --customer \"Pak Budi\"");
        return db().read([](core::Tx& tx) { return billing::findSubscriber(tx, "bob"); })->subscription.id;
    }

    void use(const std::string& subscription, const char* hour, const radius::Octets& octets) {
        db().transact([&](core::Tx& tx) { radius::addUsage(tx, {{subscription, 1, at(hour), octets}}); });
    }

    /// Midnight in Jakarta is 17:00 UTC.
    void useAroundMidnight() {
        const std::string bob = addBob();
        use(bob, "2026-11-20T16:00:00Z", {1, 2});
        use(bob, "2026-11-20T17:00:00Z", {10, 20});
        use(bob, "2026-11-21T16:00:00Z", {100, 200});
        use(bob, "2026-11-21T17:00:00Z", {1'000, 2'000});
        use("018f9d2e-0000-7000-8000-00000000000f", "2026-11-21T16:00:00Z", {7, 7});
    }

    void usageByDay() {
        useAroundMidnight();
        const Json expected = {{"username", "bob"},
                               {"from", "2026-11-20"},
                               {"to", "2026-11-21"},
                               {"input_octets", 111},
                               {"output_octets", 222},
                               {"days",
                                {{{"day", "2026-11-20"}, {"input_octets", 1}, {"output_octets", 2}},
                                 {{"day", "2026-11-21"}, {"input_octets", 110}, {"output_octets", 220}}}}};
        CPPUNIT_ASSERT_EQUAL(expected, gardu_->json("usage bob --from 2026-11-20 --to 2026-11-21"));
        const std::string text = gardu_->run("usage bob --from 2026-11-20 --to 2026-11-21").output;
        CPPUNIT_ASSERT_MESSAGE(text, text.find("upload 111 B, download 222 B") != std::string::npos);
    }

    void usageByHour() {
        useAroundMidnight();
        const Json usage = gardu_->json("usage bob --from 2026-11-21 --to 2026-11-21 --hours");
        const Json expected = {
            {{"hour", "2026-11-20T17:00:00Z"}, {"input_octets", 10}, {"output_octets", 20}},
            {{"hour", "2026-11-21T16:00:00Z"}, {"input_octets", 100}, {"output_octets", 200}}};
        CPPUNIT_ASSERT_EQUAL(expected, usage.at("hours"));
        CPPUNIT_ASSERT_EQUAL(Json(110), usage.at("input_octets"));
    }

    void usageOfThisMonthWithoutWords() {
        addBob();
        const Json usage = gardu_->json("usage bob");
        CPPUNIT_ASSERT(usage.at("from").get<std::string>().ends_with("-01"));
        CPPUNIT_ASSERT_EQUAL(Json(0), usage.at("input_octets"));
        CPPUNIT_ASSERT_EQUAL(Json(Json::array()), usage.at("days"));
        CPPUNIT_ASSERT_EQUAL(Json("2026-02-01"), gardu_->json("usage bob --to 2026-02-14").at("from"));
    }

    void usageOfWrongPeriods() {
        addBob();
        struct Case {
            const char* line;
            int exitCode;
            const char* words;
        };
        const Case cases[] = {
            {"usage bob --from 2026-02-30 --to x", 2, "YYYY-MM-DD"},
            {"usage bob --from 2026-02-02 --to 2026-02-01", 2, "before the first day, 2026-02-02"},
            {"usage nobody", 1, "nobody"},
            {"usage", 2, "USERNAME"},
        };
        for (const Case& wrong : cases) {
            const std::string answer = gardu_->json(wrong.line, wrong.exitCode).dump();
            CPPUNIT_ASSERT_MESSAGE(answer, answer.find(wrong.words) != std::string::npos);
        }
    }

    struct AddressCase {
        const char* address;
        const char* at;
        /// Sessions, newest first.
        const char* ids;
    };

    void putAddresses() {
        radius::Session open = sessionRow(5);
        open.startedAt = at("2026-11-21T12:00:00Z");
        open.framedIp = core::parseIpAddress("100.64.0.9");
        open.framedIpv6Prefix = core::parseIpNetwork("2001:db8:1::/64");
        open.delegatedIpv6Prefix = core::parseIpNetwork("2001:db8:100::/56");
        radius::Session closed = closedRow(4, at("2026-11-21T11:00:00Z"));
        closed.framedIp = open.framedIp;
        putRows(db(), {open, closed});
        radius::Session old = closedRow(3, at("2026-10-02T00:30:00Z"));
        old.startedAt = at("2026-09-30T00:00:00Z");
        old.framedIp = open.framedIp;
        old.delegatedIpv6Prefix = open.delegatedIpv6Prefix;
        putOld(db(), old);
        radius::Session older = closedRow(2, at("2026-09-29T00:00:00Z"));
        older.framedIp = open.framedIp;
        putOld(db(), older);
    }

    void whoHadAnAddress() {
        putAddresses();
        const AddressCase cases[] = {
            {"100.64.0.9", "2026-11-21T13:00:00Z", "5"},
            {"100.64.0.9", "\"2026-11-21 20:00\"", "5"},  // the same in Jakarta
            {"100.64.0.9", "2026-11-21T20:00:00+07:00", "5"},
            {"100.64.0.9", "2026-11-21T12:00:00Z", "5"},
            {"100.64.0.9", "2026-11-21T11:30:00Z", ""},
            {"100.64.0.9", "2026-11-21T10:30:00Z", "4"},
            {"100.64.0.9", "2026-11-21T09:00:00Z", ""},
            {"100.64.0.9", "\"2026-09-30 07:00:00\"", "3"},  // stopped in the next month
            {"100.64.0.9", "2026-09-28T23:30:00Z", "2"},
            {"100.64.0.8", "2026-11-21T13:00:00Z", ""},
            {"2001:db8:1::1234", "2026-11-21T13:00:00Z", "5"},
            {"2001:db8:1:1::1", "2026-11-21T13:00:00Z", ""},
            {"2001:db8:100:ff::1", "2026-11-21T13:00:00Z", "5"},
            {"2001:db8:100:ff::1", "2026-10-01T00:00:00Z", "3"},
            {"2001:db8:101::1", "2026-11-21T13:00:00Z", ""},
        };
        for (const AddressCase& wanted : cases) {
            const std::string line = std::string("who-had ") + wanted.address + " --at " + wanted.at;
            std::string ids;
            for (const Json& session : gardu_->json(line)) {
                ids += (ids.empty() ? "" : " ") + session.at("session_id").dump();
            }
            CPPUNIT_ASSERT_EQUAL_MESSAGE(line, std::string(wanted.ids), ids);
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, gardu_->json("who-had 100.64.0.9").size());
    }

    void whoHadNamesTheCustomer() {
        radius::Session row = sessionRow(1);
        row.subscriptionId = addBob();
        row.framedIp = core::parseIpAddress("100.64.0.9");
        radius::Session former = sessionRow(2);  // of somebody who had that name before
        former.subscriptionId = "018f9d2e-0000-7000-8000-00000000000f";
        former.framedIp = core::parseIpAddress("100.64.0.8");
        putRows(db(), {row, former});
        const Json found = gardu_->json("who-had 100.64.0.9 --at 2026-11-21T12:00:00Z").at(0);
        const Json expected = {{"username", "bob"},
                               {"customer", "Pak Budi"},
                               {"subscription_id", row.subscriptionId},
                               {"nas", "10.0.0.1"},
                               {"nas_name", nullptr},
                               {"framed_ip_address", "100.64.0.9"},
                               {"framed_ipv6_prefix", nullptr},
                               {"delegated_ipv6_prefix", nullptr},
                               {"calling_station_id", nullptr},
                               {"started_at", "2026-11-21T11:00:00Z"},
                               {"stopped_at", nullptr},
                               {"session_id", 1}};
        CPPUNIT_ASSERT_EQUAL(expected, found);
        CPPUNIT_ASSERT(gardu_->json("who-had 100.64.0.8").at(0).at("customer").is_null());
    }

    void whoHadOfWrongWords() {
        const std::pair<const char*, const char*> cases[] = {
            {"who-had 100.64.0.999", "write an address such as"},
            {"who-had 100.64.0.0/24", "write an address such as"},
            {"who-had 100.64.0.9 --at yesterday", "in the zone Asia/Jakarta"},
            {"who-had 100.64.0.9 --at \"2026-11-22 25:00\"", "in the zone Asia/Jakarta"},
            {"who-had 100.64.0.9 --at 2099-01-01T00:00:00Z", "is in the future"},
        };
        for (const auto& [line, words] : cases) {
            const std::string answer = gardu_->json(line, 2).dump();
            CPPUNIT_ASSERT_MESSAGE(answer, answer.find(words) != std::string::npos);
        }
    }

    void enforceStatusAndResume() {
        Json status = gardu_->json("enforce status");
        CPPUNIT_ASSERT_EQUAL(Json({{"cutting_paused_since", nullptr},
                                   {"pending_count", 0},
                                   {"pending", Json::array()},
                                   {"results", Json::array()}}),
                             status);
        CPPUNIT_ASSERT_EQUAL(Json(false), gardu_->json("enforce resume").at("resumed"));
        radius::PendingEnforcement pending;
        pending.sessionId = 9;
        pending.username = "bob";
        pending.nas = "core";
        pending.action = "disconnect";
        pending.reason = "ended";
        pending.since = kYesterday;
        pending.lastResult = "no answer";
        db().transact([&](core::Tx& tx) {
            radius::replacePending(tx, "node", {pending});
            radius::pauseCutting(tx, kYesterday);
        });
        status = gardu_->json("enforce status");
        CPPUNIT_ASSERT_EQUAL(Json("2026-11-21T12:00:00Z"), status.at("cutting_paused_since"));
        CPPUNIT_ASSERT_EQUAL(Json(9), status.at("pending").at(0).at("session_id"));
        CPPUNIT_ASSERT_EQUAL(Json("no answer"), status.at("pending").at(0).at("last_result"));
        const std::string text = gardu_->run("enforce status").output;
        CPPUNIT_ASSERT_MESSAGE(text, text.find("gardu enforce resume") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(Json(true), gardu_->json("enforce resume").at("resumed"));
        CPPUNIT_ASSERT(gardu_->json("enforce status").at("cutting_paused_since").is_null());
    }

    [[nodiscard]] std::string journalPath() const { return gardu_->dataDir() + "/accounting.journal"; }

    /// Three records of which the database has the first, and a packet set aside.
    void makeJournal() {
        std::filesystem::create_directories(gardu_->dataDir());
        radius::Journal journal(journalPath(), "018f9d2e-0000-7000-8000-0000000000aa", {});
        const std::vector<core::Bytes> records = {{1, 2}, {3}, {4, 5, 6}};
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, journal.append(records));
        radius::QuarantinedPacket packet;
        packet.journalId = journal.id();
        packet.sequence = 1;
        packet.receivedAt = kYesterday;
        packet.username = "bob";
        packet.reason = "absurd_counters";
        packet.detail = "10 TB in a second";
        db().transact([&](core::Tx& tx) {
            radius::setHighWaterMark(tx, journal.id(), 1, kDatabaseMadeAt);
            radius::addQuarantined(tx, {packet});
        });
        journal.trim(1);
    }

    void journalBeforeTheServer() {
        CPPUNIT_ASSERT_EQUAL(Json(0), gardu_->json("journal status").at("waiting_records"));
        const std::string text = gardu_->run("journal status").output;
        CPPUNIT_ASSERT_MESSAGE(text, text.find("gardu serve makes it") != std::string::npos);
    }

    void journalThatLags() {
        makeJournal();
        const Json status = gardu_->json("journal status");
        CPPUNIT_ASSERT_EQUAL(Json("018f9d2e-0000-7000-8000-0000000000aa"), status.at("id"));
        CPPUNIT_ASSERT_EQUAL(Json(2), status.at("waiting_records"));
        CPPUNIT_ASSERT_EQUAL(Json(4), status.at("waiting_octets"));
        CPPUNIT_ASSERT_EQUAL(Json(3), status.at("last_sequence"));
        CPPUNIT_ASSERT_EQUAL(Json(1), status.at("applied_sequence"));
        CPPUNIT_ASSERT_EQUAL(Json(2), status.at("lag"));
        CPPUNIT_ASSERT_EQUAL(Json(1), status.at("quarantined"));
        CPPUNIT_ASSERT_EQUAL(Json("absurd_counters"), status.at("quarantine").at(0).at("reason"));
        const std::string text = gardu_->run("journal status").output;
        CPPUNIT_ASSERT_MESSAGE(text, text.find("10 TB in a second") != std::string::npos);
    }

    void journalWithoutItsDatabase() {
        makeJournal();
        const Gardu lonely(gardu_->dataDir(), "mysql://nobody:x@127.0.0.1:1/gardu");
        const Json status = lonely.json("journal status");
        CPPUNIT_ASSERT_EQUAL(Json(2), status.at("waiting_records"));
        CPPUNIT_ASSERT(status.at("database") != Json("ok"));
        CPPUNIT_ASSERT(!status.contains("lag"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<UsageCommandsTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<UsageCommandsTest>);

}  // namespace
}  // namespace gardu::test
