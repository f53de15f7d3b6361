#include "tests/radius/session_shelf.h"

#include <cppunit/TestAssert.h>

#include "core/ids.h"

namespace gardu::radius::test {
namespace {

/// What the table of the counters has, with the points as text.
void takeCounters(Session& row, const Session& session) {
    row.lastSeenAt = session.lastSeenAt;
    row.heardAt = session.heardAt;
    row.sessionTime = session.sessionTime;
    row.octets = session.octets;
    row.countedAt = session.countedAt;
    row.intervalSeconds = session.intervalSeconds;
    row.hourStart = session.hourStart;
    row.hourOctets = session.hourOctets;
    const std::string points = formatPoints(session);
    CPPUNIT_ASSERT(points.size() <= 500);
    CPPUNIT_ASSERT_MESSAGE(points, parsePoints(points, row));
}

}  // namespace

SessionShelf::SessionShelf(const core::Zone& zone) : book_(zone, [this] { return ++lastId_; }) {}

std::vector<Applied> SessionShelf::apply(std::span<const AccountingEvent> events, const EventFacts& facts) {
    for (const AccountingEvent& event : events) {
        load(event);
    }
    std::vector<Applied> results;
    for (const AccountingEvent& event : events) {
        results.push_back(book_.apply(event, facts));
    }
    store();
    return results;
}

Applied SessionShelf::apply(const AccountingEvent& event, const EventFacts& facts) {
    return apply(std::span(&event, 1), facts).front();
}

void SessionShelf::age(core::Instant now, const StaleLimits& limits) {
    mark([&](SessionBook& book) { book.age(now, limits); });
}

Octets SessionShelf::usageOf(std::int64_t sessionId) const {
    Octets sum;
    for (const auto& [key, octets] : usage_) {
        if (key.first == sessionId) {
            sum.input += octets.input;
            sum.output += octets.output;
        }
    }
    return sum;
}

void SessionShelf::load(const AccountingEvent& event) {
    const std::string& nasKey = event.arrival.nasKey;
    const auto boot = boots_.find(nasKey);
    const auto known = boot == boots_.end() ? std::nullopt : std::optional(boot->second);
    const bool wantsAll = SessionBook::mayEndSessions(event, known);
    const std::string login = event.loginClass ? core::toText(event.loginClass->login) : "";
    if (known) {
        book_.loadBoot(*known);
    }
    for (const auto& [id, session] : sessions_) {
        const bool isNamed = session.nasKey == nasKey && session.acctSessionId == event.acctSessionId;
        const bool isOfLogin = !login.empty() && session.loginId == login;
        const bool isOpenThere = session.isOpen() && session.nasKey == nasKey &&
                                 (wantsAll || session.usernameKey == event.usernameKey);
        if (isNamed || isOfLogin || isOpenThere) {
            book_.load(session);
        }
    }
}

void SessionShelf::loadAll() {
    for (const auto& [id, session] : sessions_) {
        book_.load(session);
    }
    for (const auto& [key, boot] : boots_) {
        book_.loadBoot(boot);
    }
}

void SessionShelf::store() {
    for (const Session* session : book_.changedSessions()) {
        storeSession(*session);
    }
    for (const NasBoot* boot : book_.changedBoots()) {
        boots_[boot->nasKey] = *boot;
    }
    for (const UsagePart& part : book_.usage()) {
        CPPUNIT_ASSERT(part.octets.input >= 0 && part.octets.output >= 0 && part.octets != Octets{});
        CPPUNIT_ASSERT(!part.subscriptionId.empty());
        Octets& sum = usage_[{part.sessionId, part.hourStart}];
        sum.input += part.octets.input;
        sum.output += part.octets.output;
    }
    book_.forget();
}

void SessionShelf::storeSession(const Session& session) {
    const auto row = sessions_.find(session.id);
    if (row == sessions_.end()) {
        CPPUNIT_ASSERT(book_.identityChanged(session.id));
        sessions_.emplace(session.id, session);
        return;
    }
    if (book_.identityChanged(session.id)) {
        row->second = session;
    }
    takeCounters(row->second, session);
}

}  // namespace gardu::radius::test
