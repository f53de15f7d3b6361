#include "app/session_list.h"

#include <algorithm>

namespace gardu::app {

namespace {

constexpr int kPage = 500;

}  // namespace

SessionList::SessionList(core::Db& db, const radius::SessionFilter& filter) : db_(db), filter_(filter) {
    sources_.emplace_back();
    if (filter.openOnly) {
        return;
    }
    for (const core::Month month : db.read([](core::Tx& tx) { return radius::historyMonths(tx); })) {
        sources_.emplace_back().month = month;
    }
}

void SessionList::fill(Source& source) {
    if (!source.page.empty() || source.isRead) {
        return;
    }
    const radius::SessionPage wanted{filter_, source.beforeId, kPage};
    const auto page = db_.read([&](core::Tx& tx) {
        return source.month ? radius::listHistory(tx, *source.month, wanted)
                            : radius::listSessions(tx, filter_, source.beforeId, kPage);
    });
    source.isRead = page.size() < static_cast<std::size_t>(kPage);
    if (!page.empty()) {
        source.beforeId = page.back().id;
    }
    source.page.assign(page.begin(), page.end());
}

SessionList::Source* SessionList::newest() {
    Source* best = nullptr;
    for (Source& source : sources_) {
        fill(source);
        // A session that moved to the history meanwhile was shown already.
        while (!source.page.empty() && source.page.front().id >= beforeId_) {
            source.page.pop_front();
            fill(source);
        }
        if (!source.page.empty() && (best == nullptr || source.page.front().id > best->page.front().id)) {
            best = &source;
        }
    }
    return best;
}

std::vector<radius::Session> SessionList::next(std::size_t most) {
    std::vector<radius::Session> sessions;
    while (sessions.size() < most) {
        Source* source = newest();
        if (source == nullptr) {
            break;
        }
        beforeId_ = source->page.front().id;
        sessions.push_back(std::move(source->page.front()));
        source->page.pop_front();
    }
    return sessions;
}

std::size_t SessionList::countRest(std::size_t most) {
    std::size_t count = 0;
    while (count < most) {
        const std::size_t page = next(std::min<std::size_t>(most - count, kPage)).size();
        if (page == 0) {
            break;
        }
        count += page;
    }
    return count;
}

std::optional<radius::Session> findSessionAnywhere(core::Db& db, std::int64_t id) {
    return db.read([&](core::Tx& tx) {
        auto found = radius::findSession(tx, id);
        if (found) {
            return found;
        }
        for (const core::Month month : radius::historyMonths(tx)) {
            found = radius::findHistory(tx, month, id);
            if (found) {
                break;
            }
        }
        return found;
    });
}

std::vector<radius::Session> sessionsOfAddress(core::Db& db, const std::vector<std::string>& networks,
                                               core::Instant at) {
    return db.read([&](core::Tx& tx) {
        std::vector<radius::Session> sessions = radius::sessionsWithAddress(tx, networks, at);
        for (const core::Month month : radius::historyMonths(tx)) {
            // One that stopped before that month began cannot have had it.
            if (month >= radius::monthOf(at)) {
                const auto more = radius::historyWithAddress(tx, month, networks, at);
                sessions.insert(sessions.end(), more.begin(), more.end());
            }
        }
        std::sort(sessions.begin(), sessions.end(), [](const auto& a, const auto& b) { return a.id > b.id; });
        return sessions;
    });
}

}  // namespace gardu::app
