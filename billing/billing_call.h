#pragma once
// What AccountBook works by: the house's settings, what a call means for the work that follows it, and what
// the clock may bring. Plain values; pure.

#include <cstddef>
#include <optional>
#include <set>
#include <string>

#include "billing/dunning.h"
#include "core/calendar.h"

namespace gardu::billing {

/// The house's settings.
struct BillingRules {
    CutCalendar cuts;
    /// Invoices for one subscription in one call.
    int mostInvoices = 3;
};

/// Once, before tax; a negative amount is a credit.
struct OneOffCharge {
    std::int64_t amount = 0;
    /// As the invoice says it.
    std::string description;
};

struct BillingCall {
    /// Nothing but the clock.
    bool isClock = false;
    /// Money is not refused; where the clock brings too much, the clock waits.
    bool isMoney = false;
    bool isBehind = false;
    /// Who was terminated may come back.
    bool mayReturn = false;
    /// Named by the payer.
    std::optional<std::string> invoiceId = std::nullopt;
    std::optional<std::string> subscriptionId = std::nullopt;
    std::optional<core::Instant> paidAt = std::nullopt;
    /// Subscriptions that got a period more.
    std::set<std::size_t> extended = {};
};

/// In the order of what comes at the same time.
enum class BillingStep { None, Cancel, Resume, Adopt, BillArrears, Switch, BillAdvance, Offer, Lapse };

struct DueStep {
    core::Instant at;
    BillingStep step = BillingStep::None;
};

}  // namespace gardu::billing
