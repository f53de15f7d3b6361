#pragma once
// Sessions newest first, of the tables of open ones and of each month of the history, a page at a time:
// however many there are, a page of each table is all that is in memory. One thread's.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <vector>

#include "core/db.h"
#include "radius/session_history_store.h"
#include "radius/session_store.h"

namespace gardu::app {

class SessionList {
public:
    /// With history where the filter takes closed ones. Throws core::DbError, like all below.
    SessionList(core::Db& db, const radius::SessionFilter& filter);

    /// The next ones; fewer than `most` only at the end.
    [[nodiscard]] std::vector<radius::Session> next(std::size_t most);
    /// How many are left, counted up to `most`; they are gone from the list then.
    [[nodiscard]] std::size_t countRest(std::size_t most);

private:
    struct Source {
        /// None: the tables of the open ones.
        std::optional<core::Month> month;
        std::deque<radius::Session> page;
        std::int64_t beforeId = std::numeric_limits<std::int64_t>::max();
        bool isRead = false;
    };

    void fill(Source& source);
    /// Null at the end.
    [[nodiscard]] Source* newest();

    core::Db& db_;
    radius::SessionFilter filter_;
    std::vector<Source> sources_;
    std::int64_t beforeId_ = std::numeric_limits<std::int64_t>::max();
};

/// Wherever it is.
[[nodiscard]] std::optional<radius::Session> findSessionAnywhere(core::Db& db, std::int64_t id);

/// Who had one of these networks at that time, newest first.
[[nodiscard]] std::vector<radius::Session> sessionsOfAddress(core::Db& db,
                                                             const std::vector<std::string>& networks,
                                                             core::Instant at);

}  // namespace gardu::app
