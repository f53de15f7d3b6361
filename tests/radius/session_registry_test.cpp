#include "tests/radius/registry_world.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;
using namespace test;

struct Case {
    std::string what;
    std::vector<Packet> packets;
    std::string open;
};

const std::vector<Case> kCases = {
    {"a start opens", {{kStart, 0}}, "s1@0"},
    {"an interim opens, at its start", {{kInterim, 300, 280}}, "s1@20"},
    {"an interim without a time opens", {{kInterim, 300}}, "s1@300"},
    {"a stop closes", {{kStart, 0}, {kStop, 60, 60}}, ""},
    {"a stop alone opens nothing", {{kStop, 60, 60}}, ""},
    {"a start fills the estimate", {{kInterim, 300, 280}, {kStart, 19}}, "s1@19"},
    {"an earlier start fills a guess", {{kInterim, 300}, {kStart, 0}}, "s1@0"},
    {"a late interim after its stop", {{kStart, 0}, {kStop, 60, 60}, {kInterim, 50, 50}}, ""},
    {"the same, by login", {{kStart, 0, -1, "s1", 1}, {kStop, 9, 9, "s1", 1}, {kInterim, 60, 1, "x", 1}}, ""},
    {"a late start after its stop", {{kStop, 60, 60}, {kStart, 0, -1, "s1", 0, "", "ether1", "nas", 61}}, ""},
    {"a new session of the same id after the stop", {{kStart, 0}, {kStop, 20, 20}, {kStart, 21}}, "s1@21"},
    {"a repeated start", {{kStart, 0}, {kStart, 0}}, "s1@0"},
    {"drift of a start is the same session", {{kStart, 0}, {kInterim, 3600, 3575}}, "s1@0"},
    {"drift of a long session", {{kStart, 0}, {kInterim, 90000, 89850}}, "s1@0"},
    {"a recycled id", {{kStart, 0}, {kStart, 31}}, "s1@31"},
    {"a recycled id, seen by an interim", {{kStart, 0}, {kInterim, 3600, 3500}}, "s1@100"},
    {"an interim of the former of a recycled id", {{kStart, 500}, {kInterim, 490, 490}}, "s1@500"},
    {"a stop of the former of a recycled id", {{kStart, 500}, {kStop, 510, 490}}, "s1@500"},
    {"a stop of the next of a recycled id", {{kStart, 0}, {kStop, 510, 10}}, ""},
    {"a stop without a time", {{kStart, 0}, {kStop, 510}}, ""},
    {"another login under the same id", {{kStart, 0, -1, "s1", 1}, {kStart, 5, -1, "s1", 2}}, "s1@5"},
    {"a stop of another login", {{kStart, 5, -1, "s1", 2}, {kStop, 6, 6, "s1", 1}}, "s1@5"},
    {"late, of a former login", {{kStart, 5, -1, "s1", 2}, {kInterim, 4, 4, "s1", 1}}, "s1@5"},
    {"the same login, any time", {{kStart, 0, -1, "s1", 1}, {kInterim, 900, 5, "s1", 1}}, "s1@0"},
    {"the same id on another NAS", {{kStart, 0}, {kStart, 1, -1, "s1", 0, "", "", "other"}}, "s1@0 s1@1"},
    {"two devices", {{kStart, 0, -1, "s1", 0, "A"}, {kStart, 9, -1, "s2", 0, "B"}}, "s1@0 s2@9"},
    {"two sessions without a device", {{kStart, 0}, {kStart, 9, -1, "s2"}}, "s1@0 s2@9"},
    {"the same device again", {{kStart, 0, -1, "s1", 0, "A"}, {kStart, 9, -1, "s2", 0, "A"}}, "s2@9"},
    {"the same device, late", {{kStart, 9, -1, "s2", 0, "A"}, {kStart, 0, -1, "s1", 0, "A"}}, "s2@9"},
    {"the same device on another port",
     {{kStart, 0, -1, "s1", 0, "A"}, {kStart, 9, -1, "s2", 0, "A", "ether2"}},
     "s1@0 s2@9"},
    {"two tunnels from one address",
     {{kStart, 0, -1, "s1", 0, "A", "", "nas", 0, "bob", 1},
      {kStart, 9, -1, "s2", 0, "A", "", "nas", 0, "bob", 2}},
     "s1@0 s2@9"},
    {"two tunnels from one address, no port told",
     {{kStart, 0, -1, "s1", 0, "A", ""}, {kStart, 9, -1, "s2", 0, "A", ""}},
     "s1@0 s2@9"},
    {"the same tunnel again",
     {{kStart, 0, -1, "s1", 0, "A", "", "nas", 0, "bob", 1},
      {kStart, 9, -1, "s2", 0, "A", "", "nas", 0, "bob", 1}},
     "s2@9"},
    {"a hotspot's login again",
     {{kStart, 0, -1, "s1", 0, "A", "bridge", "nas", 0, "bob", 1},
      {kStart, 9, -1, "s2", 0, "A", "bridge", "nas", 0, "bob", 2}},
     "s2@9"},
    {"the NAS began anew", {{kStart, 0}, {kStart, 50, -1, "s2"}, {AcctStatus::AccountingOn, 50}}, "s2@50"},
    {"a session that was seen after that", {{kInterim, 60, 55}, {AcctStatus::AccountingOff, 50}}, "s1@5"},
    {"another NAS began anew", {{kStart, 0}, {AcctStatus::AccountingOn, 9, -1, "", 0, "", "", "n2"}}, "s1@0"},
};

class SessionRegistryTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SessionRegistryTest);
    CPPUNIT_TEST(hearsEachCase);
    CPPUNIT_TEST(tellsWhatWasOpened);
    CPPUNIT_TEST(refreshesWhatItKnows);
    CPPUNIT_TEST(toldSinceSurvivesWhatTheClassSays);
    CPPUNIT_TEST(rowGivesNumberAndExactStart);
    CPPUNIT_TEST(closedRowClosesUnlessHeardSince);
    CPPUNIT_TEST(takesTheNewestIdOfALogin);
    CPPUNIT_TEST(takesTheNewestIdOfTheDatabase);
    CPPUNIT_TEST(pausesAreCapped);
    CPPUNIT_TEST(silenceOfTheNasIsNoPause);
    CPPUNIT_TEST(stopInTheDatabaseIsFinal);
    CPPUNIT_TEST(closedRowClosesWhatCameLate);
    CPPUNIT_TEST(openRowDoesNotBringBackWhatStopped);
    CPPUNIT_TEST(openRowOfAFormerSessionIsIgnored);
    CPPUNIT_TEST(openRowsFillAnEmptyRegistry);
    CPPUNIT_TEST(erasesOnlyTheSessionThatIsMeant);
    CPPUNIT_TEST(usersWithoutSessionsAreNotListed);
    CPPUNIT_TEST(knowsWhenANasWasHeard);
    CPPUNIT_TEST(spentUsersAreSwept);
    CPPUNIT_TEST(silentThenOldestGoBeyondTheLimit);
    CPPUNIT_TEST_SUITE_END();

    Registry registry_;

    void hearsEachCase() {
        for (const Case& one : kCases) {
            Registry registry;
            registry.hearAll(one.packets);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(one.what, one.open, registry.open());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(one.what, registry.sessionsOf("bob").size(), registry.size());
        }
    }

    void tellsWhatWasOpened() {
        CPPUNIT_ASSERT(registry_.hear({kStart, 0}));
        CPPUNIT_ASSERT(!registry_.hear({kStart, 0}));
        CPPUNIT_ASSERT(!registry_.hear({kInterim, 300, 300}));
        CPPUNIT_ASSERT(!registry_.hear({kStop, 400, 400}));
        CPPUNIT_ASSERT(registry_.hear({kStart, 401}));
        CPPUNIT_ASSERT(registry_.hear({kStart, 500}));  // a recycled id
    }

    void refreshesWhatItKnows() {
        registry_.hearAll({{kStart, 0}, {kInterim, 300, 300}, {kInterim, 800, 800}});
        AccountingEvent late = eventOf({kInterim, 600, 600, "s1", 3, "A", "ether1", "nas", 250});
        late.framedIp = core::parseIpAddress("100.64.0.9");
        CPPUNIT_ASSERT(!static_cast<SessionRegistry&>(registry_).hear(late));
        const LiveSession session = registry_.only();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{500}, session.intervalSeconds);
        CPPUNIT_ASSERT_EQUAL(800, secondsOf(session.lastSeenAt));
        CPPUNIT_ASSERT_EQUAL(850, secondsOf(session.heardAt));
        CPPUNIT_ASSERT_EQUAL("100.64.0.9"s, core::formatIpAddress(session.framedIp.value()));
        CPPUNIT_ASSERT_EQUAL("A"s, session.callingStationId);
        CPPUNIT_ASSERT_EQUAL(core::toText(login(3)), session.loginId);
        CPPUNIT_ASSERT_EQUAL(7U, session.told.value().rate);
    }

    void toldSinceSurvivesWhatTheClassSays() {
        registry_.hear({kStart, 0, -1, "s1", 1});
        CPPUNIT_ASSERT_EQUAL(7U, registry_.only().told.value().rate);
        registry_.setTold(registry_.only(), Told{billing::Access::Full, 8, 0, {}});
        registry_.hear({kInterim, 300, 300, "s1", 1});
        CPPUNIT_ASSERT_EQUAL(8U, registry_.only().told.value().rate);
        // A row that the applier stored before it learnt of the change.
        Session row = rowOf(0);
        row.loginId = core::toText(login(1));
        row.told = Told{billing::Access::Full, 7, 0, {}};
        registry_.put(row);
        CPPUNIT_ASSERT_EQUAL(8U, registry_.only().told.value().rate);
    }

    static Session rowOf(int started, SessionState state = SessionState::Live, int heard = 0) {
        Session row;
        row.id = 42;
        row.nasId = "nas";
        row.nasKey = "nas";
        row.username = "bob";
        row.usernameKey = "bob";
        row.acctSessionId = "s1";
        row.startedAt = at(started);
        row.startSeen = true;
        row.state = state;
        row.lastSeenAt = at(heard);
        row.heardAt = at(heard);
        return row;
    }

    void rowGivesNumberAndExactStart() {
        registry_.hear({kInterim, 300, 280});
        Session row = rowOf(18);
        row.intervalSeconds = 290;
        row.told = Told{billing::Access::Walled, 1, 2, {}};
        registry_.put(row);
        const LiveSession session = registry_.only();
        CPPUNIT_ASSERT_EQUAL(std::int64_t{42}, session.id);
        CPPUNIT_ASSERT_EQUAL(18, secondsOf(session.startedAt));
        CPPUNIT_ASSERT_EQUAL(300, secondsOf(session.heardAt));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{290}, session.intervalSeconds);
        CPPUNIT_ASSERT(session.told->access == billing::Access::Walled);
    }

    void closedRowClosesUnlessHeardSince() {
        registry_.hearAll({{kStart, 0}, {kInterim, 300, 300}});
        registry_.put(rowOf(0, SessionState::Closed, 299));
        CPPUNIT_ASSERT_EQUAL("s1@0"s, registry_.open());
        registry_.put(rowOf(0, SessionState::Closed, 300));
        CPPUNIT_ASSERT_EQUAL(""s, registry_.open());
        registry_.put(rowOf(0, SessionState::Closed, 300));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, registry_.size());
    }

    void takesTheNewestIdOfALogin() {
        registry_.hear({kStart, 0, -1, "s1", 1});
        registry_.hear({kInterim, 300, 300, "s2", 1, "", "ether1", "other"});
        registry_.hear({kInterim, 200, 200, "s1", 1, "", "ether1", "nas", 200});  // late
        CPPUNIT_ASSERT_EQUAL("s2@0"s, registry_.open());
        CPPUNIT_ASSERT_EQUAL("other"s, registry_.only().nasKey);
        CPPUNIT_ASSERT_EQUAL("other"s, registry_.only().nasId);
    }

    void takesTheNewestIdOfTheDatabase() {
        registry_.hear({kStart, 0, -1, "old", 1});
        Session row = rowOf(0, SessionState::Live, 300);
        row.loginId = core::toText(login(1));
        registry_.put(row);
        CPPUNIT_ASSERT_EQUAL("s1@0"s, registry_.open());
        row.acctSessionId = "older";
        row.lastSeenAt = at(299);
        registry_.put(row);
        CPPUNIT_ASSERT_EQUAL("s1@0"s, registry_.open());
    }

    void pausesAreCapped() {
        registry_.hear({kStart, 0});
        registry_.hear({kInterim, 86'400, 86'400});
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3600}, registry_.only().intervalSeconds);
    }

    void silenceOfTheNasIsNoPause() {
        registry_.hearAll({{kStart, 0}, {kInterim, 300, 300}});
        registry_.noteHeard("nas", at(2000));
        registry_.noteHeard("nas", at(2002));
        registry_.hear({kInterim, 2010, 2010});
        CPPUNIT_ASSERT_EQUAL(std::int64_t{300}, registry_.only().intervalSeconds);
        registry_.hear({kInterim, 2500, 2500});
        CPPUNIT_ASSERT_EQUAL(std::int64_t{490}, registry_.only().intervalSeconds);
    }

    void stopInTheDatabaseIsFinal() {
        // A Start that took longer than its Stop is remembered, and an Interim after it.
        registry_.hearAll({{kStart, 0}, {kStop, 60, 60}});
        registry_.hearAll({{kStart, 0, -1, "s1", 0, "", "ether1", "nas", 124}, {kInterim, 130, 130}});
        CPPUNIT_ASSERT_EQUAL("s1@0"s, registry_.open());
        Session row = rowOf(0, SessionState::Closed, 60);
        row.closedBy = ClosedBy::Stop;
        registry_.put(row);
        CPPUNIT_ASSERT_EQUAL(""s, registry_.open());
    }

    void closedRowClosesWhatCameLate() {
        registry_.hear({kStart, 0, -1, "s1", 0, "", "ether1", "nas", 900});
        Session row = rowOf(0, SessionState::Closed, 300);
        row.closedBy = ClosedBy::NasReboot;
        registry_.put(row);
        CPPUNIT_ASSERT_EQUAL(""s, registry_.open());
    }

    void openRowDoesNotBringBackWhatStopped() {
        registry_.hearAll({{kStart, 0}, {kStop, 60, 60}});
        registry_.put(rowOf(0));
        CPPUNIT_ASSERT_EQUAL(""s, registry_.open());
    }

    void openRowOfAFormerSessionIsIgnored() {
        registry_.hear({kStart, 500});
        registry_.put(rowOf(0));
        CPPUNIT_ASSERT_EQUAL("s1@500"s, registry_.open());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, registry_.only().id);
        registry_.put(rowOf(0, SessionState::Closed, 500));
        CPPUNIT_ASSERT_EQUAL("s1@500"s, registry_.open());
    }

    void openRowsFillAnEmptyRegistry() {
        registry_.put(rowOf(0, SessionState::Unknown, 300));
        CPPUNIT_ASSERT_EQUAL("s1@0"s, registry_.open());
        CPPUNIT_ASSERT_EQUAL(300, secondsOf(registry_.only().heardAt));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, registry_.size());
    }

    void erasesOnlyTheSessionThatIsMeant() {
        registry_.hear({kStart, 0});
        const LiveSession former = registry_.only();
        registry_.hear({kStart, 500});
        registry_.erase(former);
        registry_.setTold(former, Told{});
        CPPUNIT_ASSERT(!registry_.only().told);
        registry_.erase(registry_.only());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, registry_.size());
        registry_.erase(former);
    }

    [[nodiscard]] std::vector<std::string> users() const {
        std::vector<std::string> all;
        for (std::size_t shard = 0; shard < SessionRegistry::kShards; ++shard) {
            const auto some = registry_.usersOf(shard);
            all.insert(all.end(), some.begin(), some.end());
        }
        std::sort(all.begin(), all.end());
        return all;
    }

    void usersWithoutSessionsAreNotListed() {
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(1, 1, 0));
        CPPUNIT_ASSERT(users().empty());
        for (const std::string user : {"bob", "ann", "eve"}) {
            registry_.hear({kStart, 0, -1, "s1", 0, "", "", "nas", 0, user});
        }
        registry_.hear({kStop, 1, 1, "s1", 0, "", "", "nas", 0, "ann"});
        CPPUNIT_ASSERT(users() == (std::vector<std::string>{"bob", "eve"}));
    }

    void knowsWhenANasWasHeard() {
        CPPUNIT_ASSERT(!registry_.nasHeardAt("nas"));
        registry_.hear({kStart, 5});
        CPPUNIT_ASSERT_EQUAL(5, secondsOf(registry_.nasHeardAt("nas").value()));
        registry_.noteHeard("nas", at(8));
        registry_.noteHeard("nas", at(7));
        CPPUNIT_ASSERT_EQUAL(8, secondsOf(registry_.nasHeardAt("nas").value()));
        registry_.noteHeard("nas", at(-3600));  // the clock was set back
        CPPUNIT_ASSERT_EQUAL(-3600, secondsOf(registry_.nasHeardAt("nas").value()));
        CPPUNIT_ASSERT(!registry_.nasHeardAt("other"));
    }

    void spentUsersAreSwept() {
        UserSessions user;
        CPPUNIT_ASSERT(user.isSpent(at(0)));
        static_cast<void>(user.claim(claimOf(1, 1, 0)));
        CPPUNIT_ASSERT(!user.isSpent(at(29)));
        CPPUNIT_ASSERT(user.isSpent(at(30)));
        user.hear(eventOf({kStart, 1}), "bob", {});
        CPPUNIT_ASSERT(!user.isSpent(at(30)));
        user.hear(eventOf({kStop, 40, 39}), "bob", {});
        CPPUNIT_ASSERT(!user.isSpent(at(99)));
        CPPUNIT_ASSERT(user.isSpent(at(100)));
    }

    static LiveSession sessionOf(const std::string& name, int started, int heard) {
        LiveSession session;
        session.acctSessionId = name;
        session.startedAt = at(started);
        session.heardAt = at(heard);
        return session;
    }

    void silentThenOldestGoBeyondTheLimit() {
        const std::vector<LiveSession> sessions = {sessionOf("new", 5000, 5000), sessionOf("old", 0, 4900),
                                                   sessionOf("silent", 4000, 4200),
                                                   sessionOf("middle", 3000, 4990)};
        const std::vector<std::string> order = {"silent", "old", "middle", "new"};
        for (int limit = 0; limit <= 5; ++limit) {
            std::vector<std::string> names;
            for (const LiveSession& session : beyondLimit(sessions, limit)) {
                names.push_back(session.acctSessionId);
            }
            const auto expected = static_cast<std::ptrdiff_t>(std::max(4 - limit, 0));
            CPPUNIT_ASSERT(names ==
                           std::vector<std::string>(order.begin(), std::next(order.begin(), expected)));
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SessionRegistryTest);

}  // namespace
}  // namespace gardu::radius
