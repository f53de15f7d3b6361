#include "radius/directory_service.h"

#include <cppunit/extensions/HelperMacros.h>

#include "radius/nas_store.h"
#include "tests/radius/directory_world.h"
#include "tests/support/subscribers.h"

namespace gardu::radius {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using billing::SubscriptionStatus;
using gardu::test::actAt;
using gardu::test::kDatabaseMadeAt;
using test::Node;
using Policy = MessageAuthenticatorPolicy;

class DirectoryServiceTest : public test::DirectoryDatabaseTest {
    CPPUNIT_TEST_SUITE(DirectoryServiceTest);
    CPPUNIT_TEST(loadsEverything);
    CPPUNIT_TEST(loadsPageAfterPage);
    CPPUNIT_TEST(loadsAnEmptyDatabase);
    CPPUNIT_TEST(changesBeforeTheLoadAreNotApplied);
    CPPUNIT_TEST(followsEachChangeOfASubscriber);
    CPPUNIT_TEST(followsARename);
    CPPUNIT_TEST(followsPackages);
    CPPUNIT_TEST(followsNases);
    CPPUNIT_TEST(followsManyChangesAtOnce);
    CPPUNIT_TEST(nasThatDoesNotOpenDoesNotStopTheOthers);
    CPPUNIT_TEST(signersOfANetworkAreRemembered);
    CPPUNIT_TEST(aSpoiltRowKeepsNoOtherOut);
    CPPUNIT_TEST(messageAuthenticatorsAreRemembered);
    CPPUNIT_TEST(whatAWorkerSawOutlivesAReload);
    CPPUNIT_TEST(repairsAChangeBehindTheFeed);
    CPPUNIT_TEST(repairsADeletedAndAnAddedRow);
    CPPUNIT_TEST(repairsPackagesAndNases);
    CPPUNIT_TEST(walkDoesNotEraseWhatCameMeanwhile);
    CPPUNIT_TEST(walkRestsUntilItsTime);
    CPPUNIT_TEST(nothingIsWrongWhereNothingWasMissed);
    CPPUNIT_TEST_SUITE_END();

public:
    void loadsEverything() {
        op().addSubscriber("ann");
        op().addSubscriber("Bob", "gold");
        op().addSubscriber("AA:BB:CC:DD:EE:0F");
        op().setStatus("ann", SubscriptionStatus::Suspended);
        op().addNas("tower", "10.0.0.0/24");
        node().load();
        CPPUNIT_ASSERT_EQUAL("suspended home 10M/10M"s, node().state("ann"));
        CPPUNIT_ASSERT_EQUAL("active gold 50M/50M"s, node().state("Bob"));
        CPPUNIT_ASSERT_EQUAL("none"s, node().state("bob"));
        CPPUNIT_ASSERT_EQUAL("active home 10M/10M"s, node().state("aabbccddee0f"));
        CPPUNIT_ASSERT_EQUAL("tower"s, node().nasOf("10.0.0.7"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, node().directory().size());
    }

    void loadsPageAfterPage() {
        addMany(10'000);
        node().load();
        CPPUNIT_ASSERT_EQUAL(std::size_t{10'000}, node().directory().size());
        CPPUNIT_ASSERT_EQUAL("active home 10M/10M"s, node().state("many0"));
        CPPUNIT_ASSERT_EQUAL("active home 10M/10M"s, node().state("many9999"));
    }

    void loadsAnEmptyDatabase() {
        node().load();
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, node().follow());
        CPPUNIT_ASSERT_EQUAL("none"s, node().nasOf("10.0.0.1"));
        op().addSubscriber("ann");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, node().follow());
        CPPUNIT_ASSERT_EQUAL("active home 10M/10M"s, node().state("ann"));
    }

    void changesBeforeTheLoadAreNotApplied() {
        op().addSubscriber("ann");
        node().load();
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, node().follow());
    }

    void followsEachChangeOfASubscriber() {
        node().load();
        op().addSubscriber("ann");
        checkFollowed("active home 10M/10M");
        op().setStatus("ann", SubscriptionStatus::Suspended);
        checkFollowed("suspended home 10M/10M");
        op().setPackage("ann", "gold");
        checkFollowed("suspended gold 50M/50M");
        const auto before = node().directory().find("ann")->sealedPassword;
        op().setPassword("ann", "other");
        checkFollowed("suspended gold 50M/50M");
        CPPUNIT_ASSERT(before != node().directory().find("ann")->sealedPassword);
        op().setEnd("ann", "2026-11-30");
        checkFollowed("suspended gold 50M/50M");
        CPPUNIT_ASSERT(node().directory().find("ann")->facts.accessUntil ==
                       core::parseInstant("2026-11-30T17:00:00Z"));
        op().remove("ann");
        checkFollowed("none");
        op().addSubscriber("ann");
        checkFollowed("active home 10M/10M");
    }

    void followsARename() {
        op().addSubscriber("ann");
        node().load();
        op().rename("ann", "zoe");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, node().follow());
        CPPUNIT_ASSERT_EQUAL("none"s, node().state("ann"));
        CPPUNIT_ASSERT_EQUAL("active home 10M/10M"s, node().state("zoe"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, node().directory().size());
    }

    void followsPackages() {
        op().addSubscriber("ann");
        node().load();
        op().changePackage("home", "20M/20M");
        checkFollowed("active home 20M/20M");
        op().addPackage("new", "1M/1M");
        op().setPackage("ann", "new");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, node().follow());
        CPPUNIT_ASSERT_EQUAL("active new 1M/1M"s, node().state("ann"));
        op().setPackage("ann", "gold");
        checkFollowed("active gold 50M/50M");
        billing::removePackage(op().db(), "new", actAt());
        checkFollowed("active gold 50M/50M");
    }

    void followsNases() {
        op().addNas("tower", "10.0.0.0/24");
        node().load();
        op().addNas("hill", "10.0.0.9");
        CPPUNIT_ASSERT_EQUAL("tower"s, node().nasOf("10.0.0.9"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, node().follow());
        CPPUNIT_ASSERT_EQUAL("hill"s, node().nasOf("10.0.0.9"));
        updateNas(op().db(), test::testVault(),
                  {.name = "hill", .address = "2001:db8::9", .secret = "new", .policy = Policy::Require},
                  actAt());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, node().follow());
        CPPUNIT_ASSERT_EQUAL("tower"s, node().nasOf("10.0.0.9"));
        const auto table = node().nasTable();
        const NasEntry* hill = table->find(core::parseIpAddress("2001:db8::9").value());
        CPPUNIT_ASSERT_EQUAL("new"s, std::string(core::asText(hill->secret.octets())));
        CPPUNIT_ASSERT(hill->requiresMessageAuthenticator(core::parseIpAddress("10.0.0.1").value()));
        removeNas(op().db(), "tower", actAt());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, node().follow());
        CPPUNIT_ASSERT_EQUAL("none"s, node().nasOf("10.0.0.9"));
        CPPUNIT_ASSERT_EQUAL("hill"s, hill->nas.name);  // a worker that still has the former table
    }

    void followsManyChangesAtOnce() {
        node().load();
        addMany(1'100);  // more than the keys of one statement
        CPPUNIT_ASSERT_EQUAL(std::size_t{1'100}, node().follow());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1'100}, node().directory().size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, node().follow());
    }

    void nasThatDoesNotOpenDoesNotStopTheOthers() {
        op().addNas("tower", "10.0.0.1");
        op().addNas("hill", "10.0.0.2");
        op().sql("UPDATE nas SET secret = 'AAAA' WHERE name = 'hill'");
        node().load();
        CPPUNIT_ASSERT_EQUAL("tower"s, node().nasOf("10.0.0.1"));
        CPPUNIT_ASSERT_EQUAL("none"s, node().nasOf("10.0.0.2"));
    }

    void signersOfANetworkAreRemembered() {
        op().addNas("towers", "10.1.0.0/24");
        node().load();
        const auto signer = core::parseIpAddress("10.1.0.7").value();
        entry("10.1.0.7").noteMessageAuthenticator(signer);
        node().service().rememberMessageAuthenticators(kDatabaseMadeAt);
        node().service().rememberMessageAuthenticators(kDatabaseMadeAt);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, node().follow());
        Node other(databaseUrl());
        other.load();
        const auto table = other.nasTable();
        CPPUNIT_ASSERT(table->find(signer)->requiresMessageAuthenticator(signer));
        const auto neighbour = core::parseIpAddress("10.1.0.8").value();
        CPPUNIT_ASSERT(!table->find(neighbour)->requiresMessageAuthenticator(neighbour));
    }

    void aSpoiltRowKeepsNoOtherOut() {
        for (const char* user : {"ann", "bob", "eve"}) {
            op().addSubscriber(user);
        }
        op().sql("UPDATE subscriptions SET end_date = '2026-02-30' WHERE mikrotik_username = 'bob'");
        node().load();
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, node().directory().size());
        CPPUNIT_ASSERT(node().directory().find("eve").has_value());
    }

    void messageAuthenticatorsAreRemembered() {
        op().addNas("tower", "10.0.0.1");
        op().addNas("hill", "10.0.0.2");
        node().load();
        node().service().rememberMessageAuthenticators(kDatabaseMadeAt);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, node().follow());
        entry("10.0.0.1").messageAuthenticatorSeen.store(true);
        node().service().rememberMessageAuthenticators(kDatabaseMadeAt);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, node().follow());
        CPPUNIT_ASSERT(entry("10.0.0.1").nas.messageAuthenticatorSeen);
        CPPUNIT_ASSERT(
            entry("10.0.0.1").requiresMessageAuthenticator(core::parseIpAddress("10.0.0.1").value()));
        CPPUNIT_ASSERT(!entry("10.0.0.2").nas.messageAuthenticatorSeen);
        node().service().rememberMessageAuthenticators(kDatabaseMadeAt);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, node().follow());
        Node other(databaseUrl());
        other.load();
        CPPUNIT_ASSERT(other.nasTable()
                           ->find(core::parseIpAddress("10.0.0.1").value())
                           ->requiresMessageAuthenticator(core::parseIpAddress("10.0.0.1").value()));
    }

    void whatAWorkerSawOutlivesAReload() {
        op().addNas("tower", "10.0.0.1");
        node().load();
        entry("10.0.0.1").messageAuthenticatorSeen.store(true);
        op().addNas("hill", "10.0.0.2");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, node().follow());
        CPPUNIT_ASSERT(entry("10.0.0.1").messageAuthenticatorSeen.load());
        CPPUNIT_ASSERT(!entry("10.0.0.2").messageAuthenticatorSeen.load());
        node().service().rememberMessageAuthenticators(kDatabaseMadeAt);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, node().follow());
        updateNas(op().db(), test::testVault(), {.name = "tower", .policy = Policy::Auto}, actAt());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, node().follow());
        CPPUNIT_ASSERT(!entry("10.0.0.1").messageAuthenticatorSeen.load());
    }

    void repairsAChangeBehindTheFeed() {
        addMany(500);
        op().addSubscriber("ann");
        node().load();
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, node().repairFor(10s));
        op().sql("UPDATE subscriptions SET status = 'suspended' WHERE username_key = 'ann'");
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, node().follow());
        CPPUNIT_ASSERT_EQUAL("active home 10M/10M"s, node().state("ann"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, node().repairFor(2 * DirectoryService::kWalkTime));
        CPPUNIT_ASSERT_EQUAL("suspended home 10M/10M"s, node().state("ann"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, node().repairFor(2 * DirectoryService::kWalkTime));
    }

    void repairsADeletedAndAnAddedRow() {
        addMany(450);
        op().addSubscriber("ann");
        node().load();
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, node().repairFor(10s));
        op().sql("DELETE FROM subscriptions WHERE username_key IN ('many0', 'many449')");
        op().sql(
            "INSERT INTO subscriptions(id, customer_id, package_id, mikrotik_username, username_key, "
            "mikrotik_password, start_date, auto_renew, status, created_at, updated_at) "
            "SELECT '018f9d2e-0000-7000-8000-0000000000ff', customer_id, package_id, 'a', 'a', "
            "mikrotik_password, start_date, auto_renew, 'disabled', 0, 0 FROM subscriptions "
            "WHERE username_key = 'ann'");
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, node().repairFor(2 * DirectoryService::kWalkTime));
        CPPUNIT_ASSERT_EQUAL("none none disabled home 10M/10M"s,
                             node().state("many0") + " " + node().state("many449") + " " + node().state("a"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{450}, node().directory().size());
    }

    void repairsPackagesAndNases() {
        op().addSubscriber("ann");
        op().addNas("tower", "10.0.0.1");
        node().load();
        op().sql("UPDATE packages SET bandwidth = '7M/7M' WHERE name = 'home'");
        op().sql("UPDATE nas SET name = 'hill'");
        static_cast<void>(node().repairFor(2 * DirectoryService::kWalkTime));
        CPPUNIT_ASSERT_EQUAL("active home 7M/7M"s, node().state("ann"));
        CPPUNIT_ASSERT_EQUAL("hill"s, node().nasOf("10.0.0.1"));
    }

    void walkDoesNotEraseWhatCameMeanwhile() {
        addMany(900);  // five parts of a walk
        node().load();
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, node().followAndRepair());
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, node().followAndRepair());
        op().addSubscriber("ann");  // before the place where the walk is
        op().addSubscriber("zoe");  // after it
        op().rename("many0", "aaa");
        op().remove("many899");
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, node().repairFor(2 * DirectoryService::kWalkTime));
        CPPUNIT_ASSERT_EQUAL(std::size_t{901}, node().directory().size());
        for (const char* user : {"ann", "zoe", "aaa"}) {
            CPPUNIT_ASSERT_EQUAL("active home 10M/10M"s, node().state(user));
        }
    }

    void walkRestsUntilItsTime() {
        op().addSubscriber("ann");
        node().load();
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, node().followAndRepair());  // all of a walk
        op().sql("UPDATE subscriptions SET status = 'suspended'");
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, node().repairFor(DirectoryService::kWalkTime - 1s));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, node().repairFor(2s));
    }

    void nothingIsWrongWhereNothingWasMissed() {
        addMany(300);
        node().load();
        for (int i = 0; i < 20; ++i) {
            op().addSubscriber("new" + std::to_string(i));
            op().setStatus("many" + std::to_string(i), SubscriptionStatus::Disabled);
            CPPUNIT_ASSERT_EQUAL(std::size_t{0}, node().repairFor(30s));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{320}, node().directory().size());
    }

private:
    /// many0, many1, ...: in one transaction.
    void addMany(int count) {
        op().addSubscriber("template");
        const auto model = billing::getSubscriber(op().db(), "template").subscription;
        std::vector<billing::Subscription> all;
        for (int i = 0; i < count; ++i) {
            core::Uuid id;
            id.octets[14] = static_cast<std::uint8_t>(i >> 8);
            id.octets[15] = static_cast<std::uint8_t>(i);
            billing::Subscription& subscription = all.emplace_back(model);
            subscription.id = core::toText(id);
            subscription.username = "many" + std::to_string(i);
            subscription.sealedPassword =
                test::testVault().seal(billing::passwordCell(subscription.id), "secret");
        }
        op().db().transact([&](core::Tx& tx) {
            billing::insertSubscriptions(tx, all, kDatabaseMadeAt);
            tx.execute("DELETE FROM subscriptions WHERE username_key = 'template'");
            tx.execute("DELETE FROM changes WHERE entity = 'template'");
        });
    }

    void checkFollowed(const std::string& expected) {
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, node().follow());
        CPPUNIT_ASSERT_EQUAL(expected, node().state("ann"));
    }

    const NasEntry& entry(std::string_view source) {
        return *node().nasTable()->find(core::parseIpAddress(source).value());
    }
};
using gardu::test::OnMariaDb;
using gardu::test::OnSqlite;
CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<DirectoryServiceTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<DirectoryServiceTest>);

}  // namespace
}  // namespace gardu::radius
