#pragma once
// SQL of the tables quota_states and quota_topups, and of what a quota's evaluation has to know of a
// subscription. Announces nothing: whoever evaluates knows what matters.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "billing/quota.h"
#include "core/calendar.h"
#include "core/db.h"

namespace gardu::billing {

/// Of a subscription whose package has a quota.
struct QuotaSubject {
    std::string subscriptionId;
    std::string usernameKey;
    std::string packageId;
    core::Date startDate{};
    std::optional<core::Date> endDate;
    /// Of its billing state.
    std::optional<int> anchorDay;
    std::optional<core::Date> billedUntil;
    std::optional<core::Instant> paidUntilAt;
    std::optional<core::Date> pausedOn;
    /// The billing period whose end was moved last.
    std::optional<core::Period> moved;
};

/// Where its billing periods lie, as far as billing knows.
[[nodiscard]] QuotaAnchor quotaAnchor(const QuotaSubject& subject, Validity validity, const core::Zone& zone);

/// A billing period whose end is about to be moved, in the same transaction.
struct QuotaPeriodBefore {
    core::Period days{};
    Validity validity;
};
/// The one that holds that day; nothing where its package has no quota of whole days by the billing period.
[[nodiscard]] std::optional<QuotaPeriodBefore> quotaPeriodOn(core::Tx& tx, const std::string& subscriptionId,
                                                             core::Date day);
/// The same of the one that was evaluated last; nothing where it was over at `now`.
[[nodiscard]] std::optional<QuotaPeriodBefore> quotaPeriodNow(core::Tx& tx, const std::string& subscriptionId,
                                                              core::Instant now);
/// After the move: it stays one period, which ends on `end` or, by the anchor of now, later.
void keepQuotaPeriod(core::Tx& tx, const std::string& subscriptionId, const QuotaPeriodBefore& before,
                     core::Date end);

/// Those of the ids whose package has a quota, in no order; at most 500 ids. Rows that somebody spoilt by
/// hand are left out.
[[nodiscard]] std::vector<QuotaSubject> quotaSubjects(core::Tx& tx, const std::vector<std::string>& ids);
/// The ids of those user name keys whose package has a quota; at most 500 keys.
[[nodiscard]] std::vector<std::string> quotaSubscriptionsOf(core::Tx& tx,
                                                            const std::vector<std::string>& usernameKeys);
/// Ids of all subscriptions whose package has a quota, in order, after that one.
[[nodiscard]] std::vector<std::string> quotaSubscriptionsAfter(core::Tx& tx, const std::string& after,
                                                               int most);

/// Nobody else changes their states before the transaction ends. Call it before any query of the
/// transaction, or what it reads may be older than its lock.
void lockQuotaStates(core::Tx& tx, const std::vector<std::string>& ids);
/// By subscription id; at most 500 ids.
[[nodiscard]] std::map<std::string, QuotaState> findQuotaStates(core::Tx& tx,
                                                                const std::vector<std::string>& ids);
void putQuotaStates(core::Tx& tx, const std::vector<QuotaState>& states, core::Instant now);

struct QuotaTopup {
    std::string id;
    std::string subscriptionId;
    std::string periodKey;
    std::int64_t octets = 0;
    bool carry = false;
    std::string note;
    core::Instant createdAt;
};
void insertQuotaTopup(core::Tx& tx, const QuotaTopup& topup);
/// Newest first.
[[nodiscard]] std::vector<QuotaTopup> listQuotaTopups(core::Tx& tx, const std::string& subscriptionId,
                                                      int limit);
[[nodiscard]] QuotaTopups sumQuotaTopups(core::Tx& tx, const std::string& subscriptionId,
                                         const std::string& periodKey);

}  // namespace gardu::billing
