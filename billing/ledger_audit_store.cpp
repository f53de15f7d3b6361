#include <algorithm>
#include <map>
#include <utility>

#include "billing/invoice.h"
#include "billing/ledger_store.h"
#include "core/check.h"

namespace gardu::billing {

namespace {

constexpr std::size_t kMostFindings = 100;
/// Rows that one statement looks at: each is answered in time, whatever the size of the books.
constexpr std::int64_t kRowsAtOnce = 20'000;
constexpr std::int64_t kNumbersAtOnce = 500;

using Findings = std::vector<std::string>;

/// One rule of the books, looked at piece by piece.
struct Rule {
    /// Where a piece ends that begins after the first parameter; nothing: it is the last one.
    const char* pieceEnd;
    /// What is wrong with keys after the first parameter, up to and with the second one.
    const char* find;
    /// "?" stands for the columns of `find`, one after the other.
    const char* words;
};

constexpr const char* kInvoicePiece = "SELECT id FROM invoices WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?";

constexpr const char* kPostingPiece =
    "SELECT transaction_id FROM ledger_postings WHERE transaction_id > ? ORDER BY transaction_id LIMIT 1 "
    "OFFSET ?";

constexpr Rule kRules[] = {
    {kPostingPiece,
     "SELECT transaction_id, currency, CAST(SUM(amount) AS SIGNED) FROM ledger_postings "
     "WHERE transaction_id > ? AND transaction_id <= ? GROUP BY transaction_id, currency "
     "HAVING CAST(SUM(amount) AS SIGNED) <> 0",
     "ledger entry ? does not balance: its sum in ? is ?"},
    {kInvoicePiece,
     "SELECT i.number, i.outstanding, CAST(COALESCE(SUM(p.amount), 0) AS SIGNED) FROM invoices i "
     "LEFT JOIN ledger_postings p ON p.invoice_id = i.id AND p.account = 'receivable' "
     "WHERE i.id > ? AND i.id <= ? GROUP BY i.id, i.number, i.outstanding "
     "HAVING CAST(COALESCE(SUM(p.amount), 0) AS SIGNED) <> i.outstanding",
     "document ?: ? is outstanding, but its receivable in the ledger is ?"},
    {kInvoicePiece,
     "SELECT number, status, outstanding FROM invoices WHERE id > ? AND id <= ? "
     "AND (outstanding > 0) <> (status = 'unpaid')",
     "document ? is ?, but ? is outstanding"},
    {kInvoicePiece,
     "SELECT i.number, i.net, i.tax, CAST(COALESCE(SUM(l.net), 0) AS SIGNED), "
     "CAST(COALESCE(SUM(l.tax), 0) AS SIGNED) FROM invoices i "
     "LEFT JOIN invoice_lines l ON l.invoice_id = i.id WHERE i.id > ? AND i.id <= ? "
     "GROUP BY i.id, i.number, i.net, i.tax HAVING CAST(COALESCE(SUM(l.net), 0) AS SIGNED) <> i.net "
     "OR CAST(COALESCE(SUM(l.tax), 0) AS SIGNED) <> i.tax",
     "document ?: net ? and tax ?, but its lines sum to net ? and tax ?"},
    {kInvoicePiece,
     "SELECT i.number, i.total, CAST(COALESCE(SUM(CASE WHEN p.kind = 'invoice' AND p.account = 'receivable' "
     "THEN p.amount WHEN p.kind = 'credit_note' AND p.account = 'customer_credit' THEN -p.amount "
     "ELSE 0 END), 0) AS SIGNED) FROM invoices i LEFT JOIN ledger_postings p ON p.invoice_id = i.id "
     "WHERE i.id > ? AND i.id <= ? GROUP BY i.id, i.number, i.total "
     "HAVING CAST(COALESCE(SUM(CASE WHEN p.kind = 'invoice' AND p.account = 'receivable' THEN p.amount "
     "WHEN p.kind = 'credit_note' AND p.account = 'customer_credit' THEN -p.amount ELSE 0 END), 0) "
     "AS SIGNED) <> i.total",
     "document ? of ?: the ledger was told of ?"},
    {kInvoicePiece,
     "SELECT i.number, i.net, i.tax, "
     "CAST(COALESCE(SUM(CASE p.account WHEN 'revenue' THEN p.amount ELSE 0 END), 0) AS SIGNED), "
     "CAST(COALESCE(SUM(CASE WHEN p.account LIKE 'tax:%' THEN p.amount ELSE 0 END), 0) AS SIGNED) "
     "FROM invoices i LEFT JOIN ledger_postings p ON p.invoice_id = i.id AND p.kind = i.kind "
     "WHERE i.id > ? AND i.id <= ? GROUP BY i.id, i.number, i.net, i.tax, i.kind "
     "HAVING CAST(COALESCE(SUM(CASE p.account WHEN 'revenue' THEN p.amount ELSE 0 END), 0) AS SIGNED) <> "
     "CASE i.kind WHEN 'invoice' THEN -i.net ELSE i.net END "
     "OR CAST(COALESCE(SUM(CASE WHEN p.account LIKE 'tax:%' THEN p.amount ELSE 0 END), 0) AS SIGNED) <> "
     "CASE i.kind WHEN 'invoice' THEN -i.tax ELSE i.tax END",
     "document ?: net ? and tax ?, but the ledger has ? of revenue and ? of tax"},
    {kInvoicePiece,
     "SELECT i.number, i.status FROM invoices i WHERE i.id > ? AND i.id <= ? AND i.total <> 0 "
     "AND i.status <> 'void' "
     "AND EXISTS (SELECT 1 FROM ledger_postings p WHERE p.invoice_id = i.id AND p.kind = 'void')",
     "document ? is ?, but the ledger has made it void"},
    {kInvoicePiece,
     "SELECT i.number FROM invoices i WHERE i.id > ? AND i.id <= ? AND i.total <> 0 AND i.status = 'void' "
     "AND NOT EXISTS (SELECT 1 FROM ledger_postings p WHERE p.invoice_id = i.id AND p.kind = 'void') "
     "AND i.total <> (SELECT CAST(COALESCE(SUM(n.total), 0) AS SIGNED) FROM invoices n "
     "WHERE n.credits_invoice_id = i.id AND n.status <> 'void')",
     "document ? is void, but neither the ledger nor credit notes took it back"},
    // The series, the year of issue, and at least six digits, with zeroes in front of no more than that.
    {kInvoicePiece,
     "SELECT number FROM invoices WHERE id > ? AND id <= ? AND kind = 'invoice' AND NOT ("
     "SUBSTR(number, 1, 4) = 'INV-' AND SUBSTR(number, 5, 4) = SUBSTR(issue_date, 1, 4) "
     "AND SUBSTR(number, 9, 1) = '-' AND SUBSTR(number, 10) = "
     "CASE WHEN CAST(SUBSTR(number, 10) AS SIGNED) < 1000000 "
     "THEN SUBSTR(CAST(CAST(SUBSTR(number, 10) AS SIGNED) + 1000000 AS CHAR), 2) "
     "ELSE CAST(CAST(SUBSTR(number, 10) AS SIGNED) AS CHAR) END)",
     "document ?: its number is not of its series and year"},
    {kInvoicePiece,
     "SELECT number FROM invoices WHERE id > ? AND id <= ? AND kind = 'credit_note' AND NOT ("
     "SUBSTR(number, 1, 3) = 'CN-' AND SUBSTR(number, 4, 4) = SUBSTR(issue_date, 1, 4) "
     "AND SUBSTR(number, 8, 1) = '-' AND SUBSTR(number, 9) = "
     "CASE WHEN CAST(SUBSTR(number, 9) AS SIGNED) < 1000000 "
     "THEN SUBSTR(CAST(CAST(SUBSTR(number, 9) AS SIGNED) + 1000000 AS CHAR), 2) "
     "ELSE CAST(CAST(SUBSTR(number, 9) AS SIGNED) AS CHAR) END)",
     "document ?: its number is not of its series and year"},
    {kInvoicePiece,
     "SELECT a.number, b.number FROM invoices a JOIN invoices b ON b.subscription_id = a.subscription_id "
     "WHERE a.id > ? AND a.id <= ? AND b.id > a.id AND a.period_start < b.period_end "
     "AND b.period_start < a.period_end AND a.kind = 'invoice' AND b.kind = 'invoice' "
     "AND a.status <> 'void' AND b.status <> 'void' AND LENGTH(a.period_key) = 10 "
     "AND LENGTH(b.period_key) = 10 "
     // After a pause days are charged again that were credited in between.
     "AND NOT EXISTS (SELECT 1 FROM invoice_lines l JOIN invoices n ON n.id = l.invoice_id "
     "WHERE l.subscription_id = a.subscription_id AND l.kind = 'credit' AND l.period_end = a.period_end "
     "AND l.period_start <= b.period_start AND n.status <> 'void' AND n.issued_at >= a.issued_at "
     "AND n.issued_at <= b.issued_at)",
     "invoices ? and ? of one subscription are of periods that overlap"},
    {kPostingPiece,
     "SELECT p.id, p.account, p.invoice_id, p.payment_id FROM ledger_postings p "
     "LEFT JOIN invoices i ON i.id = p.invoice_id LEFT JOIN payments q ON q.id = p.payment_id "
     "WHERE p.transaction_id > ? AND p.transaction_id <= ? AND ((p.account = 'receivable' AND i.id IS NULL) "
     "OR (p.invoice_id IS NOT NULL AND i.id IS NULL) OR (p.payment_id IS NOT NULL AND q.id IS NULL))",
     "posting ? of ?: there is no invoice ? or payment ?"},
    {kPostingPiece,
     "SELECT p.id, p.account, COALESCE(p.customer_id, 'nobody'), i.number, i.customer_id "
     "FROM ledger_postings p JOIN invoices i ON i.id = p.invoice_id "
     "WHERE p.transaction_id > ? AND p.transaction_id <= ? "
     "AND p.account IN ('receivable', 'customer_credit') "
     "AND COALESCE(p.customer_id, '') <> i.customer_id",
     "posting ? of ? is of customer ?, but document ? is of customer ?"},
    // Net and tax, each: what credit notes about it gave, and what making it void took back.
    {kInvoicePiece,
     "SELECT number, net, tax, given_net, given_tax FROM (SELECT i.number, i.net, i.tax, "
     "(SELECT CAST(COALESCE(SUM(n.net), 0) AS SIGNED) FROM invoices n "
     "WHERE n.credits_invoice_id = i.id AND n.status <> 'void') + "
     "(SELECT CAST(COALESCE(SUM(p.amount), 0) AS SIGNED) FROM ledger_postings p "
     "WHERE p.invoice_id = i.id AND p.kind = 'void' AND p.account = 'revenue') AS given_net, "
     "(SELECT CAST(COALESCE(SUM(n.tax), 0) AS SIGNED) FROM invoices n "
     "WHERE n.credits_invoice_id = i.id AND n.status <> 'void') + "
     "(SELECT CAST(COALESCE(SUM(p.amount), 0) AS SIGNED) FROM ledger_postings p "
     "WHERE p.invoice_id = i.id AND p.kind = 'void' AND p.account LIKE 'tax:%') AS given_tax "
     "FROM invoices i WHERE i.id > ? AND i.id <= ? AND i.kind = 'invoice') given "
     // Below zero where a change of the package credits more than it charges.
     "WHERE (net >= 0 AND given_net > net) OR (net < 0 AND given_net < net) "
     "OR (tax >= 0 AND given_tax > tax) OR (tax < 0 AND given_tax < tax)",
     "document ? of net ? and tax ?: net ? and tax ? of it were given back"},
    // Days are credited as they were charged, by documents that name no invoice. Lines that end on one day
    // belong together; the tax of each is rounded.
    {"SELECT id FROM subscriptions WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?",
     "SELECT l.subscription_id, l.period_end, "
     "CAST(SUM(CASE i.kind WHEN 'credit_note' THEN -l.net - l.tax ELSE l.net + l.tax END) AS SIGNED) "
     "FROM invoice_lines l JOIN invoices i ON i.id = l.invoice_id "
     "WHERE l.subscription_id > ? AND l.subscription_id <= ? AND l.period_end IS NOT NULL "
     "AND i.status <> 'void' AND i.credits_invoice_id IS NULL "
     "GROUP BY l.subscription_id, l.period_end, l.tax_code "
     "HAVING CAST(SUM(CASE i.kind WHEN 'credit_note' THEN -l.net - l.tax ELSE l.net + l.tax END) AS SIGNED) "
     "< -COUNT(*)",
     "subscription ?: of days up to ? (exclusive) more was credited than charged, in sum ?"},
    {"SELECT id FROM payments WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?",
     "SELECT p.id, p.kind, p.amount, "
     "CAST(COALESCE(SUM(CASE WHEN l.amount > 0 THEN l.amount ELSE 0 END), 0) AS SIGNED), "
     "CAST(COALESCE(SUM(CASE WHEN l.account LIKE 'money:%' THEN l.amount ELSE 0 END), 0) AS SIGNED) "
     "FROM payments p LEFT JOIN ledger_postings l ON l.payment_id = p.id WHERE p.id > ? AND p.id <= ? "
     "GROUP BY p.id, p.kind, p.amount "
     "HAVING CAST(COALESCE(SUM(CASE WHEN l.amount > 0 THEN l.amount ELSE 0 END), 0) AS SIGNED) <> p.amount "
     "OR CAST(COALESCE(SUM(CASE WHEN l.account LIKE 'money:%' THEN l.amount ELSE 0 END), 0) AS SIGNED) "
     "<> CASE p.kind WHEN 'payment' THEN p.amount WHEN 'match' THEN 0 ELSE -p.amount END",
     "payment ? (?) of ?: the ledger moves ?, of it ? of money"},
    {"SELECT id FROM customers WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?",
     "SELECT customer_id, currency, CAST(SUM(amount) AS SIGNED) FROM ledger_postings "
     "WHERE account = 'customer_credit' AND customer_id > ? AND customer_id <= ? "
     "GROUP BY customer_id, currency HAVING CAST(SUM(amount) AS SIGNED) > 0",
     "customer ? has negative credit: his customer_credit in ? is ?"},
};

/// The words with each "?" replaced by a column.
std::string inWords(const char* words, const core::Row& row) {
    std::string text;
    std::size_t column = 0;
    for (const char* at = words; *at != '\0'; ++at) {
        if (*at == '?') {
            text += row.shown(column++);
        } else {
            text += *at;
        }
    }
    return text;
}

void note(Findings& findings, std::string words) {
    if (findings.size() < kMostFindings) {
        findings.push_back(std::move(words));
    }
}

/// Calls take(after, upTo) for all pieces, which it may end with false.
template <class Function>
void forPieces(core::Tx& tx, const char* pieceEnd, Function&& take) {
    // Before and after every key that there is.
    const std::string last = "~";
    std::string after;
    std::string upTo;
    do {
        const auto end = tx.queryOne(pieceEnd, {after, kRowsAtOnce});
        upTo = end ? end->text(0) : last;
        if (!take(after, upTo)) {
            return;
        }
        after = upTo;
    } while (upTo != last);
}

void look(core::Tx& tx, const Rule& rule, Findings& findings) {
    forPieces(tx, rule.pieceEnd, [&](const std::string& after, const std::string& upTo) {
        for (const core::Row& row : tx.query(rule.find, {after, upTo})) {
            note(findings, inWords(rule.words, row));
        }
        return findings.size() < kMostFindings;
    });
}

/// Documents of one series and year. A number is one text only (see the rules above), and unique: as many as
/// were given, from 1 to the last one, are all.
struct Numbers {
    std::int64_t count = 0;
    std::int64_t lowest = 0;
    std::int64_t highest = 0;
    /// As document_numbers has it.
    std::int64_t lastGiven = 0;
    [[nodiscard]] bool isWhole() const {
        return count == lastGiven && highest == lastGiven && lowest == (count == 0 ? 0 : 1);
    }
};
/// By series and year.
using AllNumbers = std::map<std::pair<std::string, int>, Numbers>;

void add(Numbers& numbers, const core::Row& row) {
    const bool isFirst = numbers.count == 0;
    numbers.count += row.integer(2);
    numbers.lowest = isFirst ? row.integer(3) : std::min(numbers.lowest, row.integer(3));
    numbers.highest = isFirst ? row.integer(4) : std::max(numbers.highest, row.integer(4));
}

AllNumbers readNumbers(core::Tx& tx) {
    AllNumbers all;
    for (const core::Row& row : tx.query("SELECT series, year, last_number FROM document_numbers")) {
        all[{row.text(0), static_cast<int>(row.integer(1))}].lastGiven = row.integer(2);
    }
    forPieces(tx, kInvoicePiece, [&](const std::string& after, const std::string& upTo) {
        for (const core::Row& row :
             tx.query("SELECT CASE kind WHEN 'invoice' THEN 'INV' ELSE 'CN' END, "
                      "CAST(SUBSTR(issue_date, 1, 4) AS SIGNED), COUNT(*), "
                      "MIN(CAST(SUBSTR(number, CASE kind WHEN 'invoice' THEN 10 ELSE 9 END) AS SIGNED)), "
                      "MAX(CAST(SUBSTR(number, CASE kind WHEN 'invoice' THEN 10 ELSE 9 END) AS SIGNED)) "
                      "FROM invoices WHERE id > ? AND id <= ? GROUP BY kind, SUBSTR(issue_date, 1, 4)",
                      {after, upTo})) {
            add(all[{row.text(0), static_cast<int>(row.integer(1))}], row);
        }
        return true;
    });
    return all;
}

/// Those of first .. last that no document has.
std::vector<std::string> missingNumbers(core::Tx& tx, const std::pair<std::string, int>& series,
                                        std::int64_t first, std::int64_t last) {
    std::map<std::string, bool> isThere;
    core::Values values;
    for (std::int64_t number = first; number <= last; ++number) {
        values.emplace_back(documentNumber(series.first, series.second, number));
        isThere[std::get<std::string>(values.back())] = false;
    }
    for (const core::Row& row : tx.query(
             "SELECT number FROM invoices WHERE number IN " + core::placeholders(values.size()), values)) {
        isThere[row.text(0)] = true;
    }
    std::vector<std::string> missing;
    for (const auto& [number, there] : isThere) {
        if (!there) {
            missing.push_back(number);
        }
    }
    return missing;
}

void lookAtNumbers(core::Tx& tx, Findings& findings) {
    for (const auto& [series, numbers] : readNumbers(tx)) {
        if (numbers.isWhole()) {
            continue;
        }
        const std::string name = series.first + "-" + std::to_string(series.second);
        note(findings, "document numbers " + name + ": " + std::to_string(numbers.lastGiven) +
                           " were given, " + std::to_string(numbers.count) + " documents have them, from " +
                           std::to_string(numbers.lowest) + " to " + std::to_string(numbers.highest));
        for (std::int64_t first = 1; first <= numbers.lastGiven && findings.size() < kMostFindings;
             first += kNumbersAtOnce) {
            const std::int64_t last = std::min(first + kNumbersAtOnce - 1, numbers.lastGiven);
            for (const std::string& number : missingNumbers(tx, series, first, last)) {
                note(findings, "document number " + number + " is missing");
            }
        }
    }
}

}  // namespace

std::vector<std::string> auditLedger(core::Tx& tx) {
    Findings findings;
    for (const Rule& rule : kRules) {
        look(tx, rule, findings);
    }
    lookAtNumbers(tx, findings);
    return findings;
}

}  // namespace gardu::billing
