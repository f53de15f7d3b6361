// explain by the real program: the rules, the outcome and the attributes, now and at another time.
#include <cppunit/extensions/HelperMacros.h>

#include "tests/app/gardu_program.h"
#include "tests/support/database_suite.h"

namespace gardu::test {
namespace {

struct ExplainCase {
    const char* line;
    const char* outcome;
    const char* reason;
    /// The name and value of each attribute.
    const char* attributes;
};

constexpr ExplainCase kCases[] = {
    {"explain paid --at 2027-01-31T00:00:00+07:00", "accept", "active",
     "Mikrotik-Rate-Limit=10M/10M;Framed-Pool=pool;Session-Timeout=86400;Acct-Interim-Interval=300;"},
    // The last second of the last day, in the business zone, and the first one after it.
    {"explain paid --at 2027-01-31T23:59:59+07:00", "accept", "active",
     "Mikrotik-Rate-Limit=10M/10M;Framed-Pool=pool;Session-Timeout=1;Acct-Interim-Interval=300;"},
    {"explain paid --at 2027-02-01T00:00:00+07:00", "isolate", "ended",
     "Mikrotik-Rate-Limit=128k/128k;Mikrotik-Address-List=ISOLIR;Framed-Pool=pool;Session-Timeout=600;"
     "Acct-Interim-Interval=300;"},
    {"explain paid --at 2027-01-31T17:00:00Z", "isolate", "ended",
     "Mikrotik-Rate-Limit=128k/128k;Mikrotik-Address-List=ISOLIR;Framed-Pool=pool;Session-Timeout=600;"
     "Acct-Interim-Interval=300;"},
    {"-D business.timezone=Asia/Jayapura explain paid --at 2027-01-31T15:00:00Z", "isolate", "ended",
     "Mikrotik-Rate-Limit=128k/128k;Mikrotik-Address-List=ISOLIR;Framed-Pool=pool;Session-Timeout=600;"
     "Acct-Interim-Interval=300;"},
    {"explain paid --at 2026-01-01T00:00:00Z", "reject", "not_started",
     "Reply-Message=Your subscription has not begun yet.;"},
    {"explain strict --at 2027-02-01T00:00:00+07:00", "reject", "ended",
     "Reply-Message=Your subscription has ended. Please pay to go on.;"},
    {"-D isolate.address_list=WALL -D isolate.rate_limit=64k/64k -D isolate.session_timeout=120 "
     "-D radius.interim_interval=600 explain suspended",
     "isolate", "subscription_suspended",
     "Mikrotik-Rate-Limit=64k/64k;Mikrotik-Address-List=WALL;Framed-Pool=pool;Session-Timeout=120;"
     "Acct-Interim-Interval=600;"},
    {"explain disabled", "reject", "subscription_disabled",
     "Reply-Message=Your subscription is disabled. Please contact us.;"},
    {"explain nobody", "reject", "unknown_user", "Reply-Message=Unknown user name or wrong password;"},
};

class ExplainTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(ExplainTest);
    CPPUNIT_TEST(outcomes);
    CPPUNIT_TEST(everyRuleUpToTheOneThatDecides);
    CPPUNIT_TEST(inWords);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        gardu_ = std::make_unique<Gardu>(folder().file("data"), databaseUrl());
        gardu_->must("package add --name home --bandwidth 10M/10M --price 1 --pool pool");
        gardu_->must("package add --name strict --bandwidth 10M/10M --price 1 --on-expiry reject");
        const std::string dates = " --start-date 2026-11-01 --end-date 2027-01-31";
        gardu_->must("subscriber add --username paid --password b --package home" + dates);
        gardu_->must("subscriber add --username strict --password b --package strict" + dates);
        gardu_->must("subscriber add --username suspended --password b --package home");
        gardu_->must("subscriber suspend suspended");
        gardu_->must("subscriber add --username disabled --password b --package home");
        gardu_->must("subscriber disable disabled");
    }

private:
    std::unique_ptr<Gardu> gardu_;

    void outcomes() {
        for (const ExplainCase& wanted : kCases) {
            const Json answer = gardu_->json(wanted.line);
            std::string attributes;
            for (const Json& attribute : answer.at("attributes")) {
                attributes += attribute.at("name").get<std::string>() + "=" +
                              attribute.at("value").get<std::string>() + ";";
            }
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                wanted.line, std::string(wanted.outcome) + " " + wanted.reason + " " + wanted.attributes,
                answer.at("outcome").get<std::string>() + " " + answer.at("reason").get<std::string>() + " " +
                    attributes);
        }
    }

    void everyRuleUpToTheOneThatDecides() {
        std::string rules;
        const Json answer = gardu_->json("explain suspended");
        for (const Json& rule : answer.at("rules")) {
            rules += rule.at("rule").get<std::string>() + (rule.at("applies").get<bool>() ? "!" : " ");
        }
        CPPUNIT_ASSERT_EQUAL(std::string("unknown_user subscription_cancelled subscription_disabled "
                                         "customer_inactive not_started customer_suspended "
                                         "subscription_suspended!"),
                             rules);
    }

    void inWords() {
        const std::string text = gardu_->run("explain paid --at 2027-02-01T00:00:00+07:00").output;
        CPPUNIT_ASSERT(text.starts_with(
            "paid at 2027-02-01 00:00:00 WIB: isolate, because the last day of access has passed\n"));
        CPPUNIT_ASSERT(text.find("  YES  has the last day of access passed?  (ended)\n") !=
                       std::string::npos);
        CPPUNIT_ASSERT(text.find("  Mikrotik-Address-List = ISOLIR\n") != std::string::npos);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<ExplainTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<ExplainTest>);

}  // namespace
}  // namespace gardu::test
