#pragma once
// Rows of the tables subscriptions and subscription_billing as values, for the stores that read or write
// them.

#include <string>

#include "billing/account.h"
#include "billing/subscription.h"
#include "core/db.h"

namespace gardu::billing {

/// Of the table subscriptions with the alias s.
inline constexpr const char* kSubscriptionColumns =
    "s.id, s.customer_id, s.package_id, s.mikrotik_username, s.username_key, s.mikrotik_password, "
    "s.start_date, s.end_date, s.auto_renew, s.status, s.static_ip, s.framed_routes, s.framed_ipv6_prefix, "
    "s.delegated_ipv6_prefix, s.access_until, s.held_until, s.dunning_stage";
inline constexpr std::size_t kSubscriptionWidth = 17;
/// Where username_key is among them.
inline constexpr std::size_t kUsernameKeyColumn = 4;

/// kSubscriptionColumns beginning at that column. `problem` gets words, where it is empty, for the first
/// thing that no program of ours writes: somebody changed the row by hand.
[[nodiscard]] Subscription toSubscription(const core::Row& row, std::size_t first, std::string& problem);
/// From `customer_id` to `dunning_stage`, in the order of kSubscriptionColumns.
[[nodiscard]] core::Values valuesOf(const Subscription& subscription);

/// What billing changes of it: package_id, start_date, end_date, auto_renew, status, access_until,
/// held_until, dunning_stage; and all of them in one text, to compare.
[[nodiscard]] core::Values billedColumns(const Subscription& subscription);
[[nodiscard]] std::string billedColumnsAsText(const Subscription& subscription);

/// Of the table subscription_billing with the alias b.
inline constexpr const char* kBillingStateColumns =
    "b.bill_at, b.anchor_day, b.billed_until, b.rated_from, b.paid_until_at, b.next_package_id, "
    "b.next_package_at, "
    "b.cancel_on, "
    "b.cancelled_on, b.paused_on, b.pause_until, b.never_cut_until, b.never_cut_reason, b.promise_until, "
    "b.notice_until, b.held_from, b.stage_since, b.stopped_on, b.parked_reason";
inline constexpr std::size_t kBillingStateWidth = 19;

/// kBillingStateColumns beginning at that column. A day that is none throws core::DbError.
[[nodiscard]] BillingState toBillingState(const core::Row& row, std::size_t first);
/// kBillingStateColumns.
[[nodiscard]] core::Values valuesOf(const BillingState& state);

}  // namespace gardu::billing
