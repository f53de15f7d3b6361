#include "app/notifier.h"

#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <set>
#include <thread>

#include "billing/customer_store.h"
#include "core/clock.h"
#include "tests/support/database_suite.h"
#include "tests/support/subscribers.h"

namespace gardu::test {

namespace {

using app::Notifier;
using app::NotifySettings;
using app::Outgoing;
using app::SendResult;
using app::SendStatus;
using billing::OutboxRow;
using core::Tx;

class NotifierTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(NotifierTest);
    CPPUNIT_TEST(whatIsDueIsSentOnce);
    CPPUNIT_TEST(theCustomersLanguageIsUsed);
    CPPUNIT_TEST(withoutSendersAllIsDropped);
    CPPUNIT_TEST(aPaidInvoiceRemindsNobody);
    CPPUNIT_TEST(whatTheEventDidNotSayIsLookedUp);
    CPPUNIT_TEST(whoHasNoAddressIsDropped);
    CPPUNIT_TEST(anUnknownTemplateStopsNobody);
    CPPUNIT_TEST(aFailureIsTriedAgainLaterAndRaised);
    CPPUNIT_TEST(afterADayItHasFailed);
    CPPUNIT_TEST(whoIsRefusedIsReachedByTheNextOne);
    CPPUNIT_TEST(quietHoursPutOff);
    CPPUNIT_TEST(soManyInAMinute);
    CPPUNIT_TEST(aCrashBeforeTheEndSendsAgain);
    CPPUNIT_TEST(whatWasSentIsNotSentAgainByADeadDatabase);
    CPPUNIT_TEST(anEndingServerSendsNothing);
    CPPUNIT_TEST(twoNotifiersSendEachOnce);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        DatabaseTest::setUp();
        addCustomer("c-1", "0812 3456 7890", "sri@example.net", std::nullopt);
    }

private:
    core::AlarmBoard alarms_;
    core::Metrics metrics_;
    std::vector<std::pair<std::string, Outgoing>> sent_;
    std::vector<SendResult> answers_;
    int puts_ = 0;

    void addCustomer(const std::string& id, std::optional<std::string> phone,
                     std::optional<std::string> email, std::optional<std::string> language) {
        billing::Customer customer;
        customer.id = id;
        customer.name = "Bu Sri";
        customer.phone = std::move(phone);
        customer.email = std::move(email);
        customer.language = std::move(language);
        db().transact([&](Tx& tx) { billing::insertCustomers(tx, {customer}, core::wallNow()); });
    }

    /// Answers as answers_ says, then Sent.
    app::NotificationSender sender(const std::string& name) {
        return {name,
                [name](const billing::OutboxItem& item) { return name == "http" ? item.phone : item.email; },
                [this, name](const Outgoing& outgoing) {
                    sent_.emplace_back(name, outgoing);
                    SendResult answer{SendStatus::Sent, "taken"};
                    if (!answers_.empty()) {
                        answer = answers_.front();
                        answers_.erase(answers_.begin());
                    }
                    return answer;
                }};
    }

    NotifySettings settings(const std::vector<std::string>& names = {"http"}) {
        NotifySettings settings{.senders = {},
                                .company = "Warga Net",
                                .quiet = {},
                                .zone = core::Zone("Asia/Jakarta"),
                                .perMinute = 60'000};
        for (const std::string& name : names) {
            settings.senders.push_back(sender(name));
        }
        return settings;
    }
    void turn(NotifySettings wanted) { Notifier({db(), alarms_, metrics_}, std::move(wanted)).turn(); }

    void put(const std::string& key, const std::string& templateName = "payment_received",
             const std::string& customerId = "c-1") {
        billing::BillingEvent event;
        event.notify = templateName;
        event.dedupeKey = key;
        event.meta = {{"amount_minor", "150000"}, {"currency", "IDR"}, {"number", key}};
        db().transact([&](Tx& tx) {
            // Each a millisecond after the one before: ids of one millisecond are in no order.
            const core::Milliseconds order(++puts_);
            billing::enqueueNotifications(tx, customerId, {event},
                                          core::wallNow() - core::Seconds(60) + order);
        });
    }
    std::vector<OutboxRow> rows() {
        return db().read([&](Tx& tx) { return billing::listOutbox(tx, {}, {}, 1'000); });
    }
    void run(const char* sql, const core::Values& values = {}) {
        db().transact([&](Tx& tx) { tx.execute(sql, values); });
    }
    core::Instant nextAttempt() {
        return core::fromEpochMs(db().read([](Tx& tx) {
            return tx.queryOne("SELECT next_attempt_at FROM outbox WHERE status = 'waiting'")->integer(0);
        }));
    }

    void whatIsDueIsSentOnce() {
        put("a");
        put("b");
        turn(settings({"http", "smtp"}));
        turn(settings({"http", "smtp"}));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, sent_.size());
        CPPUNIT_ASSERT_EQUAL(std::string("http"), sent_[0].first);
        CPPUNIT_ASSERT_EQUAL(std::string("0812 3456 7890"), sent_[0].second.to);
        CPPUNIT_ASSERT_EQUAL(std::string("Pembayaran diterima: Rp 150.000"), sent_[0].second.message.subject);
        CPPUNIT_ASSERT(sent_[0].second.message.body.find("Warga Net") != std::string::npos);
        for (const OutboxRow& row : rows()) {
            CPPUNIT_ASSERT_EQUAL(std::string("sent"), row.status);
            CPPUNIT_ASSERT_EQUAL(std::string("http"), row.sentBy);
            CPPUNIT_ASSERT_EQUAL(std::string("http: taken"), row.lastResult);
            CPPUNIT_ASSERT_EQUAL(1, row.item.attempts);
        }
        CPPUNIT_ASSERT(
            metrics_.text().find("gardu_notifications_total{outcome=\"sent\",sender=\"http\"} 2") !=
            std::string::npos);
    }

    void theCustomersLanguageIsUsed() {
        addCustomer("c-2", "1", std::nullopt, "en");
        put("a", "payment_received", "c-2");
        turn(settings());
        CPPUNIT_ASSERT_EQUAL(std::string("Payment received: IDR 150,000"),
                             sent_.at(0).second.message.subject);
    }

    void withoutSendersAllIsDropped() {
        for (int i = 0; i < 450; ++i) {
            put(std::to_string(i));
        }
        NotifySettings none = settings({});
        none.perMinute = 1;
        turn(none);
        for (const OutboxRow& row : rows()) {
            CPPUNIT_ASSERT_EQUAL(std::string("dropped"), row.status);
            CPPUNIT_ASSERT(row.lastResult.find("no sender is configured") == 0);
        }
    }

    void aPaidInvoiceRemindsNobody() {
        for (const char* status : {"paid", "unpaid", "void"}) {
            run("INSERT INTO invoices(id, kind, number, customer_id, issued_at, issue_date, due_date, "
                "currency, net, tax, total, outstanding, status) VALUES (?, 'invoice', ?, 'c-1', 0, "
                "'2026-11-01', '2126-11-10', 'IDR', 5, 0, 5, 5, ?)",
                {std::string("i-") + status, std::string(status), std::string(status)});
            put(status, "reminder");
            run("UPDATE outbox SET invoice_id = ? WHERE dedupe_key = ?",
                {std::string("i-") + status, std::string(status)});
        }
        turn(settings());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sent_.size());
        std::map<std::string, std::string> results;
        for (const OutboxRow& row : rows()) {
            results[*row.item.invoiceId] = row.status + ": " + row.lastResult;
        }
        CPPUNIT_ASSERT_EQUAL(std::string("dropped: the invoice is paid"), results["i-paid"]);
        CPPUNIT_ASSERT_EQUAL(std::string("dropped: the invoice is void"), results["i-void"]);
        CPPUNIT_ASSERT_EQUAL(std::string("sent: http: taken"), results["i-unpaid"]);
    }

    void whatTheEventDidNotSayIsLookedUp() {
        run("INSERT INTO invoices(id, kind, number, customer_id, issued_at, issue_date, due_date, currency, "
            "net, tax, total, outstanding, status, period_start, period_end) VALUES ('i-1', 'invoice', "
            "'INV-2026-000007', 'c-1', 0, '2026-11-01', '2026-11-10', 'IDR', 500, 0, 500, 400, 'unpaid', "
            "'2026-11-01', '2026-12-01')");
        put("a", "invoice_issued");
        run("UPDATE outbox SET invoice_id = 'i-1', data = '{\"number\": \"\", \"amount_minor\": \"500\"}'");
        turn(settings());
        CPPUNIT_ASSERT_EQUAL(std::string("Tagihan INV-2026-000007: Rp 500"),
                             sent_.at(0).second.message.subject);
        const std::string& body = sent_.at(0).second.message.body;
        CPPUNIT_ASSERT_MESSAGE(body, body.find("Jatuh tempo: 10 November 2026") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(body, body.find("1 November 2026 - 30 November 2026") != std::string::npos);
    }

    void whoHasNoAddressIsDropped() {
        addCustomer("c-2", std::nullopt, "only@mail", std::nullopt);
        put("a", "payment_received", "c-2");
        put("b", "payment_received", "c-gone");
        put("c");
        turn(settings({"http"}));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sent_.size());
        for (const OutboxRow& row : rows()) {
            CPPUNIT_ASSERT_EQUAL(std::string(row.item.customerId == "c-1" ? "sent" : "dropped"), row.status);
        }
    }

    void anUnknownTemplateStopsNobody() {
        put("a", "of_a_later_version");
        put("b");
        run("UPDATE outbox SET data = 'not json' WHERE dedupe_key = 'b'");
        turn(settings());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sent_.size());
        for (const OutboxRow& row : rows()) {
            CPPUNIT_ASSERT_EQUAL(
                std::string(row.item.templateName == "payment_received" ? "sent" : "dropped"), row.status);
        }
    }

    void aFailureIsTriedAgainLaterAndRaised() {
        put("a");
        answers_ = {{SendStatus::TryAgain, "no answer in time"}, {SendStatus::TryAgain, "again not"}};
        // The second one is not asked: it could tell him twice.
        turn(settings({"http", "smtp"}));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sent_.size());
        core::Milliseconds pause = nextAttempt() - core::wallNow();
        CPPUNIT_ASSERT(pause > std::chrono::seconds(30) && pause <= std::chrono::minutes(1));
        const auto raised = alarms_.take();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, raised.size());
        CPPUNIT_ASSERT_EQUAL(std::string("notification_failing"), raised[0].kind);
        CPPUNIT_ASSERT_EQUAL(std::string("http"), raised[0].subject);
        turn(settings());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sent_.size());
        run("UPDATE outbox SET next_attempt_at = 0");
        turn(settings());
        pause = nextAttempt() - core::wallNow();
        CPPUNIT_ASSERT(pause > std::chrono::seconds(90) && pause <= std::chrono::minutes(2));
        run("UPDATE outbox SET next_attempt_at = 0");
        turn(settings());
        CPPUNIT_ASSERT_EQUAL(std::string("sent"), rows().front().status);
        CPPUNIT_ASSERT_EQUAL(sent_[0].second.id, sent_[2].second.id);
    }

    void afterADayItHasFailed() {
        put("a");
        run("UPDATE outbox SET attempts = 29");
        answers_ = {{SendStatus::TryAgain, "no answer in time"}};
        turn(settings());
        CPPUNIT_ASSERT_EQUAL(std::string("failed"), rows().front().status);
        CPPUNIT_ASSERT_EQUAL(std::string("http: no answer in time"), rows().front().lastResult);
    }

    void whoIsRefusedIsReachedByTheNextOne() {
        put("a");
        answers_ = {{SendStatus::Refused, "not on WhatsApp"}};
        turn(settings({"http", "smtp"}));
        CPPUNIT_ASSERT_EQUAL(std::string("sent"), rows().front().status);
        CPPUNIT_ASSERT_EQUAL(std::string("smtp"), rows().front().sentBy);
        CPPUNIT_ASSERT_EQUAL(std::string("http: not on WhatsApp; smtp: taken"), rows().front().lastResult);
        put("b");
        answers_ = {{SendStatus::Refused, "no"}, {SendStatus::Refused, "never"}};
        turn(settings({"http", "smtp"}));
        CPPUNIT_ASSERT_EQUAL(std::string("failed"), rows().front().status);
        CPPUNIT_ASSERT(alarms_.take().empty());
    }

    void quietHoursPutOff() {
        put("a", "reminder");
        put("b");
        NotifySettings quiet = settings();
        // All of the day but a second that is far from now.
        const core::Date today = quiet.zone.localDate(core::wallNow());
        const auto sinceMidnight =
            std::chrono::duration_cast<core::Seconds>(core::wallNow() - quiet.zone.startOfDay(today));
        const core::Seconds until = (sinceMidnight + core::Seconds(43'200)) % core::Seconds(86'400);
        quiet.quiet = {(until + core::Seconds(1)) % core::Seconds(86'400), until};
        turn(quiet);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sent_.size());
        CPPUNIT_ASSERT_EQUAL(std::string("Pembayaran diterima: Rp 150.000"), sent_[0].second.message.subject);
        const auto wait = nextAttempt() - core::wallNow();
        CPPUNIT_ASSERT(wait > std::chrono::hours(11) && wait < std::chrono::hours(13));
        run("UPDATE outbox SET next_attempt_at = 0 WHERE status = 'waiting'");
        turn(settings());
        CPPUNIT_ASSERT_EQUAL(std::size_t{2}, sent_.size());
    }

    void soManyInAMinute() {
        for (int i = 0; i < 30; ++i) {
            put(std::to_string(i));
        }
        NotifySettings slow = settings();
        slow.perMinute = 600;
        Notifier notifier({db(), alarms_, metrics_}, std::move(slow));
        const auto begun = std::chrono::steady_clock::now();
        while (std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(1'050)) {
            notifier.turn();
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        // A second's worth at once, and those of the second.
        CPPUNIT_ASSERT_MESSAGE(std::to_string(sent_.size()), sent_.size() >= 15 && sent_.size() <= 23);
    }

    void aCrashBeforeTheEndSendsAgain() {
        put("a");
        db().transact([&](Tx& tx) {
            const auto item = billing::dueNotifications(tx, core::wallNow(), 1).front();
            CPPUNIT_ASSERT(billing::claimNotification(tx, item, core::wallNow() + Notifier::kClaim));
        });
        turn(settings());
        CPPUNIT_ASSERT(sent_.empty());
        run("UPDATE outbox SET next_attempt_at = next_attempt_at - ?",
            {core::Milliseconds(Notifier::kClaim).count()});
        turn(settings());
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sent_.size());
        CPPUNIT_ASSERT_EQUAL(2, rows().front().item.attempts);
    }

    void whatWasSentIsNotSentAgainByADeadDatabase() {
        put("a");
        NotifySettings broken = settings();
        const auto send = broken.senders[0].send;
        broken.senders[0].send = [&, send](const Outgoing& outgoing) {
            run("ALTER TABLE outbox RENAME TO elsewhere");
            return send(outgoing);
        };
        Notifier notifier({db(), alarms_, metrics_}, std::move(broken));
        CPPUNIT_ASSERT_THROW(notifier.turn(), core::DbError);
        CPPUNIT_ASSERT_THROW(notifier.turn(), core::DbError);
        run("ALTER TABLE elsewhere RENAME TO outbox");
        run("UPDATE outbox SET next_attempt_at = 0");
        notifier.turn();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sent_.size());
        CPPUNIT_ASSERT_EQUAL(std::string("sent"), rows().front().status);
    }

    void anEndingServerSendsNothing() {
        put("a");
        Notifier notifier({db(), alarms_, metrics_}, settings());
        notifier.stop();
        notifier.turn();
        CPPUNIT_ASSERT(sent_.empty());
    }

    void twoNotifiersSendEachOnce() {
        for (int i = 0; i < 60; ++i) {
            put(std::to_string(i));
        }
        core::Db other(databaseUrl());
        std::array<std::vector<std::string>, 2> ids;
        const auto turns = [&](core::Db& database, std::vector<std::string>& into) {
            NotifySettings own = settings();
            own.senders[0].send = [&](const Outgoing& outgoing) {
                into.push_back(outgoing.id);
                return SendResult{};
            };
            Notifier notifier({database, alarms_, metrics_}, std::move(own));
            const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
            while (std::chrono::steady_clock::now() < deadline &&
                   !database.read([](Tx& tx) { return billing::dueNotifications(tx, core::wallNow(), 1); })
                        .empty()) {
                notifier.turn();
            }
        };
        std::thread second([&] { turns(other, ids[1]); });
        turns(db(), ids[0]);
        second.join();
        std::set<std::string> all(ids[0].begin(), ids[0].end());
        all.insert(ids[1].begin(), ids[1].end());
        CPPUNIT_ASSERT_EQUAL(std::size_t{60}, all.size());
        CPPUNIT_ASSERT_EQUAL(std::size_t{60}, ids[0].size() + ids[1].size());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<NotifierTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<NotifierTest>);

}  // namespace

}  // namespace gardu::test
