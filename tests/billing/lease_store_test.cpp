#include "billing/lease_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include <atomic>

#include "tests/support/database_suite.h"
#include "tests/support/threads.h"

namespace gardu::test {

namespace {

using billing::Lease;
using core::Tx;

constexpr core::Instant at(int second) {
    return kDatabaseMadeAt + core::Seconds(second);
}

}  // namespace

class LeaseStoreTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(LeaseStoreTest);
    CPPUNIT_TEST(oneHolderAtATime);
    CPPUNIT_TEST(expiredOneGoesToAnother);
    CPPUNIT_TEST(releasedOneIsFreeAtOnce);
    CPPUNIT_TEST(ownOneIsTakenAnew);
    CPPUNIT_TEST(extendedOneStays);
    CPPUNIT_TEST(nameThatIsNotThereYet);
    CPPUNIT_TEST(ofManyAtOnceOneGetsIt);
    CPPUNIT_TEST_SUITE_END();

public:
    void oneHolderAtATime() {
        const auto first = take("node-1", 0, 60);
        CPPUNIT_ASSERT(first && first->epoch == 1 && first->holder == "node-1" && first->name == "billing");
        CPPUNIT_ASSERT(!take("node-2", 59, 120));
        CPPUNIT_ASSERT(holds(*first));
    }

    void expiredOneGoesToAnother() {
        const Lease first = take("node-1", 0, 60).value();
        const auto second = take("node-2", 60, 120);
        CPPUNIT_ASSERT(second && second->epoch == 2);
        CPPUNIT_ASSERT(holds(*second) && !holds(first));
        CPPUNIT_ASSERT(!extend(first, 180));
        release(first);
        CPPUNIT_ASSERT(holds(*second));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{3}, take("node-1", 120, 180).value().epoch);
    }

    void releasedOneIsFreeAtOnce() {
        const Lease first = take("node-1", 0, 60).value();
        release(first);
        CPPUNIT_ASSERT(!holds(first));
        CPPUNIT_ASSERT(!extend(first, 120));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, take("node-2", 1, 60).value().epoch);
    }

    void ownOneIsTakenAnew() {
        const Lease first = take("node-1", 0, 60).value();
        const Lease second = take("node-1", 1, 61).value();
        CPPUNIT_ASSERT(second.epoch == 2 && holds(second) && !holds(first));
    }

    void extendedOneStays() {
        const Lease first = take("node-1", 0, 60).value();
        CPPUNIT_ASSERT(extend(first, 120));
        CPPUNIT_ASSERT(!take("node-2", 119, 180));
        // Late, but nobody else has come.
        CPPUNIT_ASSERT(extend(first, 300));
        CPPUNIT_ASSERT(holds(first));
    }

    void nameThatIsNotThereYet() {
        const Lease lease = db().transact([](Tx& tx) {
                                    return billing::takeLease(tx, {"other", "n", 0, at(1)}, at(0));
                                })
                                .value();
        CPPUNIT_ASSERT(lease.epoch == 1 && holds(lease));
        CPPUNIT_ASSERT(take("node-1", 0, 60));
    }

    void ofManyAtOnceOneGetsIt() {
        std::atomic<int> taken{0};
        inThreads(8, [&](int thread) { taken += take("node-" + std::to_string(thread), 0, 60) ? 1 : 0; });
        CPPUNIT_ASSERT_EQUAL(1, taken.load());
    }

private:
    std::optional<Lease> take(const std::string& holder, int now, int until) {
        return db().transact([&](Tx& tx) {
            return billing::takeLease(tx, {"billing", holder, 0, at(until)}, at(now));
        });
    }
    bool extend(const Lease& lease, int until) {
        return db().transact([&](Tx& tx) { return billing::extendLease(tx, lease, at(until)); });
    }
    void release(const Lease& lease) {
        db().transact([&](Tx& tx) { billing::releaseLease(tx, lease); });
    }
    bool holds(const Lease& lease) {
        return db().transact([&](Tx& tx) { return billing::leaseHolds(tx, lease); });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<LeaseStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<LeaseStoreTest>);

}  // namespace gardu::test
