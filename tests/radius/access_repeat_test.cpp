// What happens to a request that comes again: duplicates, internal failures, and both from many threads.
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>

#include "tests/radius/access_world.h"
#include "tests/radius/packets.h"
#include "tests/support/log_capture.h"
#include "tests/support/threads.h"

namespace gardu::radius {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using gardu::test::LogCapture;
using test::AccessWorld;
using test::From;

core::Bytes papOf(const std::string& user, std::string_view password, Authenticator authenticator,
                  std::uint8_t identifier = 7) {
    const Attributes attributes = {textAttribute(attr::kUserName, user),
                                   textAttribute(attr::kUserPassword, password)};
    return encodeRequest({.identifier = identifier, .authenticator = authenticator}, attributes,
                         SharedSecret(test::kNasSecret));
}

constexpr Authenticator kFirst = test::kRequestAuthenticator;
constexpr Authenticator kSecond = {1, 2, 3};

class AccessRepeatTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AccessRepeatTest);
    CPPUNIT_TEST(retransmissionGetsTheSameOctetsAndIsDecidedOnce);
    CPPUNIT_TEST(retransmissionIsAnsweredAsBeforeAChange);
    CPPUNIT_TEST(anotherSocketOrPortIsAnotherRequest);
    CPPUNIT_TEST(newAuthenticatorIsANewRequest);
    CPPUNIT_TEST(afterItsLifetimeARequestIsNew);
    CPPUNIT_TEST(droppedRequestIsWorkedOnAnew);
    CPPUNIT_TEST(passwordThatDoesNotOpenIsSilence);
    CPPUNIT_TEST(replyThatCannotBeEncodedIsSilence);
    CPPUNIT_TEST(brokenStoredAddressIsSilence);
    CPPUNIT_TEST(manyThreadsDecideEachRequestOnce);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        startWire(builtInDictionaryDir());
        world_ = std::make_unique<AccessWorld>();
        world_->addNas("tower", "10.0.0.1", MessageAuthenticatorPolicy::Auto);
        world_->addSubscriber("bob", "hello");
    }

private:
    std::unique_ptr<AccessWorld> world_;

    /// The counter's value, -1 where there is none of that name.
    int counter(const std::string& name) {
        const std::string text = world_->metrics().text();
        const std::size_t at = text.find("\n" + name + " ");
        return at == std::string::npos ? -1 : std::stoi(text.substr(at + name.size() + 2));
    }

    void retransmissionGetsTheSameOctetsAndIsDecidedOnce() {
        for (const char* password : {"hello", "wrong"}) {
            const core::Bytes octets = papOf("bob", password, kFirst, password[0] == 'h' ? 1 : 2);
            const AccessAnswer first = world_->send(octets, {.random = 1});
            CPPUNIT_ASSERT(std::holds_alternative<Bytes>(first));
            for (std::uint64_t again = 2; again < 5; ++again) {
                const auto monotonic = std::chrono::steady_clock::time_point(again * 1s);
                const AccessAnswer same = world_->send(
                    octets, {.now = test::kNoon + again * 1s, .monotonic = monotonic, .random = again});
                CPPUNIT_ASSERT(std::get<Bytes>(first) == std::get<Bytes>(same));
            }
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world_->authLog().take(10).size());
        }
        CPPUNIT_ASSERT_EQUAL(8, counter("gardu_access_requests_total"));
        CPPUNIT_ASSERT_EQUAL(6, counter("gardu_access_duplicates_total"));
        CPPUNIT_ASSERT_EQUAL(1, counter("gardu_access_decisions_total{outcome=\"accept\"}"));
        CPPUNIT_ASSERT_EQUAL(1, counter("gardu_access_decisions_total{outcome=\"reject\"}"));
    }

    void retransmissionIsAnsweredAsBeforeAChange() {
        const core::Bytes octets = papOf("bob", "hello", kFirst);
        const AccessAnswer first = world_->send(octets);
        world_->addSubscriber("bob", "changed");
        CPPUNIT_ASSERT(std::get<Bytes>(first) == std::get<Bytes>(world_->send(octets)));
        CPPUNIT_ASSERT(test::inWords(world_->send(octets, {.port = 1})).starts_with("Reject"));
    }

    void anotherSocketOrPortIsAnotherRequest() {
        const core::Bytes octets = papOf("bob", "hello", kFirst);
        const AccessAnswer first = world_->send(octets, {.random = 1});
        const From others[] = {{.port = 40'001, .random = 2}, {.socket = 1, .random = 3}};
        for (const From& from : others) {
            CPPUNIT_ASSERT(std::get<Bytes>(first) != std::get<Bytes>(world_->send(octets, from)));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, world_->authLog().size());
    }

    void newAuthenticatorIsANewRequest() {
        CPPUNIT_ASSERT(test::inWords(world_->send(papOf("bob", "hello", kFirst))).starts_with("Accept"));
        const AccessAnswer second = world_->send(papOf("bob", "wrong", kSecond));
        CPPUNIT_ASSERT(test::inWords(second, test::kNasSecret, kSecond).starts_with("Reject"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, world_->authLog().size());
    }

    void afterItsLifetimeARequestIsNew() {
        const core::Bytes octets = papOf("bob", "hello", kFirst);
        static_cast<void>(world_->send(octets));
        static_cast<void>(world_->send(octets, {.monotonic = From{}.monotonic + ReplyCache::kLifetime}));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, world_->authLog().size());
    }

    void droppedRequestIsWorkedOnAnew() {
        const core::Bytes octets = test::packet(1, "0105626f62 0212" + test::times(16, "ab") + "0303aa");
        for (int again = 0; again < 2; ++again) {
            CPPUNIT_ASSERT_EQUAL("dropped bad_attribute_length"s, test::inWords(world_->send(octets)));
        }
        const core::Bytes several = test::packet(1, "0105626f62 0202 0313" + test::times(17, "cd"));
        for (int again = 0; again < 2; ++again) {
            CPPUNIT_ASSERT_EQUAL("dropped several_credentials"s, test::inWords(world_->send(several)));
        }
        CPPUNIT_ASSERT_EQUAL(0, counter("gardu_access_duplicates_total"));
    }

    /// Silence, counted and logged, but no decision; the retransmission is worked on anew. `invariants`: how
    /// many were broken for each packet.
    void checkInternalFailure(const std::string& user, int invariants, const AccessWorld::Change& broken) {
        world_->addSubscriber(user, "hello", broken);
        const core::Bytes octets = papOf(user, "hello", kFirst);
        const LogCapture log;
        for (int times = 1; times <= 2; ++times) {
            CPPUNIT_ASSERT_EQUAL("dropped internal_error"s, test::inWords(world_->send(octets)));
            CPPUNIT_ASSERT_EQUAL(times, counter("gardu_access_dropped_total{reason=\"internal_error\"}"));
            CPPUNIT_ASSERT_EQUAL(invariants * times, counter("gardu_invariant_broken_total"));
        }
        const std::string event = invariants == 0 ? "event=access_failed" : "event=invariant_broken";
        CPPUNIT_ASSERT_MESSAGE(log.text(), log.text().find(event) != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string::npos, log.text().find("hello"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, world_->authLog().size());
        CPPUNIT_ASSERT_EQUAL(0, counter("gardu_access_decisions_total{outcome=\"accept\"}"));
        world_->addSubscriber(user, "hello");
        CPPUNIT_ASSERT(test::inWords(world_->send(octets)).starts_with("Accept"));
    }

    void passwordThatDoesNotOpenIsSilence() {
        checkInternalFailure("eve", 0,
                             [](auto& r) { r.subscription.id = "00000000-0000-0000-0000-0000000000ff"; });
    }

    // The auth log once had an Accept that was never sent.
    void replyThatCannotBeEncodedIsSilence() {
        checkInternalFailure("eve", 0, [](auto& r) {
            r.subscription.addresses.framedRoutes.assign(40, std::string(120, 'r'));
        });
    }

    void brokenStoredAddressIsSilence() {
        checkInternalFailure("eve", 1, [](auto& r) { r.subscription.addresses.ipv4 = "none"; });
    }

    void manyThreadsDecideEachRequestOnce() {
        constexpr int kThreads = 4;
        constexpr int kRequests = 500;
        std::vector<core::Bytes> requests;
        requests.reserve(kRequests);
        for (int i = 0; i < kRequests; ++i) {
            requests.push_back(
                papOf(i % 3 == 0 ? "nobody" : "bob", "hello", kFirst, static_cast<std::uint8_t>(i)));
        }
        std::atomic<int> wrong{0};
        gardu::test::inThreads(kThreads, [&](int) {
            for (int i = 0; i < kRequests; ++i) {
                const From from = {.port = static_cast<std::uint16_t>(i)};
                const std::string reply =
                    test::inWords(world_->send(requests[static_cast<std::size_t>(i)], from));
                const bool expected = reply.starts_with(i % 3 == 0 ? "Reject" : "Accept") ||
                                      reply == "dropped duplicate_in_progress";
                wrong.fetch_add(expected ? 0 : 1);
            }
        });
        CPPUNIT_ASSERT_EQUAL(0, wrong.load());
        CPPUNIT_ASSERT_EQUAL(std::size_t{kRequests}, world_->authLog().size());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AccessRepeatTest);

}  // namespace
}  // namespace gardu::radius
