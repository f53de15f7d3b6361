#pragma once
// The daemon's half that accounts and enforces: owns the journal, the open sessions in memory, the applier
// and the Enforcer, and starts and ends their threads in order. Made and destroyed on the main thread.

#include <memory>
#include <string>
#include <vector>

#include "app/background.h"
#include "app/enforcer.h"
#include "app/enforcer_records.h"
#include "app/workplace.h"
#include "core/alarms.h"
#include "core/metrics.h"
#include "radius/accounting_server.h"
#include "radius/accounting_service.h"
#include "radius/applier_service.h"
#include "radius/directory.h"
#include "radius/directory_service.h"
#include "radius/journal.h"
#include "radius/quota_service.h"
#include "radius/session_registry.h"

namespace gardu::app {

/// How long an acknowledged packet waits at most for the batch that takes it to the database.
inline constexpr std::chrono::milliseconds kApplyPause{20};

class Network {
public:
    struct Parts {
        Workplace& workplace;
        radius::Directory& directory;
        radius::SharedNasTable& nasTable;
        core::AlarmBoard& alarms;
        core::Metrics& metrics;
    };
    /// Opens the journal, binds the accounting sockets, and reads the open sessions. Throws
    /// core::ConfigError, radius::JournalError, core::DbError.
    explicit Network(const Parts& parts);

    void start();
    /// First no more packets are taken, then what is acknowledged goes to the database, for ten seconds at
    /// most; the journal keeps the rest.
    void stop();

    [[nodiscard]] radius::SessionRegistry& registry() { return registry_; }
    /// These users' subscriptions changed, or a package or NAS did. Any thread.
    void wake(const std::vector<std::string>& usernameKeys, bool everybody);
    /// The applier cannot reach the database, or the Enforcer fails.
    [[nodiscard]] bool loopsFail() const { return applyLoop_.failing() || enforceLoop_.failing(); }
    /// Accounting is not acknowledged.
    [[nodiscard]] bool journalFails() const { return journal_.isFailing(); }
    /// The clock stepped, and nobody is cut off until an operator says that it is right; true until it is
    /// known.
    [[nodiscard]] bool isCuttingPaused() const { return records_.isPaused(); }
    [[nodiscard]] std::size_t openSessions() const { return registry_.size(); }
    [[nodiscard]] std::int64_t waitingRecords() const { return journal_.status().records; }
    [[nodiscard]] std::string boundTo() const { return server_->boundTo(); }

private:
    void apply();
    void evaluateQuotas();
    void drain();

    radius::Journal journal_;
    radius::SessionRegistry registry_;
    radius::QuotaService quota_;
    radius::ApplierService applier_;
    EnforcerRecords records_;
    Enforcer enforcer_;
    radius::AccountingService service_;
    std::unique_ptr<radius::AccountingServer> server_;
    Loop applyLoop_;
    Loop enforceLoop_;
    Loop recordLoop_;
    Loop quotaLoop_;
    std::chrono::steady_clock::time_point nextHouseKeeping_{};
};

}  // namespace gardu::app
