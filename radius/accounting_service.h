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
#include "core/log.h"
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
        /// Called after a batch is durable in which sessions began, with the keys of their users: the
        /// Enforcer wakes.
        std::function<void(const std::vector<std::string>&)> heard;
    };
    explicit AccountingService(const Parts& parts);

    /// One sync for all. The answers in the order of the datagrams: the reply, or why there is none. Never
    /// throws; without memory there are no answers at all.
    [[nodiscard]] std::vector<AccessAnswer> answer(std::span<const Datagram> datagrams) noexcept;

private:
    struct Counters;
    struct Fresh;
    struct Batch;
    /// Whose packet it is, and that it is his.
    struct Known {
        const PacketView& packet;
        const NasEntry& nas;
    };

    std::vector<AccessAnswer> answerAll(std::span<const Datagram> datagrams);
    template <class Function>
    bool guarded(const Datagram& datagram, Function&& function) noexcept;
    void logFailure(const std::exception& error, const Datagram& datagram);
    /// Answers what can be answered, or dropped, by itself; what has to be made durable goes into the batch.
    void examine(Batch& batch, std::size_t index);
    void examineRequest(Batch& batch, std::size_t index, const Known& known);
    void acknowledge(Batch& batch);
    /// Empty, or why it could not be done.
    std::string_view makeDurable(const Batch& batch);
    void raiseNotAcknowledged(const JournalError& error, std::string_view advice, const Datagram& datagram);
    void finish(Batch& batch, const Fresh& fresh, std::vector<std::string>& began);

    Parts parts_;
    ReplyCache cache_;
    std::shared_ptr<Counters> counters_;
    core::LogLimit failureLines_;
};

}  // namespace gardu::radius
