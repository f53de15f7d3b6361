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

/// With the sign that charged lines have.
InvoiceLine signedLine(const Invoice& document, InvoiceLine line) {
    if (document.kind == DocumentKind::CreditNote) {
        line.amount = -line.amount;
        line.taxed = {-line.taxed.net, -line.taxed.tax};
    }
    return line;
}

std::string lineText(const InvoiceLine& line) {
    std::string text(billing::name(line.kind));
    text += " " + std::to_string(line.amount) + " " + std::to_string(line.taxed.net) + " " +
            std::to_string(line.taxed.tax);
    return text + (line.period ? " " + billing::daysText(*line.period) : "");
}

std::vector<InvoiceLine> sorted(std::vector<InvoiceLine> lines) {
    const auto key = [](const InvoiceLine& line) {
        return std::tie(line.period->first, line.period->next, line.kind, line.amount, line.taxed.net,
                        line.taxed.tax);
    };
    std::sort(lines.begin(), lines.end(),
              [key](const InvoiceLine& a, const InvoiceLine& b) { return key(a) < key(b); });
    return lines;
}

bool isEqual(const std::vector<InvoiceLine>& a, const std::vector<InvoiceLine>& b) {
    const auto isSame = [](const InvoiceLine& x, const InvoiceLine& y) {
        return x.period == y.period && x.kind == y.kind && x.amount == y.amount && x.taxed == y.taxed;
    };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), isSame);
}

int daysFromEpoch(Date day) {
    return static_cast<int>(std::chrono::sys_days(day).time_since_epoch().count());
}

Date dayFromEpoch(int days) {
    return std::chrono::sys_days(std::chrono::days(days));
}

std::string whatChanged(const billing::Account& before, const billing::Account& after,
                        const billing::AccountChanges& changes) {
    std::string text;
    for (const billing::BillingEvent& event : changes.events) {
        text += event.action + " ";
    }
    for (std::size_t i = 0; i < before.subscriptions.size(); ++i) {
        const auto& a = before.subscriptions[i];
        const auto& b = after.subscriptions[i];
        text += a.state.billAt == b.state.billAt
                    ? ""
                    : "billAt " + core::formatInstant(a.state.billAt.value_or(core::Instant())) + " " +
                          core::formatInstant(b.state.billAt.value_or(core::Instant())) + " ";
        text += a.subscription.stage == b.subscription.stage ? "" : "stage ";
        text += a.subscription.accessUntil == b.subscription.accessUntil ? "" : "accessUntil ";
        text += a.subscription.heldUntil == b.subscription.heldUntil ? "" : "heldUntil ";
    }
    return text;
}

bool hasChanges(const billing::AccountChanges& changes) {
    return !changes.empty();
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
    billing::Payment payment;
    payment.id = newId();
    payment.source = "manual";
    payment.reference = payment.id;
    payment.customerId = account().customer.id;
    payment.subscriptionId = subscriptionId;
    payment.invoiceId = invoiceId;
    payment.amount = {amount, account().currency};
    payment.paidAt = now_;
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

void AccountWorld::check() {
    absorb();
    checkMoney();
    checkKeys();
    for (const AccountSubscription& it : account().subscriptions) {
        checkDays(it);
        checkStage(it);
        require(isEqual(sorted(it.charged), sorted(chargedOf(it))),
                "what is charged is not what documents say");
    }
    checkAtRest();
}

void AccountWorld::checkMoney() const {
    require(account().credit >= 0, "credit below zero");
    require(account().credit == creditPosted_, "credit is not the fold of postings");
    require(account().credit == 0 || account().open.empty(), "credit lies beside an open invoice");
    std::size_t open = 0;
    for (const Invoice& each : documents_) {
        require(each.sum == billing::sumOf(each.lines), "lines do not sum to the total");
        require(each.sum.total() >= each.outstanding && each.outstanding >= 0,
                "outstanding is out of bounds");
        const auto posted = receivable_.find(each.id);
        require(each.outstanding == (posted == receivable_.end() ? 0 : posted->second),
                "outstanding is not the fold of postings");
        require((each.status == InvoiceStatus::Unpaid) == (each.outstanding > 0),
                "status and outstanding differ");
        open += each.outstanding > 0 ? 1 : 0;
    }
    require(open == account().open.size(), "the account has other open invoices than documents");
}

void AccountWorld::checkKeys() const {
    std::set<std::pair<std::string, std::string>> keys;
    for (const Invoice& each : documents_) {
        require(each.status != InvoiceStatus::Void || !each.periodKey, "a void invoice keeps its period");
        if (each.periodKey) {
            require(keys.emplace(each.subscriptionId.value(), *each.periodKey).second,
                    "two invoices of the period " + *each.periodKey);
        }
    }
}

AccountWorld::DayCounts AccountWorld::dayCounts(const AccountSubscription& it) const {
    const billing::BillingFacts is(account(), static_cast<std::size_t>(&it - account().subscriptions.data()),
                                   rules.cuts, now_);
    DayCounts days{daysFromEpoch(it.subscription.startDate), {}};
    for (const Invoice& each : documents_) {
        if (each.subscriptionId != it.subscription.id || each.status == InvoiceStatus::Void ||
            (each.outstanding > 0 && is.isWaiting(each))) {
            continue;
        }
        for (const InvoiceLine& line : each.lines) {
            if (line.period && (line.kind == LineKind::Recurring || line.kind == LineKind::Credit)) {
                days.add(daysFromEpoch(line.period->first), daysFromEpoch(line.period->next),
                         line.kind == LineKind::Recurring ? 1 : -1);
            }
        }
    }
    return days;
}

void AccountWorld::DayCounts::add(int from, int to, int times) {
    require(from >= first, "charged before the first day");
    counts.resize(std::max(counts.size(), static_cast<std::size_t>(to - first)));
    for (int day = from; day < to; ++day) {
        counts[static_cast<std::size_t>(day - first)] += times;
    }
}

void AccountWorld::checkDays(const AccountSubscription& it) {
    const DayCounts days = dayCounts(it);
    std::optional<Date> first;
    std::optional<Date> last;
    for (std::size_t i = 0; i < days.counts.size(); ++i) {
        const int times = days.counts[i];
        const Date day = dayFromEpoch(days.first + static_cast<int>(i));
        require(times == 0 || times == 1,
                core::formatDate(day) + " is charged " + std::to_string(times) + " times");
        if (times == 1) {
            first = first.value_or(day);
            last = day;
        }
    }
    const bool isPrepaid = it.package->package.terms.mode == billing::BillingMode::Prepaid;
    Loose& isLoose = loose[it.subscription.id];
    isLoose.gaps = isLoose.gaps || isPrepaid || it.state.stoppedOn || it.state.pausedOn ||
                   it.subscription.stage == billing::DunningStage::Terminated;
    isLoose.end = isLoose.end || it.package->package.validity.unit == billing::ValidityUnit::Hour;
    const auto& end = it.subscription.endDate;
    if (isPrepaid && !isLoose.end && !it.state.pausedOn && last && end) {
        require(*end == *last,
                "paid up to " + core::formatDate(*last) + " but ends on " + core::formatDate(*end));
    }
    if (!isLoose.gaps && first && it.state.billedUntil) {
        const auto charged = std::count(days.counts.begin(), days.counts.end(), 1);
        require(charged == billing::daysBetween(*first, *it.state.billedUntil),
                "there are days without a charge");
    }
}

void AccountWorld::checkStage(const AccountSubscription& it) const {
    const billing::Subscription& row = it.subscription;
    const std::int64_t tolerance = it.package->package.terms.ladder.tolerance;
    require(!row.heldUntil || *row.heldUntil > now_, "held in the past");
    if (!billing::isCut(row.stage) || row.stage == billing::DunningStage::Terminated) {
        return;
    }
    require(!row.heldUntil, "cut off though held");
    std::int64_t owed = 0;
    bool isLate = false;
    for (const Invoice& each : account().open) {
        if (!each.subscriptionId || *each.subscriptionId == row.id) {
            owed += each.outstanding;
            isLate = isLate || each.dueDate < today();
        }
    }
    const bool isPrepaid = it.package->package.terms.mode == billing::BillingMode::Prepaid;
    const bool isOver =
        isPrepaid && row.endDate && (*row.endDate < today() || (row.accessUntil && *row.accessUntil <= now_));
    require(isOver || (owed > tolerance && isLate), "cut off though nothing is owed");
}

void AccountWorld::checkAtRest() {
    const billing::Account before = account();
    book_->advance();
    const billing::AccountChanges again = book_->take();
    require(!hasChanges(again),
            "advance() twice is not once: " + whatChanged(before, account(), again));
    std::optional<core::Instant> next;
    for (const AccountSubscription& it : account().subscriptions) {
        if (it.state.billAt && !it.state.parkedReason) {
            require(*it.state.billAt > now_, "billAt is not later");
            next = std::min(*it.state.billAt, next.value_or(*it.state.billAt));
        }
    }
    const core::Instant most = now_ + std::chrono::days(400);
    const core::Instant last = std::min(next.value_or(most), most) - core::Milliseconds(1);
    for (const core::Instant at : {last, now_ + (last - now_) / 3}) {
        AccountBook later(
            account(), rules, [] { return "never"; }, now_);
        later.advanceTo(at);
        const billing::AccountChanges early = later.take();
    require(!hasChanges(early), "something happens at " + zone().format(at) + ", before billAt: " +
                                    whatChanged(account(), later.account(), early));
    }
}

std::vector<InvoiceLine> AccountWorld::chargedOf(const AccountSubscription& it) const {
    const Date since =
        std::min({today(), it.state.pausedOn.value_or(today()), it.state.stoppedOn.value_or(today())});
    std::vector<InvoiceLine> charged;
    for (const Invoice& each : documents_) {
        for (const InvoiceLine& line : each.lines) {
            if (each.status != InvoiceStatus::Void && line.subscriptionId == it.subscription.id &&
                line.period && line.period->next > since) {
                charged.push_back(signedLine(each, line));
            }
        }
    }
    return charged;
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

void AccountWorld::reload() {
    billing::Account account = book_->account();
    account.open.clear();
    for (const Invoice& each : documents_) {
        if (each.outstanding > 0) {
            account.open.push_back(each);
        }
    }
    std::stable_sort(account.open.begin(), account.open.end(),
                     [](const Invoice& a, const Invoice& b) { return a.dueDate < b.dueDate; });
    for (AccountSubscription& it : account.subscriptions) {
        it.charged = chargedOf(it);
    }
    open(std::move(account));
}

}  // namespace gardu::test
