#include "billing/report_store.h"

#include <type_traits>

#include "core/check.h"

namespace gardu::billing {

namespace {

constexpr int kPage = 5'000;

core::Date storedDate(const std::string& text) {
    const auto date = core::parseDate(text);
    core::check(date.has_value(), "a table of billing holds a day that is none");
    return *date;
}

template <class ToValue>
auto listOf(const core::Rows& stored, ToValue&& toValue) {
    std::vector<std::invoke_result_t<ToValue, const core::Row&>> list;
    list.reserve(stored.size());
    for (const core::Row& row : stored) {
        list.push_back(toValue(row));
    }
    return list;
}

/// What has ended for good without a day of its own (by `gardu subscriber cancel`, before a run saw it) ended
/// when it was changed last.
SubscriptionLife toLife(const core::Row& row, const core::Zone& zone) {
    SubscriptionLife life;
    life.startsOn = storedDate(row.text(1));
    life.isTerminated = row.text(4) == "terminated";
    if (const auto day = row.optionalText(2)) {
        life.endedOn = storedDate(*day);
    } else if (life.isTerminated || row.text(3) == "cancelled") {
        life.endedOn = zone.localDate(row.optionalInstant(5).value_or(row.instant(6)));
    }
    return life;
}

}  // namespace

std::vector<RevenueRow> revenueRows(core::Tx& tx, const core::Period& days) {
    const core::Rows stored = tx.query(
        "SELECT SUBSTR(day, 1, 7), account, currency, CAST(SUM(amount) AS SIGNED) FROM ledger_postings "
        "WHERE day >= ? AND day < ? AND (account = 'revenue' OR account LIKE 'tax:%' "
        "OR account LIKE 'money:%') GROUP BY SUBSTR(day, 1, 7), account, currency "
        "ORDER BY SUBSTR(day, 1, 7), account, currency",
        {core::formatDate(days.first), core::formatDate(days.next)});
    return listOf(stored, [](const core::Row& row) {
        return RevenueRow{row.text(0), row.text(1), row.text(2), asIncome(row.text(1), row.integer(3))};
    });
}

std::vector<TakingsRow> takings(core::Tx& tx, const core::Period& days) {
    const core::Rows stored = tx.query(
        "SELECT l.day, p.entered_by, p.method, p.source, l.currency, "
        "CAST(SUM(CASE WHEN p.kind = 'payment' THEN 1 ELSE 0 END) AS SIGNED), "
        "CAST(SUM(CASE WHEN l.amount > 0 THEN l.amount ELSE 0 END) AS SIGNED), "
        "CAST(SUM(CASE WHEN l.amount < 0 THEN -l.amount ELSE 0 END) AS SIGNED) "
        "FROM ledger_postings l JOIN payments p ON p.id = l.payment_id "
        "WHERE l.day >= ? AND l.day < ? AND l.account LIKE 'money:%' "
        "GROUP BY l.day, p.entered_by, p.method, p.source, l.currency "
        "ORDER BY l.day, p.entered_by, p.method, p.source, l.currency",
        {core::formatDate(days.first), core::formatDate(days.next)});
    return listOf(stored, [](const core::Row& row) {
        return TakingsRow{storedDate(row.text(0)),
                          row.text(1),
                          row.text(2),
                          row.text(3),
                          row.text(4),
                          {row.integer(5), row.integer(6), row.integer(7)}};
    });
}

std::vector<OpenItem> openItems(core::Tx& tx, core::Date on) {
    const core::Rows stored = tx.query(
        "SELECT l.customer_id, c.name, l.currency, i.due_date, CAST(SUM(l.amount) AS SIGNED) "
        "FROM ledger_postings l JOIN invoices i ON i.id = l.invoice_id "
        "JOIN customers c ON c.id = l.customer_id WHERE l.account = 'receivable' AND l.day <= ? "
        "GROUP BY l.invoice_id, l.customer_id, c.name, l.currency, i.due_date "
        "HAVING CAST(SUM(l.amount) AS SIGNED) <> 0",
        {core::formatDate(on)});
    return listOf(stored, [](const core::Row& row) {
        return OpenItem{row.text(0), row.text(1), row.text(2), storedDate(row.text(3)), row.integer(4)};
    });
}

std::vector<CustomerCredit> customerCredits(core::Tx& tx, core::Date on) {
    const core::Rows stored = tx.query(
        "SELECT l.customer_id, c.name, l.currency, CAST(SUM(l.amount) AS SIGNED) "
        "FROM ledger_postings l JOIN customers c ON c.id = l.customer_id "
        "WHERE l.account = 'customer_credit' AND l.day <= ? GROUP BY l.customer_id, c.name, l.currency "
        "HAVING CAST(SUM(l.amount) AS SIGNED) <> 0",
        {core::formatDate(on)});
    return listOf(stored, [](const core::Row& row) {
        return CustomerCredit{row.text(0), row.text(1), row.text(2), -row.integer(3)};
    });
}

Churn countChurn(core::Tx& tx, const core::Period& days, const core::Zone& zone) {
    Churn churn;
    std::string after;
    for (bool isMore = true; isMore;) {
        const core::Rows page = tx.query(
            "SELECT s.id, s.start_date, b.cancelled_on, s.status, s.dunning_stage, b.stage_since, "
            "s.updated_at FROM subscriptions s LEFT JOIN subscription_billing b ON b.subscription_id = s.id "
            "WHERE s.id > ? ORDER BY s.id LIMIT ?",
            {after, std::int64_t{kPage}});
        for (const core::Row& row : page) {
            countLife(toLife(row, zone), days, churn);
        }
        isMore = !page.empty();
        after = isMore ? page.back().text(0) : after;
    }
    return churn;
}

}  // namespace gardu::billing
