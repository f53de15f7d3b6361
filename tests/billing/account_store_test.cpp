#include "billing/account_store.h"

#include <cppunit/extensions/HelperMacros.h>

#include <functional>

#include "billing/package_terms_store.h"
#include "core/check.h"
#include "tests/billing/store_world.h"
#include "tests/support/threads.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using billing::Account;
using billing::AccountChanges;
using billing::BillingState;
using core::Tx;

constexpr core::Instant at(int second) {
    return kDatabaseMadeAt + core::Seconds(second);
}

/// Every field set.
BillingState wholeState() {
    BillingState state;
    state.billAt = at(1);
    state.anchorDay = 31;
    state.billedUntil = day("2027-01-31");
    state.ratedFrom = day("2027-01-15");
    state.paidUntilAt = at(2);
    state.nextPackageId = "p-2";
    state.nextPackageAt = at(3);
    state.cancelOn = day("2027-02-01");
    state.cancelledOn = day("2027-02-02");
    state.pausedOn = day("2027-02-03");
    state.pauseUntil = day("2027-02-04");
    state.neverCutUntil = day("2027-02-05");
    state.neverCutReason = "hospital";
    state.promiseUntil = day("2027-02-06");
    state.noticeUntil = day("2027-02-07");
    state.heldFrom = day("2027-02-02");
    state.stageSince = at(4);
    state.stoppedOn = day("2027-02-08");
    state.parkedReason = "looked odd";
    return state;
}

billing::PendingCharge pendingOf(const std::string& id, std::int64_t amount) {
    billing::PendingCharge charge;
    charge.id = id;
    charge.description = "Router";
    charge.amount = amount;
    return charge;
}

std::string shown(const billing::InvoiceLine& line) {
    return std::string(name(line.kind)) + " " + std::to_string(line.amount) + " " +
           std::to_string(line.taxed.net) + "+" + std::to_string(line.taxed.tax);
}

}  // namespace

class AccountStoreTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(AccountStoreTest);
    CPPUNIT_TEST(loadsCustomerAndSubscriptions);
    CPPUNIT_TEST(customerWithoutSubscriptions);
    CPPUNIT_TEST(loadsOpenInvoicesAndCredit);
    CPPUNIT_TEST(loadsWhatIsCharged);
    CPPUNIT_TEST(chargedInTheOrderOfTheirDocuments);
    CPPUNIT_TEST(chargedSinceAPauseCountsToo);
    CPPUNIT_TEST(loadsDiscountsAndPendingCharges);
    CPPUNIT_TEST(packagesComeWithTheirTax);
    CPPUNIT_TEST(packageThatWasNotRead);
    CPPUNIT_TEST(namesARowThatSomebodySpoilt);
    CPPUNIT_TEST(packagesInTwoCurrencies);
    CPPUNIT_TEST(storesStateWithEveryField);
    CPPUNIT_TEST(storesWhatBillingChangesOfASubscription);
    CPPUNIT_TEST(announcesOnlyWhatTheNetworkSees);
    CPPUNIT_TEST(storesPendingCharges);
    CPPUNIT_TEST(storesDocumentsEntriesAndEvents);
    CPPUNIT_TEST(replacesAnInvoiceOfTheSamePeriod);
    CPPUNIT_TEST(accountIsLocked);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        makeSubscribers(db());
        db().transact([](Tx& tx) {
            billing::insertTax(tx, {"PPN", "Pajak", 110'000, false}, kDatabaseMadeAt);
            billing::Package package = packageOf("Home 20");
            package.id = "p-2";
            package.terms.taxCode = "PPN";
            billing::insertPackage(tx, package, kDatabaseMadeAt);
        });
        (void)takeAnnouncements(db());
    }

    void loadsCustomerAndSubscriptions() {
        const Account account = load("c-1");
        CPPUNIT_ASSERT(account.customer.id == "c-1" && account.customer.name == "Customer c-1" &&
                       account.customer.phone == "0812" && !account.customer.email &&
                       account.customer.language == "id");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, account.subscriptions.size());
        const auto& first = account.subscriptions[0];
        CPPUNIT_ASSERT(first.subscription.id == "s-1" && account.subscriptions[1].subscription.id == "s-3");
        CPPUNIT_ASSERT(first.usernameKey == "user-s-1" && first.package->package.name == "Home 10" &&
                       !first.nextPackage && first.subscription.endDate == day("2026-12-21"));
        CPPUNIT_ASSERT(first.state.billAt == core::Instant{});
        CPPUNIT_ASSERT(account.open.empty() && account.credit == 0 && account.currency == rupiah());
        CPPUNIT_ASSERT(!tryLoad("c-404"));
    }

    void customerWithoutSubscriptions() {
        CPPUNIT_ASSERT(load("c-3").subscriptions.empty() && load("c-3").currency == core::Currency{});
        billing::Payment payment = paymentOf("p-1", 100);
        payment.customerId = "c-3";
        receive(db(), payment);
        const Account account = load("c-3");
        CPPUNIT_ASSERT(account.credit == 100 && account.currency == rupiah());
    }

    void loadsOpenInvoicesAndCredit() {
        billing::Invoice earlier = chargeOf("i-2", 700);
        earlier.dueDate = day("2026-12-20");
        billing::Invoice ofAnother = chargeOf("i-3", 900);
        ofAnother.customerId = "c-2";
        issue(db(), {invoiceOf("i-1"), earlier, ofAnother});
        receive(db(), paymentOf("p-1", 9'007'199'254'740'993));
        const Account account = load("c-1");
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, account.open.size());
        CPPUNIT_ASSERT(account.open[0].id == "i-2" && account.open[1].id == "i-1");
        CPPUNIT_ASSERT(account.open[1].lines.size() == 1);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{9'007'199'254'740'993}, account.credit);
        CPPUNIT_ASSERT(load("c-2").credit == 0);
    }

    void loadsWhatIsCharged() {
        billing::Invoice note = chargeOf("n-1", 0);
        note.kind = billing::DocumentKind::CreditNote;
        note.issuedAt += core::Seconds(1);
        note.lines = {lineOf(100, 11)};
        note.lines.front().kind = billing::LineKind::Credit;
        note.sum = {100, 11};
        note.outstanding = 0;
        note.status = billing::InvoiceStatus::Paid;
        billing::Invoice whole = invoiceOf("i-1");
        whole.lines.push_back(lineOf(-30));
        whole.lines.back().kind = billing::LineKind::Discount;
        whole.lines.push_back(chargeOf("", 5).lines.front());
        whole.sum = billing::sumOf(whole.lines);
        whole.outstanding = whole.sum.total();
        issue(db(), {whole, note});
        CPPUNIT_ASSERT_EQUAL(
            std::string("recurring 150000 150000+16500, discount -30 -30+0, credit -100 -100+-11, "),
            charged("2026-12-22"));
        CPPUNIT_ASSERT(charged("2027-01-21") == charged("2026-12-22"));
        CPPUNIT_ASSERT_EQUAL(std::string(), charged("2027-01-22"));
        db().transact([](Tx& tx) { tx.execute("UPDATE invoices SET status = 'void' WHERE id = 'i-1'"); });
        CPPUNIT_ASSERT_EQUAL(std::string("credit -100 -100+-11, "), charged("2026-12-22"));
    }

    void chargedInTheOrderOfTheirDocuments() {
        billing::Invoice later = invoiceOf("a");
        later.issuedAt += core::Seconds(1);
        later.periodKey.reset();
        later.lines.front() = lineOf(1);
        later.sum = {1, 0};
        billing::Invoice second = invoiceOf("b");
        second.periodKey.reset();
        second.lines.front() = lineOf(2);
        second.lines.push_back(lineOf(3));
        second.sum = {5, 0};
        issue(db(), {invoiceOf("c"), second});
        issue(db(), {later});
        CPPUNIT_ASSERT_EQUAL(
            std::string("recurring 150000 150000+16500, recurring 2 2+0, recurring 3 3+0, recurring 1 1+0, "),
            charged("2026-12-22"));
    }

    void chargedSinceAPauseCountsToo() {
        issue(db(), {invoiceOf("i-1")});
        for (const char* column : {"paused_on", "stopped_on"}) {
            CPPUNIT_ASSERT_EQUAL(std::string(), charged("2027-05-01"));
            set(column, "2027-01-21");
            CPPUNIT_ASSERT_EQUAL(std::string("recurring 150000 150000+16500, "), charged("2027-05-01"));
            set(column, "2027-01-22");
        }
    }

    void loadsDiscountsAndPendingCharges() {
        const billing::Discount rate{"d-1", "Loyal", 100'000, std::nullopt, day("2026-12-01"), std::nullopt};
        const billing::Discount amount{
            "d-2", "Sorry", std::nullopt, 9'007'199'254'740'993, day("2026-12-01"), day("2027-06-30")};
        db().transact([&](Tx& tx) {
            billing::insertDiscount(tx, "s-1", rate, kDatabaseMadeAt);
            billing::insertDiscount(tx, "s-1", amount, kDatabaseMadeAt);
            billing::insertDiscount(tx, "s-2", {"d-3", "x", 1, std::nullopt, day("2026-12-01"), {}},
                                    kDatabaseMadeAt);
            billing::endDiscount(tx, "d-1", day("2026-12-31"));
        });
        storePending({pendingOf("x-1", -5), pendingOf("x-2", 7)}, "s-3", {});
        const Account account = load("c-1");
        const auto& discounts = account.subscriptions[0].discounts;
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, discounts.size());
        CPPUNIT_ASSERT(discounts[0].id == "d-1" && discounts[0].name == "Loyal" &&
                       discounts[0].ratePpm == 100'000 && !discounts[0].amount &&
                       discounts[0].startsOn == day("2026-12-01") &&
                       discounts[0].endsOn == day("2026-12-31"));
        CPPUNIT_ASSERT(!discounts[1].ratePpm && discounts[1].amount == amount.amount &&
                       discounts[1].endsOn == day("2027-06-30"));
        CPPUNIT_ASSERT(account.subscriptions[0].pending.empty());
        const auto& pending = account.subscriptions[1].pending;
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, pending.size());
        CPPUNIT_ASSERT(pending[0].id == "x-1" && pending[0].amount == -5 &&
                       pending[0].kind == billing::LineKind::Charge && pending[0].description == "Router" &&
                       !pending[0].period);
    }

    void packagesComeWithTheirTax() {
        const auto packages = db().read(billing::loadPricedPackages);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, packages.size());
        CPPUNIT_ASSERT(!packages.at("p-1")->tax);
        CPPUNIT_ASSERT(packages.at("p-2")->tax->ratePpm == 110'000 &&
                       packages.at("p-2")->package.name == "Home 20");
    }

    void packageThatWasNotRead() {
        auto packages = db().read(billing::loadPricedPackages);
        packages.erase("p-2");
        const auto loads = [&] {
            return db().read(
                [&](Tx& tx) { return billing::loadAccount(tx, "c-1", packages, day("2026-12-22")); });
        };
        CPPUNIT_ASSERT(loads());
        set("next_package_id", "p-2");
        CPPUNIT_ASSERT(throws<billing::UnknownPackage>(loads));
    }

    void namesARowThatSomebodySpoilt() {
        db().transact(
            [](Tx& tx) { tx.execute("UPDATE subscriptions SET end_date = 'soon' WHERE id = 's-1'"); });
        CPPUNIT_ASSERT(trouble("c-1").find("end_date of \"user-s-1\" is \"soon\"") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string(), trouble("c-2"));
        db().transact([](Tx& tx) {
            tx.execute("UPDATE subscription_billing SET cancel_on = 'never' WHERE subscription_id = 's-2'");
        });
        CPPUNIT_ASSERT(trouble("c-2").find("billing of \"user-s-2\"") != std::string::npos);
        db().transact([](Tx& tx) {
            tx.execute("UPDATE subscriptions SET end_date = NULL");
            tx.execute("DELETE FROM subscription_billing");
        });
        CPPUNIT_ASSERT(trouble("c-1").find("no row in subscription_billing") != std::string::npos);
    }

    void packagesInTwoCurrencies() {
        db().transact([](Tx& tx) {
            tx.execute("UPDATE packages SET currency = 'USD' WHERE id = 'p-2'");
            tx.execute("UPDATE subscriptions SET package_id = 'p-2' WHERE id = 's-1'");
        });
        CPPUNIT_ASSERT(trouble("c-1").find("two currencies") != std::string::npos);
        db().transact(
            [](Tx& tx) { tx.execute("UPDATE subscriptions SET status = 'cancelled' WHERE id = 's-1'"); });
        CPPUNIT_ASSERT(load("c-1").currency == rupiah());
    }

    void storesStateWithEveryField() {
        const BillingState none = load("c-1").subscriptions[1].state;
        changeFirst([](billing::AccountSubscription& each) { each.state = wholeState(); });
        const Account stored = load("c-1");
        CPPUNIT_ASSERT(stored.subscriptions[0].state == wholeState());
        CPPUNIT_ASSERT(stored.subscriptions[0].nextPackage->package.id == "p-2");
        CPPUNIT_ASSERT(stored.subscriptions[1].state == none);
        CPPUNIT_ASSERT(parkedAt() == kDatabaseMadeAt);
        changeFirst([](billing::AccountSubscription& each) { each.state.parkedReason = "still"; }, at(60));
        CPPUNIT_ASSERT(parkedAt() == kDatabaseMadeAt);
        changeFirst([](billing::AccountSubscription& each) { each.state = {}; });
        CPPUNIT_ASSERT(load("c-1").subscriptions[0].state == BillingState{});
        CPPUNIT_ASSERT(!parkedAt());
    }

    void storesWhatBillingChangesOfASubscription() {
        changeFirst([](billing::AccountSubscription& each) {
            each.subscription.packageId = "p-2";
            each.subscription.startDate = day("2026-11-23");
            each.subscription.endDate.reset();
            each.subscription.autoRenew = false;
            each.subscription.status = billing::SubscriptionStatus::Cancelled;
            each.subscription.accessUntil = at(1);
            each.subscription.heldUntil = at(2);
            each.subscription.stage = billing::DunningStage::Isolated;
        });
        const billing::Subscription stored = load("c-1").subscriptions[0].subscription;
        CPPUNIT_ASSERT(stored.packageId == "p-2" && stored.startDate == day("2026-11-23") &&
                       !stored.endDate && !stored.autoRenew &&
                       stored.status == billing::SubscriptionStatus::Cancelled &&
                       stored.accessUntil == at(1) && stored.heldUntil == at(2) &&
                       stored.stage == billing::DunningStage::Isolated);
        CPPUNIT_ASSERT(stored.username == "user-s-1" && stored.sealedPassword == "sealed");
    }

    void announcesOnlyWhatTheNetworkSees() {
        changeFirst([](billing::AccountSubscription& each) { each.state.billAt = at(1); });
        CPPUNIT_ASSERT_EQUAL(std::string(), takeAnnouncements(db()));
        changeFirst([](billing::AccountSubscription& each) { each.subscription.heldUntil = at(1); });
        CPPUNIT_ASSERT_EQUAL(std::string("user-s-1 "), takeAnnouncements(db()));
        changeFirst([](billing::AccountSubscription& each) { each.subscription.heldUntil.reset(); });
        CPPUNIT_ASSERT_EQUAL(std::string("user-s-1 "), takeAnnouncements(db()));
    }

    void storesPendingCharges() {
        billing::PendingCharge withPeriod = pendingOf("x-1", 5);
        withPeriod.kind = billing::LineKind::Recurring;
        withPeriod.period = period("2026-12-22", "2027-01-01");
        storePending({withPeriod, pendingOf("x-2", 6), pendingOf("x-3", 7)}, "s-1", {{"x-3", "i-1"}});
        const auto left = load("c-1").subscriptions[0].pending;
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, left.size());
        CPPUNIT_ASSERT(left[0].period == withPeriod.period && left[0].kind == withPeriod.kind);
        storePending({}, "s-1", {{"x-1", "i-2"}});
        CPPUNIT_ASSERT(load("c-1").subscriptions[0].pending.front().id == "x-2");
        const auto invoiced = db().read([](Tx& tx) {
            return tx.queryOne("SELECT invoice_id FROM pending_charges WHERE id = 'x-1'")->text(0);
        });
        CPPUNIT_ASSERT_EQUAL(std::string("i-2"), invoiced);
    }

    void storesDocumentsEntriesAndEvents() {
        AccountChanges changes;
        changes.issued = {invoiceOf("i-1"), chargeOf("i-2", 700)};
        changes.entries = {billing::postingsOf(changes.issued[0]), billing::postingsOf(changes.issued[1])};
        billing::BillingEvent quiet;
        quiet.action = "renewed";
        billing::BillingEvent loud;
        loud.action = "invoice_issued";
        loud.notify = "invoice_issued";
        loud.dedupeKey = "invoice_issued:i-1";
        loud.invoiceId = "i-1";
        changes.events = {quiet, loud};
        store(load("c-1"), changes);
        CPPUNIT_ASSERT_EQUAL(std::string("INV-2026-000001"), changes.issued[0].number);
        CPPUNIT_ASSERT_EQUAL(std::string("INV-2026-000002"), changes.issued[1].number);
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, load("c-1").open.size());
        CPPUNIT_ASSERT_EQUAL(std::int64_t{2}, countRows(db(), "billing_logs"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, countRows(db(), "outbox"));
        CPPUNIT_ASSERT(db().read(billing::auditLedger).empty());
        const auto posted = db().read([](Tx& tx) { return billing::listPostings(tx, "c-1", 0, 10); });
        CPPUNIT_ASSERT(posted.size() == 2 && posted[0].transactionId != posted[1].transactionId &&
                       posted[0].day == day("2026-12-22"));
    }

    void replacesAnInvoiceOfTheSamePeriod() {
        issue(db(), {invoiceOf("i-1")});
        const Account account = load("c-1");
        AccountChanges changes;
        changes.updated = {account.open.front()};
        changes.updated.front().status = billing::InvoiceStatus::Void;
        changes.updated.front().outstanding = 0;
        changes.updated.front().periodKey.reset();
        changes.issued = {invoiceOf("i-2")};
        changes.entries = {billing::voidingOf(account.open.front()), billing::postingsOf(changes.issued[0])};
        store(account, changes);
        CPPUNIT_ASSERT_EQUAL(std::string("i-2"), load("c-1").open.front().id);
        CPPUNIT_ASSERT(db().read(billing::auditLedger).empty());
    }

    void accountIsLocked() {
        CPPUNIT_ASSERT(!db().transact([](Tx& tx) { return billing::lockAccount(tx, "c-404"); }));
        inThreads(4, [&](int) {
            for (int i = 0; i < 5; ++i) {
                db().transact([&](Tx& tx) {
                    CPPUNIT_ASSERT(billing::lockAccount(tx, "c-1"));
                    const auto packages = billing::loadPricedPackages(tx);
                    Account account = billing::loadAccount(tx, "c-1", packages, day("2026-12-22")).value();
                    auto& anchor = account.subscriptions[0].state.anchorDay;
                    anchor = anchor.value_or(0) + 1;
                    AccountChanges changes;
                    changes.subscriptions = {0};
                    billing::storeAccount(tx, {account, changes, kDatabaseMadeAt, day("2026-12-22")});
                });
            }
        });
        CPPUNIT_ASSERT(load("c-1").subscriptions[0].state.anchorDay == 20);
    }

private:
    std::optional<Account> tryLoad(const std::string& customer, const char* today = "2026-12-22") {
        return db().read([&](Tx& tx) {
            return billing::loadAccount(tx, customer, billing::loadPricedPackages(tx), day(today));
        });
    }
    Account load(const std::string& customer) { return tryLoad(customer).value(); }
    /// The words of the DbError; empty where there is none.
    std::string trouble(const std::string& customer) {
        try {
            (void)tryLoad(customer);
        } catch (const core::DbError& error) {
            return error.what();
        }
        return "";
    }
    /// Of s-1.
    std::string charged(const char* today) {
        std::string text;
        const Account account = tryLoad("c-1", today).value();
        for (const billing::InvoiceLine& line : account.subscriptions[0].charged) {
            text.append(shown(line)).append(", ");
        }
        return text;
    }
    void store(const Account& account, AccountChanges& changes, core::Instant now = kDatabaseMadeAt) {
        db().transact([&](Tx& tx) { billing::storeAccount(tx, {account, changes, now, day("2026-12-22")}); });
    }
    void changeFirst(const std::function<void(billing::AccountSubscription&)>& change,
                     core::Instant now = kDatabaseMadeAt) {
        Account account = load("c-1");
        change(account.subscriptions[0]);
        AccountChanges changes;
        changes.subscriptions = {0};
        store(account, changes, now);
    }
    void storePending(const std::vector<billing::PendingCharge>& added, const std::string& subscription,
                      const std::vector<std::pair<std::string, std::string>>& invoiced) {
        AccountChanges changes;
        for (const billing::PendingCharge& charge : added) {
            changes.pendingAdded.emplace_back(subscription, charge);
        }
        changes.pendingInvoiced = invoiced;
        store(load("c-1"), changes);
    }
    /// A column of the billing state of s-1.
    void set(const std::string& column, const char* value) {
        db().transact([&](Tx& tx) {
            tx.execute("UPDATE subscription_billing SET " + column + " = ? WHERE subscription_id = 's-1'",
                       {std::string(value)});
        });
    }
    std::optional<core::Instant> parkedAt() {
        constexpr const char* kSql =
            "SELECT parked_at FROM subscription_billing WHERE subscription_id = 's-1'";
        return db().read([](Tx& tx) { return tx.queryOne(kSql)->optionalInstant(0); });
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<AccountStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<AccountStoreTest>);

}  // namespace gardu::test
