#pragma once
// SQL of the table ledger_postings. Rows are only added; the database refuses anything else.

#include <optional>
#include <string>
#include <vector>

#include "billing/ledger.h"
#include "core/calendar.h"
#include "core/db.h"

namespace gardu::billing {

/// `transactionIds`: one for each entry. An entry that does not balance breaks an invariant.
struct LedgerWrite {
    const std::vector<LedgerEntry>& entries;
    const std::vector<std::string>& transactionIds;
    core::Instant now;
    core::Date day{};
};
void appendEntries(core::Tx& tx, const LedgerWrite& write);

/// Credit of the customer: minus the balance of customer_credit.
[[nodiscard]] std::int64_t creditOf(core::Tx& tx, const std::string& customerId);

/// Invoices that credit went to, or came back from, at once when that payment, match or reversal was entered,
/// in the order in which it did.
[[nodiscard]] std::vector<std::string> invoicesMovedBy(core::Tx& tx, const std::string& paymentId);

struct AccountBalance {
    std::string account;
    std::string currency;
    std::int64_t balance = 0;
};
/// Of the house; optionally of postings on days in [from, to).
[[nodiscard]] std::vector<AccountBalance> ledgerBalances(core::Tx& tx,
                                                         const std::optional<core::Period>& days);

struct LedgerRow {
    std::int64_t id = 0;
    std::string transactionId;
    std::string kind;
    core::Instant postedAt;
    core::Date day{};
    Posting posting;
    std::string currency;
};
/// Newest first, before that id (0 is the newest).
[[nodiscard]] std::vector<LedgerRow> listPostings(core::Tx& tx, const std::optional<std::string>& customerId,
                                                  std::int64_t beforeId, int limit);

/// What an invoice's receivable is made of, oldest first.
[[nodiscard]] std::vector<LedgerRow> receivableOf(core::Tx& tx, const std::string& invoiceId);

/// What is wrong, in words, naming rows: entries that do not sum to zero; invoices whose outstanding is not
/// their receivable, or whose lines do not sum to their total; payments without postings or with another
/// amount; invoices of which, or of whose days, more was given back than they were; postings of another
/// customer than their document's; gaps or doubles in document numbers; customers with negative credit; two
/// invoices, or paid periods, of one subscription that overlap. At most 100 findings. Empty: the books are
/// right.
[[nodiscard]] std::vector<std::string> auditLedger(core::Tx& tx);

}  // namespace gardu::billing
