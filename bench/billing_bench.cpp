// How fast a billing run is: seeds subscriptions of which some are due, runs, and runs again (which finds
// nothing to do). Accounts a second of wall time, and the memory of this process.
// "./billing_bench [sqlite|mariadb] [subscriptions] [due] [workers]"; a database of its own on disk.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "billing/billing_run.h"
#include "billing/ledger_store.h"
#include "billing/package_service.h"
#include "core/check.h"
#include "core/ids.h"
#include "core/schema.h"
#include "tests/support/database_suite.h"

namespace gardu::billing {
namespace {

constexpr int kDefaultSubscriptions = 100'000;
constexpr int kRowsAtOnce = 5'000;
constexpr std::int64_t kMegabyte = 1'024;

/// The morning on which the due ones are due.
const core::Instant kNow = core::parseInstant("2027-02-15T01:00:00+07:00").value();
const core::Date kToday = core::parseDate("2027-02-15").value();

std::string idOf(char kind, int number) {
    std::array<std::uint8_t, 10> random{};
    for (std::size_t i = 0; i < 4; ++i) {
        random.at(9 - i) = static_cast<std::uint8_t>(number >> (8 * i));
    }
    random[0] = static_cast<std::uint8_t>(kind);
    return core::toText(core::makeUuid7(core::fromEpochMs(1'700'000'000'000 + number), random));
}

std::string addPackageOf(core::Db& db, BillingMode mode) {
    Package package;
    package.name = std::string(name(mode));
    package.bandwidth = "10M/20M";
    package.price = {150'000, core::findCurrency("IDR").value()};
    package.terms.mode = mode;
    package.terms.invoiceAt = InvoiceAt::Start;
    return addPackage(db, package, {"bench", kNow}).id;
}

struct Seed {
    int subscriptions = 0;
    int due = 0;
    std::string prepaid;
    std::string postpaid;
};

/// Every second one is postpaid, in advance. Who is due gets an invoice today: the prepaid end in seven days,
/// the postpaid have had theirs up to today.
void addRow(const Seed& seed, int number, std::vector<std::vector<core::Values>>& rows) {
    const bool isDue = number % (seed.subscriptions / seed.due) == 0;
    const bool isPrepaid = number % 2 == 0;
    const std::string customer = idOf('c', number);
    const std::string subscription = idOf('s', number);
    const std::string user = "customer" + std::to_string(number) + "@isp.example";
    const std::string start = isDue ? "2027-01-15" : "2027-02-10";
    const core::Value end = isPrepaid ? core::Value(core::formatDate(core::addDays(kToday, isDue ? 6 : 22)))
                                      : core::Value(nullptr);
    const core::Value until =
        isPrepaid ? core::Value(nullptr) : core::Value(isDue ? core::formatDate(kToday) : "2027-03-10");
    const std::int64_t billAt = core::toEpochMs(isDue ? kNow : kNow + std::chrono::hours(240));
    const core::Value anchor = std::int64_t{isPrepaid ? (isDue ? 22 : 10) : (isDue ? 15 : 10)};
    rows[0].push_back({customer, user, user, std::string("active"), std::int64_t{0}, std::int64_t{0}});
    rows[1].push_back({subscription, customer, isPrepaid ? seed.prepaid : seed.postpaid, user, user,
                       std::string("c2VhbGVk"), start, end, std::string("active"), std::int64_t{0},
                       std::int64_t{0}});
    rows[2].push_back({subscription, billAt, anchor, until});
}

void fill(core::Db& db, const Seed& seed) {
    for (int first = 0; first < seed.subscriptions; first += kRowsAtOnce) {
        std::vector<std::vector<core::Values>> rows(3);
        for (int number = first; number < std::min(first + kRowsAtOnce, seed.subscriptions); ++number) {
            addRow(seed, number, rows);
        }
        db.transact([&](core::Tx& tx) {
            tx.insertRows("INSERT INTO customers(id, name, email, status, created_at, updated_at)", rows[0]);
            tx.insertRows(
                "INSERT INTO subscriptions(id, customer_id, package_id, mikrotik_username, username_key, "
                "mikrotik_password, start_date, end_date, status, created_at, updated_at)",
                rows[1]);
            tx.insertRows(
                "INSERT INTO subscription_billing(subscription_id, bill_at, anchor_day, billed_until)",
                rows[2]);
        });
    }
}

std::int64_t peakMegabytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / kMegabyte;
}

void inParallel(std::vector<std::function<void()>> pieces) {
    std::vector<std::thread> threads;
    threads.reserve(pieces.size());
    for (auto& piece : pieces) {
        threads.emplace_back(std::move(piece));
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

RunSummary runOnce(core::Db& db, const char* label, const RunOptions& options) {
    const BillingSettings settings{core::Zone("Asia/Jakarta"), 3};
    const auto began = std::chrono::steady_clock::now();
    RunSummary summary = runBilling(db, settings, {"bench", kNow}, options);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began;
    std::printf("%-8s %8ld accounts seen, %8ld invoiced, %4ld failed %8.1f s %8.0f accounts/s %6ld MB\n",
                label, static_cast<long>(summary.seen), static_cast<long>(summary.invoiced),
                static_cast<long>(summary.failed), spent.count(),
                static_cast<double>(summary.seen) / spent.count(), static_cast<long>(peakMegabytes()));
    (void)std::fflush(stdout);
    return summary;
}

/// As one for that many subscriptions is set up; that of the tests is small, and does not sync its commits.
std::string databaseOfMariaDb() {
    gardu::test::MariaDbServer& server = gardu::test::MariaDbServer::shared();
    server.administer(
        "SET GLOBAL innodb_buffer_pool_size = 1073741824; SET GLOBAL innodb_flush_log_at_trx_commit = 1");
    return server.freshDatabase();
}

int run(const std::string& database, Seed seed, int workers) {
    const gardu::test::TempFolder folder;
    core::Db db(database == "mariadb" ? databaseOfMariaDb() : "sqlite:" + folder.file("gardu.db"));
    core::migrate(db, kNow);
    seed.prepaid = addPackageOf(db, BillingMode::Prepaid);
    seed.postpaid = addPackageOf(db, BillingMode::Postpaid);
    fill(db, seed);
    std::printf("%s, %d subscriptions, %d due, %d workers; %ld MB before\n", database.c_str(),
                seed.subscriptions, seed.due, workers, static_cast<long>(peakMegabytes()));
    RunOptions options;
    options.holder = "bench";
    options.workers = workers;
    options.parallel = inParallel;
    options.dryRun = true;
    static_cast<void>(runOnce(db, "dry run", options));
    options.dryRun = false;
    const RunSummary first = runOnce(db, "due", options);
    const RunSummary again = runOnce(db, "again", options);
    options.all = true;
    const RunSummary all = runOnce(db, "all", options);
    for (const std::string& finding : db.read([](core::Tx& tx) { return auditLedger(tx); })) {
        std::printf("audit: %s\n", finding.c_str());
    }
    const bool isRight = first.invoiced == seed.due && again.invoiced == 0 && all.invoiced == 0;
    std::printf("%s\n", isRight ? "each due account has one invoice" : "WRONG: not one invoice each");
    return isRight ? 0 : 1;
}

int numberOr(int argc, char** argv, int index, int otherwise) {
    const long number = argc > index ? std::strtol(argv[index], nullptr, 10) : 0;
    return number > 0 ? static_cast<int>(number) : otherwise;
}

}  // namespace
}  // namespace gardu::billing

int main(int argc, char** argv) {
    try {
        using namespace gardu::billing;
        const int subscriptions = numberOr(argc, argv, 2, kDefaultSubscriptions);
        const Seed seed{subscriptions, numberOr(argc, argv, 3, subscriptions / 10), {}, {}};
        const std::string database = argc > 1 ? argv[1] : "sqlite";
        return run(database, seed, numberOr(argc, argv, 4, database == "mariadb" ? 4 : 1));
    } catch (const std::exception& error) {
        std::cerr << "billing_bench: " << error.what() << '\n';
        return 1;
    }
}
