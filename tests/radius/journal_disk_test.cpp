// The journal on disks that are full or read-only, and in a process that is killed in the middle.
#include <cppunit/extensions/HelperMacros.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/radius/journal_records.h"
#include "tests/support/small_disk.h"
#include "tests/support/temp_folder.h"
#include "tests/support/throws.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;
using gardu::test::SmallDisk;
using gardu::test::TempFolder;
using gardu::test::throws;
using test::contents;
using test::errorOf;
using test::has;
using test::inWords;
using test::kId;
using test::kSmallReserve;
using test::record;
using test::records;

/// What a forked child does; its exit code.
int inChild(const std::function<int()>& work) {
    const pid_t child = fork();
    CPPUNIT_ASSERT(child >= 0);
    if (child == 0) {
        _exit(work());
    }
    int status = 0;
    CPPUNIT_ASSERT_EQUAL(child, waitpid(child, &status, 0));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

class JournalDiskTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(JournalDiskTest);
    CPPUNIT_TEST(readOnlyDisk);
    CPPUNIT_TEST(fullDiskHeals);
    CPPUNIT_TEST(fillsADiskAndTrimsIt);
    CPPUNIT_TEST(fileThatMayNotGrow);
    CPPUNIT_TEST(nothingIsChainedAfterWhatFailed);
    CPPUNIT_TEST(fileThatWasRemoved);
    CPPUNIT_TEST(anotherJournalInItsPlace);
    CPPUNIT_TEST(killedInTheMiddleKeepsWhatItReported);
    CPPUNIT_TEST_SUITE_END();

    const TempFolder folder_;
    const std::string path_ = folder_.file("accounting.journal");

    void readOnlyDisk() {
        SmallDisk disk(20);
        const std::string path = disk.file("accounting.journal");
        { static_cast<void>(Journal(path, kId, kSmallReserve).append(records(1, 2))); }
        disk.makeReadOnly();
        CPPUNIT_ASSERT(throws<JournalError>([&] { Journal(path, kId, kSmallReserve); }));
        CPPUNIT_ASSERT(throws<JournalError>([&] { Journal(disk.file("new"), kId, kSmallReserve); }));
        disk.makeWritable();
        Journal journal(path, kId, kSmallReserve);
        CPPUNIT_ASSERT_EQUAL("1=1 2=2"s, contents(journal));
    }

    // Another program fills the disk: SQLite itself runs into the end of it.
    void fullDiskHeals() {
        SmallDisk disk(20);
        const std::string path = disk.file("accounting.journal");
        Journal journal(path, kId, kSmallReserve);
        static_cast<void>(journal.append(records(1, 2)));
        disk.fill();
        for (int tries = 0; tries < 3; ++tries) {
            const std::string words =
                errorOf([&] { static_cast<void>(journal.append(records(3, 2'000, 1'000))); });
            CPPUNIT_ASSERT_MESSAGE(words, has(words, "full"));
            CPPUNIT_ASSERT_EQUAL("1 2 2 2 in a file"s, inWords(journal.status()));
        }
        disk.makeRoom();
        CPPUNIT_ASSERT_EQUAL("1=1 2=2"s, contents(journal));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{4}, journal.append(records(3, 2)));
        CPPUNIT_ASSERT_EQUAL("1=1 2=2 3=3 4=4"s, contents(journal));
        CPPUNIT_ASSERT_EQUAL(inWords(journal.status()), inWords(*Journal::inspect(path)));
    }

    // The journal itself fills it, as when the database is away: what is trimmed then makes room again.
    void fillsADiskAndTrimsIt() {
        SmallDisk disk(20);
        const std::string path = disk.file("accounting.journal");
        Journal journal(path, kId, {});
        for (int round = 0; round < 3; ++round) {
            std::string words;
            while (words.empty()) {
                try {
                    static_cast<void>(journal.append(records(1, 256, 250)));
                } catch (const JournalError& error) {
                    words = error.what();
                }
            }
            CPPUNIT_ASSERT_MESSAGE(words, has(words, path + ": the disk is full, "));
            const std::int64_t records = journal.status().records;
            CPPUNIT_ASSERT_MESSAGE(std::to_string(records), records > 20'000);
            const std::int64_t last = journal.status().lastSequence;
            CPPUNIT_ASSERT_EQUAL(static_cast<std::size_t>(records), journal.read(0, 1'000'000).size());
            // A piece at a time, as it gets into the database.
            for (std::int64_t left = records; left > 0; left -= 1'000) {
                journal.trim(last - left);
            }
            journal.trim(last);
            CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, journal.status().records);
        }
    }

    // Another way to the end: the kernel refuses to let the file grow.
    void fileThatMayNotGrow() {
        const int result = inChild([&] {
            static_cast<void>(signal(SIGXFSZ, SIG_IGN));
            Journal journal(path_, kId, {});
            static_cast<void>(journal.append(records(1, 2)));
            rlimit limit{};
            getrlimit(RLIMIT_FSIZE, &limit);
            const rlim_t before = limit.rlim_cur;
            limit.rlim_cur = 200'000;
            setrlimit(RLIMIT_FSIZE, &limit);
            if (!throws<JournalError>([&] { return journal.append(records(3, 1'000, 1'000)); }) ||
                contents(journal) != "1=1 2=2") {
                return 1;
            }
            limit.rlim_cur = before;
            setrlimit(RLIMIT_FSIZE, &limit);
            return journal.append(records(3, 1'000, 1'000)) == 1'002 ? 0 : 2;
        });
        CPPUNIT_ASSERT_EQUAL(0, result);
        Journal journal(path_, kId, {});
        CPPUNIT_ASSERT_EQUAL("1=1 2=2"s, contents(journal, 0, 2));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1'002}, journal.read(0, 10'000).size());
    }

    // After a failure the WAL may hold what is not on the disk: it is begun anew before the next append.
    void nothingIsChainedAfterWhatFailed() {
        const int result = inChild([&] {
            static_cast<void>(signal(SIGXFSZ, SIG_IGN));
            Journal journal(path_, kId, {});
            static_cast<void>(journal.append(records(1, 50, 1'000)));
            static_cast<void>(contents(journal));  // the other connection keeps the WAL
            const auto before = std::filesystem::file_size(path_ + "-wal");
            rlimit limit{};
            getrlimit(RLIMIT_FSIZE, &limit);
            const rlim_t most = std::exchange(limit.rlim_cur, 200'000);
            setrlimit(RLIMIT_FSIZE, &limit);
            if (!throws<JournalError>([&] { return journal.append(records(51, 1'000, 1'000)); })) {
                return 1;
            }
            limit.rlim_cur = most;
            setrlimit(RLIMIT_FSIZE, &limit);
            if (journal.append(records(51, 1)) != 51) {
                return 2;
            }
            const bool isAnew = std::filesystem::file_size(path_) > 50'000 &&
                                std::filesystem::file_size(path_ + "-wal") < before;
            return isAnew && journal.read(0, 100).size() == 51 ? 0 : 3;
        });
        CPPUNIT_ASSERT_EQUAL(0, result);
    }

    // An operator in need of room removes it: the numbers that the database knows must not come again, and
    // what is acknowledged from then on must not go into a file without a name.
    void fileThatWasRemoved() {
        Journal journal(path_, kId, {});
        static_cast<void>(journal.append(records(1, 10)));
        CPPUNIT_ASSERT_EQUAL("9=9 10=10"s, contents(journal, 8));
        for (const char* ending : {"", "-wal", "-shm"}) {
            std::filesystem::remove(path_ + ending);
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t{11}, journal.append(records(11, 1)));
        CPPUNIT_ASSERT_EQUAL("11=11"s, contents(journal));
        CPPUNIT_ASSERT_EQUAL("11 11 1 2 in a file"s, inWords(*Journal::inspect(path_)));
        std::filesystem::remove_all(folder_.path());
        CPPUNIT_ASSERT(throws<JournalError>([&] { return journal.append(records(12, 1)); }));
        std::filesystem::create_directory(folder_.path());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{12}, journal.append(records(12, 1)));
        CPPUNIT_ASSERT_EQUAL("12=12"s, contents(journal));
    }

    // A copy of another day, put in its place.
    void anotherJournalInItsPlace() {
        Journal journal(path_, kId, {});
        static_cast<void>(journal.append(records(1, 10)));
        for (const char* ending : {"", "-wal", "-shm"}) {
            std::filesystem::remove(path_ + ending);
        }
        { Journal(path_, "another", {}); }
        const std::string words = errorOf([&] { static_cast<void>(journal.append(records(11, 1))); });
        CPPUNIT_ASSERT_MESSAGE(words, has(words, path_ + " was replaced by another journal"));
    }

    /// Appends batches of 7 until it is killed, and tells the last number of each.
    [[noreturn]] void appendForEver(int reports) {
        Journal journal(path_, kId, {});
        for (std::int64_t next = journal.status().lastSequence + 1;; next += 7) {
            const std::int64_t last = journal.append(records(next, 7));
            if (::write(reports, &last, sizeof last) != sizeof last) {
                _exit(1);
            }
            if (next % 5 == 0) {
                journal.trim(last - 1'000);
            }
        }
    }

    void killedInTheMiddleKeepsWhatItReported() {
        std::int64_t lastReported = 0;
        for (int round = 1; round <= 10; ++round) {
            std::array<int, 2> reports{};
            CPPUNIT_ASSERT_EQUAL(0, pipe(reports.data()));
            const pid_t child = fork();
            CPPUNIT_ASSERT(child >= 0);
            if (child == 0) {
                close(reports[0]);
                appendForEver(reports[1]);
            }
            close(reports[1]);
            std::int64_t last = 0;
            int heard = 0;
            while (::read(reports[0], &last, sizeof last) == sizeof last) {
                lastReported = last;
                // Not always at the same place.
                if (++heard == 20) {
                    std::this_thread::sleep_for(std::chrono::microseconds(997 * round));
                    ::kill(child, SIGKILL);
                }
            }
            close(reports[0]);
            CPPUNIT_ASSERT_EQUAL(child, waitpid(child, nullptr, 0));
            CPPUNIT_ASSERT(heard >= 20);
            checkAfterKill(lastReported);
        }
    }

    /// All up to `reported` is there, whole batches only, and the count in the file is right.
    void checkAfterKill(std::int64_t reported) {
        Journal journal(path_, kId, {});
        const std::vector<JournalEntry> entries = journal.read(0, 1'000'000);
        const JournalStatus status = journal.status();
        CPPUNIT_ASSERT(!entries.empty() && status.lastSequence >= reported);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, status.lastSequence % 7);
        CPPUNIT_ASSERT_EQUAL(status.records, static_cast<std::int64_t>(entries.size()));
        CPPUNIT_ASSERT_EQUAL(status.lastSequence, entries.back().sequence);
        std::int64_t octets = 0;
        std::int64_t expected = status.firstSequence;
        for (const JournalEntry& entry : entries) {
            CPPUNIT_ASSERT_EQUAL(expected++, entry.sequence);
            CPPUNIT_ASSERT(entry.octets == record(entry.sequence));
            octets += static_cast<std::int64_t>(entry.octets.size());
        }
        CPPUNIT_ASSERT_EQUAL(status.octets, octets);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(JournalDiskTest);

}  // namespace
}  // namespace gardu::radius
