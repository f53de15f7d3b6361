// The Enforcer when things go wrong: NASes that are down, many changes at once, a clock that jumps, the
// database away; and operators' requests.
#include <cppunit/extensions/HelperMacros.h>

#include <set>

#include "tests/app/enforcer_world.h"

namespace gardu::test {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;
using billing::SubscriptionStatus;

constexpr auto kSoon = 2s;
constexpr int kMany = 500;
const NasAnswer kSilence{NasReply::Ignore, {}};

class EnforcerTroubleTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EnforcerTroubleTest);
    CPPUNIT_TEST(nasThatIsBackGetsItAtOnce);
    CPPUNIT_TEST(silentNasIsProbed);
    CPPUNIT_TEST(silentNasDelaysNoOther);
    CPPUNIT_TEST(ignoredSessionDelaysNoOther);
    CPPUNIT_TEST(lostAnswerLeavesNoWrongRate);
    CPPUNIT_TEST(manyConvergeOnce);
    CPPUNIT_TEST(paceIsKept);
    CPPUNIT_TEST(wrongSecretRaisesAnAlarm);
    CPPUNIT_TEST(clockStepPausesCutting);
    CPPUNIT_TEST(operatorDisconnects);
    CPPUNIT_TEST(operatorDisconnectsANameWithADomain);
    CPPUNIT_TEST(operatorsRequestEnds);
    CPPUNIT_TEST(operatorWaitsForASilentNas);
    CPPUNIT_TEST(anotherWayAfterSilence);
    CPPUNIT_TEST(worksWithoutTheDatabase);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { startWorld({.perNasPerSecond = 1'000}); }

private:
    std::unique_ptr<EnforcerWorld> world_;
    LoopbackNas* nas_ = nullptr;

    void startWorld(app::Enforcer::Settings settings) {
        world_.reset();
        world_ = std::make_unique<EnforcerWorld>(kDatabaseMadeAt, std::move(settings));
        nas_ = &world_->addNas("tower");
        world_->addSubscriber("budi");
    }
    bool waitForRows(const std::string& wanted, std::chrono::milliseconds most = kSoon) {
        return world_->runUntil(most, [&] { return world_->rows() == wanted; });
    }
    bool waitForStatus(std::int64_t request, const std::string& wanted,
                       std::chrono::milliseconds most = kSoon) {
        return world_->runUntil(most, [&] { return world_->requested(request).status == wanted; });
    }
    /// As many sessions, each of a user of his own.
    void beginMany() {
        for (int i = 0; i < kMany; ++i) {
            const std::string user = "user" + std::to_string(i);
            world_->addSubscriber(user);
            world_->begin(user);
        }
    }

    void nasThatIsBackGetsItAtOnce() {
        nas_->answer(kSilence);
        world_->begin("budi");
        world_->setBandwidth("50M/50M");
        CPPUNIT_ASSERT(waitForRows("coa rate_changed timeout", 5s));
        CPPUNIT_ASSERT(world_->runUntil(kSoon, [&] {
            const auto pending = world_->pending();
            return pending.size() == 1 && pending[0].lastResult == "no answer";
        }));
        nas_->forget();
        world_->answerAll("tower");
        world_->hearOf("tower");
        CPPUNIT_ASSERT(waitForRows("coa rate_changed timeout, coa rate_changed ack"));
        CPPUNIT_ASSERT(world_->runUntil(kSoon, [&] { return world_->pending().empty(); }));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, nas_->heard().size());
    }

    void silentNasIsProbed() {
        nas_->answer(kSilence);
        for (int i = 0; i < 40; ++i) {
            const std::string user = "user" + std::to_string(i);
            world_->addSubscriber(user);
            world_->begin(user);
        }
        world_->setBandwidth("50M/50M");
        CPPUNIT_ASSERT(world_->runUntil(6s, [&] { return world_->rows().ends_with("timeout"); }));
        // What was under way had three tries; nothing follows but one after five seconds.
        world_->run(1s);
        std::set<int> identifiers;
        for (const NasHeard& heard : nas_->heard()) {
            identifiers.insert(heard.identifier);
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{32}, identifiers.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{96}, nas_->heard().size());
        nas_->forget();
        world_->run(2s);
        CPPUNIT_ASSERT(nas_->heard().empty());
        world_->run(3s);
        CPPUNIT_ASSERT(!nas_->heard().empty() && nas_->heard().size() <= 3);
        world_->answerAll("tower");
        CPPUNIT_ASSERT(world_->runUntil(4s, [&] { return world_->pending().empty(); }));
    }

    void silentNasDelaysNoOther() {
        LoopbackNas& hill = world_->addNas("hill", "127.0.0.2");
        nas_->answer(kSilence);
        world_->addSubscriber("siti");
        world_->begin("budi", "tower");
        world_->begin("siti", "hill");
        for (const char* rate : {"50M/50M", "60M/60M", "70M/70M"}) {
            hill.forget();
            world_->setBandwidth(rate);
            CPPUNIT_ASSERT(world_->runUntil(500ms, [&] { return hill.heard().size() == 1; }));
            CPPUNIT_ASSERT_EQUAL(std::string(rate), hill.heard().at(0).text(kRateLimit));
        }
        // Once the silent one answers, it gets the last rate only.
        world_->run(4s);
        nas_->forget();
        world_->answerAll("tower");
        world_->hearOf("tower");
        CPPUNIT_ASSERT(world_->runUntil(kSoon, [&] { return nas_->heard().size() == 1; }));
        CPPUNIT_ASSERT_EQUAL("70M/70M"s, nas_->heard().at(0).text(kRateLimit));
    }

    void ignoredSessionDelaysNoOther() {
        nas_->answer([](const NasHeard& heard) { return heard.text(1) == "budi" ? kSilence : NasAnswer{}; });
        world_->addSubscriber("siti");
        const std::int64_t request = world_->request(world_->begin("budi"));
        CPPUNIT_ASSERT(waitForRows("disconnect operator timeout", 5s));
        world_->hearOf("tower");
        world_->begin("siti");
        world_->setStatus("siti", SubscriptionStatus::Suspended);
        const std::string first = "disconnect operator timeout, disconnect subscription_suspended ack";
        CPPUNIT_ASSERT(world_->runUntil(7s, [&] { return world_->rows().starts_with(first); }));
        CPPUNIT_ASSERT_EQUAL("waiting"s, world_->requested(request).status);
    }

    // The NAS applied it, perhaps: going back to what it was told before is a change as well.
    void lostAnswerLeavesNoWrongRate() {
        nas_->answer(kSilence);
        world_->begin("budi");
        world_->setBandwidth("50M/50M");
        CPPUNIT_ASSERT(waitForRows("coa rate_changed timeout", 5s));
        world_->setBandwidth("10M/10M");
        world_->run(200ms);
        nas_->forget();
        world_->answerAll("tower");
        world_->hearOf("tower");
        CPPUNIT_ASSERT(waitForRows("coa rate_changed timeout, coa rate_changed ack"));
        CPPUNIT_ASSERT_EQUAL("10M/10M"s, nas_->heard().at(0).text(kRateLimit));
        CPPUNIT_ASSERT_EQUAL(""s, nas_->heard().at(0).text(kSessionTimeout));
        world_->enforcer().wakeAll();
        CPPUNIT_ASSERT(world_->runUntil(kSoon, [&] { return world_->pending().empty(); }));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, nas_->heard().size());
    }

    void manyConvergeOnce() {
        nas_->answer(kSilence);
        beginMany();
        world_->changePackage([](billing::Package& package) { package.pool = "other"; });
        CPPUNIT_ASSERT(world_->runUntil(6s, [&] { return world_->pending().size() == kMany; }));
        world_->run(4s);
        nas_->forget();
        world_->answerAll("tower");
        world_->hearOf("tower");
        CPPUNIT_ASSERT(world_->runUntil(10s, [&] { return world_->registry().size() == 0; }));
        world_->run(1500ms);
        std::set<std::string> sessions;
        for (const NasHeard& heard : nas_->heard()) {
            CPPUNIT_ASSERT_EQUAL(kDisconnect, heard.code);
            sessions.insert(heard.text(kAcctSessionId));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{kMany}, sessions.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{kMany}, nas_->heard().size());
        CPPUNIT_ASSERT(world_->pending().empty());
    }

    void paceIsKept() {
        startWorld({.perNasPerSecond = 20});
        for (int i = 0; i < 60; ++i) {
            const std::string user = "user" + std::to_string(i);
            world_->addSubscriber(user);
            world_->begin(user);
        }
        world_->setBandwidth("50M/50M");
        world_->run(1s);
        const std::size_t first = nas_->heard().size();
        CPPUNIT_ASSERT_MESSAGE(std::to_string(first), first >= 15 && first <= 22);
        CPPUNIT_ASSERT(world_->runUntil(4s, [&] { return nas_->heard().size() == 60; }));
    }

    void wrongSecretRaisesAnAlarm() {
        nas_->answer({NasReply::WrongAuthenticator, {}});
        world_->begin("budi");
        world_->setBandwidth("50M/50M");
        CPPUNIT_ASSERT(waitForRows("coa rate_changed timeout", 5s));
        CPPUNIT_ASSERT_EQUAL("coa_wrong_secret tower "s, world_->alarms());
        CPPUNIT_ASSERT(world_->runUntil(kSoon, [&] {
            const auto pending = world_->pending();
            return !pending.empty() && pending[0].lastResult.find("secret") != std::string::npos;
        }));
    }

    void clockStepPausesCutting() {
        world_->addSubscriber("siti");
        world_->addSubscriber("ani");
        world_->begin("budi");
        world_->begin("siti");
        const std::int64_t ani = world_->begin("ani");
        world_->run(200ms);
        world_->moveWall(std::chrono::hours(24 * 60));  // past the end of all
        world_->run(300ms);
        CPPUNIT_ASSERT_EQUAL("clock_stepped clock "s, world_->alarms());
        CPPUNIT_ASSERT(world_->db().read(radius::cuttingPausedSince).has_value());
        world_->enforcer().wakeAll();
        world_->run(500ms);
        CPPUNIT_ASSERT_EQUAL(""s, world_->rows());
        // What does not cut goes on, and so does what an operator asks for.
        world_->changeSubscriber("siti",
                                 [](auto& change) { change.endDate = core::parseDate("2030-01-01"); });
        CPPUNIT_ASSERT(waitForRows("coa end_changed ack"));
        const std::int64_t request = world_->request(ani);
        CPPUNIT_ASSERT(waitForStatus(request, "ack"));
        CPPUNIT_ASSERT(waitForRows("coa end_changed ack, disconnect operator ack"));
        CPPUNIT_ASSERT(world_->runUntil(kSoon, [&] { return world_->pending().size() == 1; }));
        world_->db().transact([](core::Tx& tx) { radius::resumeCutting(tx); });
        CPPUNIT_ASSERT(waitForRows("coa end_changed ack, disconnect operator ack, disconnect ended ack"));
    }

    void operatorDisconnects() {
        const std::int64_t session = world_->begin("budi");
        const std::int64_t request = world_->request(session);
        CPPUNIT_ASSERT(waitForStatus(request, "ack"));
        world_->begin("budi");
        world_->run(500ms);
        CPPUNIT_ASSERT_EQUAL("disconnect operator ack"s, world_->rows());
    }

    void operatorDisconnectsANameWithADomain() {
        radius::Session session = world_->session("budi", "tower");
        session.username = "CORP\\budi";
        session.usernameKey = "corp\\budi";
        const std::int64_t request = world_->request(world_->begin(session));
        CPPUNIT_ASSERT(waitForStatus(request, "ack"));
    }

    void operatorsRequestEnds() {
        CPPUNIT_ASSERT(waitForStatus(world_->request(4711), "not_found"));
        const std::int64_t ended = world_->begin("budi");
        world_->registry().erase(*world_->live("budi"));
        CPPUNIT_ASSERT(waitForStatus(world_->request(ended), "not_open"));
        nas_->answer({NasReply::Nak, 501});
        const std::int64_t refused = world_->request(world_->begin("budi"));
        CPPUNIT_ASSERT(waitForStatus(refused, "nak"));
        CPPUNIT_ASSERT_EQUAL("the NAS refuses: Administratively Prohibited (501)"s,
                             world_->requested(refused).words);
        // Asked for once, refused once.
        world_->run(6s);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, nas_->heard().size());
        nas_->answer({NasReply::Nak, 503});
        world_->addSubscriber("siti");
        CPPUNIT_ASSERT(waitForStatus(world_->request(world_->begin("siti")), "gone"));
        CPPUNIT_ASSERT(!world_->live("siti"));
    }

    void operatorWaitsForASilentNas() {
        nas_->answer(kSilence);
        const std::int64_t request = world_->request(world_->begin("budi"));
        CPPUNIT_ASSERT(world_->runUntil(5s, [&] { return !world_->requested(request).words.empty(); }));
        CPPUNIT_ASSERT_EQUAL("waiting"s, world_->requested(request).status);
        world_->answerAll("tower");
        world_->hearOf("tower");
        CPPUNIT_ASSERT(waitForStatus(request, "ack"));
    }

    void anotherWayAfterSilence() {
        std::string asked;
        startWorld({.disconnectOtherwise = [&](const radius::LiveSession& session, std::string_view reason) {
            asked += session.username + " " + std::string(reason) + " ";
            return true;
        }});
        nas_->answer(kSilence);
        world_->begin("budi");
        world_->setStatus("budi", SubscriptionStatus::Suspended);
        CPPUNIT_ASSERT(waitForRows("disconnect subscription_suspended timeout", 5s));
        nas_->forget();
        world_->run(500ms);
        CPPUNIT_ASSERT_EQUAL("budi subscription_suspended "s, asked);
        CPPUNIT_ASSERT(nas_->heard().empty());
    }

    void worksWithoutTheDatabase() {
        const std::int64_t session = world_->begin("budi");
        world_->setBandwidth("50M/50M");
        world_->stopDatabase();
        static_cast<void>(world_->request(session));
        CPPUNIT_ASSERT(world_->runUntil(kSoon, [&] { return nas_->heard().size() == 1; }));
        CPPUNIT_ASSERT_EQUAL(kCoa, nas_->heard().at(0).code);
        world_->run(300ms);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, nas_->heard().size());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EnforcerTroubleTest);

}  // namespace
}  // namespace gardu::test
