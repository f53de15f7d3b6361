#include "billing/invoice_draft.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "core/check.h"
#include "core/money.h"

namespace gardu::billing {

namespace {

constexpr std::int64_t kMillion = 1'000'000;

void addTo(std::int64_t& sum, std::int64_t amount) {
    if (__builtin_add_overflow(sum, amount, &sum)) {
        throw std::overflow_error("a sum of money does not fit in 64 bits");
    }
}

/// Up to that day, exclusive.
std::int64_t usedUpTo(std::int64_t amount, const core::Period& whole, core::Date day) {
    return prorate(amount, daysBetween(whole.first, day), daysIn(whole));
}

bool holdsOn(const Discount& discount, core::Date day) {
    return discount.startsOn <= day && (!discount.endsOn || day <= *discount.endsOn);
}

/// Of some days, as they were charged and cut short by later credits.
struct Charge {
    core::Period days;
    std::int64_t amount = 0;
    Taxed taxed;

    void add(const InvoiceLine& line) {
        addTo(amount, line.amount);
        addTo(taxed.net, line.taxed.net);
        addTo(taxed.tax, line.taxed.tax);
    }
    void subtract(const Charge& other) {
        amount -= other.amount;
        taxed.net -= other.taxed.net;
        taxed.tax -= other.taxed.tax;
    }
    [[nodiscard]] bool isNothing() const { return amount == 0 && taxed == Taxed{}; }

    /// What is left of it from that day on: the complement of the used part, of the amount and of the tax.
    [[nodiscard]] Charge restFrom(core::Date day) const {
        if (day <= days.first) {
            return *this;
        }
        const int used = daysBetween(days.first, day);
        Charge rest{{day, days.next}, 0, {}};
        rest.amount = unusedPart(amount, used, daysIn(days));
        rest.taxed.tax = unusedPart(taxed.tax, used, daysIn(days));
        // Where the net is not the amount, the amount holds the tax.
        rest.taxed.net = taxed.net == amount ? rest.amount : rest.amount - rest.taxed.tax;
        return rest;
    }
};

/// Charges under one tax, in the order of their documents.
class Charges {
public:
    void add(const InvoiceLine& line) {
        if (line.kind == LineKind::Credit && !credit(line)) {
            early_.push_back(&line);
        }
        if (line.kind == LineKind::Discount) {
            // A part of what it is of. Where that was made void, it is left alone: a favour stays one.
            const auto of = std::find_if(all_.rbegin(), all_.rend(),
                                         [&](const Charge& each) { return each.days == *line.period; });
            if (of != all_.rend()) {
                of->add(line);
            }
        }
        if (line.kind == LineKind::Recurring) {
            all_.push_back({*line.period, 0, {}});
            all_.back().add(line);
        }
    }

    [[nodiscard]] std::vector<Charge> restFrom(core::Date day) {
        // Documents of one instant may come in any order.
        for (const InvoiceLine* line : early_) {
            if (!credit(*line)) {
                all_.push_back({*line->period, 0, {}});
                all_.back().add(*line);
            }
        }
        early_.clear();
        std::vector<Charge> rests;
        for (const Charge& charge : all_) {
            // Of what a discount or a credit note gave whole, too: its days were sold.
            if (charge.days.next > day) {
                rests.push_back(charge.restFrom(day));
            }
        }
        return rests;
    }

private:
    std::vector<Charge> all_;
    std::vector<const InvoiceLine*> early_;

    /// A credit ends what it credits; what it leaves over is a charge of its own.
    bool credit(const InvoiceLine& line) {
        const auto found = std::find_if(all_.begin(), all_.end(), [&](const Charge& each) {
            return each.days.next == line.period->next && each.days.first <= line.period->first &&
                   !each.isNothing();
        });
        if (found == all_.end()) {
            return false;
        }
        Charge left = found->restFrom(line.period->first);
        found->subtract(left);
        found->days.next = line.period->first;
        left.add(line);
        if (found->days.first == found->days.next) {
            all_.erase(found);
        }
        if (!left.isNothing()) {
            all_.push_back(left);
        }
        return true;
    }
};

InvoiceLine lineOf(const ChargedRest& rest, const std::string& subscriptionId) {
    InvoiceLine line;
    line.subscriptionId = subscriptionId;
    line.period = rest.days;
    line.amount = rest.amount;
    line.taxed = rest.taxed;
    line.taxCode = rest.taxCode;
    line.taxRatePpm = rest.taxRatePpm;
    return line;
}

InvoiceLine negated(InvoiceLine line) {
    line.amount = -line.amount;
    line.taxed = {-line.taxed.net, -line.taxed.tax};
    return line;
}

/// Shares of `amount` among the lines of an invoice, summing to it exactly.
std::vector<std::int64_t> sharesOf(const Invoice& invoice, std::int64_t amount) {
    const std::int64_t total = amountOf(invoice.lines);
    std::vector<std::int64_t> shares;
    shares.reserve(invoice.lines.size());
    std::int64_t before = 0;
    std::int64_t given = 0;
    for (const InvoiceLine& line : invoice.lines) {
        addTo(before, line.amount);
        const std::int64_t upTo = core::multiplyRatioHalfUp(before, amount, total);
        shares.push_back(upTo - given);
        given = upTo;
    }
    return shares;
}

std::int64_t taxShare(const InvoiceLine& line, std::int64_t share) {
    if (line.amount == 0) {
        return 0;
    }
    const std::int64_t sign = line.amount < 0 ? -1 : 1;
    return core::multiplyRatioHalfUp(line.taxed.tax, sign * share, sign * line.amount);
}

}  // namespace

std::int64_t partOf(std::int64_t amount, const PricedDays& priced) {
    const core::Period& whole = priced.whole;
    core::check(whole.first <= priced.days.first && priced.days.next <= whole.next,
                "a part is of its period");
    switch (priced.part) {
        case PartKind::Free:
            return 0;
        case PartKind::Stub:
            return prorate(amount, daysIn(priced.days), daysIn(whole));
        case PartKind::Piece:
            break;
    }
    return usedUpTo(amount, whole, priced.days.next) - usedUpTo(amount, whole, priced.days.first);
}

InvoiceLine taxedLine(LineKind kind, std::string description, std::int64_t amount,
                      const std::optional<Tax>& tax) {
    InvoiceLine line;
    line.kind = kind;
    line.description = std::move(description);
    line.amount = amount;
    line.taxed = billing::taxed(amount, tax);
    if (tax) {
        line.taxCode = tax->code;
        line.taxRatePpm = tax->ratePpm;
    }
    return line;
}

void addDays(std::vector<InvoiceLine>& lines, const PricedDays& priced) {
    const Package& package = priced.package.package;
    InvoiceLine line = taxedLine(LineKind::Recurring, package.name + ", " + daysText(priced.days),
                                 partOf(package.price.minor, priced), priced.package.tax);
    line.subscriptionId = priced.subscription.subscription.id;
    line.period = priced.days;
    lines.push_back(line);
    addDiscounts(lines, priced, line);
}

void addDiscounts(std::vector<InvoiceLine>& lines, const PricedDays& priced, const InvoiceLine& line) {
    std::int64_t left = line.amount;
    for (const Discount& discount : priced.subscription.discounts) {
        if (!holdsOn(discount, priced.discountDay)) {
            continue;
        }
        const std::int64_t wanted = discount.ratePpm
                                        ? core::multiplyRatioHalfUp(line.amount, *discount.ratePpm, kMillion)
                                        : partOf(discount.amount.value_or(0), priced);
        const std::int64_t given = std::min(left, wanted);
        if (given <= 0) {
            continue;
        }
        left -= given;
        InvoiceLine less = taxedLine(LineKind::Discount, discount.name, -given, priced.package.tax);
        less.subscriptionId = line.subscriptionId;
        less.period = line.period;
        lines.push_back(std::move(less));
    }
}

std::vector<ChargedRest> restOf(const std::vector<InvoiceLine>& charged, core::Date day) {
    std::map<std::pair<std::optional<std::string>, int>, Charges> taxes;
    for (const InvoiceLine& line : charged) {
        if (line.period && line.period->first < line.period->next) {
            taxes[{line.taxCode, line.taxRatePpm}].add(line);
        }
    }
    std::vector<ChargedRest> rests;
    for (auto& [tax, charges] : taxes) {
        for (const Charge& rest : charges.restFrom(day)) {
            rests.push_back({rest.days, rest.amount, rest.taxed, tax.first, tax.second});
        }
    }
    std::stable_sort(rests.begin(), rests.end(),
                     [](const ChargedRest& a, const ChargedRest& b) { return a.days.first < b.days.first; });
    return rests;
}

InvoiceLine creditLine(const ChargedRest& rest, const std::string& subscriptionId) {
    InvoiceLine line = negated(lineOf(rest, subscriptionId));
    line.kind = LineKind::Credit;
    line.description = "Credit of the unused part, " + daysText(rest.days);
    return line;
}

InvoiceLine movedLine(const ChargedRest& rest, const std::string& subscriptionId, int days) {
    InvoiceLine line = lineOf(rest, subscriptionId);
    line.kind = LineKind::Recurring;
    line.period = core::Period{core::addDays(rest.days.first, days), core::addDays(rest.days.next, days)};
    line.description = "Moved by a pause, " + daysText(*line.period);
    return line;
}

std::vector<InvoiceLine> creditOfInvoice(const Invoice& invoice, std::int64_t amount, std::int64_t credited) {
    const std::vector<std::int64_t> before = sharesOf(invoice, credited);
    const std::vector<std::int64_t> after = sharesOf(invoice, credited + amount);
    std::vector<InvoiceLine> lines;
    lines.reserve(invoice.lines.size());
    for (std::size_t i = 0; i < invoice.lines.size(); ++i) {
        InvoiceLine line = invoice.lines[i];
        const bool holdsTax = line.taxed.net != line.amount;
        const std::int64_t share = after[i] - before[i];
        const std::int64_t tax = taxShare(line, after[i]) - taxShare(line, before[i]);
        line.taxed = {holdsTax ? share - tax : share, tax};
        line.amount = share;
        // A credit for time would be taken for the end of that time; a part of its price is a discount.
        line.kind = line.period ? LineKind::Discount : LineKind::Credit;
        lines.push_back(negated(line));
    }
    return lines;
}

std::int64_t amountOf(const std::vector<InvoiceLine>& lines) {
    std::int64_t sum = 0;
    for (const InvoiceLine& line : lines) {
        addTo(sum, line.amount);
    }
    return sum;
}

bool cancelOut(const std::vector<InvoiceLine>& lines) {
    std::map<std::pair<std::optional<std::string>, int>, Taxed> sums;
    for (const InvoiceLine& line : lines) {
        Taxed& sum = sums[{line.taxCode, line.taxRatePpm}];
        addTo(sum.net, line.taxed.net);
        addTo(sum.tax, line.taxed.tax);
    }
    return std::all_of(sums.begin(), sums.end(), [](const auto& each) { return each.second == Taxed{}; });
}

std::string daysText(const core::Period& days) {
    return core::formatDate(days.first) + " to " + core::formatDate(core::addDays(days.next, -1));
}

std::int64_t paidOf(const Invoice& invoice) {
    const std::int64_t credited =
        invoice.credited > 0 ? -sumOf(creditOfInvoice(invoice, invoice.credited, 0)).total() : 0;
    return invoice.sum.total() - invoice.outstanding - credited;
}

}  // namespace gardu::billing
