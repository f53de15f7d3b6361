#include "radius/auth_log.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>

#include "core/bytes.h"
#include "radius/auth_log_store.h"
#include "tests/support/database_suite.h"
#include "tests/support/threads.h"

namespace gardu::radius {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using gardu::test::kDatabaseMadeAt;

AuthLogEntry entryOf(const std::string& user, std::string_view outcome = "reject",
                     core::Instant at = kDatabaseMadeAt) {
    return {at, user, outcome, "wrong_password", "pap", "tower", "10.0.0.1", "AA:BB", 1};
}

/// "user*occurrences", in order.
std::string inWords(const std::vector<AuthLogEntry>& entries) {
    std::string text;
    for (const AuthLogEntry& entry : entries) {
        text += (text.empty() ? "" : " ") + entry.userName + "*" + std::to_string(entry.occurrences);
    }
    return text;
}

class AuthLogTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AuthLogTest);
    CPPUNIT_TEST(oldestFirstInBatches);
    CPPUNIT_TEST(sameDecisionsBecomeOneWithACount);
    CPPUNIT_TEST(everyPartMakesADifference);
    CPPUNIT_TEST(craftedNameCannotHideInAnothersEntry);
    CPPUNIT_TEST(acceptsGiveWayFirst);
    CPPUNIT_TEST(givenBackComesFirstAgain);
    CPPUNIT_TEST(givenBackFillsOnlyTheRoomThereIs);
    CPPUNIT_TEST(nothingIsLostBetweenThreads);
    CPPUNIT_TEST_SUITE_END();

    AuthLog log_;

    void oldestFirstInBatches() {
        for (const char* user : {"a", "b", "c"}) {
            log_.put(entryOf(user));
        }
        CPPUNIT_ASSERT_EQUAL("a*1 b*1"s, inWords(log_.take(2)));
        CPPUNIT_ASSERT_EQUAL("c*1"s, inWords(log_.take(2)));
        CPPUNIT_ASSERT_EQUAL(""s, inWords(log_.take(2)));
    }

    void sameDecisionsBecomeOneWithACount() {
        for (int i = 0; i < 3; ++i) {
            log_.put(entryOf("a", "reject", kDatabaseMadeAt + std::chrono::seconds(i)));
            log_.put(entryOf("b"));
        }
        const auto entries = log_.take(10);
        CPPUNIT_ASSERT_EQUAL("a*3 b*3"s, inWords(entries));
        CPPUNIT_ASSERT(entries[0].decidedAt == kDatabaseMadeAt + 2s);
    }

    void everyPartMakesADifference() {
        void (*const changes[])(AuthLogEntry&) = {
            [](AuthLogEntry&) {},
            [](AuthLogEntry& e) { e.userName = "b"; },
            [](AuthLogEntry& e) { e.outcome = "accept"; },
            [](AuthLogEntry& e) { e.reason = "active"; },
            [](AuthLogEntry& e) { e.method = "chap"; },
            [](AuthLogEntry& e) { e.nas = "hill"; },
            [](AuthLogEntry& e) { e.sourceAddress = "10.0.0.2"; },
            [](AuthLogEntry& e) { e.callingStationId = "CC:DD"; },
        };
        for (const auto change : changes) {
            AuthLogEntry entry = entryOf("a");
            change(entry);
            log_.put(entry);
        }
        CPPUNIT_ASSERT_EQUAL("a*1 b*1 a*1 a*1 a*1 a*1 a*1 a*1"s, inWords(log_.take(10)));
    }

    void craftedNameCannotHideInAnothersEntry() {
        const std::string middle = "\0reject\0wrong_password\0pap\0tower\00010.0.0.1\0"s;
        AuthLogEntry first = entryOf("bob");
        first.callingStationId = "x" + middle + "y";
        AuthLogEntry second = entryOf("bob" + middle + "x");
        second.callingStationId = "y";
        log_.put(first);
        log_.put(second);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, log_.take(10).size());
    }

    void acceptsGiveWayFirst() {
        for (std::size_t i = 0; i < AuthLog::kCapacity / 2; ++i) {
            log_.put(entryOf("a", "accept"));
        }
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, log_.dropped());
        log_.put(entryOf("a", "accept"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, log_.dropped());
        for (std::size_t i = 0; i < AuthLog::kCapacity / 2; ++i) {
            log_.put(entryOf("r", i % 2 == 0 ? "reject" : "isolate"));
        }
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, log_.dropped());
        CPPUNIT_ASSERT_EQUAL(AuthLog::kCapacity, log_.size());
        log_.put(entryOf("r", "reject"));
        log_.put(entryOf("r", "isolate"));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, log_.dropped());
        CPPUNIT_ASSERT_EQUAL(AuthLog::kCapacity, log_.size());
    }

    void givenBackComesFirstAgain() {
        log_.put(entryOf("a"));
        log_.put(entryOf("a"));
        log_.put(entryOf("b"));
        auto batch = log_.take(10);
        log_.put(entryOf("c"));
        log_.giveBack(std::move(batch));
        CPPUNIT_ASSERT_EQUAL("a*2 b*1 c*1"s, inWords(log_.take(10)));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, log_.dropped());
    }

    void givenBackFillsOnlyTheRoomThereIs() {
        log_.put(entryOf("a"));
        log_.put(entryOf("b"));
        auto batch = log_.take(10);
        for (std::size_t i = 0; i < AuthLog::kCapacity - 1; ++i) {
            log_.put(entryOf("r"));
        }
        log_.giveBack(std::move(batch));
        CPPUNIT_ASSERT_EQUAL(AuthLog::kCapacity, log_.size());
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, log_.dropped());
        CPPUNIT_ASSERT_EQUAL("b*1 r*1"s, inWords(log_.take(2)));
    }

    std::int64_t takeAll() {
        std::int64_t taken = 0;
        for (const AuthLogEntry& entry : log_.take(100)) {
            taken += entry.occurrences;
        }
        return taken;
    }

    void nothingIsLostBetweenThreads() {
        constexpr int kEach = 10'000;
        std::atomic<int> running{3};
        std::int64_t taken = 0;
        gardu::test::inThreads(4, [&](int thread) {
            while (thread == 0 && (running.load() > 0 || log_.size() > 0)) {
                taken += takeAll();
            }
            for (int i = 0; thread != 0 && i < kEach; ++i) {
                log_.put(entryOf("t" + std::to_string(thread)));
            }
            running.fetch_sub(1);
        });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3} * kEach, taken);
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, log_.dropped());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AuthLogTest);

struct StoredCase {
    std::string_view what;
    std::string userName;
    std::string stored;
};

const StoredCase kStored[] = {
    {"plain", "bob", "bob"},
    {"UTF-8", "Jos\xc3\xa9 \xf0\x9f\x98\x80", "Jos\xc3\xa9 \xf0\x9f\x98\x80"},
    {"quote and statement", "'; DROP TABLE auth_log; --", "'; DROP TABLE auth_log; --"},
    {"backslash", "DOMAIN\\bob", "DOMAIN\\bob"},
    {"blank at the end", "anna ", "anna "},
    {"zero octet", "bob\0x"s, "bob\\x00x"},
    {"line break", "a\nb", "a\\x0ab"},
    {"backslash beside an escape is escaped too", "a\n\\x0a", "a\\x0a\\x5cx0a"},
    {"not UTF-8", "caf\xe9", "caf\\xe9"},
    {"half of a character", "\xf0\x9f\x98", "\\xf0\\x9f\\x98"},
    {"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
    {"every octet at its worst", std::string(253, '\xff'),
     [] {
         std::string text;
         for (int i = 0; i < 59; ++i) {
             text += "\\xff";
         }
         return text + "~bb1b1fc051932f31";
     }()},
    {"longest", std::string(253, 'n'), std::string(253, 'n')},
    {"longest of four octets each",
     [] {
         std::string text;
         for (int i = 0; i < 63; ++i) {
             text += "\xf0\x9f\x98\x80";
         }
         return text;
     }(),
     [] {
         std::string text;
         for (int i = 0; i < 63; ++i) {
             text += "\xf0\x9f\x98\x80";
         }
         return text;
     }()},
};

class AuthLogStoreTest : public gardu::test::DatabaseTest {
    CPPUNIT_TEST_SUITE(AuthLogStoreTest);
    CPPUNIT_TEST(keepsAllOfAnEntry);
    CPPUNIT_TEST(storesAnyOctets);
    CPPUNIT_TEST(oneHostileEntryDoesNotStopABatch);
    CPPUNIT_TEST(newestFirst);
    CPPUNIT_TEST(prunesTheOldestInSteps);
    CPPUNIT_TEST_SUITE_END();

public:
    void keepsAllOfAnEntry() {
        AuthLogEntry entry = {kDatabaseMadeAt + 7ms, "bob",         "isolate", "ended",      "mschap2",
                              std::string(253, 'n'), "2001:db8::1", "AA:BB",   3'000'000'000};
        entry.occurrences = 2'000'000'000;
        insert({entry});
        const AuthLogRow row = list().at(0);
        CPPUNIT_ASSERT(row.decidedAt == entry.decidedAt);
        CPPUNIT_ASSERT_EQUAL("bob isolate ended mschap2 2001:db8::1 AA:BB"s,
                             row.userName + " " + row.outcome + " " + row.reason + " " + row.method + " " +
                                 row.sourceAddress + " " + row.callingStationId);
        CPPUNIT_ASSERT_EQUAL(std::string(253, 'n'), row.nas);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2'000'000'000}, row.occurrences);
    }

    void storesAnyOctets() {
        for (const StoredCase& row : kStored) {
            AuthLogEntry entry = entryOf(row.userName);
            entry.callingStationId = row.userName;
            insert({entry});
            const auto found = list(row.userName);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row.what), std::size_t{1}, found.size());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row.what), row.stored, found[0].userName);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row.what), row.stored, found[0].callingStationId);
        }
    }

    void oneHostileEntryDoesNotStopABatch() {
        std::vector<AuthLogEntry> entries;
        entries.reserve(300);
        for (int octet = 0; octet < 256; ++octet) {
            entries.push_back(entryOf("u" + std::string(1, static_cast<char>(octet))));
        }
        for (const StoredCase& row : kStored) {
            entries.push_back(entryOf(row.userName));
        }
        insert(entries);
        CPPUNIT_ASSERT_EQUAL(entries.size(), list().size());
    }

    void newestFirst() {
        insert({entryOf("a"), entryOf("b"), entryOf("a"), entryOf("A")});
        CPPUNIT_ASSERT_EQUAL("A"s, list().at(0).userName);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, list("a").size());
        const auto two = db().read([](core::Tx& tx) { return listAuthLog(tx, std::nullopt, 2); });
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, two.size());
    }

    void prunesTheOldestInSteps() {
        std::vector<AuthLogEntry> entries;
        entries.reserve(10);
        for (int hour = 0; hour < 10; ++hour) {
            entries.push_back(entryOf("u", "reject", kDatabaseMadeAt + std::chrono::hours(hour)));
        }
        prune(kDatabaseMadeAt, 3);
        insert(entries);
        const std::pair<core::Instant, std::size_t> steps[] = {
            {kDatabaseMadeAt, 10},      {kDatabaseMadeAt + 5h, 7},   {kDatabaseMadeAt + 5h, 5},
            {kDatabaseMadeAt + 5h, 5},  {kDatabaseMadeAt + 100h, 2}, {kDatabaseMadeAt + 100h, 0},
            {kDatabaseMadeAt + 100h, 0}};
        for (const auto& [before, left] : steps) {
            prune(before, 3);
            CPPUNIT_ASSERT_EQUAL(left, list().size());
        }
    }

private:
    void insert(const std::vector<AuthLogEntry>& entries) {
        db().transact([&](core::Tx& tx) { insertAuthLog(tx, entries); });
    }
    std::vector<AuthLogRow> list(const std::optional<std::string>& user = std::nullopt) {
        return db().read([&](core::Tx& tx) { return listAuthLog(tx, user, 1'000); });
    }
    void prune(core::Instant before, int most) {
        db().transact([&](core::Tx& tx) { pruneAuthLog(tx, before, most); });
    }
};
using gardu::test::OnMariaDb;
using gardu::test::OnSqlite;
CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<AuthLogStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<AuthLogStoreTest>);

}  // namespace
}  // namespace gardu::radius
