// How fast the applier takes accounting from the journal to the database: Starts, Interims and Stops a second
// of wall time, and processor time of this process for each. "./applier_bench [sqlite|mariadb] [sessions]
// [rounds]"
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "core/schema.h"
#include "radius/applier_service.h"
#include "radius/wire.h"
#include "tests/support/database_suite.h"

namespace gardu::radius {
namespace {

constexpr int kNases = 50;
constexpr int kDefaultSessions = 20'000;
constexpr int kDefaultRounds = 10;
constexpr int kInterimSeconds = 300;
constexpr std::size_t kAppendAtOnce = 500;

core::Instant at(std::int64_t second) {
    return gardu::test::kDatabaseMadeAt + core::Seconds(second);
}

std::string userOf(int session) {
    return "customer" + std::to_string(session) + "@isp.example";
}

core::Uuid uuidOf(int number) {
    core::Uuid id;
    for (std::size_t i = 0; i < 4; ++i) {
        id.octets.at(15 - i) = static_cast<std::uint8_t>(number >> (8 * i));
    }
    return id;
}

/// As RouterOS sends it for PPPoE.
core::Bytes recordOf(AcctStatus status, int session, std::uint32_t second) {
    LoginClass login;
    login.login = uuidOf(session);
    login.subscription = uuidOf(session);
    const std::uint32_t octets = second * 100'000U;
    const Attributes attributes = {
        integerAttribute(attr::kServiceType, 2),
        integerAttribute(attr::kFramedProtocol, 1),
        integerAttribute(attr::kNasPort, 15'728'640U + static_cast<std::uint32_t>(session)),
        integerAttribute(attr::kNasPortType, 15),
        textAttribute(attr::kUserName, userOf(session)),
        textAttribute(attr::kCallingStationId, "AA:BB:CC:DD:EE:FF"),
        textAttribute(attr::kCalledStationId, "pppoe-service"),
        textAttribute(attr::kNasPortId, "ether2"),
        textAttribute(attr::kAcctSessionId, "8150" + std::to_string(100'000 + session / kNases).substr(2)),
        integerAttribute(attr::kFramedIpAddress, 0x0a000000U + static_cast<std::uint32_t>(session)),
        integerAttribute(attr::kEventTimestamp,
                         static_cast<std::uint32_t>(core::toEpochMs(at(second)) / 1'000)),
        integerAttribute(attr::kAcctSessionTime, second),
        integerAttribute(attr::kAcctInputOctets, octets),
        integerAttribute(attr::kAcctInputGigawords, 0),
        integerAttribute(attr::kAcctOutputOctets, octets * 2),
        integerAttribute(attr::kAcctOutputGigawords, 0),
        textAttribute(attr::kClass, classValue(login)),
        integerAttribute(attr::kAcctStatusType, static_cast<std::uint32_t>(status)),
        textAttribute(attr::kNasIdentifier, "core-router"),
        integerAttribute(attr::kAcctDelayTime, 0),
        integerAttribute(attr::kNasIpAddress, 0xc0000201),
    };
    JournaledPacket packet;
    packet.nasId = packet.nasKey = core::toText(uuidOf(session % kNases));
    packet.source = core::parseIpAddress("192.0.2.1").value();
    packet.receivedAt = at(second);
    packet.octets = encodeRequest({.code = Code::AccountingRequest, .messageAuthenticator = false},
                                  attributes, SharedSecret("testing123"));
    return encodeRecord(packet);
}

void fill(Directory& directory, int sessions) {
    billing::Package package;
    package.id = package.name = "home";
    package.bandwidth = "100M/100M";
    directory.putPackages({package});
    for (int session = 0; session < sessions; ++session) {
        billing::SubscriberRecord record;
        record.usernameKey = record.subscription.username = userOf(session);
        record.subscription.id = core::toText(uuidOf(session));
        record.subscription.packageId = "home";
        record.subscription.startDate = core::parseDate("2026-01-01").value();
        static_cast<void>(directory.put(record, 1));
    }
}

class Bench {
public:
    Bench(const std::string& url, const std::string& journalFile, int sessions)
        : db_(url), journal_(journalFile, core::toText(uuidOf(1)), {}), sessions_(sessions) {
        core::migrate(db_, at(0));
        fill(directory_, sessions);
        applier_ = std::make_unique<ApplierService>(
            ApplierService::Parts{db_, journal_, directory_, registry_, alarms_, metrics_},
            ApplierService::Settings{.zone = core::Zone("Asia/Jakarta")});
        applier_->load();
    }

    /// One packet of each session.
    void send(AcctStatus status, std::uint32_t second) {
        std::vector<core::Bytes> records;
        for (int session = 0; session < sessions_; ++session) {
            records.push_back(recordOf(status, session, second));
            if (records.size() == kAppendAtOnce || session + 1 == sessions_) {
                journal_.append(records);
                records.clear();
            }
        }
    }

    void apply(const char* label, std::uint32_t second) {
        const auto began = std::chrono::steady_clock::now();
        const std::clock_t cpuBegan = std::clock();
        std::size_t all = 0;
        for (std::size_t taken = 1; taken > 0; all += taken) {
            taken = applier_->applyBatch(at(second));
        }
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began;
        const double cpu = static_cast<double>(std::clock() - cpuBegan) / CLOCKS_PER_SEC;
        const auto count = static_cast<double>(all);
        std::printf("%-10s %8zu packets %8.0f/s %7.1f us of this process each\n", label, all,
                    count / spent.count(), cpu / count * 1e6);
    }

private:
    core::Db db_;
    Journal journal_;
    int sessions_;
    Directory directory_{core::Zone("Asia/Jakarta"), {}};
    SessionRegistry registry_;
    core::AlarmBoard alarms_;
    core::Metrics metrics_;
    std::unique_ptr<ApplierService> applier_;
};

int run(const std::string& database, int sessions, int rounds) {
    startWire(builtInDictionaryDir());
    const gardu::test::TempFolder folder;
    const std::string url = database == "mariadb" ? gardu::test::MariaDbServer::shared().freshDatabase()
                                                  : "sqlite:" + folder.file("gardu.db");
    Bench bench(url, folder.file("accounting.journal"), sessions);
    std::printf("%s, %d sessions on %d NASes\n", database.c_str(), sessions, kNases);
    std::uint32_t second = 0;
    bench.send(AcctStatus::Start, second);
    bench.apply("Start", second);
    for (int round = 0; round < rounds; ++round) {
        second += kInterimSeconds;
        bench.send(AcctStatus::Interim, second);
    }
    bench.apply("Interim", second);
    bench.send(AcctStatus::Stop, second + 1);
    bench.apply("Stop", second + 1);
    return 0;
}

int numberOr(int argc, char** argv, int index, int otherwise) {
    const long number = argc > index ? std::strtol(argv[index], nullptr, 10) : 0;
    return number > 0 ? static_cast<int>(number) : otherwise;
}

}  // namespace
}  // namespace gardu::radius

int main(int argc, char** argv) {
    try {
        using namespace gardu::radius;
        return run(argc > 1 ? argv[1] : "sqlite", numberOr(argc, argv, 2, kDefaultSessions),
                   numberOr(argc, argv, 3, kDefaultRounds));
    } catch (const std::exception& error) {
        std::cerr << "applier_bench: " << error.what() << '\n';
        return 1;
    }
}
