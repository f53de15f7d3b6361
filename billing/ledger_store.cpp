#include "billing/ledger_store.h"

#include <algorithm>
#include <cstdint>

#include "billing/where_store.h"
#include "core/check.h"

namespace gardu::billing {

namespace {

constexpr const char* kPostings =
    "SELECT id, transaction_id, kind, posted_at, day, account, customer_id, invoice_id, payment_id, amount, "
    "currency FROM ledger_postings";

std::vector<LedgerRow> toLedger(const core::Rows& rows) {
    std::vector<LedgerRow> postings;
    postings.reserve(rows.size());
    for (const core::Row& row : rows) {
        postings.push_back({row.integer(0), row.text(1), row.text(2), row.instant(3), row.day(4),
                            Posting{row.text(5), row.optionalText(6), row.optionalText(7),
                                    row.optionalText(8), row.integer(9)},
                            row.text(10)});
    }
    return postings;
}

}  // namespace

void appendEntries(core::Tx& tx, const LedgerWrite& write) {
    core::check(write.entries.size() == write.transactionIds.size(), "each ledger entry has an id");
    std::vector<core::Values> rows;
    for (std::size_t i = 0; i < write.entries.size(); ++i) {
        const LedgerEntry& entry = write.entries[i];
        core::check(isBalanced(entry), "a ledger entry that does not balance was to be stored");
        for (const Posting& posting : entry.postings) {
            rows.push_back({write.transactionIds[i], std::string(name(entry.kind)),
                            core::toEpochMs(write.now), core::formatDate(write.day), posting.account,
                            core::toValue(posting.customerId), core::toValue(posting.invoiceId),
                            core::toValue(posting.paymentId), posting.amount, entry.currency});
        }
    }
    tx.insertRows(
        "INSERT INTO ledger_postings(transaction_id, kind, posted_at, day, account, customer_id, invoice_id, "
        "payment_id, amount, currency)",
        rows);
}

std::int64_t creditOf(core::Tx& tx, const std::string& customerId) {
    return -tx.queryOne(
                  "SELECT CAST(COALESCE(SUM(amount), 0) AS SIGNED) FROM ledger_postings "
                  "WHERE customer_id = ? AND account = ?",
                  {customerId, std::string(kCustomerCredit)})
                ->integer(0);
}

std::vector<std::string> invoicesMovedBy(core::Tx& tx, const std::string& paymentId) {
    const auto entered = tx.queryOne(
        "SELECT id, customer_id, posted_at FROM ledger_postings WHERE payment_id = ? "
        "AND account = 'customer_credit' AND customer_id IS NOT NULL ORDER BY id LIMIT 1",
        {paymentId});
    std::vector<std::string> invoices;
    if (!entered) {
        return invoices;
    }
    // An allocation names no payment: it is of the one before it, within the same change of the account.
    const auto next = tx.queryOne(
        "SELECT MIN(id) FROM ledger_postings WHERE customer_id = ? AND account = 'customer_credit' "
        "AND payment_id IS NOT NULL AND id > ?",
        {entered->text(1), entered->integer(0)});
    const std::int64_t end = next && !next->isNull(0) ? next->integer(0) : INT64_MAX;
    const core::Rows rows = tx.query(
        "SELECT invoice_id FROM ledger_postings WHERE customer_id = ? AND account = 'receivable' "
        "AND kind IN ('allocation', 'deallocation') AND posted_at = ? AND id > ? AND id < ? ORDER BY id",
        {entered->text(1), entered->integer(2), entered->integer(0), end});
    invoices.reserve(rows.size());
    for (const core::Row& row : rows) {
        if (std::find(invoices.begin(), invoices.end(), row.text(0)) == invoices.end()) {
            invoices.push_back(row.text(0));
        }
    }
    return invoices;
}

std::vector<AccountBalance> ledgerBalances(core::Tx& tx, const std::optional<core::Period>& days) {
    Where where;
    if (days) {
        where.add("day >= ? AND day < ?", {core::formatDate(days->first), core::formatDate(days->next)});
    }
    const core::Rows rows =
        where.query(tx, "SELECT account, currency, CAST(SUM(amount) AS SIGNED) FROM ledger_postings",
                    " GROUP BY account, currency ORDER BY account, currency");
    std::vector<AccountBalance> balances;
    balances.reserve(rows.size());
    for (const core::Row& row : rows) {
        balances.push_back({row.text(0), row.text(1), row.integer(2)});
    }
    return balances;
}

std::vector<LedgerRow> listPostings(core::Tx& tx, const std::optional<std::string>& customerId,
                                    std::int64_t beforeId, int limit) {
    Where where;
    where.addIf("customer_id = ?", customerId);
    if (beforeId != 0) {
        where.add("id < ?", {beforeId});
    }
    return toLedger(where.query(tx, kPostings, " ORDER BY id DESC LIMIT ?", {std::int64_t{limit}}));
}

std::vector<LedgerRow> receivableOf(core::Tx& tx, const std::string& invoiceId) {
    Where where;
    where.add("invoice_id = ?", {invoiceId});
    where.add("account = ?", {std::string(kReceivable)});
    return toLedger(where.query(tx, kPostings, " ORDER BY id"));
}

}  // namespace gardu::billing
