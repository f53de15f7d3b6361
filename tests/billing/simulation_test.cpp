#include "billing/simulation.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include "tests/billing/account_world.h"

namespace gardu::test {

namespace {

using billing::SimulatedAccount;

core::Instant noon(const char* date) {
    return core::Zone("Asia/Jakarta").at(core::parseDate(date).value(), std::chrono::hours(12));
}

SimulatedAccount simulate(const AccountWorld& world, const char* to) {
    return billing::simulateAccount(world.account(), world.rules, [] { return std::string("id"); },
                                    {world.now(), noon(to)});
}

/// "2027-03-14T17:00:00Z full active -> isolate overdue; ..."
std::string accesses(const SimulatedAccount& simulated) {
    std::string text;
    for (const billing::AccessChange& each : simulated.access) {
        text.append(text.empty() ? "" : "; ").append(core::formatInstant(each.at));
        text.append(" ").append(each.from).append(" -> ").append(each.to);
    }
    return text;
}

}  // namespace

class SimulationTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SimulationTest);
    CPPUNIT_TEST(aPrepaidAccountRunsOut);
    CPPUNIT_TEST(aPostpaidAccountIsCutForWhatItOwes);
    CPPUNIT_TEST(whatIsTooMuchIsNamed);
    CPPUNIT_TEST_SUITE_END();

public:
    void aPrepaidAccountRunsOut() {
        AccountWorld world("2027-02-15");
        world.add(priced(monthly(150'000)));
        world.pay(300'000);
        const SimulatedAccount simulated = simulate(world, "2027-06-01");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, simulated.issued.size());
        CPPUNIT_ASSERT_EQUAL(std::string("2027-04-14T17:00:00Z full active -> isolate overdue"),
                             accesses(simulated));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{-150'000}, simulated.balanceBefore);
        // The second one's period went by unpaid.
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, simulated.balanceAfter);
        CPPUNIT_ASSERT_EQUAL(std::string("2027-03-14"), world.endDate());
    }

    void aPostpaidAccountIsCutForWhatItOwes() {
        AccountWorld world("2027-02-15");
        world.add(priced(postpaid(150'000, billing::InvoiceAt::Start)));
        const SimulatedAccount simulated = simulate(world, "2027-04-01");
        CPPUNIT_ASSERT_EQUAL(std::string("2027-02-22T17:00:00Z full active -> isolate overdue"),
                             accesses(simulated));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{300'000}, simulated.balanceAfter);
        CPPUNIT_ASSERT(simulated.parked.empty());
    }

    void whatIsTooMuchIsNamed() {
        AccountWorld world("2027-02-15");
        world.add(priced(postpaid(150'000, billing::InvoiceAt::Start)));
        const SimulatedAccount simulated =
            billing::simulateAccount(world.account(), world.rules, [] { return std::string("id"); },
                                     {noon("2027-09-01"), noon("2027-10-01")});
        CPPUNIT_ASSERT_EQUAL(std::string("2027-09-01: more than 3 invoices at once for user1"),
                             simulated.parked);
        CPPUNIT_ASSERT_EQUAL(simulated.balanceBefore, simulated.balanceAfter);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SimulationTest);

}  // namespace gardu::test
