#pragma once
// The tables of sessions as a test's own values: loads into a SessionBook no more than its header asks for,
// and stores no more than it says has changed.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "radius/session_book.h"

namespace gardu::radius::test {

class SessionShelf {
public:
    explicit SessionShelf(const core::Zone& zone);

    /// One batch: load, apply, store, forget. What each came to.
    std::vector<Applied> apply(std::span<const AccountingEvent> events, const EventFacts& facts);
    /// One event.
    Applied apply(const AccountingEvent& event, const EventFacts& facts = {});
    /// All open ones, and every NAS's boot.
    void age(core::Instant now, const StaleLimits& limits = {});
    /// `mark(book)` with all sessions loaded.
    template <class Mark>
    void mark(const Mark& mark) {
        loadAll();
        mark(book_);
        store();
    }

    [[nodiscard]] const std::map<std::int64_t, Session>& sessions() const { return sessions_; }
    [[nodiscard]] const std::map<std::string, NasBoot>& boots() const { return boots_; }
    /// By session and hour.
    using Usage = std::map<std::pair<std::int64_t, core::Instant>, Octets>;
    [[nodiscard]] const Usage& usage() const { return usage_; }
    [[nodiscard]] Octets usageOf(std::int64_t sessionId) const;

private:
    void load(const AccountingEvent& event);
    void loadAll();
    void store();
    void storeSession(const Session& session);

    std::map<std::int64_t, Session> sessions_;
    std::map<std::string, NasBoot> boots_;
    Usage usage_;
    std::int64_t lastId_ = 0;
    SessionBook book_;
};

}  // namespace gardu::radius::test
