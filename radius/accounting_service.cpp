#include "radius/accounting_service.h"

#include <algorithm>
#include <map>

#include "core/check.h"
#include "core/log.h"
#include "radius/accounting_event.h"
#include "radius/drop_reason.h"
#include "radius/journal_record.h"
#include "radius/wire.h"

namespace gardu::radius {

namespace {

constexpr std::string_view kJournalFailed = "journal_failed";
constexpr std::string_view kJournalFull = "journal_full";
constexpr std::string_view kJournalName = "accounting.journal";
constexpr std::string_view kFullAdvice =
    "; see to it that the database is reached again, or raise accounting.journal_limit_mb";
constexpr std::string_view kFailedAdvice = "; make room on the disk of data.dir, or mend it";

/// Every reason that is not a preparse error's.
std::vector<std::string_view> dropReasons() {
    return {kUnknownNas,
            kWrongSecret,
            kUndecodable,
            kDuplicateInProgress,
            kInternalError,
            kJournalFailed,
            kJournalFull,
            name(BadAccounting::StatusTypeMissing),
            name(BadAccounting::SessionIdMissing),
            name(BadAccounting::UserNameMissing)};
}

/// The Request Authenticator proves the secret of an Accounting-Request, all zeros never do (RFC 5080 section
/// 2.3.3); a Status-Server's is random. A Message-Authenticator has to be right where there is one.
bool isAuthentic(const PacketView& packet, const SharedSecret& secret) {
    if (packet.hasMessageAuthenticator() && !messageAuthenticatorIsValid(packet, secret)) {
        return false;
    }
    return packet.code == Code::StatusServer || requestAuthenticatorIsValid(packet, secret);
}

Authenticator authenticatorOf(const PacketView& packet) {
    Authenticator authenticator{};
    std::copy(packet.authenticator().begin(), packet.authenticator().end(), authenticator.begin());
    return authenticator;
}

core::Bytes recordOf(const AccountingArrival& arrival, const PacketView& packet) {
    JournaledPacket journaled;
    journaled.nasId = arrival.nasId;
    journaled.nasKey = arrival.nasKey;
    journaled.source = arrival.source;
    journaled.receivedAt = arrival.receivedAt;
    journaled.swapOctets = arrival.swapOctets;
    journaled.octets.assign(packet.octets.begin(), packet.octets.end());
    return encodeRecord(journaled);
}

}  // namespace

/// Handles looked up once; the reasons are a closed list.
struct AccountingService::Counters {
    explicit Counters(core::Metrics& metrics)
        : requests(
              metrics.counter("gardu_accounting_requests_total", "Datagrams received on accounting sockets")),
          acknowledged(metrics.counter("gardu_accounting_acknowledged_total",
                                       "Accounting-Requests answered for the first time")),
          duplicates(
              metrics.counter("gardu_accounting_duplicates_total", "Requests answered from the reply cache")),
          batches(metrics.counter("gardu_accounting_batches_total", "Syncs of the journal")),
          packets(metrics.counter("gardu_accounting_packets_total", "Packets written to the journal")),
          invariants(metrics.counter("gardu_invariant_broken_total", "Must stay 0")) {
        for (const std::string_view reason : dropReasons()) {
            addDrop(metrics, reason);
        }
        for (int error = 0; error <= static_cast<int>(PreparseError::UnexpectedCode); ++error) {
            addDrop(metrics, name(static_cast<PreparseError>(error)));
        }
    }

    void addDrop(core::Metrics& metrics, std::string_view reason) {
        drops.emplace(reason,
                      metrics.counter("gardu_accounting_dropped_total", "Datagrams not answered, by reason",
                                      {{"reason", std::string(reason)}}));
    }

    core::Counter requests;
    core::Counter acknowledged;
    core::Counter duplicates;
    core::Counter batches;
    core::Counter packets;
    core::Counter invariants;
    std::map<std::string_view, core::Counter> drops;
};

/// A request that nobody has answered yet.
struct AccountingService::Fresh {
    /// Of its datagram.
    std::size_t index = 0;
    RequestKey key;
    Authenticator authenticator{};
    PacketView packet;
    const NasEntry* nas = nullptr;
    AccountingEvent event;
};

/// The datagrams of one call, and what becomes of them.
struct AccountingService::Batch {
    std::span<const Datagram> datagrams;
    /// Holds the entries that `fresh` points to.
    std::shared_ptr<const NasTable> nasTable;
    std::vector<AccessAnswer> answers;
    std::vector<Fresh> fresh;
    /// Of each of them, in the same order.
    std::vector<core::Bytes> records;
};

AccountingService::AccountingService(const Parts& parts)
    : parts_(parts), counters_(std::make_shared<Counters>(parts.metrics)) {}

std::vector<AccessAnswer> AccountingService::answer(std::span<const Datagram> datagrams) noexcept {
    std::vector<AccessAnswer> answers;
    if (!datagrams.empty()) {
        guarded(datagrams.front(), [&] { answers = answerAll(datagrams); });
    }
    return answers;
}

std::vector<AccessAnswer> AccountingService::answerAll(std::span<const Datagram> datagrams) {
    std::vector<AccessAnswer> answers(datagrams.size(), Dropped{kInternalError});
    counters_->requests.add(static_cast<double>(datagrams.size()));
    Batch batch{datagrams,
                parts_.nasTable.read([](const auto& current) { return current; }),
                std::move(answers),
                {},
                {}};
    // What is begun in the reply cache is sure of its place here.
    batch.fresh.reserve(datagrams.size());
    batch.records.reserve(datagrams.size());
    for (std::size_t index = 0; index < datagrams.size(); ++index) {
        guarded(datagrams[index], [&] { examine(batch, index); });
    }
    if (!batch.fresh.empty()) {
        acknowledge(batch);
    }
    for (const AccessAnswer& result : batch.answers) {
        if (const auto* dropped = std::get_if<Dropped>(&result)) {
            counters_->drops.at(dropped->reason).add();
        }
    }
    return std::move(batch.answers);
}

/// Runs a part of the work on a datagram. False: it failed, which is counted and logged.
template <class Function>
bool AccountingService::guarded(const Datagram& datagram, Function&& function) noexcept {
    try {
        function();
        return true;
    } catch (const core::InvariantBroken& error) {
        counters_->invariants.add();
        core::logError("invariant_broken", {{"where", "accounting"}, {"error", error.what()}});
    } catch (const std::exception& error) {
        logFailure(error, datagram);
    }
    return false;
}

void AccountingService::logFailure(const std::exception& error, const Datagram& datagram) {
    if (const auto leftOut = failureLines_.pass(datagram.monotonic)) {
        core::logError("accounting_failed", {{"source", core::formatIpAddress(datagram.source)},
                                             {"error", error.what()},
                                             {"left_out", *leftOut}});
    }
}

void AccountingService::examine(Batch& batch, std::size_t index) {
    const Datagram& datagram = batch.datagrams[index];
    AccessAnswer& answer = batch.answers[index];
    const NasEntry* nas = batch.nasTable ? batch.nasTable->find(datagram.source) : nullptr;
    if (nas == nullptr) {
        parts_.alarms.raise(std::string(kUnknownNas), core::formatIpAddress(datagram.source),
                            kUnknownNasAdvice, datagram.now);
        answer = Dropped{kUnknownNas};
        return;
    }
    const auto parsed = preparse(datagram.octets, PortKind::Accounting);
    if (const auto* error = std::get_if<PreparseError>(&parsed)) {
        answer = Dropped{name(*error)};
        return;
    }
    const PacketView& packet = std::get<PacketView>(parsed);
    if (!isAuthentic(packet, nas->secret)) {
        parts_.alarms.raise(std::string(kWrongSecret), nas->nas.name, kWrongSecretAdvice, datagram.now);
        answer = Dropped{kWrongSecret};
    } else if (packet.code == Code::StatusServer) {
        answer = encodeReply(Code::AccountingResponse, packet, {}, nas->secret);
    } else {
        examineRequest(batch, index, {packet, *nas});
    }
}

void AccountingService::examineRequest(Batch& batch, std::size_t index, const Known& known) {
    const Datagram& datagram = batch.datagrams[index];
    const NasEntry& nas = known.nas;
    const auto attributes = decode(known.packet, nas.secret);
    if (!attributes) {
        batch.answers[index] = Dropped{kUndecodable};
        return;
    }
    const AccountingArrival arrival{nas.nas.id, nas.keyOf(datagram.source), datagram.source, datagram.now,
                                    nas.nas.swapOctets};
    auto read = readAccountingEvent(*attributes, arrival);
    if (const auto* bad = std::get_if<BadAccounting>(&read)) {
        batch.answers[index] = Dropped{name(*bad)};
        return;
    }
    Fresh fresh{index,
                {datagram.source, datagram.sourcePort, datagram.socket, known.packet.identifier},
                authenticatorOf(known.packet),
                known.packet,
                &nas,
                std::move(std::get<AccountingEvent>(read))};
    core::Bytes record = recordOf(arrival, known.packet);
    auto found = cache_.begin(fresh.key, fresh.authenticator, datagram.monotonic);
    if (auto* earlier = std::get_if<Bytes>(&found)) {
        counters_->duplicates.add();
        batch.answers[index] = std::move(*earlier);
    } else if (std::holds_alternative<ReplyCache::InProgress>(found)) {
        batch.answers[index] = Dropped{kDuplicateInProgress};
    } else {
        batch.fresh.push_back(std::move(fresh));
        batch.records.push_back(std::move(record));
    }
}

void AccountingService::acknowledge(Batch& batch) {
    const Datagram& first = batch.datagrams[batch.fresh.front().index];
    std::string_view failure = kInternalError;
    if (!guarded(first, [&] { failure = makeDurable(batch); }) || !failure.empty()) {
        for (const Fresh& fresh : batch.fresh) {
            cache_.forget(fresh.key, fresh.authenticator);
            batch.answers[fresh.index] = Dropped{failure};
        }
        return;
    }
    std::vector<std::string> began;
    for (const Fresh& fresh : batch.fresh) {
        const bool isDone = guarded(batch.datagrams[fresh.index], [&] { finish(batch, fresh, began); });
        if (!isDone) {
            cache_.forget(fresh.key, fresh.authenticator);
        }
    }
    guarded(first, [&] {
        if (!began.empty() && parts_.heard) {
            parts_.heard(began);
        }
    });
}

std::string_view AccountingService::makeDurable(const Batch& batch) {
    const Datagram& first = batch.datagrams[batch.fresh.front().index];
    try {
        static_cast<void>(parts_.journal.append(batch.records));
        counters_->batches.add();
        counters_->packets.add(static_cast<double>(batch.records.size()));
        return {};
    } catch (const JournalFull& error) {
        raiseNotAcknowledged(error, kFullAdvice, first);
        return kJournalFull;
    } catch (const JournalError& error) {
        raiseNotAcknowledged(error, kFailedAdvice, first);
        return kJournalFailed;
    }
}

void AccountingService::raiseNotAcknowledged(const JournalError& error, std::string_view advice,
                                             const Datagram& datagram) {
    std::string words = "accounting is not acknowledged, the routers keep it and send it again: ";
    words += error.what();
    words += advice;
    parts_.alarms.raise(std::string(kJournalFailed), std::string(kJournalName), words, datagram.now);
    logFailure(error, datagram);
}

void AccountingService::finish(Batch& batch, const Fresh& fresh, std::vector<std::string>& began) {
    Bytes reply = encodeReply(Code::AccountingResponse, fresh.packet, {}, fresh.nas->secret);
    if (parts_.registry.hear(fresh.event)) {
        began.push_back(parts_.registry.ownerOf(fresh.event.usernameKey));
    }
    cache_.finish(fresh.key, fresh.authenticator, reply);
    counters_->acknowledged.add();
    batch.answers[fresh.index] = std::move(reply);
}

}  // namespace gardu::radius
