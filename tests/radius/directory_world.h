#pragma once
// A directory over a test database, and the operators' calls that change what it follows. Each has a Db of
// its own: what one commits, the other learns of only through the database.

#include <memory>
#include <string>

#include "billing/package_service.h"
#include "billing/subscriber_service.h"
#include "radius/directory_service.h"
#include "radius/nas_service.h"
#include "tests/support/database_suite.h"
#include "tests/support/subscribers.h"

namespace gardu::radius::test {

using gardu::test::actAt;

inline const core::Vault& testVault() {
    static const core::Vault vault(core::Secret(core::Bytes(core::kVaultKeySize, 1)), 1);
    return vault;
}

/// What an operator does, on a Db of his own.
class Operator {
public:
    explicit Operator(const std::string& url) : db_(url) {}

    void addPackage(const std::string& name, const std::string& bandwidth = "10M/10M") {
        billing::Package package;
        package.name = name;
        package.bandwidth = bandwidth;
        package.price = {150'000, core::findCurrency("IDR").value()};
        static_cast<void>(billing::addPackage(db_, package, actAt(now_)));
    }
    void changePackage(const std::string& name, const std::string& bandwidth) {
        static_cast<void>(billing::updatePackage(
            db_, name, [&](billing::Package& package) { package.bandwidth = bandwidth; }, actAt(now_)));
    }
    void addSubscriber(const std::string& user, const std::string& package = "home") {
        billing::SubscriberInput input;
        input.username = user;
        input.password = "secret";
        input.packageName = package;
        input.startDate = core::parseDate("2026-11-01").value();
        static_cast<void>(billing::addSubscriber(db_, testVault(), input, actAt(now_)));
    }
    void setStatus(const std::string& user, billing::SubscriptionStatus status) {
        change(user, [&](auto& change) { change.status = status; });
    }
    void setPackage(const std::string& user, const std::string& package) {
        change(user, [&](auto& change) { change.packageName = package; });
    }
    void setPassword(const std::string& user, const std::string& password) {
        change(user, [&](auto& change) { change.password = password; });
    }
    void setEnd(const std::string& user, std::string_view day) {
        change(user, [&](auto& change) { change.endDate = core::parseDate(day); });
    }
    void rename(const std::string& user, const std::string& name) {
        change(user, [&](auto& change) { change.newUsername = name; });
    }
    void remove(const std::string& user) { billing::removeSubscriber(db_, user, actAt(now_)); }
    void addNas(const std::string& name, const std::string& address) {
        static_cast<void>(
            radius::addNas(db_, testVault(), {.name = name, .address = address, .secret = "s"}, actAt(now_)));
    }
    /// Behind the feed: nothing is announced.
    void sql(const std::string& statement) {
        db_.transact([&](core::Tx& tx) { tx.execute(statement); });
    }
    core::Db& db() { return db_; }

private:
    template <class Function>
    void change(const std::string& user, Function&& fill) {
        billing::SubscriberChange change;
        change.username = user;
        fill(change);
        static_cast<void>(billing::updateSubscriber(db_, testVault(), change, actAt(now_)));
    }

    core::Db db_;
    core::Instant now_ = gardu::test::kDatabaseMadeAt;
};

/// A node: a directory that follows the database at `url`.
class Node {
public:
    using Clock = ChangeWindow::Clock;

    explicit Node(const std::string& url) : db_(url), service_(db_, testVault(), directory_, nasTable_) {}

    void load() { service_.load(gardu::test::kDatabaseMadeAt); }
    /// A round of the follower's thread, half a second after the last one.
    std::size_t follow() {
        now_ += kPause;
        return service_.follow(now_);
    }
    /// The same beside others that write: by a clock ten times as fast as the real one. A clock of rounds
    /// would run ahead of a writer that a busy machine holds up.
    std::size_t followBesideOthers() {
        now_ = kBegan + 10 * (Clock::now() - made_);
        return service_.follow(now_);
    }
    /// A round with its part of the repair walk; how many entries were wrong.
    std::size_t followAndRepair() {
        static_cast<void>(follow());
        return service_.repair(now_, kPause);
    }
    /// As many rounds as there are in that time; the sum of what was wrong.
    std::size_t repairFor(std::chrono::seconds time) {
        std::size_t wrong = 0;
        for (const auto end = now_ + time; now_ < end;) {
            wrong += followAndRepair();
        }
        return wrong;
    }

    /// "status package rate", or "none".
    [[nodiscard]] std::string state(const std::string& user) const {
        const auto hit = directory_.find(user);
        if (!hit) {
            return "none";
        }
        return std::string(billing::name(hit->facts.status)) + " " + hit->facts.package->name + " " +
               hit->facts.package->rateLimit;
    }
    [[nodiscard]] std::string nasOf(std::string_view source) const {
        const auto table = nasTable_.read([](const auto& current) { return current; });
        const NasEntry* nas = table->find(core::parseIpAddress(source).value());
        return nas == nullptr ? "none" : nas->nas.name;
    }
    [[nodiscard]] std::shared_ptr<const NasTable> nasTable() const {
        return nasTable_.read([](const auto& current) { return current; });
    }
    [[nodiscard]] const Directory& directory() const { return directory_; }
    DirectoryService& service() { return service_; }

    static constexpr std::chrono::milliseconds kPause{500};

private:
    core::Db db_;
    Directory directory_{core::Zone("Asia/Jakarta"), {300, {"isolir", "64k/64k", 600}}};
    SharedNasTable nasTable_;
    DirectoryService service_;
    static constexpr Clock::time_point kBegan{std::chrono::hours(1)};
    Clock::time_point now_ = kBegan;
    Clock::time_point made_ = Clock::now();
};

/// A fresh database with the packages home and gold.
class DirectoryDatabaseTest : public gardu::test::DatabaseTest {
public:
    void setUp() override {
        DatabaseTest::setUp();
        operator_ = std::make_unique<Operator>(databaseUrl());
        node_ = std::make_unique<Node>(databaseUrl());
        operator_->addPackage("home");
        operator_->addPackage("gold", "50M/50M");
    }
    void tearDown() override {
        node_.reset();
        operator_.reset();
        DatabaseTest::tearDown();
    }

protected:
    Operator& op() { return *operator_; }
    Node& node() { return *node_; }

private:
    std::unique_ptr<Operator> operator_;
    std::unique_ptr<Node> node_;
};

}  // namespace gardu::radius::test
