#pragma once
// Accounting-Requests in, Accounting-Responses out, with the journal's sync in between: the whole receiving
// path but the sockets. Any internal failure is silence, so that the NAS sends again. Any number of threads.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/alarms.h"
#include "core/metrics.h"
#include "radius/access_service.h"
#include "radius/directory_service.h"
#include "radius/journal.h"
#include "radius/reply_cache.h"
#include "radius/session_registry.h"

namespace gardu::radius {

class AccountingService {
public:
    struct Parts {
        const SharedNasTable& nasTable;
        Journal& journal;
        SessionRegistry& registry;
        core::AlarmBoard& alarms;
        core::Metrics& metrics;
        /// Called after a batch is durable, with the users whose sessions began: the Enforcer and the applier
        /// wake.
        std::function<void(const std::vector<std::string>&)> heard;
    };
    explicit AccountingService(const Parts& parts);

    /// One sync for all. The answers in the order of the datagrams: the reply, or why there is none. Never
    /// throws.
    [[nodiscard]] std::vector<AccessAnswer> answer(std::span<const Datagram> datagrams) noexcept;

private:
    struct Counters;
    Parts parts_;
    ReplyCache cache_;
    std::shared_ptr<Counters> counters_;
};

}  // namespace gardu::radius
