#include "core/guarded.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>

#include "tests/support/threads.h"
#include "tests/support/throws.h"

namespace {

using namespace gardu::core;
using gardu::test::inThreads;
using gardu::test::throws;

/// Two numbers that differ only while somebody is in between.
struct Pair {
    int first = 0;
    int second = 0;
};

void raise(Pair& pair) {
    ++pair.first;
    std::this_thread::yield();
    ++pair.second;
}

bool isHalf(const Pair& pair) {
    return pair.first != pair.second;
}

int valueOf(int value) {
    return value;
}

int readInThread(const SharedGuarded<int>& guarded) {
    int value = 0;
    inThreads(1, [&](int) { value = guarded.read(valueOf); });
    return value;
}

class GuardedTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(GuardedTest);
    CPPUNIT_TEST(makesItsValueFromArguments);
    CPPUNIT_TEST(returnsACopyAndNoReference);
    CPPUNIT_TEST(returnsWhatCannotBeCopied);
    CPPUNIT_TEST(unlocksAfterAnException);
    CPPUNIT_TEST(oneHolderAtATime);
    CPPUNIT_TEST(readersNeverSeeHalfAWrite);
    CPPUNIT_TEST(readersShareTheLock);
    CPPUNIT_TEST_SUITE_END();

public:
    void makesItsValueFromArguments() {
        const Guarded<std::string> three(std::size_t{3}, 'x');
        CPPUNIT_ASSERT_EQUAL(std::string("xxx"), three.with([](const std::string& text) { return text; }));
        const SharedGuarded<std::string> empty;
        CPPUNIT_ASSERT(empty.read([](const std::string& text) { return text.empty(); }));
    }

    void returnsACopyAndNoReference() {
        Guarded<std::string> guarded("one");
        const auto inside = [](std::string& text) -> std::string& { return text; };
        static_assert(std::is_same_v<decltype(guarded.with(inside)), std::string>);
        guarded.with(inside) += " more";
        CPPUNIT_ASSERT_EQUAL(std::string("one"), guarded.with(inside));
    }

    void returnsWhatCannotBeCopied() {
        Guarded<std::unique_ptr<int>> guarded(std::make_unique<int>(7));
        const auto taken = guarded.with([](std::unique_ptr<int>& value) { return std::move(value); });
        CPPUNIT_ASSERT_EQUAL(7, *taken);
    }

    void unlocksAfterAnException() {
        SharedGuarded<int> guarded(1);
        CPPUNIT_ASSERT(throws<std::string>([&] {
            guarded.write([](int&) { throw std::string("no"); });
            return 0;
        }));
        guarded.write([](int& value) { value = 2; });
        CPPUNIT_ASSERT_EQUAL(2, guarded.read(valueOf));
    }

    void oneHolderAtATime() {
        Guarded<Pair> guarded;
        inThreads(4, [&guarded](int) {
            for (int i = 0; i < 2000; ++i) {
                guarded.with(raise);
            }
        });
        CPPUNIT_ASSERT_EQUAL(8000, guarded.with([](const Pair& pair) { return pair.first; }));
        CPPUNIT_ASSERT_EQUAL(8000, guarded.with([](const Pair& pair) { return pair.second; }));
    }

    void readersNeverSeeHalfAWrite() {
        SharedGuarded<Pair> guarded;
        std::atomic<int> halves(0);
        inThreads(4, [&](int) {
            for (int i = 0; i < 1000; ++i) {
                guarded.write(raise);
                halves += guarded.read(isHalf) ? 1 : 0;
            }
        });
        CPPUNIT_ASSERT_EQUAL(0, halves.load());
        CPPUNIT_ASSERT_EQUAL(4000, guarded.read([](const Pair& pair) { return pair.second; }));
    }

    void readersShareTheLock() {
        const SharedGuarded<int> guarded(5);
        // The outer reader waits for the inner one: it ends only where both may hold the lock.
        const int seen = guarded.read([&guarded](int outer) { return outer + readInThread(guarded); });
        CPPUNIT_ASSERT_EQUAL(10, seen);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(GuardedTest);

}  // namespace
