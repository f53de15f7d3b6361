#include "radius/session_housekeeping_service.h"

#include <algorithm>
#include <map>

#include "core/check.h"
#include "core/log.h"
#include "radius/accounting_store.h"
#include "radius/enforcement_store.h"
#include "radius/session_history_store.h"
#include "radius/session_store.h"
#include "radius/usage_store.h"

namespace gardu::radius {

namespace {

constexpr int kLeastPage = 1'000;
constexpr int kMostPage = 20'000;
constexpr std::size_t kAgedPerTransaction = 500;
constexpr int kMovedPerCall = 1'000;
constexpr std::size_t kMovedPerTransaction = 500;
constexpr int kHoursPerCall = 1'000;
constexpr std::chrono::minutes kRollUpPause{1};
constexpr std::chrono::hours kDropPause{24};
/// After a start: time to find out that the clock has jumped.
constexpr std::chrono::hours kFirstDropAfter{1};
/// Packets that were set aside; more are of no use to anybody.
constexpr std::int64_t kMostQuarantined = 100'000;

std::vector<std::string> nasKeysOf(const std::vector<Session>& sessions) {
    std::set<std::string> keys;
    for (const Session& session : sessions) {
        keys.insert(session.nasKey);
    }
    return {keys.begin(), keys.end()};
}

std::vector<std::int64_t> idsOf(const std::vector<Session>& sessions) {
    std::vector<std::int64_t> ids;
    ids.reserve(sessions.size());
    for (const Session& session : sessions) {
        ids.push_back(session.id);
    }
    return ids;
}

void loadInto(SessionBook& book, core::Tx& tx, std::vector<Session> sessions) {
    for (NasBoot& boot : findBoots(tx, nasKeysOf(sessions))) {
        book.loadBoot(std::move(boot));
    }
    for (Session& session : sessions) {
        book.load(std::move(session));
    }
}

bool isClosedBefore(const Session& session, core::Instant before) {
    return !session.isOpen() && session.stoppedAt && *session.stoppedAt < before;
}

/// Calls function(piece) with at most `most` of the ids at a time.
template <class Function>
void inPieces(const std::vector<std::int64_t>& ids, std::size_t most, Function&& function) {
    for (std::size_t at = 0; at < ids.size(); at += most) {
        const std::size_t end = std::min(at + most, ids.size());
        function(std::vector<std::int64_t>(ids.begin() + static_cast<std::ptrdiff_t>(at),
                                           ids.begin() + static_cast<std::ptrdiff_t>(end)));
    }
}

}  // namespace

SessionHousekeeping::SessionHousekeeping(core::Db& db, SessionRegistry& registry, Settings settings)
    : db_(db), registry_(registry), settings_(std::move(settings)) {}

SessionBook SessionHousekeeping::makeBook() const {
    return {settings_.zone, []() -> std::int64_t {
                core::check(false, "a session began while sessions were aged");
                return 0;
            }};
}

void SessionHousekeeping::ageSome(core::Instant heardUntil) {
    if (page_ == 0) {
        const auto open = static_cast<int>(std::min<std::int64_t>(db_.read(countOpenSessions), 1'000'000));
        page_ = std::clamp(open / kRoundCalls + 1, kLeastPage, kMostPage);
    }
    SessionBook book = makeBook();
    const std::vector<std::int64_t> page = db_.read([&](core::Tx& tx) {
        std::vector<Session> sessions = openSessionsAfter(tx, agedTo_, page_);
        std::vector<std::int64_t> ids = idsOf(sessions);
        loadInto(book, tx, std::move(sessions));
        return ids;
    });
    book.age(heardUntil, {settings_.interimSeconds});
    std::vector<std::int64_t> changed;
    for (const Session* session : book.changedSessions()) {
        changed.push_back(session->id);
    }
    storeAged(heardUntil, changed);
    const bool isRoundOver = static_cast<int>(page.size()) < page_;
    agedTo_ = isRoundOver ? 0 : page.back();
    page_ = isRoundOver ? 0 : page_;
}

void SessionHousekeeping::storeAged(core::Instant heardUntil, const std::vector<std::int64_t>& ids) {
    inPieces(ids, kAgedPerTransaction, [&](const std::vector<std::int64_t>& piece) {
        std::optional<SessionBook> book;
        db_.transact([&](core::Tx& tx) {
            // Once more, on rows that nobody changes now.
            book.emplace(makeBook());
            loadInto(*book, tx, lockSessions(tx, piece));
            book->age(heardUntil, {settings_.interimSeconds});
            putSessions(tx, book->changedSessions());
            addUsage(tx, book->usage());
            putBoots(tx, book->changedBoots());
        });
        for (const Session* session : book->changedSessions()) {
            registry_.put(*session);
        }
    });
}

void SessionHousekeeping::makeMonths(const std::vector<Session>& sessions) {
    for (const Session& session : sessions) {
        const core::Month month = monthOf(*session.stoppedAt);
        if (!months_.contains(month)) {
            // In a transaction of its own: MariaDB commits at it.
            db_.transact([&](core::Tx& tx) { makeHistoryMonth(tx, month); });
            months_.insert(month);
        }
    }
}

void SessionHousekeeping::moveClosed(core::Instant now) {
    const core::Instant before = now - kLiveAfterEnd;
    const std::vector<Session> closed =
        db_.read([&](core::Tx& tx) { return closedSessionsBefore(tx, before, kMovedPerCall); });
    makeMonths(closed);
    inPieces(idsOf(closed), kMovedPerTransaction, [&](const std::vector<std::int64_t>& piece) {
        db_.transact([&](core::Tx& tx) {
            std::map<core::Month, std::vector<Session>> byMonth;
            for (Session& session : lockSessions(tx, piece)) {
                if (isClosedBefore(session, before) && months_.contains(monthOf(*session.stoppedAt))) {
                    byMonth[monthOf(*session.stoppedAt)].push_back(std::move(session));
                }
            }
            for (auto& [month, sessions] : byMonth) {
                moveTo(tx, month, sessions);
            }
        });
    });
}

void SessionHousekeeping::moveTo(core::Tx& tx, core::Month month,
                                 const std::vector<Session>& sessions) const {
    std::vector<UsagePart> usage;
    std::vector<Session> rows = sessions;
    for (Session& session : rows) {
        // The history holds no usage that a sum would have to look for.
        if (session.hourOctets != Octets{}) {
            usage.push_back({session.subscriptionId, session.id, session.hourStart, session.hourOctets});
            session.hourOctets = {};
        }
    }
    addUsage(tx, usage);
    putHistory(tx, month, rows);
    deleteSessions(tx, idsOf(rows));
}

void SessionHousekeeping::rollUpUsage(core::Instant now) {
    if (rolledUpAt_ && now - *rolledUpAt_ < kRollUpPause) {
        return;
    }
    const core::Date first = core::addDays(settings_.zone.localDate(now), -settings_.hourDays);
    const core::Instant before = settings_.zone.startOfDay(first);
    const bool isMore =
        db_.transact([&](core::Tx& tx) { return rollUpHours(tx, settings_.zone, before, kHoursPerCall); });
    if (!isMore) {
        rolledUpAt_ = now;
    }
}

void SessionHousekeeping::dropOld(core::Instant now) {
    if (!droppedAt_) {
        droppedAt_ = now - kDropPause + kFirstDropAfter;
    }
    if (now - *droppedAt_ < kDropPause) {
        return;
    }
    // While nobody has looked at a clock that jumped, it decides over no history; and it never takes more
    // than a month a day.
    const auto [months, isClockInDoubt] = db_.read(
        [](core::Tx& tx) { return std::pair(historyMonths(tx), cuttingPausedSince(tx).has_value()); });
    const core::Month oldest = monthOf(now) - std::chrono::months(settings_.retentionMonths);
    if (!isClockInDoubt && !months.empty() && months.back() < oldest) {
        const core::Month month = months.back();
        db_.transact([&](core::Tx& tx) { dropHistoryMonth(tx, month); });
        months_.erase(month);
        core::logInfo("session_history_dropped", {{"month", core::formatMonth(month)}});
    }
    db_.transact([](core::Tx& tx) { pruneQuarantined(tx, kMostQuarantined); });
    droppedAt_ = now;
}

}  // namespace gardu::radius
