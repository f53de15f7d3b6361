#include "radius/working_set_service.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "radius/accounting_store.h"
#include "radius/nas_boot.h"
#include "radius/session_history_store.h"
#include "radius/session_match.h"
#include "radius/usage_store.h"

namespace gardu::radius {

namespace {

constexpr std::size_t kKeysPerStatement = 500;
/// A session goes to the history this long after its end at the earliest, less a margin: the Start of one
/// that began since cannot be in it.
constexpr std::chrono::hours kSurelyLive{5};
/// This month and those before it in which late packets find their sessions.
constexpr int kHistoryMonths = 3;

/// Calls function(piece) with at most kKeysPerStatement of them at a time.
template <class Key, class Function>
void inPieces(const std::vector<Key>& keys, Function&& function) {
    for (std::size_t at = 0; at < keys.size(); at += kKeysPerStatement) {
        const std::size_t end = std::min(at + kKeysPerStatement, keys.size());
        function(std::vector<Key>(keys.begin() + static_cast<std::ptrdiff_t>(at),
                                  keys.begin() + static_cast<std::ptrdiff_t>(end)));
    }
}

template <class Key>
std::vector<Key> listOf(const std::set<Key>& keys) {
    return {keys.begin(), keys.end()};
}

bool isOfSession(const AccountingEvent& event) {
    return event.status == AcctStatus::Start || event.status == AcctStatus::Stop ||
           event.status == AcctStatus::Interim;
}

const AccountingEvent* eventOf(const JournalItem& item) {
    const auto* event = std::get_if<AccountingEvent>(&item.what);
    return event != nullptr && isOfSession(*event) ? event : nullptr;
}

/// Whom a record about a session names, whatever kind it is.
const JournaledSession* namedBy(const JournalItem& item) {
    if (const auto* gone = std::get_if<JournaledGone>(&item.what)) {
        return &gone->session;
    }
    const auto* told = std::get_if<JournaledTold>(&item.what);
    return told == nullptr ? nullptr : &told->session;
}

AcctName nameOf(const AccountingEvent& event) {
    return {event.arrival.nasKey, event.acctSessionId};
}

/// `boots` as they are stored; what earlier items of these tell of them counts for later ones.
std::set<std::string> nasesThatMayEndSessions(std::span<const JournalItem> items,
                                              std::unordered_map<std::string, NasBoot> boots) {
    std::set<std::string> keys;
    for (const JournalItem& item : items) {
        const auto* event = std::get_if<AccountingEvent>(&item.what);
        const auto boot = event == nullptr ? boots.end() : boots.find(event->arrival.nasKey);
        // Of a NAS that was never heard before, nothing is stored.
        if (boot == boots.end()) {
            continue;
        }
        if (SessionBook::mayEndSessions(*event, boot->second)) {
            keys.insert(event->arrival.nasKey);
        }
        event->isOfNas() ? noteServiceChange(boot->second, event->happenedAt)
                         : noteDigit(boot->second, *event);
    }
    return keys;
}

}  // namespace

void WorkingSet::take(std::vector<Session>&& sessions) {
    for (Session& session : sessions) {
        const auto [at, isNew] = found_.try_emplace(session.id, std::move(session));
        if (isNew) {
            foundByName_.emplace(AcctName{at->second.nasKey, at->second.acctSessionId}, &at->second);
        }
    }
}

void WorkingSet::load(std::span<const JournalItem> items, core::Instant now) {
    loadNames(items);
    loadLoginsAndUsers(items);
    loadNases(items);
    loadHistory(items, now);
    foundByName_.clear();
    for (auto& [id, session] : found_) {
        book_.load(std::move(session));
    }
    found_.clear();
}

void WorkingSet::loadNames(std::span<const JournalItem> items) {
    std::set<AcctName> names;
    for (const JournalItem& item : items) {
        if (const AccountingEvent* event = eventOf(item)) {
            names.insert(nameOf(*event));
        } else if (const JournaledSession* session = namedBy(item)) {
            names.insert({session->nasKey, session->acctSessionId});
        }
    }
    inPieces(listOf(names), [&](const auto& piece) { take(lockSessionsByAcctId(tx_, piece)); });
}

bool WorkingSet::isOfOpenSession(const AccountingEvent& event) const {
    std::vector<const Session*> candidates;
    const auto [first, last] = foundByName_.equal_range(nameOf(event));
    std::transform(first, last, std::back_inserter(candidates),
                   [](const auto& named) { return named.second; });
    const Session* session = matchSession(candidates, event);
    return session != nullptr && session->isOpen() && session->loginId == loginIdOf(event);
}

void WorkingSet::loadLoginsAndUsers(std::span<const JournalItem> items) {
    std::set<std::string> logins;
    std::set<std::string> users;
    for (const JournalItem& item : items) {
        if (const AccountingEvent* event = eventOf(item)) {
            // Nearly all packets are of a session that is open under their name: it is no other one then.
            if (event->status != AcctStatus::Start && isOfOpenSession(*event)) {
                continue;
            }
            users.insert(event->usernameKey);
            logins.insert(loginIdOf(*event));
        } else if (const JournaledSession* session = namedBy(item)) {
            logins.insert(session->loginId);
        }
    }
    logins.erase("");
    inPieces(listOf(logins), [&](const auto& piece) { take(lockSessionsByLogin(tx_, piece)); });
    inPieces(listOf(users), [&](const auto& piece) { take(lockOpenSessionsOfUsers(tx_, piece)); });
}

void WorkingSet::loadNases(std::span<const JournalItem> items) {
    std::set<std::string> keys;
    for (const JournalItem& item : items) {
        if (const auto* event = std::get_if<AccountingEvent>(&item.what)) {
            keys.insert(event->arrival.nasKey);
        }
    }
    std::unordered_map<std::string, NasBoot> boots;
    for (NasBoot& boot : findBoots(tx_, listOf(keys))) {
        book_.loadBoot(boot);
        boots.emplace(boot.nasKey, std::move(boot));
    }
    for (const std::string& key : nasesThatMayEndSessions(items, std::move(boots))) {
        take(lockOpenSessionsOfNas(tx_, key));
    }
}

void WorkingSet::loadHistory(std::span<const JournalItem> items, core::Instant now) {
    std::set<AcctName> names;
    for (const JournalItem& item : items) {
        const AccountingEvent* event = eventOf(item);
        const bool mayBeOld =
            event != nullptr && (event->status != AcctStatus::Start || event->happenedAt < now - kSurelyLive);
        if (mayBeOld && !foundByName_.contains(nameOf(*event))) {
            names.insert(nameOf(*event));
        }
    }
    if (names.empty()) {
        return;
    }
    const auto thisMonth = monthOf(now);
    for (const core::Month month : historyMonths(tx_)) {
        if (month > thisMonth || month + std::chrono::months(kHistoryMonths) <= thisMonth) {
            continue;
        }
        inPieces(listOf(names), [&](const auto& piece) {
            for (Session& session : historyByAcctId(tx_, month, piece)) {
                // A row that is live is the true one.
                if (!found_.contains(session.id)) {
                    monthOfId_.emplace(session.id, month);
                    found_.emplace(session.id, std::move(session));
                }
            }
        });
    }
}

void WorkingSet::store() {
    std::map<core::Month, std::vector<std::int64_t>> back;
    std::vector<const Session*> whole;
    std::vector<const Session*> counters;
    for (const Session* session : book_.changedSessions()) {
        const auto month = monthOfId_.find(session->id);
        if (month != monthOfId_.end()) {
            back[month->second].push_back(session->id);
        }
        const bool isWhole = month != monthOfId_.end() || book_.identityChanged(session->id);
        (isWhole ? whole : counters).push_back(session);
    }
    for (const auto& [month, ids] : back) {
        deleteHistory(tx_, month, ids);
    }
    putSessions(tx_, whole);
    putCounters(tx_, counters);
    addUsage(tx_, book_.usage());
    putBoots(tx_, book_.changedBoots());
}

}  // namespace gardu::radius
