#include "radius/applier_service.h"

#include <algorithm>
#include <span>

#include "core/check.h"
#include "core/log.h"
#include "core/number_store.h"
#include "radius/accounting_store.h"
#include "radius/journal_item_service.h"
#include "radius/session_housekeeping_service.h"
#include "radius/session_store.h"
#include "radius/working_set_service.h"

namespace gardu::radius {

namespace {

constexpr std::size_t kBatch = 1'000;
constexpr int kLoadPage = 5'000;
/// Session numbers are taken so many at a time; those of a block that the program did not use are never
/// given.
constexpr std::int64_t kNumbers = 10'000;
/// After so many refused records in a row, what was taken before them says nothing about the database.
constexpr int kMostRefusedInARow = 3;
/// Records that are tried, to find one that the database takes.
constexpr std::size_t kWitnesses = 16;

constexpr const char* kAbsurd = "absurd_counters";

using Items = std::span<const JournalItem>;

/// Ends a transaction of which nothing is to stay.
struct OnlyTried {};

}  // namespace

struct ApplierService::State {
    State(const Parts& theParts, Settings theSettings)
        : parts(theParts),
          settings(std::move(theSettings)),
          facts(parts.directory),
          housekeeping(parts.db, parts.registry,
                       {settings.zone, settings.interimSeconds, settings.retentionMonths, settings.hourDays}),
          applied(parts.metrics.counter("gardu_accounting_applied_total",
                                        "Records of the journal that are in the database")),
          setAsideTotal(parts.metrics.counter("gardu_accounting_set_aside_total",
                                              "Records of the journal that could not be applied")),
          invariants(parts.metrics.counter("gardu_invariant_broken_total", "Must stay 0")),
          waiting(parts.metrics.gauge("gardu_journal_waiting", "Records that wait for the database")),
          oldest(parts.metrics.gauge("gardu_journal_oldest_seconds", "Age of the oldest record that waits")),
          open(parts.metrics.gauge("gardu_sessions_open", "Open sessions in memory")) {}

    void loadFromDatabase(std::optional<core::Instant> now);
    void skipPast(std::optional<core::Instant> now);
    void hearJournal();
    [[nodiscard]] std::vector<JournalItem> nextItems(std::size_t most);
    void ensureNumbers(std::size_t count);
    [[nodiscard]] std::int64_t takeNumber();

    // False: another one has written the high-water mark since; it was read anew, and so has to be the
    // journal.
    [[nodiscard]] bool apply(Items items, core::Instant now);
    [[nodiscard]] bool applyTogether(Items items, core::Instant now);
    [[nodiscard]] bool applyApart(Items items, core::Instant now);
    [[nodiscard]] bool applyAgain(Items item, core::Instant now);
    [[nodiscard]] bool isTaken(Items item, core::Instant now);
    [[nodiscard]] bool isAnotherTaken(const JournalItem& refused, core::Instant now);
    [[nodiscard]] bool setAside(const JournalItem& item, core::Instant now, const std::exception& error);

    void applyIn(core::Tx& tx, Items items, core::Instant now);
    void applyOne(const JournalItem& item);
    void finish(Items items, core::Instant now);
    void tellOfAbsurd(const QuarantinedPacket& packet, core::Instant now);
    void tellOfSetAside(const QuarantinedPacket& packet, core::Instant now);
    void trim();
    void measure(const std::vector<JournalItem>& items, core::Instant now);

    Parts parts;
    Settings settings;
    EventFactsReader facts;
    SessionHousekeeping housekeeping;
    core::Counter applied;
    core::Counter setAsideTotal;
    core::Counter invariants;
    core::Gauge waiting;
    core::Gauge oldest;
    core::Gauge open;

    bool isLoaded = false;
    /// The last sequence number when the program started.
    std::int64_t lastAtLoad = 0;
    /// The last record that is in the database, and the last one that was trimmed.
    std::int64_t mark = 0;
    std::int64_t trimmed = 0;
    /// Session numbers: the first one that is free, the first one that is not ours, and the first one that
    /// the transaction that runs has not taken.
    std::int64_t nextNumber = 0;
    std::int64_t endOfNumbers = 0;
    std::int64_t takenNumber = 0;
    /// The batch, and whether the database has taken any of it.
    Items batch;
    bool isAnyTaken = false;
    /// Over all batches: records that were set aside since one was taken.
    int refusedInARow = 0;
    /// Of the transaction that runs, or ran last: what it changes, and what it sets aside.
    std::optional<SessionBook> book;
    std::vector<QuarantinedPacket> aside;
};

void ApplierService::State::loadFromDatabase(std::optional<core::Instant> now) {
    const std::string& journalId = parts.journal.id();
    mark = parts.db.read([&](core::Tx& tx) { return highWaterMark(tx, journalId); });
    skipPast(now);
    std::int64_t last = 0;
    for (bool isMore = true; isMore;) {
        const auto page = parts.db.read([&](core::Tx& tx) { return openSessionsAfter(tx, last, kLoadPage); });
        for (const Session& session : page) {
            parts.registry.put(session);
            last = session.id;
        }
        isMore = !page.empty();
    }
    isLoaded = true;
}

/// A journal that was restored from a backup gives numbers again that the database has seen.
void ApplierService::State::skipPast(std::optional<core::Instant> now) {
    if (mark <= parts.journal.status().lastSequence) {
        return;
    }
    core::logWarning("journal_behind_database", {{"database", mark}, {"journal", lastAtLoad}});
    const std::int64_t seen = mark;
    if (now) {
        // Packets may have come in before the database did: they are new, whatever their numbers.
        parts.db.transact([&](core::Tx& tx) { setHighWaterMark(tx, parts.journal.id(), lastAtLoad, *now); });
        mark = lastAtLoad;
    }
    parts.journal.skipTo(seen);
}

void ApplierService::State::hearJournal() {
    std::int64_t after = mark;
    for (bool isMore = true; isMore;) {
        const auto entries = parts.journal.read(after, kBatch);
        for (const JournalEntry& entry : entries) {
            const JournalItem item = decodeEntry(entry);
            if (const auto* event = std::get_if<AccountingEvent>(&item.what)) {
                parts.registry.hear(*event);
            }
            after = entry.sequence;
        }
        isMore = !entries.empty();
    }
}

std::vector<JournalItem> ApplierService::State::nextItems(std::size_t most) {
    std::vector<JournalItem> items;
    const auto entries = parts.journal.read(mark, most);
    items.reserve(entries.size());
    for (const JournalEntry& entry : entries) {
        items.push_back(decodeEntry(entry));
        if (const auto* event = std::get_if<AccountingEvent>(&items.back().what)) {
            items.back().facts = facts.read(*event);
        }
    }
    return items;
}

void ApplierService::State::ensureNumbers(std::size_t count) {
    if (endOfNumbers - nextNumber < static_cast<std::int64_t>(count)) {
        nextNumber =
            parts.db.transact([](core::Tx& tx) { return core::takeNumbers(tx, "session", kNumbers); });
        endOfNumbers = nextNumber + kNumbers;
    }
}

std::int64_t ApplierService::State::takeNumber() {
    core::check(takenNumber < endOfNumbers, "more sessions began than there are packets");
    return takenNumber++;
}

bool ApplierService::State::apply(Items items, core::Instant now) {
    // Not in the transaction: on SQLite it would wait for itself.
    ensureNumbers(items.size());
    try {
        return applyTogether(items, now);
    } catch (const core::TransientDbError&) {
        throw;
    } catch (const core::DbUnusable&) {
        throw;
    } catch (const std::exception&) {
        return applyApart(items, now);
    }
}

bool ApplierService::State::applyTogether(Items items, core::Instant now) {
    const std::int64_t stored = parts.db.transact([&](core::Tx& tx) {
        const std::int64_t locked = lockHighWaterMark(tx, parts.journal.id());
        if (locked == mark) {
            applyIn(tx, items, now);
        }
        return locked;
    });
    if (stored != mark) {
        mark = stored;
        return false;
    }
    finish(items, now);
    return true;
}

void ApplierService::State::applyIn(core::Tx& tx, Items items, core::Instant now) {
    aside.clear();
    // The numbers of a transaction that was rolled back are free.
    takenNumber = nextNumber;
    book.emplace(settings.zone, [this] { return takeNumber(); });
    WorkingSet workingSet(tx, *book);
    workingSet.load(items, now);
    for (const JournalItem& item : items) {
        applyOne(item);
    }
    workingSet.store();
    addQuarantined(tx, aside);
    setHighWaterMark(tx, parts.journal.id(), items.back().sequence, now);
}

void ApplierService::State::applyOne(const JournalItem& item) {
    if (const auto* event = std::get_if<AccountingEvent>(&item.what)) {
        if (book->apply(*event, item.facts) == Applied::AbsurdCounters) {
            aside.push_back(quarantined(item, parts.journal.id(), kAbsurd,
                                        "the counters say more than ten times what the package allows"));
        }
    } else if (const auto* gone = std::get_if<JournaledGone>(&item.what)) {
        const JournaledSession& session = gone->session;
        book->markGone(session.nasKey, session.acctSessionId, session.loginId, gone->askedAt);
    } else if (const auto* told = std::get_if<JournaledTold>(&item.what)) {
        const JournaledSession& session = told->session;
        book->markTold(session.nasKey, session.acctSessionId, session.loginId, told->told);
    } else {
        aside.push_back(
            quarantined(item, parts.journal.id(), "undecodable", std::get<Undecodable>(item.what).why));
    }
}

/// The transaction is in force.
void ApplierService::State::finish(Items items, core::Instant now) {
    mark = items.back().sequence;
    nextNumber = takenNumber;
    refusedInARow = 0;
    isAnyTaken = true;
    // One that says nothing new may have opened it in memory once more: a Start long after its Stop.
    for (const Session* session : book->touchedSessions()) {
        parts.registry.put(*session);
    }
    for (const QuarantinedPacket& packet : aside) {
        packet.reason == kAbsurd ? tellOfAbsurd(packet, now) : tellOfSetAside(packet, now);
    }
    parts.used(book->touchedSubscriptions());
    applied.add(static_cast<double>(items.size()));
}

bool ApplierService::State::applyApart(Items items, core::Instant now) {
    // Throws where the database is out of reach by now.
    const std::int64_t stored =
        parts.db.read([&](core::Tx& tx) { return highWaterMark(tx, parts.journal.id()); });
    if (stored == items.back().sequence) {
        // Its commit was answered by nobody, and is in force.
        finish(items, now);
        return true;
    }
    if (stored != mark) {
        mark = stored;
        return false;
    }
    if (items.size() == 1) {
        return applyAgain(items, now);
    }
    const std::size_t half = items.size() / 2;
    return apply(items.first(half), now) && apply(items.subspan(half), now);
}

/// A statement may be refused once for no reason of its own, such as a KILL QUERY.
bool ApplierService::State::applyAgain(Items item, core::Instant now) {
    try {
        return applyTogether(item, now);
    } catch (const core::TransientDbError&) {
        throw;
    } catch (const core::DbUnusable&) {
        throw;
    } catch (const std::exception& error) {
        return setAside(item.front(), now, error);
    }
}

/// Whether the database would take the record; nothing of it stays.
bool ApplierService::State::isTaken(Items item, core::Instant now) {
    try {
        parts.db.transact([&](core::Tx& tx) {
            applyIn(tx, item, now);
            throw OnlyTried();
        });
    } catch (const OnlyTried&) {
        return true;
    } catch (const core::TransientDbError&) {
        throw;
    } catch (const core::DbUnusable&) {
        throw;
    } catch (const std::exception&) {
        return false;
    }
    return false;
}

/// One of the batch before it, or else one of those after it.
bool ApplierService::State::isAnotherTaken(const JournalItem& refused, core::Instant now) {
    if (isAnyTaken && refusedInARow < kMostRefusedInARow) {
        return true;
    }
    const auto at = static_cast<std::size_t>(&refused - batch.data());
    const Items later = batch.subspan(at + 1);
    const std::size_t tries = std::min(kWitnesses, later.size());
    // From the last one on: what is refused comes together.
    for (std::size_t number = tries; number > 0; --number) {
        if (isTaken(later.subspan(later.size() * number / tries - 1, 1), now)) {
            return true;
        }
    }
    return false;
}

bool ApplierService::State::setAside(const JournalItem& item, core::Instant now,
                                     const std::exception& error) {
    if (!isAnotherTaken(item, now)) {
        throw core::DbError(std::string("the database takes no record of the journal: ") + error.what());
    }
    if (dynamic_cast<const core::InvariantBroken*>(&error) != nullptr) {
        invariants.add();
        core::logError("invariant_broken", {{"where", "applier"}, {"error", error.what()}});
    }
    const QuarantinedPacket packet = quarantined(item, parts.journal.id(), "refused", error.what());
    const std::int64_t stored = parts.db.transact([&](core::Tx& tx) {
        const std::int64_t locked = lockHighWaterMark(tx, packet.journalId);
        if (locked == mark) {
            addQuarantined(tx, {packet});
            setHighWaterMark(tx, packet.journalId, item.sequence, now);
        }
        return locked;
    });
    if (stored != mark) {
        mark = stored;
        return false;
    }
    mark = item.sequence;
    ++refusedInARow;
    tellOfSetAside(packet, now);
    return true;
}

void ApplierService::State::tellOfAbsurd(const QuarantinedPacket& packet, core::Instant now) {
    parts.alarms.raise("accounting_absurd_counters", packet.nasKey,
                       "counters of user " + packet.username +
                           " cannot be true and are left out: see gardu journal status, and the NAS",
                       now);
}

void ApplierService::State::tellOfSetAside(const QuarantinedPacket& packet, core::Instant now) {
    setAsideTotal.add();
    core::logError("accounting_set_aside", {{"sequence", packet.sequence},
                                            {"nas", packet.nasKey},
                                            {"user", packet.username},
                                            {"reason", packet.reason},
                                            {"error", packet.detail}});
    parts.alarms.raise("accounting_set_aside", packet.nasKey.empty() ? "journal" : packet.nasKey,
                       "accounting that could not be applied was set aside: " + packet.detail, now);
}

void ApplierService::State::trim() {
    if (trimmed < mark) {
        parts.journal.trim(mark);
        trimmed = mark;
    }
}

void ApplierService::State::measure(const std::vector<JournalItem>& items, core::Instant now) {
    const JournalStatus status = parts.journal.status();
    waiting.set(static_cast<double>(status.records));
    open.set(static_cast<double>(parts.registry.size()));
    const auto isWaiting = [&](const JournalItem& item) { return item.sequence > mark && item.receivedAt; };
    const auto first = std::find_if(items.begin(), items.end(), isWaiting);
    if (first != items.end()) {
        oldest.set(static_cast<double>(std::chrono::floor<core::Seconds>(now - *first->receivedAt).count()));
    } else if (status.lastSequence <= mark) {
        oldest.set(0);
    }
}

ApplierService::ApplierService(const Parts& parts, Settings settings)
    : state_(std::make_unique<State>(parts, std::move(settings))) {}

ApplierService::~ApplierService() = default;

void ApplierService::load() {
    State& state = *state_;
    state.lastAtLoad = state.parts.journal.status().lastSequence;
    try {
        state.loadFromDatabase(std::nullopt);
    } catch (const core::DbError& error) {
        core::logWarning("sessions_not_loaded", {{"error", error.what()}});
    }
    state.hearJournal();
}

std::size_t ApplierService::applyBatch(core::Instant now) {
    State& state = *state_;
    for (;;) {
        const std::vector<JournalItem> items = state.nextItems(kBatch);
        state.measure(items, now);
        if (!state.isLoaded) {
            state.loadFromDatabase(now);
            continue;
        }
        state.batch = items;
        state.isAnyTaken = false;
        const bool isDone = items.empty() || state.apply(items, now);
        state.trim();
        state.measure(items, now);
        if (isDone) {
            return items.size();
        }
    }
}

void ApplierService::keepHouse(core::Instant now) {
    State& state = *state_;
    if (!state.isLoaded) {
        state.loadFromDatabase(now);
    }
    // Silence counts only as far as all that was heard is in the database.
    core::Instant heardUntil = now;
    for (const JournalItem& item : state.nextItems(1)) {
        heardUntil = std::min(heardUntil, item.receivedAt.value_or(now));
    }
    state.housekeeping.ageSome(heardUntil);
    state.housekeeping.moveClosed(now);
    state.housekeeping.rollUpUsage(now);
    state.housekeeping.dropOld(now);
}

}  // namespace gardu::radius
