#include "radius/reply_cache.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>

#include "tests/support/threads.h"

namespace gardu::radius {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using Clock = ReplyCache::Clock;

constexpr Clock::time_point kStart{1'000s};
const Authenticator kFirst = {1};
const Authenticator kSecond = {2};
const Bytes kReply = {2, 7, 0, 20};
const Bytes kOtherReply = {3, 7, 0, 20};

RequestKey keyOf(std::string_view source, std::uint16_t port, std::uint16_t socket, std::uint8_t identifier) {
    return {core::parseIpAddress(source).value(), port, socket, identifier};
}

const RequestKey kKey = keyOf("10.0.0.1", 40'000, 0, 7);

/// "fresh", "in progress", or the reply in hexadecimal.
std::string inWords(const ReplyCache::Found& found) {
    if (const auto* reply = std::get_if<Bytes>(&found)) {
        return core::toHex(*reply);
    }
    return std::holds_alternative<ReplyCache::Fresh>(found) ? "fresh" : "in progress";
}

struct Fixture : ReplyCache {
    std::string ask(const RequestKey& key, const Authenticator& authenticator,
                    Clock::time_point now = kStart) {
        return inWords(begin(key, authenticator, now));
    }
};

class ReplyCacheTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ReplyCacheTest);
    CPPUNIT_TEST(sameRequestGetsTheSameOctets);
    CPPUNIT_TEST(requestThatIsWorkedOnIsInProgress);
    CPPUNIT_TEST(everyPartOfTheKeyCounts);
    CPPUNIT_TEST(anotherAuthenticatorTakesThePlace);
    CPPUNIT_TEST(lateReplyOfTheOldRequestIsNotKept);
    CPPUNIT_TEST(forgottenRequestIsWorkedOnAnew);
    CPPUNIT_TEST(forgettingTheOldRequestLeavesTheNewOne);
    CPPUNIT_TEST(livesItsTime);
    CPPUNIT_TEST(newRequestInAnOldPlaceLivesItsOwnTime);
    CPPUNIT_TEST(isBoundedAndTheOldestGoFirst);
    CPPUNIT_TEST(oneBusySourceIsBoundedToo);
    CPPUNIT_TEST(oneOfManyThreadsWorksOnARequest);
    CPPUNIT_TEST_SUITE_END();

    Fixture cache_;

    void sameRequestGetsTheSameOctets() {
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(kKey, kFirst));
        cache_.finish(kKey, kFirst, kReply);
        for (int again = 0; again < 3; ++again) {
            CPPUNIT_ASSERT_EQUAL("02070014"s, cache_.ask(kKey, kFirst));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, cache_.size());
    }

    void requestThatIsWorkedOnIsInProgress() {
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(kKey, kFirst));
        CPPUNIT_ASSERT_EQUAL("in progress"s, cache_.ask(kKey, kFirst));
        cache_.finish(kKey, kFirst, kReply);
        CPPUNIT_ASSERT_EQUAL("02070014"s, cache_.ask(kKey, kFirst));
    }

    void everyPartOfTheKeyCounts() {
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(kKey, kFirst));
        cache_.finish(kKey, kFirst, kReply);
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(keyOf("10.0.0.2", 40'000, 0, 7), kFirst));
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(keyOf("a00:1::", 40'000, 0, 7), kFirst));
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(keyOf("10.0.0.1", 40'001, 0, 7), kFirst));
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(keyOf("10.0.0.1", 40'000, 1, 7), kFirst));
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(keyOf("10.0.0.1", 40'000, 0, 8), kFirst));
        CPPUNIT_ASSERT_EQUAL(std::size_t{6}, cache_.size());
    }

    void anotherAuthenticatorTakesThePlace() {
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(kKey, kFirst));
        cache_.finish(kKey, kFirst, kReply);
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(kKey, kSecond));
        CPPUNIT_ASSERT_EQUAL("in progress"s, cache_.ask(kKey, kSecond));
        cache_.finish(kKey, kSecond, kOtherReply);
        CPPUNIT_ASSERT_EQUAL("03070014"s, cache_.ask(kKey, kSecond));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, cache_.size());
    }

    void lateReplyOfTheOldRequestIsNotKept() {
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(kKey, kFirst));
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(kKey, kSecond));
        cache_.finish(kKey, kFirst, kReply);
        CPPUNIT_ASSERT_EQUAL("in progress"s, cache_.ask(kKey, kSecond));
    }

    void forgottenRequestIsWorkedOnAnew() {
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(kKey, kFirst));
        cache_.forget(kKey, kFirst);
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(kKey, kFirst));
        cache_.finish(kKey, kFirst, kReply);
        CPPUNIT_ASSERT_EQUAL("02070014"s, cache_.ask(kKey, kFirst));
    }

    void forgettingTheOldRequestLeavesTheNewOne() {
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(kKey, kFirst));
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(kKey, kSecond));
        cache_.forget(kKey, kFirst);
        CPPUNIT_ASSERT_EQUAL("in progress"s, cache_.ask(kKey, kSecond));
    }

    void livesItsTime() {
        CPPUNIT_ASSERT(5s <= ReplyCache::kLifetime && ReplyCache::kLifetime <= 30s);  // RFC 5080
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(kKey, kFirst));
        cache_.finish(kKey, kFirst, kReply);
        const auto end = kStart + ReplyCache::kLifetime;
        CPPUNIT_ASSERT_EQUAL("02070014"s, cache_.ask(kKey, kFirst, end - 1ns));
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(kKey, kFirst, end));
    }

    void newRequestInAnOldPlaceLivesItsOwnTime() {
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(kKey, kFirst));
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(kKey, kSecond, kStart + 6s));
        cache_.finish(kKey, kSecond, kReply);
        CPPUNIT_ASSERT_EQUAL("02070014"s, cache_.ask(kKey, kSecond, kStart + 12s));
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(kKey, kSecond, kStart + 16s));
    }

    void isBoundedAndTheOldestGoFirst() {
        const auto numbered = [](std::size_t number) {
            return keyOf("10.0.0.1", static_cast<std::uint16_t>(number >> 8U), 0,
                         static_cast<std::uint8_t>(number & 0xffU));
        };
        const std::size_t many = 2 * ReplyCache::kMaxEntries;
        const auto at = [](std::size_t number) { return kStart + std::chrono::microseconds(number); };
        for (std::size_t number = 0; number < many / 2; ++number) {
            CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(numbered(number), kFirst, at(number)));
            cache_.finish(numbered(number), kFirst, kReply);
        }
        const std::size_t half = cache_.size();
        CPPUNIT_ASSERT(half > ReplyCache::kMaxEntries * 9 / 10);
        for (std::size_t number = 0; number < many / 2; ++number) {
            const RequestKey key = keyOf("10.0.0.2", static_cast<std::uint16_t>(number >> 8U), 0,
                                         static_cast<std::uint8_t>(number & 0xffU));
            CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(key, kFirst, at(many / 2 + number)));
            cache_.finish(key, kFirst, kReply);
        }
        CPPUNIT_ASSERT(cache_.size() <= ReplyCache::kMaxEntries);
        CPPUNIT_ASSERT(cache_.size() > ReplyCache::kMaxEntries * 9 / 10);
        CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(numbered(0), kFirst, at(many)));
        CPPUNIT_ASSERT_EQUAL("02070014"s, cache_.ask(keyOf("10.0.0.2", 255, 0, 255), kFirst, at(many)));
    }

    // A router has 256 identifiers a port: however many requests it sends, others keep their replies.
    void oneBusySourceIsBoundedToo() {
        for (int number = 0; number < 256; ++number) {
            const RequestKey other = keyOf("10.0.0.9", 1, 0, static_cast<std::uint8_t>(number));
            CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(other, kFirst));
            cache_.finish(other, kFirst, kReply);
        }
        for (std::uint32_t number = 0; number < 300'000; ++number) {
            const Authenticator authenticator = {static_cast<std::uint8_t>(number >> 16U),
                                                 static_cast<std::uint8_t>(number >> 8U), 1};
            const RequestKey key = keyOf("10.0.0.1", 1, 0, static_cast<std::uint8_t>(number));
            CPPUNIT_ASSERT_EQUAL("fresh"s, cache_.ask(key, authenticator, kStart + 1s));
            cache_.finish(key, authenticator, kReply);
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{512}, cache_.size());
        for (int number = 0; number < 256; ++number) {
            const RequestKey other = keyOf("10.0.0.9", 1, 0, static_cast<std::uint8_t>(number));
            CPPUNIT_ASSERT_EQUAL("02070014"s, cache_.ask(other, kFirst, kStart + 1s));
        }
    }

    void oneOfManyThreadsWorksOnARequest() {
        constexpr int kThreads = 4;
        constexpr std::size_t kRequests = 5'000;
        std::vector<std::atomic<int>> worked(kRequests);
        std::atomic<int> wrong{0};
        gardu::test::inThreads(kThreads, [&](int) {
            for (std::size_t number = 0; number < kRequests; ++number) {
                const RequestKey key = keyOf("10.0.0.1", static_cast<std::uint16_t>(number >> 8U), 0,
                                             static_cast<std::uint8_t>(number));
                const Bytes reply = {static_cast<std::uint8_t>(number), 5};
                const auto found = cache_.begin(key, kFirst, kStart);
                if (std::holds_alternative<ReplyCache::Fresh>(found)) {
                    worked[number].fetch_add(1);
                    cache_.finish(key, kFirst, reply);
                } else if (const auto* earlier = std::get_if<Bytes>(&found)) {
                    wrong.fetch_add(*earlier == reply ? 0 : 1);
                }
            }
        });
        CPPUNIT_ASSERT_EQUAL(0, wrong.load());
        for (const auto& times : worked) {
            CPPUNIT_ASSERT_EQUAL(1, times.load());
        }
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ReplyCacheTest);

}  // namespace
}  // namespace gardu::radius
