// The journal's file: order, restarts, limits, other processes, and files that are no journal.
#include <cppunit/extensions/HelperMacros.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>

#include "tests/radius/journal_records.h"
#include "tests/support/temp_folder.h"
#include "tests/support/threads.h"
#include "tests/support/throws.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;
using gardu::test::TempFolder;
using gardu::test::throws;
using test::contents;
using test::errorOf;
using test::has;
using test::inWords;
using test::kId;
using test::records;

constexpr std::int64_t kMegabyte = 1 << 20;

/// Changes the file as an operator's sqlite3 would.
void changeByHand(const std::string& path, const char* sql) {
    sqlite3* handle = nullptr;
    CPPUNIT_ASSERT_EQUAL(SQLITE_OK, sqlite3_open(path.c_str(), &handle));
    CPPUNIT_ASSERT_EQUAL(SQLITE_OK, sqlite3_exec(handle, sql, nullptr, nullptr, nullptr));
    sqlite3_close(handle);
}

class JournalTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(JournalTest);
    CPPUNIT_TEST(givesInOrderWhatWasAppended);
    CPPUNIT_TEST(numbersGoOnAfterARestart);
    CPPUNIT_TEST(numbersNeverComeAgain);
    CPPUNIT_TEST(skipsNumbers);
    CPPUNIT_TEST(trimsInPieces);
    CPPUNIT_TEST(limitHoldsUntilThereIsRoom);
    CPPUNIT_TEST(fileIsItsOwnersAlone);
    CPPUNIT_TEST(fileShrinksAgain);
    CPPUNIT_TEST(anotherProcessInspects);
    CPPUNIT_TEST(appendersAndReaderTogether);
    CPPUNIT_TEST(filesThatAreNone);
    CPPUNIT_TEST(fileOfANewerVersion);
    CPPUNIT_TEST_SUITE_END();

    const TempFolder folder_;
    const std::string path_ = folder_.file("accounting.journal");

    void givesInOrderWhatWasAppended() {
        Journal journal(path_, kId, {});
        CPPUNIT_ASSERT_EQUAL("0 0 0 0 in a file"s, inWords(journal.status()));
        CPPUNIT_ASSERT_EQUAL(""s, contents(journal));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, journal.append(records(1, 3)));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{4}, journal.append(records(4, 1)));
        CPPUNIT_ASSERT_EQUAL("1=1 2=2 3=3 4=4"s, contents(journal));
        CPPUNIT_ASSERT_EQUAL("3=3 4=4"s, contents(journal, 2));
        CPPUNIT_ASSERT_EQUAL("2=2 3=3"s, contents(journal, 1, 2));
        CPPUNIT_ASSERT_EQUAL(""s, contents(journal, 4));
        CPPUNIT_ASSERT_EQUAL("1 4 4 4 in a file"s, inWords(journal.status()));
        const core::Bytes any = {0, 0xff, 0, '\'', 0};
        static_cast<void>(journal.append(std::span(&any, 1)));
        CPPUNIT_ASSERT(journal.read(4, 1).at(0).octets == any);
    }

    void numbersGoOnAfterARestart() {
        { static_cast<void>(Journal(path_, kId, {}).append(records(1, 3))); }
        Journal journal(path_, "another", {});
        CPPUNIT_ASSERT_EQUAL(std::string(kId), journal.id());
        CPPUNIT_ASSERT_EQUAL("1 3 3 3 in a file"s, inWords(journal.status()));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{4}, journal.append(records(4, 1)));
        CPPUNIT_ASSERT_EQUAL("1=1 2=2 3=3 4=4"s, contents(journal));
    }

    void numbersNeverComeAgain() {
        for (std::int64_t round = 0; round < 3; ++round) {
            Journal journal(path_, kId, {});
            CPPUNIT_ASSERT_EQUAL(2 * round + 2, journal.append(records(1, 2)));
            journal.trim(2 * round + 2);
            CPPUNIT_ASSERT_EQUAL("0 " + std::to_string(2 * round + 2) + " 0 0 in a file",
                                 inWords(journal.status()));
        }
    }

    void skipsNumbers() {
        {
            Journal journal(path_, kId, {});
            static_cast<void>(journal.append(records(1, 2)));
            journal.skipTo(100);
            journal.skipTo(50);
            CPPUNIT_ASSERT_EQUAL("1 100 2 2 in a file"s, inWords(journal.status()));
        }
        Journal journal(path_, kId, {});
        CPPUNIT_ASSERT_EQUAL(std::int64_t{101}, journal.append(records(7, 1)));
        CPPUNIT_ASSERT_EQUAL("1=1 2=2 101=7"s, contents(journal));
        journal.trim(100);
        CPPUNIT_ASSERT_EQUAL("101 101 1 1 in a file"s, inWords(journal.status()));
    }

    void trimsInPieces() {
        Journal journal(path_, kId, {});
        static_cast<void>(journal.append(records(1, 5'003, 10)));
        for (const std::int64_t upTo : {0, 1, 1, 4'002, 5'000}) {
            journal.trim(upTo);
            CPPUNIT_ASSERT_EQUAL(std::to_string(upTo + 1) + " 5003 " + std::to_string(5'003 - upTo) + " " +
                                     std::to_string(10 * (5'003 - upTo)) + " in a file",
                                 inWords(journal.status()));
            CPPUNIT_ASSERT_EQUAL(upTo + 1, journal.read(0, 1).at(0).sequence);
        }
        journal.trim(1'000'000);
        CPPUNIT_ASSERT_EQUAL("0 5003 0 0 in a file"s, inWords(journal.status()));
        CPPUNIT_ASSERT_EQUAL(inWords(journal.status()), inWords(*Journal::inspect(path_)));
    }

    void limitHoldsUntilThereIsRoom() {
        Journal journal(path_, kId, {.octets = 100});
        static_cast<void>(journal.append(records(1, 9, 10)));
        CPPUNIT_ASSERT(throws<JournalFull>([&] { return journal.append(records(10, 2, 10)); }));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{10}, journal.append(records(10, 1, 10)));
        const std::string words = errorOf([&] { static_cast<void>(journal.append(records(11, 1))); });
        CPPUNIT_ASSERT_MESSAGE(words, has(words, path_ + " has reached its limit of "));
        CPPUNIT_ASSERT_EQUAL("1 10 10 100 in a file"s, inWords(journal.status()));
        journal.trim(1);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{11}, journal.append(records(11, 1, 10)));
        CPPUNIT_ASSERT_EQUAL("2 11 10 100 in a file"s, inWords(journal.status()));
    }

    void fileIsItsOwnersAlone() {
        const mode_t before = umask(0);
        Journal journal(path_, kId, {});
        static_cast<void>(journal.append(records(1, 1)));
        umask(before);
        for (const char* ending : {"", "-wal", "-shm"}) {
            const auto mode = std::filesystem::status(path_ + ending).permissions();
            CPPUNIT_ASSERT_EQUAL_MESSAGE(ending, 0600, static_cast<int>(mode));
        }
    }

    void fileShrinksAgain() {
        Journal journal(path_, kId, {});
        for (std::int64_t batch = 0; batch < 40; ++batch) {
            static_cast<void>(journal.append(records(1, 1'000, 1'000)));
        }
        const std::int64_t largest = journal.status().fileOctets;
        CPPUNIT_ASSERT(largest > 40 * kMegabyte);
        // As the applier does it: often, a little each time.
        for (std::int64_t upTo = 0; upTo <= 41'000; upTo += 500) {
            journal.trim(upTo);
            static_cast<void>(journal.append(records(1, 1)));
        }
        const std::int64_t smallest = journal.status().fileOctets;
        CPPUNIT_ASSERT_MESSAGE(std::to_string(smallest), smallest < largest - 10 * kMegabyte);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, Journal::inspect(path_)->records);
    }

    void anotherProcessInspects() {
        CPPUNIT_ASSERT(!Journal::inspect(path_));
        // Forked before this process has the file open: SQLite's locks do not survive a fork.
        std::array<int, 2> go{};
        CPPUNIT_ASSERT_EQUAL(0, pipe(go.data()));
        const pid_t child = fork();
        CPPUNIT_ASSERT(child >= 0);
        if (child == 0) {
            char octet = 0;
            const bool mayGo = ::read(go[0], &octet, 1) == 1;
            const auto status = Journal::inspect(path_);
            _exit(mayGo && status && inWords(*status) == "2 3 2 2 in a file" ? 0 : 1);
        }
        Journal journal(path_, kId, {});
        static_cast<void>(journal.append(records(1, 3)));
        journal.trim(1);
        CPPUNIT_ASSERT_EQUAL(ssize_t{1}, ::write(go[1], "x", 1));
        int status = 0;
        CPPUNIT_ASSERT_EQUAL(child, waitpid(child, &status, 0));
        CPPUNIT_ASSERT_EQUAL(0, status);
        // It changed nothing, and its end took no lock of ours.
        static_cast<void>(journal.append(records(4, 1)));
        CPPUNIT_ASSERT_EQUAL("2=2 3=3 4=4"s, contents(journal));
    }

    void appendersAndReaderTogether() {
        constexpr int kAppenders = 3;
        constexpr std::int64_t kBatches = 200;
        Journal journal(path_, kId, {});
        std::atomic<int> left{kAppenders};
        std::vector<std::int64_t> seen;
        std::atomic<bool> isInOrder{true};
        gardu::test::inThreads(kAppenders + 1, [&](int thread) {
            if (thread < kAppenders) {
                for (std::int64_t batch = 0; batch < kBatches; ++batch) {
                    static_cast<void>(journal.append(records(thread, 5)));
                }
                left.fetch_sub(1);
                return;
            }
            std::int64_t last = 0;
            for (bool isLast = false; !isLast;) {
                isLast = left.load() == 0;
                for (const JournalEntry& entry : journal.read(last, 10'000)) {
                    isInOrder = isInOrder && entry.sequence == last + 1;
                    last = entry.sequence;
                    seen.push_back(last);
                }
                journal.trim(last);
            }
        });
        CPPUNIT_ASSERT(isInOrder);
        CPPUNIT_ASSERT_EQUAL(std::size_t{kAppenders * kBatches * 5}, seen.size());
        CPPUNIT_ASSERT_EQUAL("0 3000 0 0 in a file"s, inWords(journal.status()));
    }

    void filesThatAreNone() {
        CPPUNIT_ASSERT(throws<JournalError>([&] { Journal(folder_.file("no/folder"), kId, {}); }));
        CPPUNIT_ASSERT(throws<JournalError>([&] { Journal(folder_.path().string(), kId, {}); }));
        std::ofstream(path_) << std::string(10'000, 'x');
        const std::string words = errorOf([&] { Journal(path_, kId, {}); });
        CPPUNIT_ASSERT_MESSAGE(words, has(words, path_ + ": file is not a database"));
        CPPUNIT_ASSERT(throws<JournalError>([&] { return Journal::inspect(path_); }));
    }

    void fileOfANewerVersion() {
        { Journal(path_, kId, {}); }
        changeByHand(path_, "PRAGMA user_version = 2");
        const std::string words = errorOf([&] { Journal(path_, kId, {}); });
        CPPUNIT_ASSERT_MESSAGE(words, has(words, "newer version"));
        CPPUNIT_ASSERT(throws<JournalError>([&] { return Journal::inspect(path_); }));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(JournalTest);

}  // namespace
}  // namespace gardu::radius
