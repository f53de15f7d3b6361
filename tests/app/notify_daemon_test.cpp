// The real server tells customers, through a gateway and a relay of Python's.
#include <cppunit/extensions/HelperMacros.h>

#include <fstream>

#include "billing/customer_store.h"
#include "billing/outbox_store.h"
#include "core/clock.h"
#include "tests/app/gardu_program.h"
#include "tests/app/mail_relay.h"
#include "tests/support/database_suite.h"

namespace gardu::test {

namespace {

constexpr std::chrono::seconds kSoon{10};
constexpr const char* kToken = "t0ken-7f3a";
constexpr const char* kPassword = "pa55 w\xc3\xb6rd";

class NotifyDaemonTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(NotifyDaemonTest);
    CPPUNIT_TEST(afterAFailureItIsSentAgain);
    CPPUNIT_TEST(aKillWhileSendingSendsAgain);
    CPPUNIT_TEST(theEndDoesNotWaitForAGateway);
    CPPUNIT_TEST(fromIsolationToThanks);
    CPPUNIT_TEST(testMessagesAndTheirFailures);
    CPPUNIT_TEST(aWrongSettingEndsTheStart);
    CPPUNIT_TEST(secretsStayInTheFile);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        gardu_ = std::make_unique<Gardu>(folder().file("data"), databaseUrl());
        billing::Customer customer;
        customer.id = "c-1";
        customer.name = "Bu Sri";
        customer.phone = "0812 3456 7890";
        db().transact([&](core::Tx& tx) { billing::insertCustomers(tx, {customer}, core::wallNow()); });
    }

private:
    std::unique_ptr<Gardu> gardu_;

    /// --config with these lines.
    std::string configured(const std::string& lines) {
        const std::string path = folder().file("gardu.conf");
        std::ofstream(path) << lines << "notify.quiet_from = 00:00\nnotify.quiet_until = 00:00\n";
        return "--config " + path + " ";
    }
    std::string toGateway(const MailRelay& gateway) {
        return configured("notify.http.url = http://127.0.0.1:" + std::to_string(gateway.port()) + "/" +
                          kToken + "\nnotify.http.headers = Authorization: " + kToken + "\n");
    }
    void put(const std::string& key) {
        billing::BillingEvent event;
        event.notify = "payment_received";
        event.dedupeKey = key;
        event.meta = {{"amount_minor", "150000"}, {"currency", "IDR"}};
        db().transact(
            [&](core::Tx& tx) { billing::enqueueNotifications(tx, "c-1", {event}, core::wallNow()); });
    }
    Json only() {
        const Json list = gardu_->json("outbox list");
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, list.size());
        return list.at(0);
    }
    void waitForStatus(const std::string& status) {
        waitUntil(
            status, [&] { return only().at("status") == status; }, kSoon);
    }

    void afterAFailureItIsSentAgain() {
        MailRelay gateway({"http", "500,200"});
        Daemon daemon(*gardu_, toGateway(gateway));
        put("a");
        waitUntil(
            "the failure", [&] { return !only().at("result").get<std::string>().empty(); }, kSoon);
        CPPUNIT_ASSERT_EQUAL(std::string("waiting"), only().at("status").get<std::string>());
        CPPUNIT_ASSERT(only().at("result").get<std::string>().find("500") != std::string::npos);
        waitUntil(
            "the alarm",
            [&] {
                return gardu_->json("alarm list").dump().find("notification_failing") != std::string::npos;
            },
            kSoon);
        gardu_->must("outbox retry " + only().at("id").get<std::string>());
        waitForStatus("sent");
        CPPUNIT_ASSERT_EQUAL(std::string("http"), only().at("sent_by").get<std::string>());
        const auto got = gateway.got(2);
        const auto body = nlohmann::json::parse(got[1]["body"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("6281234567890"), body["to"].get<std::string>());
        CPPUNIT_ASSERT(body["text"].get<std::string>().find("Rp 150.000") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string(kToken), got[1]["headers"]["authorization"].get<std::string>());
        // A message that was sent is not sent again.
        CPPUNIT_ASSERT_EQUAL(1, gardu_->run("outbox retry " + only().at("id").get<std::string>()).exitCode);
        daemon.process().stop();
        const std::string said = daemon.process().output() + daemon.process().errors() +
                                 gardu_->json("alarm list").dump() + gardu_->json("outbox list").dump();
        CPPUNIT_ASSERT_MESSAGE(said, said.find(kToken) == std::string::npos);
    }

    void aKillWhileSendingSendsAgain() {
        MailRelay gateway({"http", "0,200"});
        const std::string options = toGateway(gateway);
        {
            Daemon daemon(*gardu_, options);
            put("a");
            static_cast<void>(gateway.got(1));
            daemon.process().kill();
        }
        CPPUNIT_ASSERT_EQUAL(std::string("waiting"), only().at("status").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(1, only().at("attempts").get<int>());
        // As if the claim had run out.
        db().transact([](core::Tx& tx) { tx.execute("UPDATE outbox SET next_attempt_at = 0"); });
        const Daemon daemon(*gardu_, options);
        waitForStatus("sent");
        const auto got = gateway.got(2);
        CPPUNIT_ASSERT_EQUAL(got[0]["headers"]["idempotency-key"].get<std::string>(),
                             got[1]["headers"]["idempotency-key"].get<std::string>());
    }

    void theEndDoesNotWaitForAGateway() {
        MailRelay gateway({"http", "0"});
        Daemon daemon(*gardu_, toGateway(gateway) + "-D notify.timeout_seconds=60");
        put("a");
        static_cast<void>(gateway.got(1));
        const auto begun = std::chrono::steady_clock::now();
        CPPUNIT_ASSERT_EQUAL(0, daemon.process().stop());
        CPPUNIT_ASSERT(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
        CPPUNIT_ASSERT_EQUAL(std::string("waiting"), only().at("status").get<std::string>());
    }

    /// The texts that came, in the order in which they came.
    static std::string textsOf(const MailRelay& gateway) {
        std::string texts;
        for (const nlohmann::json& each : gateway.gotSoFar()) {
            texts += nlohmann::json::parse(each["body"].get<std::string>())["text"].get<std::string>();
        }
        return texts;
    }

    void fromIsolationToThanks() {
        const std::string past =
            core::formatDate(core::addDays(core::Zone("Asia/Jakarta").localDate(core::wallNow()), -10));
        gardu_->must("package add --name \"Rumah 20M\" --bandwidth 10M/20M --price 150000");
        gardu_->must(
            "subscriber add --username budi --password x --package \"Rumah 20M\" --customer Budi "
            "--phone 0812-1111-2222 --end-date " +
            past);
        gardu_->must("customer update Budi --language en");
        MailRelay gateway({"http", "200"});
        const Daemon daemon(*gardu_, toGateway(gateway) + "-D billing.run_seconds=1");
        waitUntil(
            "told of the hold",
            [&] { return textsOf(gateway).find("internet service is on hold") != std::string::npos; }, kSoon);
        gardu_->must("payment add --subscription budi --amount 150000");
        waitUntil(
            "thanked, and told that it comes back",
            [&] {
                const std::string texts = textsOf(gateway);
                return texts.find("We have received your payment") != std::string::npos &&
                       texts.find("will be active soon") != std::string::npos;
            },
            kSoon);
        const std::string texts = textsOf(gateway);
        CPPUNIT_ASSERT_MESSAGE(texts, texts.find("Dear Budi,\n") != std::string::npos &&
                                          texts.find("Amount: IDR 150,000\n") != std::string::npos &&
                                          texts.find("User name: budi\n") != std::string::npos &&
                                          texts.find("Package: Rumah 20M\n") != std::string::npos);
    }

    void testMessagesAndTheirFailures() {
        const Certificate certificate;
        MailRelay relay({"smtp", "starttls-auth"}, &certificate);
        const std::string options =
            configured("business.name = Warga Net\nnotify.smtp.host = localhost\nnotify.smtp.port = " +
                       std::to_string(relay.port()) + "\nnotify.ca_file = " + certificate.file() +
                       "\nnotify.smtp.from = isp@example.net\nnotify.smtp.user = gardu@example.net\n"
                       "notify.smtp.password = " +
                       kPassword + "\n");
        const Json sent = gardu_->json(options + "notify test --to sri@example.org");
        CPPUNIT_ASSERT_EQUAL(std::string("smtp"), sent.at("sent_by").get<std::string>());
        const auto mail = relay.got(1).front();
        CPPUNIT_ASSERT_EQUAL(std::string("Pesan uji"), mail["subject"].get<std::string>());
        CPPUNIT_ASSERT(mail["body"].get<std::string>().find("Warga Net") != std::string::npos);
        CPPUNIT_ASSERT(mail["tls"].get<bool>());
        for (const char* command : {"notify test --to nobody@example.org", "notify test --to 081234567890"}) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(command, 1, gardu_->run(options + command).exitCode);
        }
        CPPUNIT_ASSERT_EQUAL(1, gardu_->run("notify test --to sri@example.org").exitCode);
        for (const char* command : {"notify test", "outbox list --status lost", "outbox list --limit 0"}) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(command, 2, gardu_->run(command).exitCode);
        }
        CPPUNIT_ASSERT_EQUAL(1, gardu_->run("outbox retry nothing").exitCode);
    }

    void aWrongSettingEndsTheStart() {
        const ProcessResult result =
            gardu_->run(configured("notify.smtp.host = mail.example.net\nnotify.smtp.security = none\n"
                                   "notify.smtp.from = a@b.c\n") +
                        "serve");
        CPPUNIT_ASSERT_EQUAL(1, result.exitCode);
        CPPUNIT_ASSERT_MESSAGE(result.errors,
                               result.errors.find("notify.smtp.security") != std::string::npos);
    }

    void secretsStayInTheFile() {
        const std::string options = configured(
            std::string("notify.smtp.password = ") + kToken + "\nnotify.http.headers = X: " + kToken +
            "\nnotify.http.url = https://example.net/" + kToken + "\nnotify.http.body = " + kToken + "\n");
        for (const char* json : {"", "--json "}) {
            const ProcessResult shown = gardu_->run(options + json + "config");
            CPPUNIT_ASSERT_EQUAL(0, shown.exitCode);
            CPPUNIT_ASSERT(shown.output.find("https://example.net/...") != std::string::npos);
            CPPUNIT_ASSERT(shown.output.find(kToken) == std::string::npos);
            // Its body is wrong: neither is told what is in it.
            const ProcessResult refused = gardu_->run(options + json + "notify test --to a@b.c");
            CPPUNIT_ASSERT_EQUAL(1, refused.exitCode);
            CPPUNIT_ASSERT((refused.output + refused.errors).find(kToken) == std::string::npos);
        }
        const ProcessResult typed = gardu_->run("-D notify.smtp.password=" + std::string(kToken) + " config");
        CPPUNIT_ASSERT_EQUAL(1, typed.exitCode);
        CPPUNIT_ASSERT((typed.output + typed.errors).find(kToken) == std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<NotifyDaemonTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<NotifyDaemonTest>);

}  // namespace

}  // namespace gardu::test
