// The Enforcer over real UDP: what a change, an end or an operator does to a session that is open.
#include "app/enforcer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <set>
#include <thread>

#include "radius/nas_service.h"
#include "tests/app/enforcer_world.h"

namespace gardu::test {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;
using billing::SubscriptionStatus;

/// 2026-12-21T24:00 in Jakarta, where subscriptions of the tests end.
constexpr core::Instant kEnd{core::Seconds(1'797'872'400)};
constexpr auto kSoon = 2s;

/// "43 40 ": codes of what the NAS heard, in order.
std::string codes(const LoopbackNas& nas) {
    std::string text;
    for (const NasHeard& heard : nas.heard()) {
        text += std::to_string(heard.code) + " ";
    }
    return text;
}

class EnforcerTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EnforcerTest);
    CPPUNIT_TEST(newRateIsOneCoa);
    CPPUNIT_TEST(renewalIsACoa);
    CPPUNIT_TEST(endIsActedUponAtItsSecond);
    CPPUNIT_TEST(isolatesAndRestores);
    CPPUNIT_TEST(removedSubscriberIsDisconnected);
    CPPUNIT_TEST(refusedCoaBecomesADisconnect);
    CPPUNIT_TEST(refusedRenewalDisconnectsNobody);
    CPPUNIT_TEST(refusedDisconnectIsTriedAgain);
    CPPUNIT_TEST(sessionThatTheNasDoesNotHaveIsGone);
    CPPUNIT_TEST(nasWithoutCoaIsDisconnected);
    CPPUNIT_TEST(anotherServersSessionIsOnlyTold);
    CPPUNIT_TEST(oldestGoesOverTheLimit);
    CPPUNIT_TEST(noSecondKickBeforeTheStop);
    CPPUNIT_TEST(noMoreNasNoRequest);
    CPPUNIT_TEST(wakesFromAnotherThread);
    CPPUNIT_TEST(missedChangeIsFoundByTheRound);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { startWorld(kDatabaseMadeAt); }

private:
    std::unique_ptr<EnforcerWorld> world_;
    LoopbackNas* nas_ = nullptr;

    void startWorld(core::Instant wall) {
        world_.reset();
        world_ = std::make_unique<EnforcerWorld>(wall);
        nas_ = &world_->addNas("tower");
        world_->addSubscriber("budi");
    }
    bool waitForCodes(const std::string& wanted, std::chrono::milliseconds most = kSoon) {
        return world_->runUntil(most, [&] { return codes(*nas_) == wanted; });
    }

    void newRateIsOneCoa() {
        world_->begin("budi");
        world_->run(200ms);
        CPPUNIT_ASSERT_EQUAL(""s, codes(*nas_));
        world_->setBandwidth("50M/50M");
        CPPUNIT_ASSERT(waitForCodes("43 "));
        const NasHeard heard = nas_->heard().at(0);
        CPPUNIT_ASSERT(heard.authenticatorIsRight && heard.messageAuthenticatorIsRight);
        CPPUNIT_ASSERT_EQUAL("50M/50M"s, heard.text(kRateLimit));
        CPPUNIT_ASSERT_EQUAL("budi"s, heard.text(1));
        CPPUNIT_ASSERT_EQUAL("81001"s, heard.text(kAcctSessionId));
        CPPUNIT_ASSERT_EQUAL(""s, heard.text(kSessionTimeout));
        // It is known now: in memory, in the journal, and to whoever asks again.
        world_->enforcer().wakeAll();
        world_->run(1500ms);
        CPPUNIT_ASSERT_EQUAL("43 "s, codes(*nas_));
        CPPUNIT_ASSERT(world_->live("budi")->told == world_->toldNow("budi"));
        const auto records = world_->journaled();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, records.size());
        const auto& told = std::get<radius::JournaledTold>(records[0]);
        CPPUNIT_ASSERT(told.told == world_->toldNow("budi") && told.session.acctSessionId == "81001");
        CPPUNIT_ASSERT_EQUAL("coa rate_changed ack"s, world_->rows());
        CPPUNIT_ASSERT(world_->pending().empty());
    }

    void renewalIsACoa() {
        world_->begin("budi");
        world_->changeSubscriber("budi",
                                 [](auto& change) { change.endDate = core::parseDate("2027-01-21"); });
        CPPUNIT_ASSERT(waitForCodes("43 "));
        // From 19:00 of 22 November to 24:00 of 21 January.
        const std::uint32_t wanted = 60 * 86'400 + 5 * 3'600;
        const std::uint32_t timeout = nas_->heard().at(0).number(kSessionTimeout);
        CPPUNIT_ASSERT(timeout <= wanted && timeout + 10 >= wanted);
        world_->changeSubscriber("budi", [](auto& change) { change.endDate = std::optional<core::Date>(); });
        CPPUNIT_ASSERT(waitForCodes("43 43 "));
        CPPUNIT_ASSERT_EQUAL(std::uint32_t{21'474'720}, nas_->heard().at(1).number(kSessionTimeout));
    }

    void endIsActedUponAtItsSecond() {
        startWorld(kEnd - 1500ms);
        world_->begin("budi");
        world_->run(1s);
        CPPUNIT_ASSERT_EQUAL(""s, codes(*nas_));
        CPPUNIT_ASSERT(waitForCodes("40 "));
        CPPUNIT_ASSERT(world_->wall() >= kEnd && world_->wall() - kEnd < 1s);
        CPPUNIT_ASSERT(world_->runUntil(kSoon, [&] { return world_->rows() == "disconnect ended ack"; }));
        CPPUNIT_ASSERT(!world_->live("budi"));
    }

    void isolatesAndRestores() {
        world_->begin("budi");
        world_->setStatus("budi", SubscriptionStatus::Suspended);
        CPPUNIT_ASSERT(world_->runUntil(kSoon, [&] { return !world_->live("budi"); }));
        world_->begin("budi");
        world_->run(300ms);
        CPPUNIT_ASSERT_EQUAL("40 "s, codes(*nas_));
        world_->setStatus("budi", SubscriptionStatus::Active);
        CPPUNIT_ASSERT(world_->runUntil(kSoon, [&] { return !world_->live("budi"); }));
        world_->begin("budi");
        world_->run(1200ms);
        CPPUNIT_ASSERT_EQUAL("disconnect subscription_suspended ack, disconnect restored ack"s,
                             world_->rows());
    }

    void removedSubscriberIsDisconnected() {
        world_->begin("budi");
        billing::removeSubscriber(world_->db(), "budi", actAt());
        world_->follow();
        world_->enforcer().wake({"budi"});
        CPPUNIT_ASSERT(world_->runUntil(kSoon, [&] { return !world_->live("budi"); }));
        world_->run(200ms);
        CPPUNIT_ASSERT_EQUAL("disconnect subscriber_removed ack"s, world_->rows());
    }

    void refusedCoaBecomesADisconnect() {
        nas_->answer([](const NasHeard& heard) {
            return heard.code == kCoa ? NasAnswer{NasReply::Nak, 401} : NasAnswer{};
        });
        world_->begin("budi");
        world_->setBandwidth("50M/50M");
        CPPUNIT_ASSERT(waitForCodes("43 40 "));
        world_->run(500ms);
        CPPUNIT_ASSERT_EQUAL("coa rate_changed nak, disconnect rate_changed ack"s, world_->rows());
    }

    void refusedRenewalDisconnectsNobody() {
        nas_->answer({NasReply::Nak, 401});
        world_->begin("budi");
        world_->changeSubscriber("budi",
                                 [](auto& change) { change.endDate = core::parseDate("2027-01-21"); });
        CPPUNIT_ASSERT(waitForCodes("43 "));
        world_->enforcer().wakeAll();
        world_->run(500ms);
        CPPUNIT_ASSERT_EQUAL("43 "s, codes(*nas_));
    }

    void refusedDisconnectIsTriedAgain() {
        nas_->answer({NasReply::Nak, 504});
        world_->begin("budi");
        world_->setStatus("budi", SubscriptionStatus::Cancelled);
        CPPUNIT_ASSERT(waitForCodes("40 "));
        CPPUNIT_ASSERT(world_->runUntil(kSoon, [&] {
            const auto shown = world_->pending();
            return shown.size() == 1 && !shown[0].lastResult.empty();
        }));
        const auto pending = world_->pending().at(0);
        CPPUNIT_ASSERT_EQUAL(
            "disconnect subscription_cancelled tower Session Context Not Removable (504)"s,
            pending.action + " " + pending.reason + " " + pending.nas + " " + pending.lastResult);
        CPPUNIT_ASSERT(pending.attempts == 1 && pending.nextAttemptAt > world_->wall());
        world_->answerAll("tower");
        world_->run(1s);
        CPPUNIT_ASSERT_EQUAL("40 "s, codes(*nas_));
        CPPUNIT_ASSERT(waitForCodes("40 40 ", 6s));
        CPPUNIT_ASSERT(world_->runUntil(kSoon, [&] { return world_->pending().empty(); }));
    }

    void sessionThatTheNasDoesNotHaveIsGone() {
        for (const std::uint32_t cause : {406U, 503U}) {
            for (const auto status : {SubscriptionStatus::Active, SubscriptionStatus::Suspended}) {
                startWorld(kDatabaseMadeAt);
                nas_->answer({NasReply::Nak, cause});
                world_->begin("budi");
                world_->setBandwidth("50M/50M");
                world_->setStatus("budi", status);
                const std::string what = std::to_string(cause) + " " + std::string(billing::name(status));
                CPPUNIT_ASSERT_MESSAGE(what, world_->runUntil(kSoon, [&] { return !world_->live("budi"); }));
                world_->run(100ms);
                const auto records = world_->journaled();
                CPPUNIT_ASSERT_EQUAL_MESSAGE(what, std::size_t{1}, records.size());
                const auto& gone = std::get<radius::JournaledGone>(records[0]);
                CPPUNIT_ASSERT_EQUAL("81001"s, gone.session.acctSessionId);
                CPPUNIT_ASSERT(gone.askedAt > kDatabaseMadeAt && gone.askedAt < world_->wall());
                CPPUNIT_ASSERT_EQUAL_MESSAGE(what, std::size_t{1}, nas_->heard().size());
            }
        }
    }

    void nasWithoutCoaIsDisconnected() {
        nas_->answer([](const NasHeard& heard) {
            return heard.code == kCoa ? NasAnswer{NasReply::Nak, 406} : NasAnswer{};
        });
        const radius::Session session = world_->session("budi", "tower");
        world_->begin(session);
        world_->setBandwidth("50M/50M");
        CPPUNIT_ASSERT(world_->runUntil(kSoon, [&] { return !world_->live("budi"); }));
        // It is heard of again: it was there all the time.
        world_->registry().put(session);
        world_->enforcer().wake({"budi"});
        CPPUNIT_ASSERT(waitForCodes("43 43 40 "));
    }

    void anotherServersSessionIsOnlyTold() {
        radius::Session session = world_->session("budi", "tower");
        session.told.reset();
        nas_->answer({NasReply::Nak, 401});
        world_->begin(session);
        CPPUNIT_ASSERT(waitForCodes("43 "));
        CPPUNIT_ASSERT_EQUAL("10M/10M"s, nas_->heard().at(0).text(kRateLimit));
        world_->setStatus("budi", SubscriptionStatus::Suspended);
        world_->run(500ms);
        CPPUNIT_ASSERT_EQUAL("43 "s, codes(*nas_));
        // A new rate is told again, and once. It stays another server's: what else it was told is not known.
        world_->answerAll("tower");
        world_->setBandwidth("50M/50M");
        world_->setStatus("budi", SubscriptionStatus::Active);
        CPPUNIT_ASSERT(waitForCodes("43 43 "));
        world_->run(500ms);
        CPPUNIT_ASSERT(!world_->live("budi")->told && world_->journaled().empty());
        world_->setStatus("budi", SubscriptionStatus::Suspended);
        world_->run(500ms);
        world_->setStatus("budi", SubscriptionStatus::Active);
        world_->run(500ms);
        CPPUNIT_ASSERT_EQUAL("43 43 "s, codes(*nas_));
        world_->setBandwidth("60M/60M");
        CPPUNIT_ASSERT(waitForCodes("43 43 43 "));
    }

    void oldestGoesOverTheLimit() {
        world_->changePackage([](billing::Package& package) { package.simultaneousUse = 2; });
        for (int i = 0; i < 4; ++i) {
            radius::Session session = world_->session("budi", "tower");
            session.startedAt += std::chrono::minutes(i);
            world_->begin(session);
        }
        CPPUNIT_ASSERT(
            world_->runUntil(kSoon, [&] { return world_->registry().sessionsOf("budi").size() == 2; }));
        world_->run(500ms);
        CPPUNIT_ASSERT_EQUAL("disconnect over_limit ack, disconnect over_limit ack"s, world_->rows());
        const std::set<std::string> ended = {nas_->heard().at(0).text(kAcctSessionId),
                                             nas_->heard().at(1).text(kAcctSessionId)};
        CPPUNIT_ASSERT(ended == (std::set<std::string>{"81001", "81002"}));
    }

    void noSecondKickBeforeTheStop() {
        nas_->answer(NasAnswer{});  // and no Stop
        radius::Session session = world_->session("budi", "tower");
        world_->begin(session);
        world_->setStatus("budi", SubscriptionStatus::Suspended);
        CPPUNIT_ASSERT(waitForCodes("40 "));
        world_->enforcer().wakeAll();
        world_->run(500ms);
        world_->moveWall(15s);
        world_->enforcer().wakeAll();
        world_->run(500ms);
        CPPUNIT_ASSERT_EQUAL("40 "s, codes(*nas_));
        CPPUNIT_ASSERT(world_->runUntil(kSoon, [&] { return world_->pending().size() == 1; }));
        // Heard long after it should have ended: it goes on.
        session.heardAt = session.lastSeenAt = world_->wall();
        world_->registry().put(session);
        world_->enforcer().wakeAll();
        CPPUNIT_ASSERT(waitForCodes("40 40 "));
    }

    void noMoreNasNoRequest() {
        world_->begin("budi");
        radius::removeNas(world_->db(), "tower", actAt());
        world_->follow();
        world_->setStatus("budi", SubscriptionStatus::Suspended);
        const auto request = world_->request(1);
        CPPUNIT_ASSERT(
            world_->runUntil(kSoon, [&] { return world_->requested(request).status == "failed"; }));
        CPPUNIT_ASSERT_EQUAL(""s, codes(*nas_));
    }

    void wakesFromAnotherThread() {
        world_->begin("budi");
        world_->run(100ms);
        billing::SubscriberChange change;
        change.username = "budi";
        change.status = SubscriptionStatus::Suspended;
        static_cast<void>(
            billing::updateSubscriber(world_->db(), world_->vault(), change, actAt(world_->wall())));
        world_->follow();
        std::thread other([&] {
            std::this_thread::sleep_for(50ms);
            world_->enforcer().wake({"budi"});
        });
        const auto begun = std::chrono::steady_clock::now();
        world_->enforcer().turn({world_->wall(), begun}, 5s);
        const auto waited = std::chrono::steady_clock::now() - begun;
        other.join();
        CPPUNIT_ASSERT(waited < 1s);
        CPPUNIT_ASSERT(waitForCodes("40 "));
    }

    void missedChangeIsFoundByTheRound() {
        world_->begin("budi");
        world_->run(100ms);
        billing::SubscriberChange change;
        change.username = "budi";
        change.status = SubscriptionStatus::Suspended;
        static_cast<void>(
            billing::updateSubscriber(world_->db(), world_->vault(), change, actAt(world_->wall())));
        world_->follow();
        // Nobody wakes it; time is passed to it instead of waited for.
        const auto begun = std::chrono::steady_clock::now();
        for (int second = 0; second < 31; ++second) {
            const auto passed = std::chrono::seconds(second);
            world_->enforcer().turn({world_->wall() + passed, begun + passed}, 1ms);
        }
        CPPUNIT_ASSERT_EQUAL("40 "s, codes(*nas_));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EnforcerTest);

}  // namespace
}  // namespace gardu::test
