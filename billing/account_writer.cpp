#include "billing/account_writer.h"

#include <algorithm>

#include "core/check.h"

namespace gardu::billing {

namespace {

std::int64_t plus(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) {
        throw std::overflow_error("a sum of money does not fit in 64 bits");
    }
    return sum;
}

auto hasId(const std::string& id) {
    return [&id](const auto& each) { return each.id == id; };
}

/// Oldest due date first.
bool isEarlier(const Invoice& a, const Invoice& b) {
    return std::tie(a.dueDate, a.issuedAt) < std::tie(b.dueDate, b.issuedAt);
}

/// As charged lines have it: what credit notes hold with its sign turned.
InvoiceLine signedLine(InvoiceLine line, DocumentKind kind) {
    if (kind == DocumentKind::CreditNote) {
        line.amount = -line.amount;
        line.taxed = {-line.taxed.net, -line.taxed.tax};
    }
    return line;
}

/// A credit of days says that they are not sold any more, also where they cost nothing.
bool isNothing(const InvoiceLine& line) {
    const bool isOfDays = line.kind == LineKind::Credit && line.period;
    return line.amount == 0 && line.taxed == Taxed{} && !isOfDays;
}

void addMoney(BillingEvent& event, std::int64_t amount, const core::Currency& currency) {
    event.meta["amount_minor"] = std::to_string(amount);
    event.meta["currency"] = currency.code;
}

}  // namespace

AccountChanges AccountWriter::take() {
    AccountChanges taken = std::move(changes_);
    changes_ = {};
    return taken;
}

void AccountWriter::restore(Pages pages) {
    account_ = std::move(pages.account);
    changes_ = std::move(pages.changes);
}

void AccountWriter::begin(core::Instant now, core::Date today, int mostInvoices) {
    now_ = now;
    today_ = today;
    mostInvoices_ = mostInvoices;
    invoices_.assign(account_.subscriptions.size(), 0);
}

void AccountWriter::touch(std::size_t index) {
    auto& touched = changes_.subscriptions;
    if (std::find(touched.begin(), touched.end(), index) == touched.end()) {
        touched.push_back(index);
    }
}

BillingEvent& AccountWriter::tell(const std::string& action, const std::string& message) {
    BillingEvent& event = changes_.events.emplace_back();
    event.action = action;
    event.message = message;
    return event;
}

BillingEvent& AccountWriter::tell(std::size_t index, const std::string& action, const std::string& message) {
    BillingEvent& event = tell(action, message);
    const Subscription& subscription = at(index).subscription;
    event.subscriptionId = subscription.id;
    event.meta["username"] = subscription.username;
    event.meta["package"] = at(index).package->package.name;
    return event;
}

void AccountWriter::notify(BillingEvent& event, const std::string& templateName, const std::string& key) {
    event.notify = templateName;
    event.dedupeKey = key;
}

std::string AccountWriter::moneyText(std::int64_t amount) const {
    return core::formatMoney({amount, account_.currency}) + " " + account_.currency.code;
}

Invoice AccountWriter::documentOf(std::size_t index, InvoiceDraft draft) const {
    Invoice document;
    document.id = ids_();
    document.customerId = account_.customer.id;
    document.subscriptionId = at(index).subscription.id;
    document.periodKey = std::move(draft.periodKey);
    document.period = draft.period;
    document.issuedAt = now_;
    document.issueDate = today_;
    document.dueDate = draft.dueDate;
    document.currency = account_.currency;
    document.creditsInvoiceId = std::move(draft.creditsInvoiceId);
    document.lines = std::move(draft.lines);
    document.sum = sumOf(document.lines);
    if (document.sum.total() < 0) {
        document.kind = DocumentKind::CreditNote;
        for (InvoiceLine& line : document.lines) {
            line = signedLine(line, document.kind);
        }
        document.sum = sumOf(document.lines);
    } else {
        document.outstanding = document.sum.total();
    }
    document.status = document.outstanding == 0 ? InvoiceStatus::Paid : InvoiceStatus::Unpaid;
    return document;
}

std::optional<std::string> AccountWriter::issue(std::size_t index, InvoiceDraft draft) {
    std::erase_if(draft.lines, isNothing);
    const bool isTold = draft.keepsZero || !draft.pendingIds.empty() || !cancelOut(draft.lines);
    if (draft.lines.empty() || !isTold) {
        return std::nullopt;
    }
    for (const InvoiceLine& line : draft.lines) {
        if (line.amount > kMaxAmount || line.amount < -kMaxAmount) {
            throw std::overflow_error("an amount is larger than money can be");
        }
    }
    charge(index, draft.lines);
    const std::vector<std::string> used = std::move(draft.pendingIds);
    const Invoice document = documentOf(index, std::move(draft));
    post(postingsOf(document));
    for (const std::string& id : used) {
        std::erase_if(at(index).pending, hasId(id));
        changes_.pendingInvoiced.emplace_back(id, document.id);
    }
    const bool isInvoice = document.kind == DocumentKind::Invoice;
    const std::string word = isInvoice ? "invoice" : "credit note";
    BillingEvent& event = tell(index, isInvoice ? "invoice_issued" : "credit_note_issued",
                               word + " of " + moneyText(document.sum.total()));
    event.invoiceId = document.id;
    addMoney(event, document.sum.total(), account_.currency);
    event.meta["due_date"] = core::formatDate(document.dueDate);
    if (document.period) {
        event.meta["period"] = daysText(*document.period);
    }
    if (document.creditsInvoiceId) {
        const auto about =
            std::find_if(account_.open.begin(), account_.open.end(), hasId(*document.creditsInvoiceId));
        if (about != account_.open.end()) {
            about->credited += amountOf(document.lines);
        }
    }
    if (document.outstanding > 0) {
        notify(event, "invoice_issued", "invoice_issued:" + document.id);
        countInvoice(index);
        open(document);
    }
    changes_.issued.push_back(document);
    if (!isInvoice) {
        moveCredit(document.sum.total());
    }
    return document.id;
}

void AccountWriter::countInvoice(std::size_t index) {
    if (++invoices_.at(index) > mostInvoices_) {
        throw TooMuch("more than " + std::to_string(mostInvoices_) + " invoices at once for " +
                      at(index).subscription.username);
    }
}

void AccountWriter::credit(const Invoice& invoice, std::int64_t amount, const std::string& reason) {
    InvoiceDraft draft;
    draft.lines = creditOfInvoice(invoice, amount, invoice.credited);
    for (InvoiceLine& line : draft.lines) {
        line.description = reason;
    }
    draft.creditsInvoiceId = invoice.id;
    draft.dueDate = today_;
    (void)issue(indexOf(invoice), std::move(draft));
}

void AccountWriter::voidDocument(Invoice invoice, const std::string& reason) {
    invoice.periodKey.reset();
    invoice.voidReason = reason;
    const std::int64_t owed = invoice.credited > 0 ? creditRest(invoice, reason) : reverse(invoice);
    invoice.outstanding = owed;
    close(invoice.id);
    if (owed > 0) {
        open(invoice);
    } else {
        invoice.status = InvoiceStatus::Void;
        uncharge(invoice);
    }
    record(invoice);
    BillingEvent& event = tell("invoice_void", "invoice made void: " + reason);
    event.subscriptionId = invoice.subscriptionId;
    event.invoiceId = invoice.id;
    event.meta["number"] = invoice.number;
    addMoney(event, invoice.sum.total(), account_.currency);
}

/// What is still owed: nothing.
std::int64_t AccountWriter::reverse(const Invoice& invoice) {
    const std::int64_t paid = invoice.sum.total() - invoice.outstanding;
    if (paid > 0) {
        post(allocationOf(invoice, -paid));
        moveCredit(paid);
    }
    post(voidingOf(invoice));
    return 0;
}

/// What is still owed: what a credit note gave of what was never paid, and is spent.
std::int64_t AccountWriter::creditRest(const Invoice& invoice, const std::string& reason) {
    const std::int64_t left = amountOf(invoice.lines) - invoice.credited;
    if (left > 0) {
        credit(invoice, left, reason);
    }
    const std::int64_t settled = std::min(invoice.outstanding, std::max<std::int64_t>(account_.credit, 0));
    if (settled > 0) {
        post(allocationOf(invoice, settled));
        moveCredit(-settled);
    }
    return invoice.outstanding - settled;
}

std::size_t AccountWriter::indexOf(const Invoice& invoice) const {
    const auto& all = account_.subscriptions;
    const auto found = std::find_if(all.begin(), all.end(), [&](const AccountSubscription& each) {
        return each.subscription.id == invoice.subscriptionId;
    });
    return found == all.end() ? 0 : static_cast<std::size_t>(found - all.begin());
}

bool AccountWriter::allocate(const std::string& invoiceId, std::int64_t amount) {
    const auto found = std::find_if(account_.open.begin(), account_.open.end(), hasId(invoiceId));
    core::check(found != account_.open.end() && amount > 0 && amount <= found->outstanding &&
                    amount <= account_.credit,
                "credit pays what is owed");
    post(allocationOf(*found, amount));
    moveCredit(-amount);
    found->outstanding -= amount;
    if (found->outstanding > 0) {
        record(*found);
        return false;
    }
    found->status = InvoiceStatus::Paid;
    record(*found);
    BillingEvent& event = tell("invoice_paid", "invoice paid");
    event.subscriptionId = found->subscriptionId;
    event.invoiceId = found->id;
    event.meta["number"] = found->number;
    addMoney(event, found->sum.total(), account_.currency);
    account_.open.erase(found);
    return true;
}

void AccountWriter::deallocate(Invoice invoice, std::int64_t amount) {
    core::check(amount > 0 && amount <= invoice.sum.total() - invoice.outstanding, "what was paid goes back");
    post(allocationOf(invoice, -amount));
    moveCredit(amount);
    invoice.outstanding += amount;
    invoice.status = InvoiceStatus::Unpaid;
    close(invoice.id);
    open(invoice);
    record(invoice);
}

Invoice AccountWriter::latest(const Invoice& invoice) const {
    for (const std::vector<Invoice>* list : {&account_.open, &changes_.issued, &changes_.updated}) {
        const auto found = std::find_if(list->begin(), list->end(), hasId(invoice.id));
        if (found != list->end()) {
            return *found;
        }
    }
    return invoice;
}

std::vector<Invoice> AccountWriter::paidSinceTake() const {
    std::vector<Invoice> all = changes_.issued;
    all.insert(all.end(), changes_.updated.begin(), changes_.updated.end());
    return all;
}

const Invoice* AccountWriter::findOpen(const std::string& invoiceId) const {
    const auto found = std::find_if(account_.open.begin(), account_.open.end(), hasId(invoiceId));
    return found == account_.open.end() ? nullptr : &*found;
}

void AccountWriter::addCredit(const Payment& payment, std::int64_t amount) {
    post(postingsOf(payment));
    moveCredit(amount);
}

void AccountWriter::addPending(std::size_t index, PendingCharge charge) {
    at(index).pending.push_back(charge);
    changes_.pendingAdded.emplace_back(at(index).subscription.id, std::move(charge));
}

void AccountWriter::dropPending(std::size_t index, std::string chargeId) {
    std::erase_if(at(index).pending, hasId(chargeId));
    const auto wasAdded =
        std::erase_if(changes_.pendingAdded, [&](const auto& added) { return added.second.id == chargeId; });
    if (wasAdded == 0) {
        changes_.pendingDropped.push_back(std::move(chargeId));
    }
}

void AccountWriter::returnPending(std::size_t index, const Invoice& invoice) {
    for (const InvoiceLine& line : invoice.lines) {
        const bool waited = line.kind == LineKind::Charge || line.kind == LineKind::Credit;
        if (waited && !line.period) {
            addPending(index, {.id = ids_(),
                               .kind = line.kind,
                               .description = line.description,
                               .amount = line.amount,
                               .period = std::nullopt});
        }
    }
}

void AccountWriter::post(const LedgerEntry& entry) {
    // A document whose lines cancel out may leave nothing to post.
    if (!entry.postings.empty()) {
        core::check(isBalanced(entry), "an entry balances");
        changes_.entries.push_back(entry);
    }
}

void AccountWriter::record(const Invoice& invoice) {
    for (std::vector<Invoice>* list : {&changes_.issued, &changes_.updated}) {
        const auto found = std::find_if(list->begin(), list->end(), hasId(invoice.id));
        if (found != list->end()) {
            *found = invoice;
            return;
        }
    }
    changes_.updated.push_back(invoice);
}

void AccountWriter::open(const Invoice& invoice) {
    auto& all = account_.open;
    all.insert(std::upper_bound(all.begin(), all.end(), invoice, isEarlier), invoice);
}

void AccountWriter::close(const std::string& invoiceId) {
    std::erase_if(account_.open, hasId(invoiceId));
}

void AccountWriter::charge(std::size_t index, const std::vector<InvoiceLine>& lines) {
    std::copy_if(lines.begin(), lines.end(), std::back_inserter(at(index).charged),
                 [](const InvoiceLine& line) { return line.period.has_value(); });
}

void AccountWriter::uncharge(const Invoice& invoice) {
    for (AccountSubscription& each : account_.subscriptions) {
        for (const InvoiceLine& line : invoice.lines) {
            const auto found = std::find(each.charged.begin(), each.charged.end(), line);
            if (line.subscriptionId == each.subscription.id && found != each.charged.end()) {
                each.charged.erase(found);
            }
            if (invoice.credited > 0 && line.subscriptionId == each.subscription.id) {
                // Of its credit notes.
                std::erase_if(each.charged, [&](const InvoiceLine& credit) {
                    return credit.kind == LineKind::Discount && credit.period == line.period;
                });
            }
        }
    }
}

void AccountWriter::moveCredit(std::int64_t amount) {
    account_.credit = plus(account_.credit, amount);
}

}  // namespace gardu::billing
