#pragma once
// The billing run: brings every account that is due to what it has to be at a time. One transaction an
// account; killed, repeated or started twice anywhere without harm.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "billing/account_service.h"
#include "billing/lease_store.h"
#include "core/db.h"

namespace gardu::billing {

struct RunOptions {
    /// Of this process, for the lease; a dry run has none.
    std::string holder = {};
    /// All accounts, not only those whose time has come.
    bool all = false;
    /// Accounts that are worked on at the same time (SQLite has one writer: 1 there), and what runs the
    /// pieces of work side by side, since threads are app/'s to start; none: one after the other.
    int workers = 1;
    std::function<void(std::vector<std::function<void()>>)> parallel = {};
    /// Nothing is stored.
    bool dryRun = false;
    /// The clock on the wall, by which the lease is renewed, whatever the run's own time is; none: the run is
    /// short, and its own time will do.
    std::function<core::Instant()> clock = {};
    /// Asked between accounts; true ends the run early.
    std::function<bool()> stop = {};
    /// Of each account with changes, after they were stored, from any worker's thread but one at a time; in a
    /// dry run nothing is numbered. What it throws ends the run.
    std::function<void(const AccountResult&)> report = {};
};

struct RunSummary {
    std::string id;
    std::int64_t seen = 0;
    std::int64_t invoiced = 0;
    std::int64_t renewed = 0;
    std::int64_t isolated = 0;
    std::int64_t restored = 0;
    std::int64_t failed = 0;
    std::int64_t parked = 0;
    /// Of the parked ones: faults of the program (gardu_invariant_broken_total).
    std::int64_t broken = 0;
    /// User names or customers that failed or were parked, with why; at most 100.
    std::vector<std::string> troubles;
    /// Another node runs, or took over.
    bool isOthers = false;
};

/// Takes the lease and renews it; each account's transaction checks its epoch.
/// What goes wrong with an account is counted and named, and the others go on. Throws core::DbUnusable where
/// the database cannot go on.
RunSummary runBilling(core::Db& db, const BillingSettings& settings, const Act& act,
                      const RunOptions& options);

}  // namespace gardu::billing
