// session list, show and disconnect by the real program, over rows that the stores put.
#include <cppunit/extensions/HelperMacros.h>

#include <thread>

#include "radius/enforcement_store.h"
#include "radius/nas_store.h"
#include "tests/app/gardu_program.h"
#include "tests/app/session_rows.h"

namespace gardu::test {
namespace {

using std::chrono::hours;

class SessionCommandsTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(SessionCommandsTest);
    CPPUNIT_TEST(showsEveryMember);
    CPPUNIT_TEST(membersThatAreNotKnownAreNull);
    CPPUNIT_TEST(newestFirstWithTheHistory);
    CPPUNIT_TEST(filtersAndLimits);
    CPPUNIT_TEST(morePagesThanOne);
    CPPUNIT_TEST(tableSaysHowManyMore);
    CPPUNIT_TEST(detailsOfOne);
    CPPUNIT_TEST(detailsOfAnOldOne);
    CPPUNIT_TEST(subscribersSessionsUnderAnyDomain);
    CPPUNIT_TEST(toldIsComparedWithNow);
    CPPUNIT_TEST(disconnectEndsAsTheServerSays);
    CPPUNIT_TEST(disconnectIsRefusedWhereNothingIsOpen);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        gardu_ = std::make_unique<Gardu>(folder().file("data"), databaseUrl());
    }

private:
    std::unique_ptr<Gardu> gardu_;

    /// The ids in the order of the list, "9 7 3".
    std::string ids(const std::string& options) {
        std::string text;
        for (const Json& session : gardu_->json("session list " + options)) {
            text += (text.empty() ? "" : " ") + std::to_string(session.at("id").get<std::int64_t>());
        }
        return text;
    }

    std::string addNas() {
        gardu_->must("nas add --name core --address 10.0.0.1 --secret first-secret");
        return db().read([](core::Tx& tx) { return radius::findNasByName(tx, "core"); })->id;
    }

    void showsEveryMember() {
        radius::Session row = closedRow(7, kYesterday);
        row.nasId = addNas();
        row.subscriptionId = "01234567-89ab-7def-8123-456789abcdef";
        row.framedIp = core::parseIpAddress("100.64.0.9");
        row.framedIpv6Prefix = core::parseIpNetwork("2001:db8:1::/64");
        row.delegatedIpv6Prefix = core::parseIpNetwork("2001:db8:100::/56");
        row.callingStationId = "AA:BB:CC:DD:EE:FF";
        row.terminateCause = "Idle-Timeout";
        putRows(db(), {row});
        const Json expected = {{"id", 7},
                               {"nas", "10.0.0.1"},
                               {"nas_name", "core"},
                               {"username", "bob"},
                               {"subscription_id", "01234567-89ab-7def-8123-456789abcdef"},
                               {"acct_session_id", "81a7"},
                               {"framed_ip_address", "100.64.0.9"},
                               {"framed_ipv6_prefix", "2001:db8:1::/64"},
                               {"delegated_ipv6_prefix", "2001:db8:100::/56"},
                               {"calling_station_id", "AA:BB:CC:DD:EE:FF"},
                               {"state", "closed"},
                               {"started_at", "2026-11-21T11:00:00Z"},
                               {"last_seen_at", "2026-11-21T12:00:00Z"},
                               {"stopped_at", "2026-11-21T12:00:00Z"},
                               {"session_time", 3'600},
                               {"input_octets", 5'000'000'000},
                               {"output_octets", 70'000'000'000},
                               {"terminate_cause", "Idle-Timeout"}};
        CPPUNIT_ASSERT_EQUAL(Json::array({expected}), gardu_->json("session list --all"));
        CPPUNIT_ASSERT_EQUAL(Json(Json::array()), gardu_->json("session list"));
    }

    void membersThatAreNotKnownAreNull() {
        putRows(db(), {sessionRow(1)});
        const Json session = gardu_->json("session list").at(0);
        for (const char* member :
             {"nas_name", "subscription_id", "framed_ip_address", "framed_ipv6_prefix",
              "delegated_ipv6_prefix", "calling_station_id", "stopped_at", "terminate_cause"}) {
            CPPUNIT_ASSERT_MESSAGE(member, session.at(member).is_null());
        }
        CPPUNIT_ASSERT_EQUAL(Json("live"), session.at("state"));
    }

    void newestFirstWithTheHistory() {
        radius::Session unknown = sessionRow(2);
        unknown.state = radius::SessionState::Unknown;
        putRows(db(), {unknown, sessionRow(6), closedRow(5, kYesterday)});
        putOld(db(), closedRow(4, kYesterday));
        putOld(db(), closedRow(3, kYesterday - hours(24 * 40)));
        putOld(db(), closedRow(1, kYesterday - hours(24 * 80)));
        CPPUNIT_ASSERT_EQUAL(std::string("6 2"), ids(""));
        CPPUNIT_ASSERT_EQUAL(std::string("6 5 4 3 2 1"), ids("--all"));
        CPPUNIT_ASSERT_EQUAL(std::string("6 5 4"), ids("--all --limit 3"));
    }

    void filtersAndLimits() {
        radius::Session another = sessionRow(2);
        another.username = "AA:BB:CC:00:00:01";
        another.usernameKey = "aabbcc000001";
        another.nasId = addNas();
        putRows(db(), {sessionRow(1), another, sessionRow(3)});
        radius::Session old = closedRow(4, kYesterday);
        old.nasId = another.nasId;
        putOld(db(), old);
        const std::pair<const char*, const char*> cases[] = {
            {"--user bob", "3 1"},
            {"--user aa-bb-cc-00-00-01", "2"},
            {"--nas core", "2"},
            {"--nas core --all", "4 2"},
            {"--user bob --nas core", ""},
            {"--user bob --all", "4 3 1"},
            {"--user nobody", ""},
            {"--limit 1", "3"},
            {"--limit 2 --user bob", "3 1"},
            {"--user bob --nas core --all", "4"},
        };
        for (const auto& [options, expected] : cases) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(options, std::string(expected), ids(options));
        }
        const Json refused = gardu_->json("session list --nas hill", 1);
        CPPUNIT_ASSERT(refused.dump().find("gardu nas list") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(2, gardu_->run("session list --limit 0").exitCode);
    }

    void morePagesThanOne() {
        std::vector<radius::Session> rows;
        for (std::int64_t id = 1; id <= 1'201; ++id) {
            rows.push_back(id % 2 == 0 ? sessionRow(id) : closedRow(id, kYesterday));
        }
        putRows(db(), rows);
        putOld(db(), closedRow(1'202, kYesterday));
        const Json all = gardu_->json("session list --all");
        CPPUNIT_ASSERT_EQUAL(rows.size() + 1, all.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            CPPUNIT_ASSERT_EQUAL(static_cast<std::int64_t>(1'202 - i), all[i].at("id").get<std::int64_t>());
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{600}, gardu_->json("session list").size());
    }

    void tableSaysHowManyMore() {
        std::vector<radius::Session> rows;
        for (std::int64_t id = 1; id <= 150; ++id) {
            rows.push_back(sessionRow(id));
        }
        putRows(db(), rows);
        const std::string text = gardu_->run("session list").output;
        CPPUNIT_ASSERT_MESSAGE(text, text.ends_with("\n50 more; --limit N shows more of them\n"));
        CPPUNIT_ASSERT_MESSAGE(text, text.find("5.0 GB") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(text, text.find("2026-11-21 19:00:00 WIB") != std::string::npos);
        CPPUNIT_ASSERT(gardu_->run("session list --limit 150").output.find("more;") == std::string::npos);
    }

    void detailsOfOne() {
        putRows(db(), {sessionRow(1)});
        radius::PendingEnforcement pending;
        pending.sessionId = 1;
        pending.username = "bob";
        pending.nas = "core";
        pending.action = "coa";
        pending.reason = "rate_changed";
        pending.since = kYesterday;
        pending.attempts = 3;
        pending.lastResult = "no answer";
        radius::DynauthRow result{kYesterday, 1,  "bob",       "core", "coa", "rate_changed",
                                  "timeout",  {}, "no answer", 3,      3'000};
        radius::DynauthRow another = result;
        another.sessionId = 2;
        db().transact([&](core::Tx& tx) {
            radius::replacePending(tx, "node", {pending});
            radius::addDynauthRows(tx, {result, another});
        });
        const Json session = gardu_->json("session show 1");
        CPPUNIT_ASSERT_EQUAL(Json("no answer"), session.at("pending").at("last_result"));
        CPPUNIT_ASSERT_EQUAL(Json("2026-11-21T12:00:00Z"), session.at("pending").at("since"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, session.at("results").size());
        CPPUNIT_ASSERT_EQUAL(Json("timeout"), session.at("results").at(0).at("outcome"));
        CPPUNIT_ASSERT(session.at("told").is_null());
        CPPUNIT_ASSERT(session.at("closed_by").is_null());
        const std::string text = gardu_->run("session show 1").output;
        for (const char* words : {"Still to be enforced", "no answer", "newest first", "5.0 GB"}) {
            CPPUNIT_ASSERT_MESSAGE(text, text.find(words) != std::string::npos);
        }
    }

    void detailsOfAnOldOne() {
        putOld(db(), closedRow(3, kYesterday - hours(24 * 40)));
        const Json session = gardu_->json("session show 3");
        CPPUNIT_ASSERT_EQUAL(Json("stop"), session.at("closed_by"));
        CPPUNIT_ASSERT(session.at("pending").is_null());
        const Json refused = gardu_->json("session show 4", 1);
        CPPUNIT_ASSERT(refused.dump().find("there is no session 4") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(2, gardu_->run("session show four").exitCode);
    }

    void subscribersSessionsUnderAnyDomain() {
        gardu_->must("package add --name home --bandwidth 10M/10M --price 1000");
        gardu_->must("subscriber add --username bob --password b --package home");
        radius::Session domain = sessionRow(2);
        domain.username = "CORP\\bob";
        domain.usernameKey = "corp\\bob";
        domain.subscriptionId = db().read([](core::Tx& tx) {
            return tx.queryOne("SELECT id FROM subscriptions WHERE username_key = 'bob'")->text(0);
        });
        putRows(db(), {sessionRow(1), domain});
        CPPUNIT_ASSERT_EQUAL(std::string("2 1"), ids("--user bob"));
    }

    void toldIsComparedWithNow() {
        gardu_->must("package add --name home --bandwidth 10M/10M --price 1000");
        gardu_->must("subscriber add --username bob --password b --package home");
        radius::Session row = sessionRow(1);
        row.told = radius::Told{billing::Access::Full, 1, 2, kYesterday};
        putRows(db(), {row});
        Json told = gardu_->json("session show 1").at("told");
        CPPUNIT_ASSERT_EQUAL(Json({{"access", "full"},
                                   {"until", "2026-11-21T12:00:00Z"},
                                   {"access_is_current", true},
                                   {"rate_is_current", false},
                                   {"addresses_are_current", false},
                                   {"until_is_current", false}}),
                             told);
        gardu_->must("subscriber remove bob");
        told = gardu_->json("session show 1").at("told");
        CPPUNIT_ASSERT(told.at("access_is_current").is_null());
    }

    /// Ends the next request as the server would; where there is none for ten seconds, the test fails.
    void finishNext(const std::string& status, const std::string& words) {
        waitUntil(
            "a request waits",
            [&] {
                return db().transact([&](core::Tx& tx) {
                    const auto waiting = radius::waitingDisconnectRequests(tx);
                    for (const auto& request : waiting) {
                        radius::finishDisconnectRequest(tx, request.id, {status, words}, kDatabaseMadeAt);
                    }
                    return !waiting.empty();
                });
            },
            std::chrono::seconds(10));
    }

    struct EndCase {
        const char* status;
        const char* words;
        int exitCode;
    };

    void disconnectEndsAsTheServerSays() {
        putRows(db(), {sessionRow(1)});
        const EndCase cases[] = {
            {"ack", "the NAS has ended the session", 0},
            {"gone", "the NAS does not have the session", 0},
            {"nak", "the NAS refuses: Unsupported Attribute (401)", 1},
            {"not_open", "the session is not open", 1},
        };
        for (const EndCase& end : cases) {
            std::thread server([&] { finishNext(end.status, end.words); });
            const ProcessResult result = gardu_->run("--json session disconnect 1");
            server.join();
            CPPUNIT_ASSERT_EQUAL_MESSAGE(end.status, end.exitCode, result.exitCode);
            const Json document = parseJson(result.output);
            CPPUNIT_ASSERT_EQUAL(Json(end.status), document.at("status"));
            CPPUNIT_ASSERT_EQUAL(Json(end.words), document.at("words"));
            CPPUNIT_ASSERT_EQUAL(Json(1), document.at("session_id"));
        }
        const auto logged = db().read([](core::Tx& tx) { return radius::findDisconnectRequest(tx, 1); });
        CPPUNIT_ASSERT(logged && logged->sessionId == 1);
    }

    void disconnectIsRefusedWhereNothingIsOpen() {
        putRows(db(), {closedRow(1, kYesterday)});
        putOld(db(), closedRow(2, kYesterday));
        for (const char* id : {"1", "2", "3"}) {
            const Json refused = gardu_->json(std::string("session disconnect ") + id, 1);
            const std::string message = refused.at("error").at("message").get<std::string>();
            const bool isClosed =
                message.find("is closed since 2026-11-21 19:00:00 WIB") != std::string::npos;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(message, std::string(id) != "3", isClosed);
        }
        CPPUNIT_ASSERT(db().read(radius::waitingDisconnectRequests).empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<SessionCommandsTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<SessionCommandsTest>);

/// It takes its fifteen seconds.
class SessionWaitTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(SessionWaitTest);
    CPPUNIT_TEST(disconnectThatWaitsSaysSo);
    CPPUNIT_TEST_SUITE_END();

    void disconnectThatWaitsSaysSo() {
        const Gardu gardu(folder().file("data"), databaseUrl());
        putRows(db(), {sessionRow(1)});
        const ProcessResult result = gardu.run("session disconnect 1");
        CPPUNIT_ASSERT_EQUAL(1, result.exitCode);
        CPPUNIT_ASSERT_MESSAGE(result.output,
                               result.output.find("is gardu serve running?") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, db().read(radius::waitingDisconnectRequests).size());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SessionWaitTest);

}  // namespace
}  // namespace gardu::test
