#pragma once
// The hand of AccountBook: issues and voids documents, moves credit, and notes what has to be stored. Keeps
// the books straight, and decides nothing. Pure.

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "billing/account.h"
#include "billing/invoice_draft.h"

namespace gardu::billing {

/// A bound of safety was passed: the account is to be parked and named, with nothing stored.
class TooMuch : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// New UUIDs.
using IdSource = std::function<std::string()>;

class AccountWriter {
public:
    AccountWriter(Account account, IdSource ids) : account_(std::move(account)), ids_(std::move(ids)) {}

    [[nodiscard]] Account& account() { return account_; }
    [[nodiscard]] const Account& account() const { return account_; }
    [[nodiscard]] AccountSubscription& at(std::size_t index) { return account_.subscriptions[index]; }
    [[nodiscard]] const AccountSubscription& at(std::size_t index) const {
        return account_.subscriptions[index];
    }
    [[nodiscard]] AccountChanges take();

    /// Both, for going back.
    struct Pages {
        Account account;
        AccountChanges changes;
    };
    [[nodiscard]] Pages copy() const { return {account_, changes_}; }
    void restore(Pages pages);

    /// From here on: what time it is, and how many invoices each subscription may get.
    void begin(core::Instant now, core::Date today, int mostInvoices);

    /// Its row or billing state is another now.
    void touch(std::size_t index);
    /// An event of a subscription, to be completed.
    BillingEvent& tell(std::size_t index, const std::string& action, const std::string& message);
    /// An event of the customer.
    BillingEvent& tell(const std::string& action, const std::string& message);
    /// The customer is told once a key.
    static void notify(BillingEvent& event, const std::string& templateName, const std::string& key);

    /// An invoice, or a credit note, whose sum then is credit. Nothing where there is nothing to be told.
    /// Throws TooMuch.
    std::optional<std::string> issue(std::size_t index, InvoiceDraft draft);
    /// A credit note about an invoice with its lines: `amount` before tax, besides what was credited of it.
    void credit(const Invoice& invoice, std::int64_t amount, const std::string& reason);
    /// What was paid on it becomes credit. Where credit notes gave back a part of it (Invoice::credited),
    /// another one gives back the rest; it stays open with what they gave of money that never came, where
    /// that is spent.
    void voidDocument(Invoice invoice, const std::string& reason);
    /// Credit pays that much of an open invoice; true: it is paid in whole.
    bool allocate(const std::string& invoiceId, std::int64_t amount);
    /// Takes a payment back; the invoice is open then.
    void deallocate(Invoice invoice, std::int64_t amount);
    /// As it is after what was done here.
    [[nodiscard]] Invoice latest(const Invoice& invoice) const;
    /// Documents that were issued or paid here, and are not in anybody's list yet.
    [[nodiscard]] std::vector<Invoice> paidSinceTake() const;
    /// Null where it is not open.
    [[nodiscard]] const Invoice* findOpen(const std::string& invoiceId) const;

    /// Money in or out, with its posting.
    void addCredit(const Payment& payment, std::int64_t amount);

    void addPending(std::size_t index, PendingCharge charge);
    /// One that is there.
    void dropPending(std::size_t index, std::string chargeId);
    /// Lines that were pending charges wait again: their invoice is void, not they.
    void returnPending(std::size_t index, const Invoice& invoice);

    [[nodiscard]] std::string newId() const { return ids_(); }
    [[nodiscard]] std::string moneyText(std::int64_t amount) const;

private:
    Account account_;
    AccountChanges changes_;
    IdSource ids_;
    core::Instant now_;
    core::Date today_{};
    int mostInvoices_ = 0;
    std::vector<int> invoices_;

    [[nodiscard]] Invoice documentOf(std::size_t index, InvoiceDraft draft) const;
    void post(const LedgerEntry& entry);
    void record(const Invoice& invoice);
    void open(const Invoice& invoice);
    void close(const std::string& invoiceId);
    void charge(std::size_t index, const std::vector<InvoiceLine>& lines);
    void uncharge(const Invoice& invoice);
    std::int64_t creditRest(const Invoice& invoice, const std::string& reason);
    std::int64_t reverse(const Invoice& invoice);
    [[nodiscard]] std::size_t indexOf(const Invoice& invoice) const;
    void countInvoice(std::size_t index);
    void moveCredit(std::int64_t amount);
};

}  // namespace gardu::billing
