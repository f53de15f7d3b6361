// Claims of places: the limit of simultaneous sessions.
#include <atomic>

#include "tests/radius/registry_world.h"
#include "tests/support/threads.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;
using namespace test;

struct PlaceCase {
    std::string what;
    /// Of the session that is there, and of the login.
    std::string hasPort;
    std::optional<std::uint32_t> hasNumber;
    std::string nas;
    std::string port;
    std::optional<std::uint32_t> number;
    std::string claimed;
};

constexpr auto kNone = std::nullopt;

/// One session of the device is there, at a limit of one.
const std::vector<PlaceCase> kPlaces = {
    {"the same port", "ether1", kNone, "nas", "ether1", kNone, "granted"},
    {"a login that names no port", "ether1", 1, "nas", "", kNone, "granted"},
    {"neither names a port", "", kNone, "nas", "", kNone, "granted"},
    {"a hotspot's number is of the login", "bridge", 1, "nas", "bridge", 2, "granted"},
    {"the same number", "", 1, "nas", "", 1, "granted"},
    {"another port", "ether1", kNone, "nas", "ether2", kNone, "refused"},
    {"another port of the same number", "ether1", 1, "nas", "ether2", 1, "refused"},
    {"another number", "", 1, "nas", "", 2, "refused"},
    {"another NAS", "ether1", 1, "other", "ether1", 1, "refused"},
    {"another NAS, no port named", "ether1", 1, "other", "", kNone, "refused"},
};

SessionClaim claimAt(std::uint8_t number, const PlaceCase& place, int now) {
    SessionClaim claim = claimOf(number, 1, now, "A");
    claim.nasKey = place.nas;
    claim.nasPortId = place.port;
    claim.nasPort = place.number;
    return claim;
}

class SessionClaimTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SessionClaimTest);
    CPPUNIT_TEST(limitCountsSessionsAndClaims);
    CPPUNIT_TEST(claimEndsInTime);
    CPPUNIT_TEST(claimIsBoundByItsLogin);
    CPPUNIT_TEST(claimIsBoundByItsDeviceWithoutClass);
    CPPUNIT_TEST(startWithoutClassIsToldWhatItsClaimWas);
    CPPUNIT_TEST(claimOutlivesAPacketThatTookLong);
    CPPUNIT_TEST(releasedClaimIsFree);
    CPPUNIT_TEST(sameDeviceTakesItsOwnPlace);
    CPPUNIT_TEST(sameDeviceElsewhereNeedsAPlaceOfItsOwn);
    CPPUNIT_TEST(tunnelsFromOneAddressNeedAPlaceEach);
    CPPUNIT_TEST(silentSessionsDoNotCount);
    CPPUNIT_TEST(replaceOldIsNeverRefused);
    CPPUNIT_TEST(claimsWithoutALimitAreBounded);
    CPPUNIT_TEST(oneOfManyThreadsGetsTheLastPlace);
    CPPUNIT_TEST_SUITE_END();

    Registry registry_;

    void limitCountsSessionsAndClaims() {
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(1, 2, 0));
        registry_.hear({kStart, 1, -1, "s1", 1});
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(2, 2, 2));
        CPPUNIT_ASSERT_EQUAL("refused"s, registry_.claim(3, 2, 3));
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(4, 3, 3));
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(5, std::nullopt, 3));
        registry_.hear({kStop, 5, 4, "s1", 1});
        CPPUNIT_ASSERT_EQUAL("refused"s, registry_.claim(6, 3, 6));
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(6, 4, 6));
    }

    void claimEndsInTime() {
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(1, 1, 0));
        CPPUNIT_ASSERT_EQUAL("refused"s, registry_.claim(2, 1, 29));
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(3, 1, 30));
        // The clock is set back an hour.
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(4, 1, -3600));
    }

    void claimIsBoundByItsLogin() {
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(1, 2, 0));
        registry_.hear({kStart, 1, -1, "s1", 9});  // of another login
        CPPUNIT_ASSERT_EQUAL("refused"s, registry_.claim(2, 2, 2));
        registry_.hear({kInterim, 3, 2, "s2", 1});
        CPPUNIT_ASSERT_EQUAL("refused"s, registry_.claim(2, 2, 3));
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(2, 3, 3));
        // A session that stops at once needs no place either.
        registry_.hear({kStop, 4, 0, "s3", 2});
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(3, 3, 5));
    }

    void claimIsBoundByItsDeviceWithoutClass() {
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(1, 2, 0, "A"));
        registry_.hear({kStart, 1, -1, "s1", 0, "A"});
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(2, 2, 2, "B"));
        CPPUNIT_ASSERT_EQUAL("refused"s, registry_.claim(3, 2, 2, "C"));
    }

    void startWithoutClassIsToldWhatItsClaimWas() {
        SessionRegistry& registry = registry_;
        SessionClaim claim = claimOf(1, 2, 0, "A");
        claim.told = Told{billing::Access::Full, 7, 0, {}};
        CPPUNIT_ASSERT(registry.claim(claim) == Claimed::Granted);
        registry_.hear({kStart, 1, -1, "s8", 0, "A", "ether1", "other"});
        registry_.hear({kStart, 1, -1, "s9", 0, "B"});
        for (const LiveSession& session : registry_.sessionsOf("bob")) {
            CPPUNIT_ASSERT(!session.told && session.loginId.empty());
            registry_.erase(session);
        }
        registry_.hear({kStart, 1, -1, "s1", 0, "A"});
        registry_.hear({kInterim, 300, 299, "s1", 0, "A"});
        CPPUNIT_ASSERT_EQUAL(core::toText(login(1)), registry_.only().loginId);
        CPPUNIT_ASSERT(registry_.only().told == claim.told);
    }

    void claimOutlivesAPacketThatTookLong() {
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(1, 1, 100));
        registry_.hear({kStop, 0, 0, "s9"});  // received long before, durable only now
        CPPUNIT_ASSERT_EQUAL("refused"s, registry_.claim(2, 1, 101));
    }

    void releasedClaimIsFree() {
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(1, 1, 0));
        registry_.release("bob", login(2));
        CPPUNIT_ASSERT_EQUAL("refused"s, registry_.claim(2, 1, 1));
        registry_.release("bob", login(1));
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(2, 1, 1));
        registry_.release("nobody", login(1));
    }

    void sameDeviceTakesItsOwnPlace() {
        registry_.hear({kStart, 0, -1, "s1", 0, "A"});
        CPPUNIT_ASSERT_EQUAL("refused"s, registry_.claim(1, 1, 1, "B"));
        CPPUNIT_ASSERT_EQUAL("refused"s, registry_.claim(2, 1, 1, ""));
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(3, 1, 1, "A"));
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(4, 1, 2, "A"));
        CPPUNIT_ASSERT_EQUAL("refused"s, registry_.claim(5, 1, 2, "B"));
        CPPUNIT_ASSERT_EQUAL("refused"s, registry_.claim(6, 2, 2, "B"));  // its session and its claim
    }

    void sameDeviceElsewhereNeedsAPlaceOfItsOwn() {
        for (const PlaceCase& place : kPlaces) {
            Registry registry;
            registry.hear({kStart, 0, -1, "s1", 0, "A", place.hasPort, "nas", 0, "bob", place.hasNumber});
            const Claimed claimed = static_cast<SessionRegistry&>(registry).claim(claimAt(1, place, 1));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(place.what, place.claimed, inWords(claimed));
        }
    }

    void tunnelsFromOneAddressNeedAPlaceEach() {
        SessionRegistry& registry = registry_;
        CPPUNIT_ASSERT(registry.claim(claimAt(1, {"", "", kNone, "nas", "", 1, ""}, 0)) == Claimed::Granted);
        CPPUNIT_ASSERT(registry.claim(claimAt(2, {"", "", kNone, "nas", "", 2, ""}, 0)) == Claimed::Refused);
        CPPUNIT_ASSERT(registry.claim(claimAt(3, {"", "", kNone, "nas", "", 1, ""}, 0)) == Claimed::Granted);
    }

    void silentSessionsDoNotCount() {
        registry_.hear({kStart, 0});
        CPPUNIT_ASSERT_EQUAL("refused"s, registry_.claim(1, 1, 750));
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(1, 1, 751));
        registry_.release("bob", login(1));
        registry_.hear({kInterim, 1000, 1000});  // a pause of 1000 s: 2500 s of silence are allowed
        CPPUNIT_ASSERT_EQUAL("refused"s, registry_.claim(1, 1, 3500));
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(1, 1, 3501));
    }

    void replaceOldIsNeverRefused() {
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claimReplacing(1, 1, 0));
        registry_.hear({kStart, 1, -1, "s1", 1});
        CPPUNIT_ASSERT_EQUAL("replacing"s, registry_.claimReplacing(2, 1, 2));
        CPPUNIT_ASSERT_EQUAL("replacing"s, registry_.claimReplacing(3, 1, 2));
        CPPUNIT_ASSERT_EQUAL("s1@1"s, registry_.open());
    }

    void claimsWithoutALimitAreBounded() {
        for (std::uint8_t number = 1; number <= 100; ++number) {
            CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(number, std::nullopt, 0));
        }
        CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(101, 17, 0));
        CPPUNIT_ASSERT_EQUAL("refused"s, registry_.claim(102, 17, 0));
        // A high limit is counted all the same.
        for (std::uint8_t number = 103; number <= 150; ++number) {
            CPPUNIT_ASSERT_EQUAL("granted"s, registry_.claim(number, 65, 1));
        }
        CPPUNIT_ASSERT_EQUAL("refused"s, registry_.claim(151, 65, 1));
    }

    void oneOfManyThreadsGetsTheLastPlace() {
        constexpr int kThreads = 4;
        constexpr int kRounds = 2'000;
        std::vector<std::atomic<int>> granted(kRounds);
        std::vector<std::atomic<int>> arrived(kRounds);
        gardu::test::inThreads(kThreads, [&](int thread) {
            for (int round = 0; round < kRounds; ++round) {
                SessionClaim claim = claimOf(static_cast<std::uint8_t>(thread + 1), 1, 0);
                claim.usernameKey = "user" + std::to_string(round);
                const auto index = static_cast<std::size_t>(round);
                ++arrived[index];
                while (arrived[index] < kThreads) {
                    std::this_thread::yield();
                }
                granted[index] += registry_.SessionRegistry::claim(claim) == Claimed::Granted ? 1 : 0;
            }
        });
        CPPUNIT_ASSERT_EQUAL(kRounds, static_cast<int>(std::count(granted.begin(), granted.end(), 1)));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SessionClaimTest);

}  // namespace
}  // namespace gardu::radius
