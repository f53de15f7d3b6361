#include "billing/billing_run.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <set>
#include <unordered_set>
#include <utility>

#include "billing/billing_run_store.h"
#include "billing/customer_store.h"
#include "billing/open_account_service.h"
#include "billing/run_lease_service.h"
#include "billing/run_packages_service.h"
#include "core/check.h"
#include "core/entropy.h"
#include "core/log.h"

namespace gardu::billing {

namespace {

/// Accounts that are read ahead, and worked on by all workers before the next ones.
constexpr int kPage = 1'000;
constexpr std::size_t kMostTroubles = 100;
/// Customers whose failure is remembered, so that a second subscription does not try them again.
constexpr std::size_t kMostFailed = 10'000;

/// An account that is to be looked at, and for which subscription; none: in a run over all.
struct Item {
    std::string customerId;
    std::optional<DueAccount> due;
};

void count(const AccountChanges& changes, RunSummary& summary) {
    for (const Invoice& document : changes.issued) {
        summary.invoiced += document.kind == DocumentKind::Invoice ? 1 : 0;
    }
    for (const BillingEvent& event : changes.events) {
        summary.renewed += event.action == "renewed" ? 1 : 0;
        summary.isolated += event.action == "isolated" ? 1 : 0;
        summary.restored += event.action == "restored" ? 1 : 0;
    }
}

/// Which of the account's due subscriptions comes first in the order of dueAccounts(): where nothing is
/// stored, the others of the same account come later, and would be the same again.
bool isItsFirst(const Account& account, const DueAccount& due, core::Instant now) {
    return std::none_of(
        account.subscriptions.begin(), account.subscriptions.end(), [&](const AccountSubscription& each) {
            const BillingState& state = each.state;
            return state.billAt && *state.billAt <= now && !state.parkedReason &&
                   std::pair(*state.billAt, each.subscription.id) < std::pair(due.billAt, due.subscriptionId);
        });
}

class BillingRun {
public:
    BillingRun(core::Db& db, const BillingSettings& settings, const Act& act, const RunOptions& options)
        : db_(db),
          act_(act),
          options_(options),
          today_(settings.zone.localDate(act.now)),
          rules_(db.read([&](core::Tx& tx) { return loadRules(tx, settings); })),
          packages_(db, clock()) {}

    RunSummary run() {
        if (options_.dryRun) {
            walk();
            return std::move(summary_);
        }
        core::check(!options_.holder.empty(), "a billing run has a holder");
        lease_.emplace(db_, options_.holder, clock());
        if (!lease_->take()) {
            summary_.isOthers = true;
            return std::move(summary_);
        }
        try {
            walk();
            packages_.wakeChanged();
            finishRow();
        } catch (const LeaseLost&) {
            summary_.isOthers = true;
            finishRow();
        } catch (...) {
            lease_->release();
            throw;
        }
        lease_->release();
        return std::move(summary_);
    }

private:
    [[nodiscard]] std::function<core::Instant()> clock() const {
        return options_.clock ? options_.clock : [now = act_.now] { return now; };
    }

    void walk() {
        while (!isEnded_) {
            const auto page = options_.all ? nextCustomers() : nextDue();
            if (!page) {
                return;
            }
            beginRow();
            workOn(*page);
        }
    }

    /// Nothing at the end; may be empty before it.
    std::optional<std::vector<Item>> nextDue() {
        const auto due = db_.read([&](core::Tx& tx) { return dueAccounts(tx, act_.now, lastDue_, kPage); });
        if (due.empty()) {
            return std::nullopt;
        }
        lastDue_ = due.back();
        std::unordered_set<std::string> seen;
        std::vector<Item> items;
        items.reserve(due.size());
        for (const DueAccount& each : due) {
            if (!failed_.contains(each.customerId) && seen.insert(each.customerId).second) {
                items.push_back({each.customerId, each});
            }
        }
        return items;
    }

    std::optional<std::vector<Item>> nextCustomers() {
        const auto customers =
            db_.read([&](core::Tx& tx) { return customersAfter(tx, lastCustomer_, kPage); });
        if (customers.empty()) {
            return std::nullopt;
        }
        lastCustomer_ = customers.back();
        std::vector<Item> items;
        items.reserve(customers.size());
        for (const std::string& customer : customers) {
            items.push_back({customer, std::nullopt});
        }
        return items;
    }

    /// Side by side where the database and the caller allow it. The first exception of a piece ends the run.
    void workOn(const std::vector<Item>& items) {
        std::atomic<std::size_t> next{0};
        const auto piece = [&] {
            try {
                for (std::size_t i = next++; i < items.size() && !isEnded_; i = next++) {
                    workOn(items[i]);
                }
            } catch (...) {
                isEnded_ = true;
                const std::lock_guard lock(mutex_);
                trouble_ = trouble_ ? trouble_ : std::current_exception();
            }
        };
        const bool isAlone = db_.dialect() == core::Dialect::Sqlite && !options_.dryRun;
        if (options_.parallel && options_.workers > 1 && !isAlone) {
            options_.parallel(
                std::vector<std::function<void()>>(static_cast<std::size_t>(options_.workers), piece));
        } else {
            piece();
        }
        if (trouble_) {
            std::rethrow_exception(trouble_);
        }
    }

    void workOn(const Item& item) {
        if (options_.stop && options_.stop()) {
            isEnded_ = true;
            return;
        }
        if (lease_) {
            lease_->keep();
        }
        if (const auto result = tried(item)) {
            const std::lock_guard lock(mutex_);
            ++summary_.seen;
            count(result->changes, summary_);
            if (options_.report && !result->changes.empty()) {
                options_.report(*result);
            }
        }
    }

    /// Nothing where the account is gone, was seen already, or is in trouble, which is noted.
    std::optional<AccountResult> tried(const Item& item) {
        try {
            return withPackages(item);
        } catch (const LeaseLost&) {
            throw;
        } catch (const core::DbUnusable&) {
            throw;
        } catch (const core::InvariantBroken& error) {
            core::logError("invariant_broken", {{"where", "billing run"}, {"error", error.what()}});
            park(item, error.what(), true);
        } catch (const TooMuch& error) {
            park(item, error.what(), false);
        } catch (const core::Refused& error) {
            park(item, error.what(), false);
        } catch (const std::exception& error) {
            fail(item, error.what());
        }
        return std::nullopt;
    }

    /// An account may have a package that is newer than what the run has read: then once more with those that
    /// there are now.
    std::optional<AccountResult> withPackages(const Item& item) {
        const RunPackages::Shared packages = packages_.get();
        try {
            return work(item, *packages);
        } catch (const UnknownPackage&) {
            return work(item, *packages_.getAnew(packages));
        }
    }

    std::optional<AccountResult> work(const Item& item, const PricedPackages& packages) {
        return options_.dryRun
                   ? db_.read([&](core::Tx& tx) { return imagine(tx, item, packages); })
                   : db_.transact([&](core::Tx& tx) { return settle(tx, item.customerId, packages); });
    }

    std::optional<AccountResult> settle(core::Tx& tx, const std::string& customerId,
                                        const PricedPackages& packages) {
        if (!lockAccount(tx, customerId)) {
            return std::nullopt;
        }
        lease_->check(tx);
        auto account = loadAccount(tx, customerId, packages, today_);
        if (!account) {
            return std::nullopt;
        }
        AccountBook book = bookOf(std::move(*account));
        book.advance();
        return storeBook(tx, book, act_.now, today_);
    }

    std::optional<AccountResult> imagine(core::Tx& tx, const Item& item, const PricedPackages& packages) {
        auto account = loadAccount(tx, item.customerId, packages, today_);
        if (!account || (item.due && !isItsFirst(*account, *item.due, act_.now))) {
            return std::nullopt;
        }
        AccountBook book = bookOf(std::move(*account));
        book.advance();
        AccountChanges changes = book.take();
        return AccountResult{book.account(), std::move(changes)};
    }

    [[nodiscard]] AccountBook bookOf(Account account) const {
        return {std::move(account), rules_, [now = act_.now] { return core::newId(now); }, act_.now};
    }

    /// Until an operator has looked.
    void park(const Item& item, const std::string& reason, bool isBroken) {
        try {
            if (!options_.dryRun) {
                db_.transact([&](core::Tx& tx) {
                    if (lockAccount(tx, item.customerId)) {
                        lease_->check(tx);
                        parkAccount(tx, item.customerId, reason, act_.now);
                    }
                });
            }
        } catch (const LeaseLost&) {
            throw;
        } catch (const core::DbUnusable&) {
            throw;
        } catch (const std::exception& error) {
            fail(item, error.what());
            return;
        }
        note(item, reason, "billing_account_parked");
        const std::lock_guard lock(mutex_);
        ++summary_.seen;
        ++summary_.parked;
        summary_.broken += isBroken ? 1 : 0;
    }

    void fail(const Item& item, const std::string& reason) {
        note(item, reason, "billing_account_failed");
        const std::lock_guard lock(mutex_);
        ++summary_.seen;
        ++summary_.failed;
        if (failed_.size() < kMostFailed) {
            failed_.insert(item.customerId);
        }
    }

    void note(const Item& item, const std::string& reason, const char* event) {
        const std::string name = nameOf(item.customerId);
        const std::lock_guard lock(mutex_);
        if (summary_.troubles.size() < kMostTroubles) {
            core::logError(event, {{"customer", name}, {"id", item.customerId}, {"error", reason}});
            summary_.troubles.push_back(name + ": " + reason);
        }
    }

    std::string nameOf(const std::string& customerId) {
        try {
            const auto customer = db_.read([&](core::Tx& tx) { return findCustomer(tx, customerId); });
            return customer ? customer->name : customerId;
        } catch (const std::exception&) {
            return customerId;
        }
    }

    /// A run that sees nothing leaves no row; one that is killed leaves one without an end.
    void beginRow() {
        if (lease_ && row_.id.empty()) {
            row_.id = core::newId(clock()());
            row_.asOf = act_.now;
            row_.startedAt = clock()();
            summary_.id = row_.id;
            putRow();
        }
    }

    void finishRow() {
        if (!row_.id.empty()) {
            row_.finishedAt = clock()();
            putRow();
        }
    }

    void putRow() {
        row_.epoch = lease_->epoch();
        row_.holder = lease_->holder();
        row_.seen = summary_.seen;
        row_.invoiced = summary_.invoiced;
        row_.renewed = summary_.renewed;
        row_.isolated = summary_.isolated;
        row_.failed = summary_.failed;
        row_.parked = summary_.parked;
        db_.transact([&](core::Tx& tx) { putBillingRun(tx, row_); });
    }

    core::Db& db_;
    const Act& act_;
    const RunOptions& options_;
    core::Date today_;
    BillingRules rules_;
    RunPackages packages_;
    std::optional<RunLease> lease_;
    BillingRunRow row_;
    std::optional<DueAccount> lastDue_;
    std::string lastCustomer_;
    std::atomic<bool> isEnded_{false};
    /// Of all below.
    std::mutex mutex_;
    RunSummary summary_;
    std::set<std::string> failed_;
    std::exception_ptr trouble_;
};

}  // namespace

RunSummary runBilling(core::Db& db, const BillingSettings& settings, const Act& act,
                      const RunOptions& options) {
    return BillingRun(db, settings, act, options).run();
}

}  // namespace gardu::billing
