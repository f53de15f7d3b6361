#pragma once
// Keeps quota_states as usage, top-ups and packages say, and announces whom the network has to treat in
// another way. A state is only what was found last: losing one, or evaluating it twice, does no harm. The
// end of a period needs no work: entitlement() knows it.

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "billing/quota.h"
#include "billing/quota_store.h"
#include "core/calendar.h"
#include "core/db.h"
#include "core/guarded.h"
#include "core/metrics.h"

namespace gardu::radius {

/// What is known of one subscription's quota.
struct QuotaStanding {
    billing::QuotaPolicy policy;
    billing::QuotaWindow window;
    billing::QuotaState state;
    std::string usernameKey;
    /// As it was stored before.
    std::optional<billing::QuotaState> former;
};

/// Of those whose package has a quota, at most 500 ids. `announced`: something of them was changed, so that
/// one without a state may have come from another package.
struct QuotaQuestion {
    std::vector<std::string> subscriptionIds;
    bool announced = false;
};
/// Reads only.
[[nodiscard]] std::vector<QuotaStanding> quotaStandings(core::Tx& tx, const core::Zone& zone,
                                                        const QuotaQuestion& question, core::Instant now);
/// Writes the states that are another now, and announces those that matter to the network. Before any other
/// query of the transaction.
[[nodiscard]] std::vector<QuotaStanding> updateQuotas(core::Tx& tx, const core::Zone& zone,
                                                      const QuotaQuestion& question, core::Instant now);

struct QuotaTopupInput {
    std::string subscriptionId;
    std::int64_t octets = 0;
    bool carry = false;
    std::string note;
};
/// Adds bought octets to the period that runs, and evaluates. Throws core::Refused where the package has no
/// quota. Before any other query of the transaction.
[[nodiscard]] QuotaStanding topUpQuota(core::Tx& tx, const core::Zone& zone, const QuotaTopupInput& input,
                                       core::Instant now);

class QuotaService {
public:
    /// Subscriptions of one turn: some ten milliseconds of the database.
    static constexpr std::size_t kPiece = 100;
    /// All are looked at again after this, whatever was missed.
    static constexpr std::chrono::minutes kRound{10};

    QuotaService(core::Db& db, core::Zone zone, core::Metrics& metrics);

    // Any thread.

    /// Usage of these subscriptions is in the database.
    void noteUsed(const std::vector<std::string>& subscriptionIds);
    /// These users' subscriptions changed; `everybody`: a package did.
    void noteChanged(const std::vector<std::string>& usernameKeys, bool everybody);

    // One thread.

    /// The next piece; false: nothing waits. Throws core::DbError; call again then.
    bool turn(core::Instant now, std::chrono::steady_clock::time_point monotonic);

private:
    struct Waiting {
        std::set<std::string> ids;
        std::set<std::string> usernameKeys;
        bool everybody = false;
    };

    bool evaluateChanged(core::Instant now);
    bool evaluateUsed(core::Instant now);
    bool walk(core::Instant now, std::chrono::steady_clock::time_point monotonic);
    void update(const QuotaQuestion& question, core::Instant now);

    core::Db& db_;
    core::Zone zone_;
    core::Gauge waitingGauge_;
    core::Counter evaluated_;
    core::Guarded<Waiting> waiting_;
    /// How far the round has come; none: it is over.
    std::optional<std::string> walkedTo_ = "";
    std::chrono::steady_clock::time_point roundBegan_{};
};

}  // namespace gardu::radius
