#pragma once
// Lines of documents before they are issued: what time costs with its discounts and tax, and what is left of
// time that was charged. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "billing/account.h"
#include "billing/billing_period.h"

namespace gardu::billing {

/// Here credits and discounts are negative, as in AccountSubscription::charged, whatever document they make.
struct InvoiceDraft {
    std::vector<InvoiceLine> lines;
    std::optional<std::string> periodKey;
    std::optional<core::Period> period;
    core::Date dueDate{};
    /// Pending charges that it uses up.
    std::vector<std::string> pendingIds;
    std::optional<std::string> creditsInvoiceId;
    /// It moves days: issued even where its sum is zero.
    bool keepsZero = false;
};

/// Stub: all that is charged of the whole; rounded by itself. Piece: other pieces may be charged too; all of
/// them sum to the whole's price, however it is cut.
enum class PartKind { Stub, Piece, Free };

/// Days that are to be charged.
struct PricedDays {
    const AccountSubscription& subscription;
    const PricedPackage& package;
    core::Period days{};
    /// The period that the package's price is for; `days` are of it.
    core::Period whole{};
    PartKind part = PartKind::Piece;
    /// Discounts count that hold on this day.
    core::Date discountDay{};
};

/// What of `amount`, the price of the whole, falls on the days.
[[nodiscard]] std::int64_t partOf(std::int64_t amount, const PricedDays& priced);

[[nodiscard]] InvoiceLine taxedLine(LineKind kind, std::string description, std::int64_t amount,
                                    const std::optional<Tax>& tax);
/// The recurring line, and its discounts.
void addDays(std::vector<InvoiceLine>& lines, const PricedDays& priced);
/// Discounts of `line`, which charges `priced`: lines of their own, never more than it.
void addDiscounts(std::vector<InvoiceLine>& lines, const PricedDays& priced, const InvoiceLine& line);

/// What is left of the charged lines of one period and tax.
struct ChargedRest {
    core::Period days{};
    std::int64_t amount = 0;
    Taxed taxed;
    std::optional<std::string> taxCode;
    int taxRatePpm = 0;
};

/// From `day` on; a charge that begins later is whole. Credits of earlier changes ended what they credited,
/// so that a credit of a credit is nothing. The rest and the used part sum to what was charged.
[[nodiscard]] std::vector<ChargedRest> restOf(const std::vector<InvoiceLine>& charged, core::Date day);

/// The rest as a credit, and as the same charge so many days later.
[[nodiscard]] InvoiceLine creditLine(const ChargedRest& rest, const std::string& subscriptionId);
[[nodiscard]] InvoiceLine movedLine(const ChargedRest& rest, const std::string& subscriptionId, int days);

/// A credit of `amount` of an invoice, before tax, as its lines are taxed, where `credited` was credited
/// earlier. All of an invoice's credits sum to its lines.
[[nodiscard]] std::vector<InvoiceLine> creditOfInvoice(const Invoice& invoice, std::int64_t amount,
                                                       std::int64_t credited);
/// What was settled of it, but for what credit notes gave.
[[nodiscard]] std::int64_t paidOf(const Invoice& invoice);
/// The sum of the lines before tax is added or taken out.
[[nodiscard]] std::int64_t amountOf(const std::vector<InvoiceLine>& lines);
/// Of every tax the lines sum to zero.
[[nodiscard]] bool cancelOut(const std::vector<InvoiceLine>& lines);

/// "2027-02-15 to 2027-03-14"
[[nodiscard]] std::string daysText(const core::Period& days);

}  // namespace gardu::billing
