#include "billing/record_json.h"

#include <cppunit/extensions/HelperMacros.h>

#include <nlohmann/json.hpp>

#include "tests/support/subscribers.h"

namespace gardu::test {

namespace {

using Json = nlohmann::json;

const core::Currency kIdr = core::findCurrency("IDR").value();

}  // namespace

class RecordJsonTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(RecordJsonTest);
    CPPUNIT_TEST(packages);
    CPPUNIT_TEST(subscriptions);
    CPPUNIT_TEST(customers);
    CPPUNIT_TEST(invoices);
    CPPUNIT_TEST(payments);
    CPPUNIT_TEST(textThatIsNoUtf8);
    CPPUNIT_TEST_SUITE_END();

public:
    void packages() {
        billing::Package package = packageOf("Home 10");
        package.terms.ladder.noCutWeekdays = {0, 6};
        package.quota = billing::QuotaPolicy{};
        package.quota->tiers = {{1'000, "1M/1M"}, {2'000, std::nullopt}};
        const Json json = Json::parse(billing::recordJson(package));
        CPPUNIT_ASSERT(json.at("price_minor") == 150'000 && json.at("currency") == "IDR");
        CPPUNIT_ASSERT(json.at("validity") == "1 month" && json.at("terms").at("billing") == "prepaid");
        CPPUNIT_ASSERT(json.at("terms").at("ladder").at("no_cut_weekdays") ==
                       billing::formatWeekdays({0, 6}));
        CPPUNIT_ASSERT(json.at("terms").at("ladder").at("suspend_days").is_null());
        CPPUNIT_ASSERT(json.at("quota").at("tiers").at(0).at("from_octets") == 1'000);
        CPPUNIT_ASSERT(json.at("quota").at("tiers").at(1).at("rate_limit").is_null());
    }

    void subscriptions() {
        billing::AccountSubscription each;
        each.subscription.username = "bob";
        each.subscription.sealedPassword = "sealed";
        each.subscription.startDate = day("2027-02-15");
        each.subscription.accessUntil = core::parseInstant("2027-02-15T00:00:00Z");
        each.state.neverCutReason = "hospital";
        each.state.billAt = core::parseInstant("2027-02-16T01:02:03Z");
        const std::string text = billing::recordJson(each);
        const Json json = Json::parse(text);
        CPPUNIT_ASSERT(json.at("start_date") == "2027-02-15" && json.at("end_date").is_null());
        CPPUNIT_ASSERT(json.at("access_until") == "2027-02-15T00:00:00Z");
        CPPUNIT_ASSERT(json.at("billing").at("never_cut_reason") == "hospital");
        CPPUNIT_ASSERT(json.at("billing").at("bill_at") == "2027-02-16T01:02:03Z");
        CPPUNIT_ASSERT(text.find("sealed") == std::string::npos);
        CPPUNIT_ASSERT(!Json::parse(billing::recordJson(each.subscription)).contains("password"));
        CPPUNIT_ASSERT(Json::parse(billing::recordJson(each.subscription, true)).at("password") ==
                       Json({{"changed", true}}));
    }

    void customers() {
        billing::Account account;
        account.customer.name = "Pak Budi";
        account.credit = 5'000;
        account.currency = kIdr;
        const Json json = Json::parse(billing::customerJson(account));
        CPPUNIT_ASSERT(json.at("name") == "Pak Budi" && json.at("balance_minor") == -5'000);
        CPPUNIT_ASSERT(json.at("language").is_null() && json.at("currency") == "IDR");
    }

    void invoices() {
        billing::Invoice invoice;
        invoice.number = "INV-2027-000001";
        invoice.currency = kIdr;
        invoice.issueDate = invoice.dueDate = day("2027-02-15");
        invoice.period = core::Period{day("2027-02-15"), day("2027-03-15")};
        invoice.sum = {100, 11};
        invoice.outstanding = 111;
        invoice.lines.resize(1);
        invoice.lines.at(0).taxed = {100, 11};
        invoice.lines.at(0).taxCode = "PPN";
        const Json json = Json::parse(billing::recordJson(invoice));
        CPPUNIT_ASSERT(json.at("total_minor") == 111 && json.at("outstanding_minor") == 111);
        CPPUNIT_ASSERT(json.at("period_start") == "2027-02-15" && json.at("period_end") == "2027-03-15");
        CPPUNIT_ASSERT(json.at("lines").at(0).at("tax_minor") == 11 &&
                       json.at("lines").at(0).at("tax") == "PPN");
        CPPUNIT_ASSERT(json.at("lines").at(0).at("period_start").is_null());
    }

    void payments() {
        billing::Payment payment;
        payment.reference = "r-1";
        payment.amount = {150'000, kIdr};
        payment.paidAt = core::parseInstant("2027-02-15T00:00:00Z").value();
        const Json json = Json::parse(billing::recordJson(payment));
        CPPUNIT_ASSERT(json.at("amount_minor") == 150'000 && json.at("method") == "cash");
        CPPUNIT_ASSERT(json.at("customer_id").is_null() && json.at("paid_at") == "2027-02-15T00:00:00Z");
    }

    void textThatIsNoUtf8() {
        billing::Payment payment;
        payment.note = "caf\xe9";
        CPPUNIT_ASSERT(Json::parse(billing::recordJson(payment)).at("note") == "caf\xEF\xBF\xBD");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(RecordJsonTest);

}  // namespace gardu::test
