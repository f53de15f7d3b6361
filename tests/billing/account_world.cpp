#include "tests/billing/account_world.h"

#include <algorithm>
#include <stdexcept>

namespace gardu::test {

namespace {

using billing::AccountBook;
using billing::AccountSubscription;
using billing::DocumentKind;
using billing::Invoice;
using billing::InvoiceLine;
using billing::InvoiceStatus;
using billing::LineKind;
using core::Date;

constexpr std::chrono::hours kMorning{9};

void require(bool holds, const std::string& what) {
    if (!holds) {
        throw std::runtime_error(what);
    }
}

Date dayOf(const std::string& text) {
    return core::parseDate(text).value();
}

std::string lineText(const InvoiceLine& line) {
    std::string text(billing::name(line.kind));
    text += " " + std::to_string(line.amount) + " " + std::to_string(line.taxed.net) + " " +
            std::to_string(line.taxed.tax);
    return text + (line.period ? " " + billing::daysText(*line.period) : "");
}

}  // namespace

billing::Package monthly(std::int64_t price) {
    billing::Package package;
    package.id = "p-" + std::to_string(price);
    package.name = "Home " + std::to_string(price);
    package.bandwidth = "10M/10M";
    package.price = {price, core::findCurrency("IDR").value()};
    return package;
}

billing::Package postpaid(std::int64_t price, billing::InvoiceAt at) {
    billing::Package package = monthly(price);
    package.terms.mode = billing::BillingMode::Postpaid;
    package.terms.invoiceAt = at;
    return package;
}

billing::PricedPackagePtr priced(billing::Package package) {
    return std::make_shared<const billing::PricedPackage>(
        billing::PricedPackage{std::move(package), std::nullopt});
}

billing::PricedPackagePtr pricedWithTax(billing::Package package, bool inclusive) {
    package.terms.taxCode = "PPN";
    return std::make_shared<const billing::PricedPackage>(billing::PricedPackage{
        std::move(package), billing::Tax{"PPN", "Pajak Pertambahan Nilai", 110'000, inclusive}});
}

AccountWorld::AccountWorld(const std::string& today, const std::string& zone)
    : rules{{core::Zone(zone), {}}, 3}, now_(rules.cuts.zone.at(dayOf(today), kMorning)) {
    billing::Account account;
    account.customer.id = "c-1";
    account.customer.name = "Budi";
    account.currency = core::findCurrency("IDR").value();
    open(std::move(account));
}

std::string AccountWorld::newId() {
    std::string digits = std::to_string(++ids_);
    return "id-" + std::string(6 - std::min<std::size_t>(6, digits.size()), '0') + digits;
}

void AccountWorld::open(billing::Account account) {
    book_ = std::make_unique<AccountBook>(
        std::move(account), rules, [this] { return newId(); }, now_);
}

void AccountWorld::goTo(core::Instant now) {
    now_ = now;
    book_->advanceTo(now);
    check();
}

void AccountWorld::goTo(const std::string& day) {
    goTo(zone().at(dayOf(day), kMorning));
}

void AccountWorld::liveTo(const std::string& day) {
    for (Date next = core::addDays(today(), 1); next <= dayOf(day); next = core::addDays(next, 1)) {
        goTo(zone().at(next, std::chrono::minutes(5)));
    }
    goTo(day);
}

std::string AccountWorld::put(const billing::PricedPackagePtr& package) {
    billing::Account account = book_->account();
    AccountSubscription& it = account.subscriptions.emplace_back();
    it.subscription.id = newId();
    it.subscription.customerId = account.customer.id;
    it.subscription.packageId = package->package.id;
    it.subscription.username = "user" + std::to_string(account.subscriptions.size());
    it.subscription.startDate = today();
    it.package = package;
    std::string id = it.subscription.id;
    open(std::move(account));
    return id;
}

std::string AccountWorld::add(const billing::PricedPackagePtr& package, std::optional<int> anchorDay) {
    std::string id = put(package);
    book_->begin(id, anchorDay);
    check();
    return id;
}

void AccountWorld::pay(std::int64_t amount, const std::optional<std::string>& subscriptionId,
                       const std::optional<std::string>& invoiceId) {
    pay({.subscriptionId = subscriptionId, .invoiceId = invoiceId, .paidAt = now_}, amount);
}

void AccountWorld::payOn(const std::string& day, std::int64_t amount) {
    pay({.subscriptionId = {}, .invoiceId = {}, .paidAt = zone().startOfDay(core::parseDate(day).value())},
        amount);
}

void AccountWorld::pay(const Paid& how, std::int64_t amount) {
    billing::Payment payment;
    payment.id = newId();
    payment.source = "manual";
    payment.reference = payment.id;
    payment.customerId = account().customer.id;
    payment.subscriptionId = how.subscriptionId;
    payment.invoiceId = how.invoiceId;
    payment.amount = {amount, account().currency};
    payment.paidAt = how.paidAt;
    book_->pay(payment);
    payments_.push_back(payment);
    check();
}

void AccountWorld::refund(std::int64_t amount) {
    billing::Payment refund = payments_.back();
    refund.id = newId();
    refund.kind = billing::PaymentKind::Refund;
    refund.amount.minor = amount;
    book_->refund(refund);
    check();
}

void AccountWorld::reverse(std::size_t payment) {
    billing::Payment reversal = payments_.at(payment);
    reversal.ofPaymentId = reversal.id;
    reversal.id = newId();
    reversal.kind = billing::PaymentKind::Reversal;
    std::vector<Invoice> paid;
    for (auto each = documents_.rbegin(); each != documents_.rend(); ++each) {
        if (each->kind == DocumentKind::Invoice && each->status != InvoiceStatus::Void &&
            each->outstanding < each->sum.total()) {
            paid.insert(each->id == reversal.invoiceId ? paid.begin() : paid.end(), *each);
        }
    }
    book_->reverse(reversal, paid);
    check();
}

const AccountSubscription& AccountWorld::sub(std::size_t index) const {
    return account().subscriptions.at(index);
}

const billing::Subscription& AccountWorld::row(std::size_t index) const {
    return sub(index).subscription;
}

std::string AccountWorld::stage(std::size_t index) const {
    return std::string(billing::name(row(index).stage));
}

std::string AccountWorld::endDate(std::size_t index) const {
    return row(index).endDate ? core::formatDate(*row(index).endDate) : "none";
}

std::vector<std::string> AccountWorld::documents() const {
    std::vector<std::string> texts;
    texts.reserve(documents_.size());
    for (const Invoice& each : documents_) {
        std::string text = each.period ? billing::daysText(*each.period) + " " : "";
        text += each.kind == DocumentKind::CreditNote ? "-" : "";
        text.append(std::to_string(each.sum.total())).append(" ");
        texts.push_back(text.append(billing::name(each.status)));
    }
    return texts;
}

const Invoice& AccountWorld::last() const {
    return documents_.at(documents_.size() - 1);
}

std::string AccountWorld::lines(const Invoice& document) {
    std::string text;
    for (const InvoiceLine& line : document.lines) {
        text.append(text.empty() ? "" : "; ").append(billing::name(line.kind));
        text.append(" ").append(std::to_string(line.amount));
    }
    return text;
}

std::string AccountWorld::story(const Invoice& document) {
    std::string text = document.id + " " + core::formatDate(document.issueDate) + " for " +
                       document.subscriptionId.value_or("all") + " key " +
                       document.periodKey.value_or("none");
    text.append(" ").append(billing::name(document.kind)).append(" ").append(billing::name(document.status));
    text += " " + std::to_string(document.sum.total()) + " open " + std::to_string(document.outstanding) +
            " due " + core::formatDate(document.dueDate);
    for (const InvoiceLine& line : document.lines) {
        text.append("\n    ").append(lineText(line)).append(" ").append(line.taxCode.value_or("no tax"));
    }
    return text;
}

std::size_t AccountWorld::count(const std::string& action) const {
    return static_cast<std::size_t>(std::count_if(events_.begin(), events_.end(),
                                                  [&](const auto& each) { return each.action == action; }));
}

void AccountWorld::post(const billing::LedgerEntry& entry) {
    require(billing::isBalanced(entry), "an entry does not balance");
    for (const billing::Posting& posting : entry.postings) {
        if (posting.account == billing::kCustomerCredit) {
            creditPosted_ -= posting.amount;
        }
        if (posting.account == billing::kReceivable) {
            receivable_[posting.invoiceId.value()] += posting.amount;
        }
    }
    entries_.push_back(entry);
}

void AccountWorld::absorb() {
    const billing::AccountChanges changes = book_->take();
    for (const Invoice& each : changes.issued) {
        documents_.push_back(each);
    }
    for (const Invoice& each : changes.updated) {
        const auto found = std::find_if(documents_.begin(), documents_.end(),
                                        [&](const Invoice& known) { return known.id == each.id; });
        require(found != documents_.end(), "an invoice was changed that never was");
        require(found->lines == each.lines && found->sum == each.sum, "an issued invoice changed");
        *found = each;
    }
    for (Invoice& each : documents_) {
        each.credited = 0;
        for (const Invoice& note : documents_) {
            each.credited += note.creditsInvoiceId == each.id ? billing::amountOf(note.lines) : 0;
        }
    }
    for (const billing::LedgerEntry& entry : changes.entries) {
        post(entry);
    }
    for (const billing::BillingEvent& event : changes.events) {
        require(event.dedupeKey.empty() || told_.insert(event.dedupeKey).second,
                "told twice: " + event.dedupeKey);
        events_.push_back(event);
    }
    const std::set<std::size_t> touched(changes.subscriptions.begin(), changes.subscriptions.end());
    require(touched.size() == changes.subscriptions.size(), "a subscription is listed twice");
}

void AccountWorld::discount(const std::string& subscriptionId, const billing::Discount& discount) {
    billing::Account account = book_->account();
    for (AccountSubscription& it : account.subscriptions) {
        if (it.subscription.id == subscriptionId) {
            it.discounts = {discount};
        }
    }
    open(std::move(account));
    book_->advance();
    check();
}

void AccountWorld::reload(std::optional<Date> chargedSince) {
    billing::Account account = book_->account();
    account.chargedSince = chargedSince;
    account.open.clear();
    for (const Invoice& each : documents_) {
        if (each.outstanding > 0) {
            account.open.push_back(each);
        }
    }
    std::stable_sort(account.open.begin(), account.open.end(),
                     [](const Invoice& a, const Invoice& b) { return a.dueDate < b.dueDate; });
    for (AccountSubscription& it : account.subscriptions) {
        it.charged = chargedOf(it, chargedSince.value_or(today()));
    }
    open(std::move(account));
}

void AccountWorld::about(const Invoice& invoice, const std::function<void()>& verb) {
    std::optional<Date> first;
    for (const InvoiceLine& line : invoice.lines) {
        if (line.period) {
            first = std::min(first.value_or(line.period->first), line.period->first);
        }
    }
    reload(first);
    try {
        verb();
    } catch (...) {
        reload();
        throw;
    }
    absorb();
    reload();
    check();
}

void AccountWorld::voidInvoice(const Invoice& invoice, const std::string& reason) {
    about(invoice, [&] { book_->voidInvoice(invoice, reason); });
}

void AccountWorld::creditInvoice(const Invoice& invoice, std::int64_t amount, const std::string& reason) {
    about(invoice, [&] { book_->creditInvoice(invoice, amount, reason); });
}

std::string addPaid(AccountWorld& world, const billing::Package& package) {
    std::string id = world.add(priced(package));
    world.pay(world.owed());
    return id;
}

}  // namespace gardu::test
