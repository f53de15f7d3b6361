#pragma once
// An account: one customer with all that billing has to know of him, as values. Loaded and stored whole by
// account_store; changed only by AccountBook. Pure.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "billing/customer.h"
#include "billing/dunning.h"
#include "billing/invoice.h"
#include "billing/ledger.h"
#include "billing/package.h"
#include "billing/payment.h"
#include "billing/rating.h"
#include "billing/subscription.h"
#include "core/calendar.h"
#include "core/money.h"

namespace gardu::billing {

/// What a package means for billing. Shared; never changed.
struct PricedPackage {
    Package package;
    /// Of terms.taxCode.
    std::optional<Tax> tax;
};
using PricedPackagePtr = std::shared_ptr<const PricedPackage>;

/// Of a subscription, besides what the network has to know. A row of subscription_billing.
struct BillingState {
    /// When the run has to look next; none: never.
    std::optional<core::Instant> billAt;
    /// None: not known yet (see AccountBook).
    std::optional<int> anchorDay;
    /// Postpaid: the first day that is on no invoice yet (in advance: the next period's first day; in
    /// arrears: the current period's). None: billing has not begun, or stands still (paused, stopped).
    std::optional<core::Date> billedUntil;
    /// In arrears: the first day of the current period that no pending charge covers yet (after a change of
    /// the package); none: billedUntil.
    std::optional<core::Date> ratedFrom;
    /// Plans by the hour: the exact end of what is paid.
    std::optional<core::Instant> paidUntilAt;
    /// From the next period on, and when that begins.
    std::optional<std::string> nextPackageId;
    std::optional<core::Instant> nextPackageAt;
    /// The day on which it ends for good (exclusive), and on which it did.
    std::optional<core::Date> cancelOn;
    std::optional<core::Date> cancelledOn;
    /// First day of the pause, and the day on which it ends by itself.
    std::optional<core::Date> pausedOn;
    std::optional<core::Date> pauseUntil;
    /// Not cut off up to and with that day, and why.
    std::optional<core::Date> neverCutUntil;
    std::optional<std::string> neverCutReason;
    /// Promised to pay by that day: not cut off up to and with it.
    std::optional<core::Date> promiseUntil;
    /// Notice before a cut, up to and with that day.
    std::optional<core::Date> noticeUntil;
    /// The first day of these three, as long as they follow one another.
    std::optional<core::Date> heldFrom;
    std::optional<core::Instant> stageSince;
    /// Billing stopped or credits since then, while isolated or suspended.
    std::optional<core::Date> stoppedOn;
    /// The run leaves it alone until an operator has looked.
    std::optional<std::string> parkedReason;
    bool operator==(const BillingState&) const = default;
};

struct Discount {
    std::string id;
    std::string name;
    /// One of both: millionths of the line, or minor units.
    std::optional<int> ratePpm;
    std::optional<std::int64_t> amount;
    core::Date startsOn{};
    /// The last day; none: for good. A period counts that begins within.
    std::optional<core::Date> endsOn;
};

/// Waits for the subscription's next invoice.
struct PendingCharge {
    std::string id;
    LineKind kind = LineKind::Charge;
    std::string description;
    /// Before tax is added or taken out; negative: a credit.
    std::int64_t amount = 0;
    std::optional<core::Period> period;
};

struct AccountSubscription {
    Subscription subscription;
    std::string usernameKey;
    BillingState state;
    PricedPackagePtr package;
    /// Of state.nextPackageId.
    PricedPackagePtr nextPackage;
    std::vector<Discount> discounts;
    std::vector<PendingCharge> pending;
    /// Lines of documents that are not void, of periods that end after today, or after state.pausedOn or
    /// stoppedOn where that is earlier: what is charged for the time to come. Credits and discounts are
    /// negative: lines of credit notes come with the sign of amount, net and tax turned. In the order of
    /// their documents.
    std::vector<InvoiceLine> charged;
    /// Of account_store: the columns of `subscription` as they were read, so that it is written and announced
    /// only where it is another. Empty: it is new.
    std::string asRead;
    /// Of account_store too: the pause, and the end, as they were read.
    std::optional<core::Date> pausedAsRead;
    std::optional<core::Date> endAsRead;
};

struct Account {
    Customer customer;
    std::vector<AccountSubscription> subscriptions;
    /// Not void, with something outstanding; oldest due date first.
    std::vector<Invoice> open;
    /// Credit balance of the customer in minor units (minus the balance of customer_credit); negative only
    /// within AccountBook.
    std::int64_t credit = 0;
    /// Of all his packages.
    core::Currency currency;
    /// Charged lines of periods that end after that day stay too: of an account that is loaded to take back
    /// an older invoice, which has to know what was credited of its days since.
    std::optional<core::Date> chargedSince;
};

/// One thing that happened: a row of billing_logs, and perhaps of the outbox.
struct BillingEvent {
    /// snake_case: "invoice_issued", "renewed", "isolated", "restored", "payment_received", ...
    std::string action;
    std::string message;
    std::optional<std::string> subscriptionId;
    std::optional<std::string> invoiceId;
    std::optional<std::string> paymentId;
    /// Names and values for people and templates; money as "amount_minor".
    std::map<std::string, std::string> meta;
    /// Template of billing/notification.h and a key that is unique for what it tells; empty: nobody is told.
    std::string notify;
    std::string dedupeKey;
};

/// What a use of AccountBook changed; stored in one transaction. Invoices are in the order in which they get
/// their numbers.
struct AccountChanges {
    std::vector<Invoice> issued;
    /// Invoices that were there before, with status, outstanding, periodKey and voidReason as they are now.
    std::vector<Invoice> updated;
    std::vector<LedgerEntry> entries;
    std::vector<BillingEvent> events;
    /// Indexes into Account::subscriptions whose row, or billing state, is another now.
    std::vector<std::size_t> subscriptions;
    /// New pending charges, by subscription id; and those that went onto an invoice: charge id, invoice id.
    std::vector<std::pair<std::string, PendingCharge>> pendingAdded;
    std::vector<std::pair<std::string, std::string>> pendingInvoiced;
    /// Ids of charges that will never be on one.
    std::vector<std::string> pendingDropped;

    [[nodiscard]] bool empty() const {
        return issued.empty() && updated.empty() && entries.empty() && events.empty() &&
               subscriptions.empty() && pendingAdded.empty() && pendingInvoiced.empty() &&
               pendingDropped.empty();
    }
};

/// The one of that id, which is in it.
[[nodiscard]] const AccountSubscription& subscriptionOf(const Account& account, const std::string& id);

/// As the network's side knows it; what was used of a quota is not in an account.
[[nodiscard]] SubscriberRecord recordOf(const Account& account, const AccountSubscription& subscription);

/// What the customer owes: outstanding less credit; negative: he has credit.
[[nodiscard]] std::int64_t balanceOf(const Account& account);

}  // namespace gardu::billing
