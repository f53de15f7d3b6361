#pragma once
// An ApplierService between a journal and a test database, with its subscribers in memory; packets as NASes
// send them, and what came of them as text. Time is a number of seconds since kDatabaseMadeAt.

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "radius/accounting_store.h"
#include "radius/applier_service.h"
#include "radius/session_history_store.h"
#include "radius/session_store.h"
#include "radius/usage_store.h"
#include "radius/wire.h"
#include "tests/radius/accounting_packets.h"
#include "tests/radius/session_samples.h"
#include "tests/support/database_suite.h"

namespace gardu::radius::test {

inline constexpr const char* kJournalId = "018f9d2e-0000-7000-8000-00000000000a";

/// A node: its own Db, directory, registry and applier. The journal may be another one's.
class ApplierWorld {
public:
    ApplierWorld(const std::string& url, Journal& journal, const ApplierService::Settings& settings)
        : db_(url), journal_(journal) {
        startWire(builtInDictionaryDir());
        billing::Package package;
        package.id = package.name = "home";
        package.bandwidth = "10M/10M";
        directory_.putPackages({package});
        for (const char* user : {"bob", "alice", "carol"}) {
            addSubscriber(user);
        }
        applier_ = std::make_unique<ApplierService>(
            ApplierService::Parts{db_, journal_, directory_, registry_, alarms_, metrics_}, settings);
    }

    void addSubscriber(const std::string& user) {
        billing::SubscriberRecord record;
        core::Uuid id;
        id.octets[15] = static_cast<std::uint8_t>(directory_.size() + 1);
        record.usernameKey = record.subscription.username = user;
        record.subscription.id = core::toText(id);
        record.subscription.packageId = "home";
        record.subscription.startDate = core::parseDate("2026-01-01").value();
        static_cast<void>(directory_.put(record, 1));
    }

    /// Everything that waits; how much it was.
    std::size_t apply(std::int64_t second) {
        std::size_t all = 0;
        for (std::size_t taken = 1; taken > 0; all += taken) {
            taken = applier_->applyBatch(at(second));
        }
        return all;
    }

    ApplierService& applier() { return *applier_; }
    SessionRegistry& registry() { return registry_; }
    core::AlarmBoard& alarms() { return alarms_; }
    core::Metrics& metrics() { return metrics_; }
    core::Db& db() { return db_; }

private:
    core::Db db_;
    Journal& journal_;
    Directory directory_{core::Zone("Asia/Jakarta"), {300, {"isolir", "64k/64k", 600}}};
    SessionRegistry registry_;
    core::AlarmBoard alarms_;
    core::Metrics metrics_;
    std::unique_ptr<ApplierService> applier_;
};

/// A fresh database, a journal, and one node that has loaded.
class ApplierDatabaseTest : public gardu::test::DatabaseTest {
public:
    void setUp() override {
        DatabaseTest::setUp();
        openJournal("accounting.journal");
        openWorld();
    }
    void tearDown() override {
        world_.reset();
        journal_.reset();
        DatabaseTest::tearDown();
    }

protected:
    static ApplierService::Settings settings() { return {.zone = core::Zone("Asia/Jakarta")}; }
    void openJournal(const std::string& name) {
        world_.reset();
        journal_ =
            std::make_unique<Journal>(folder().file(name), kJournalId, Journal::Limits{.diskReserve = 0});
    }
    void openWorld() {
        world_.reset();
        world_ = std::make_unique<ApplierWorld>(databaseUrl(), *journal_, settings());
        world_->applier().load();
    }
    ApplierWorld& world() { return *world_; }
    Journal& journal() { return *journal_; }

    void send(const std::vector<Acct>& accts) { journal_->append(recordsOf(accts)); }
    void sendRecord(const JournalRecord& record) {
        const std::vector<core::Bytes> records = {encodeRecord(record)};
        journal_->append(records);
    }

    /// All sessions, live ones and history, by id.
    std::vector<Session> allSessions() {
        constexpr std::int64_t kNewest = std::numeric_limits<std::int64_t>::max();
        const SessionFilter all{.openOnly = false};
        return db().read([&](core::Tx& tx) {
            auto sessions = listSessions(tx, all, kNewest, 100'000);
            for (const core::Month month : historyMonths(tx)) {
                const auto old = listHistory(tx, month, {all, kNewest, 100'000});
                sessions.insert(sessions.end(), old.begin(), old.end());
            }
            std::sort(sessions.begin(), sessions.end(),
                      [](const Session& a, const Session& b) { return a.id < b.id; });
            return sessions;
        });
    }

    /// "ACCT-ID USER STATE START-LAST INPUT/OUTPUT", in seconds, for each; without their numbers.
    std::string told(const std::vector<Session>& sessions) {
        const auto second = [](core::Instant instant) {
            return std::to_string((core::toEpochMs(instant) - core::toEpochMs(at(0))) / 1'000);
        };
        std::string text;
        for (const Session& session : sessions) {
            text += session.acctSessionId + " " + session.username + " " + std::string(name(session.state)) +
                    " " + second(session.startedAt) + "-" +
                    second(session.stoppedAt.value_or(session.lastSeenAt)) + " " +
                    std::to_string(session.octets.input) + "/" + std::to_string(session.octets.output) + "\n";
        }
        return text;
    }
    std::string told() { return told(allSessions()); }

    std::string usageOfBob() {
        const core::Period period{core::parseDate("2026-01-01").value(),
                                  core::parseDate("2028-01-01").value()};
        const Octets octets =
            db().read([&](core::Tx& tx) { return usageIn(tx, core::Zone("Asia/Jakarta"), kBobs, period); });
        return std::to_string(octets.input) + "/" + std::to_string(octets.output);
    }

    std::vector<QuarantinedPacket> quarantine() {
        return db().read([](core::Tx& tx) { return listQuarantined(tx, 1'000); });
    }
    std::int64_t mark() {
        return db().read([](core::Tx& tx) { return highWaterMark(tx, kJournalId); });
    }
    std::string alarmKinds() {
        std::string kinds;
        for (const core::Alarm& alarm : world().alarms().take()) {
            kinds += alarm.kind + " ";
        }
        return kinds;
    }

private:
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<ApplierWorld> world_;
};

}  // namespace gardu::radius::test
