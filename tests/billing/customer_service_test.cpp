#include "billing/customer_service.h"

#include <cppunit/extensions/HelperMacros.h>

#include <set>

#include "billing/customer_store.h"
#include "billing/package_service.h"
#include "billing/subscriber_service.h"
#include "tests/support/database_suite.h"
#include "tests/support/subscribers.h"

namespace gardu::test {
namespace {

using billing::Customer;

class CustomerServiceTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(CustomerServiceTest);
    CPPUNIT_TEST(pagesGoOnWithinOneName);
    CPPUNIT_TEST(everyWrongFieldAtOnce);
    CPPUNIT_TEST(aRefusedChangeChangesNothing);
    CPPUNIT_TEST(hisStatusReachesTheNetwork);
    CPPUNIT_TEST(whoIsBilledIsNotInactive);
    CPPUNIT_TEST_SUITE_END();

    Customer add(const std::string& name) {
        Customer customer;
        customer.name = name;
        return billing::addCustomer(db(), customer, actAt());
    }

    void pagesGoOnWithinOneName() {
        for (const char* name : {"Budi", "Sari", "Budi", "Ani", "Budi"}) {
            add(name);
        }
        std::string names;
        std::set<std::string> ids;
        std::optional<Customer> after;
        for (bool isLast = false; !isLast;) {
            const auto page = db().read([&](core::Tx& tx) { return billing::customerPage(tx, after, 2); });
            for (const Customer& customer : page) {
                names.append(customer.name).append(" ");
                ids.insert(customer.id);
                after = customer;
            }
            isLast = page.size() < 2;
        }
        CPPUNIT_ASSERT_EQUAL(std::string("Ani Budi Budi Budi Sari "), names);
        CPPUNIT_ASSERT_EQUAL(std::size_t{5}, ids.size());
    }

    void everyWrongFieldAtOnce() {
        Customer wrong;
        wrong.name = " ";
        wrong.email = "a@b, c@d";
        wrong.phone = std::string(51, '1');
        wrong.address = std::string(1001, 'x');
        wrong.language = "de";
        const auto adding = [&] { return billing::addCustomer(db(), wrong, actAt()); };
        CPPUNIT_ASSERT_EQUAL(std::string("name phone address email language "), refusedFields(adding));
        for (const char* email : {"", "@b", "a@", "a b@c", "a@b\r\nBcc: x@y"}) {
            Customer customer;
            customer.name = "Budi";
            customer.email = email;
            CPPUNIT_ASSERT_EQUAL_MESSAGE(email, std::size_t{1}, billing::customerProblems(customer).size());
        }
    }

    void aRefusedChangeChangesNothing() {
        const Customer budi = add("Budi");
        const auto empty = [](Customer& customer) {
            customer.phone = "62812";
            customer.name.clear();
        };
        CPPUNIT_ASSERT_THROW(billing::updateCustomer(db(), budi.id, empty, actAt()), core::Refused);
        CPPUNIT_ASSERT_THROW(billing::updateCustomer(db(), "x", empty, actAt()), core::Refused);
        const auto stored = db().read([&](core::Tx& tx) { return billing::findCustomer(tx, budi.id); });
        CPPUNIT_ASSERT_EQUAL(std::string("Budi"), stored.value().name);
        CPPUNIT_ASSERT(!stored->phone);
    }

    /// His subscriptions are announced, so that every node hears of it.
    void hisStatusReachesTheNetwork() {
        const Customer budi = add("Budi");
        billing::addPackage(db(), packageOf("Home 10"), actAt());
        billing::SubscriberInput input = subscriberOf("budi77");
        input.customerName = "Budi";
        billing::addSubscriber(db(), testVault(), input, actAt());
        static_cast<void>(takeAnnouncements(db()));
        const auto suspend = [](Customer& customer) { customer.status = billing::CustomerStatus::Suspended; };
        billing::updateCustomer(db(), budi.id, suspend, actAt());
        CPPUNIT_ASSERT_EQUAL(std::string("budi77 "), takeAnnouncements(db()));
    }

    void whoIsBilledIsNotInactive() {
        const Customer budi = add("Budi");
        billing::addPackage(db(), packageOf("Home 10"), actAt());
        billing::SubscriberInput input = subscriberOf("budi77");
        input.customerName = "Budi";
        billing::addSubscriber(db(), testVault(), input, actAt());
        const auto leave = [&] {
            return billing::updateCustomer(
                db(), budi.id,
                [](Customer& customer) { customer.status = billing::CustomerStatus::Inactive; }, actAt());
        };
        CPPUNIT_ASSERT_EQUAL(std::string("status "), refusedFields(leave));
        const auto stored = db().read([&](core::Tx& tx) { return billing::findCustomer(tx, budi.id); });
        CPPUNIT_ASSERT(stored.value().status == billing::CustomerStatus::Active);
        db().transact([](core::Tx& tx) { tx.execute("UPDATE subscriptions SET status = 'cancelled'"); });
        CPPUNIT_ASSERT_EQUAL(std::string("taken"), refusedFields(leave));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<CustomerServiceTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<CustomerServiceTest>);

}  // namespace
}  // namespace gardu::test
