#pragma once
// The sessions that a piece of the journal is about: loads them into a SessionBook, and stores what the book
// changed. Lives as long as one transaction; one thread's.

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/calendar.h"
#include "core/db.h"
#include "core/month_table.h"
#include "radius/journal_item_service.h"
#include "radius/session_book.h"
#include "radius/session_store.h"

namespace gardu::radius {

class WorkingSet {
public:
    WorkingSet(core::Tx& tx, SessionBook& book) : tx_(tx), book_(book) {}

    /// What SessionBook asks for: sessions by name, by login and by user, those of NASes that may have begun
    /// anew, the NASes' boots; and from the last three months' history the sessions that late packets name.
    void load(std::span<const JournalItem> items, core::Instant now);
    /// Everything that the book changed. Sessions that come back from the history leave it.
    void store();

private:
    void take(std::vector<Session>&& sessions);
    void loadNames(std::span<const JournalItem> items);
    void loadLoginsAndUsers(std::span<const JournalItem> items);
    void loadNases(std::span<const JournalItem> items);
    void loadHistory(std::span<const JournalItem> items, core::Instant now);
    [[nodiscard]] bool isOfOpenSession(const AccountingEvent& event) const;

    core::Tx& tx_;
    SessionBook& book_;
    /// By id; until all of them go to the book.
    std::map<std::int64_t, Session> found_;
    std::multimap<AcctName, const Session*> foundByName_;
    /// Of those that came from the history.
    std::map<std::int64_t, core::Month> monthOfId_;
};

}  // namespace gardu::radius
