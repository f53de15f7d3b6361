#include "app/enforcer.h"

#include <algorithm>

#include "core/log.h"
#include "radius/wire.h"

namespace gardu::app {

namespace {

using State = EnforcerCase::State;

constexpr std::chrono::seconds kShowPause{1};
constexpr std::chrono::seconds kSavePause{1};
constexpr std::size_t kMostUnsaved = 10'000;

}  // namespace

const radius::LiveSession* Enforcer::View::find(const EnforcerCase& of) const {
    const auto found = std::find_if(sessions.begin(), sessions.end(), [&](const radius::LiveSession& each) {
        return each.nasKey == of.nasKey && each.acctSessionId == of.acctSessionId && of.isOf(each);
    });
    return found == sessions.end() ? nullptr : &*found;
}

bool Enforcer::View::isOverLimit(const radius::LiveSession& session) const {
    return std::any_of(overLimit.begin(), overLimit.end(), [&](const radius::LiveSession& each) {
        return each.nasKey == session.nasKey && each.acctSessionId == session.acctSessionId;
    });
}

Enforcer::Enforcer(const Parts& parts, Settings settings)
    : parts_(parts),
      settings_(std::move(settings)),
      pending_(parts.metrics.gauge("gardu_enforcement_pending",
                                   "Sessions that are not as their subscription says yet")),
      users_(parts.registry,
             [this](const std::string& after, std::size_t most) { return cases_.usersAfter(after, most); }),
      lanes_(settings_.perNasPerSecond) {}

void Enforcer::wake(const std::vector<std::string>& usernameKeys) {
    users_.wake(usernameKeys);
    client_.wake();
}

void Enforcer::wakeAll() {
    users_.wakeAll();
    client_.wake();
}

void Enforcer::turn(const Moment& now, std::chrono::milliseconds most) {
    noteClock(now);
    noteStepAtStart(now.wall);
    notePause();
    table_ = parts_.nasTable.read([](const auto& current) { return current; });
    for (const radius::DynauthAnswer& answer : std::exchange(answers_, {})) {
        take(answer, now);
    }
    takeRequests(now);
    for (const std::string& usernameKey : users_.take(now)) {
        check(usernameKey, now);
    }
    requeueDue(now.monotonic);
    sendAll(now);
    flushJournal(now);
    show(now);
    answers_ = client_.poll(std::min(most, untilNext(now)));
}

void Enforcer::noteClock(const Moment& now) {
    if (last_) {
        const auto stepped = std::chrono::duration_cast<std::chrono::seconds>(
            (now.wall - last_->wall) - (now.monotonic - last_->monotonic));
        if (std::chrono::abs(stepped) > kClockStep) {
            parts_.records.pause(now.wall);
            parts_.alarms.raise("clock_stepped", "clock",
                                "this machine's clock jumped by " + std::to_string(stepped.count()) +
                                    " s: nobody is disconnected for the end of access until you have looked "
                                    "at it and said gardu enforce resume",
                                now.wall);
        }
    }
    last_ = now;
}

void Enforcer::noteStepAtStart(core::Instant now) {
    if (const auto stepped = parts_.records.takeClockStep()) {
        parts_.alarms.raise(
            "clock_stepped", "clock",
            "this machine's clock was " + std::to_string(stepped->count()) +
                " s away from where it was when gardu stopped: nobody is disconnected for the "
                "end of access until you have looked at it and said gardu enforce resume",
            now);
    }
}

void Enforcer::notePause() {
    const bool was = std::exchange(paused_, parts_.records.isPaused());
    if (was && !paused_) {
        for (const std::uint64_t number : cases_.inState(State::Parked)) {
            enqueue(*cases_.find(number));
        }
    }
}

std::chrono::milliseconds Enforcer::untilNext(const Moment& now) {
    std::chrono::milliseconds wait = users_.untilNext(now);
    auto at = lanes_.nextChance().value_or(NasLane::TimePoint::max());
    if (!retries_.empty()) {
        at = std::min(at, retries_.begin()->first);
    }
    if (at <= now.monotonic) {
        return std::chrono::milliseconds(0);
    }
    return at == NasLane::TimePoint::max()
               ? wait
               : std::min(wait, std::chrono::ceil<std::chrono::milliseconds>(at - now.monotonic));
}

void Enforcer::show(const Moment& now) {
    pending_.set(static_cast<double>(cases_.size()));
    if (now.monotonic - shownAt_ >= kShowPause) {
        shownAt_ = now.monotonic;
        parts_.records.setPending(cases_.pending(now.wall, EnforcerRecords::kMostPending));
    }
}

void Enforcer::flushJournal(const Moment& now) {
    if (unsaved_.empty() || now.monotonic < saveAt_) {
        return;
    }
    try {
        static_cast<void>(parts_.journal.append(unsaved_));
        unsaved_.clear();
    } catch (const radius::JournalError& error) {
        // Whoever takes packets raises the alarm. What is lost here is found out again: a session is told
        // twice, or ends by its silence.
        core::logWarning("enforcer_journal_failed", {{"error", error.what()}, {"records", unsaved_.size()}});
        saveAt_ = now.monotonic + kSavePause;
        if (unsaved_.size() > kMostUnsaved) {
            unsaved_.erase(unsaved_.begin(), unsaved_.end() - static_cast<std::ptrdiff_t>(kMostUnsaved));
        }
    }
}

Enforcer::View Enforcer::look(const std::string& usernameKey, core::Instant now) {
    View view;
    view.sessions = parts_.registry.sessionsOf(usernameKey);
    if (view.sessions.empty()) {
        return view;
    }
    if (const auto hit = parts_.directory.find(usernameKey)) {
        view.entitlement = billing::entitlement(hit->facts, now);
        users_.noteChangeAt(view.entitlement->changesAt.value_or(now), now, usernameKey);
    }
    if (view.entitlement && view.entitlement->simultaneousUse) {
        view.overLimit = radius::beyondLimit(view.sessions, *view.entitlement->simultaneousUse);
    }
    return view;
}

radius::EnforcementStep Enforcer::planOf(const View& view, const radius::LiveSession& session,
                                         const EnforcerCase* found, core::Instant now) const {
    const radius::EnforcementDemands demands{found != nullptr && !found->requests.empty(),
                                             view.isOverLimit(session), session.octets};
    std::optional<radius::Told> told = session.told;
    if (told && found != nullptr && view.entitlement) {
        told = withDoubt(*told, found->doubt, radius::toldOf(*view.entitlement));
    }
    radius::EnforcementStep step = radius::planEnforcement(told, view.entitlement, demands, now);
    if (const auto* coa = std::get_if<radius::CoaStep>(&step); coa != nullptr && !told) {
        // In doubt it is told again.
        const bool isSure = found == nullptr || (!found->doubt.rate && !found->doubt.until);
        return cases_.isAdopted(session, coa->told) && isSure ? radius::NoStep{} : step;
    }
    return step;
}

void Enforcer::check(const std::string& usernameKey, const Moment& now) {
    const View view = look(usernameKey, now.wall);
    for (const std::uint64_t number : cases_.without(usernameKey, view.sessions)) {
        drop(number, "gone", "the session has ended");
    }
    cases_.keepAdopted(usernameKey, view.sessions);
    for (const radius::LiveSession& session : view.sessions) {
        settle(view, session, now);
    }
}

void Enforcer::settle(const View& view, const radius::LiveSession& session, const Moment& now) {
    EnforcerCase* found = cases_.find(session);
    if (found != nullptr && !found->isOf(session)) {
        drop(found->number, "gone", "the session has ended");
        found = nullptr;
    }
    const auto wish = wishOf(planOf(view, session, found, now.wall), found);
    if (!wish) {
        if (found != nullptr && found->state != State::Sent) {
            drop(found->number, "gone", "nothing is to be done any more");
        }
        return;
    }
    if (found == nullptr) {
        EnforcerCase& opened = cases_.open(session, now.wall);
        opened.wish = *wish;
        enqueue(opened);
        return;
    }
    found->sessionId = session.id;
    found->loginId = session.loginId;
    found->source = session.source;
    reconsider(*found, *wish, session);
}

void Enforcer::reconsider(EnforcerCase& found, const EnforcerWish& wish, const radius::LiveSession& session) {
    switch (found.state) {
        case State::Sent:
            return;
        case State::Queued:
            found.wish = wish;
            return;
        case State::AwaitingStop:
            if (session.heardAt <= found.acknowledgedAt + EnforcerCases::kStopGrace) {
                return;
            }
            break;
        case State::Parked:
            found.wish = wish;
            if (paused_ && isCut(wish)) {
                return;
            }
            break;
        case State::BackedOff:
        case State::GivenUp:
            if (wish == found.wish) {
                return;
            }
            found.refusals = 0;
            break;
    }
    found.wish = wish;
    enqueue(found);
}

void Enforcer::takeRequests(const Moment& now) {
    for (const radius::DisconnectRequest& request : parts_.records.takeRequests()) {
        takeRequest(request, now);
    }
}

void Enforcer::takeRequest(const radius::DisconnectRequest& request, const Moment& now) {
    if (!request.usernameKey) {
        parts_.records.finish(request.id, "not_found", "there is no such session");
        return;
    }
    const View view = look(parts_.registry.ownerOf(*request.usernameKey), now.wall);
    const auto session =
        std::find_if(view.sessions.begin(), view.sessions.end(),
                     [&](const radius::LiveSession& each) { return each.id == request.sessionId; });
    if (session == view.sessions.end()) {
        parts_.records.finish(request.id, "not_open", "the session is not open");
        return;
    }
    EnforcerCase* found = cases_.find(*session);
    const bool isEnding = found != nullptr && found->state == State::AwaitingStop &&
                          session->heardAt <= found->acknowledgedAt + EnforcerCases::kStopGrace;
    if (isEnding) {
        parts_.records.finish(request.id, "ack", "it has been disconnected already");
        return;
    }
    if (found == nullptr) {
        found = &cases_.open(*session, now.wall);
        found->requests.push_back(request.id);
        enqueue(*found, QueuePlace::First);
    } else {
        found->requests.push_back(request.id);
    }
    settle(view, *session, now);
}

void Enforcer::enqueue(EnforcerCase& found, QueuePlace place) {
    found.state = State::Queued;
    found.nextAttemptAt.reset();
    NasLanes::Lane& lane = lanes_.of(found.source);
    lane.nasKey = found.nasKey;
    // Whoever waits in front of a screen goes first. A silent NAS is better asked about another session than
    // about one that it ignored before.
    const bool isUrgent = !found.requests.empty() || (found.attempts == 0 && lane.health.isSilent());
    if (place == QueuePlace::First || (place == QueuePlace::Usual && isUrgent)) {
        lane.queue.push_front(found.number);
    } else {
        lane.queue.push_back(found.number);
    }
}

void Enforcer::requeueDue(NasLane::TimePoint now) {
    while (!retries_.empty() && retries_.begin()->first <= now) {
        EnforcerCase* found = cases_.find(retries_.begin()->second);
        retries_.erase(retries_.begin());
        // One that went another way meanwhile has a later time of its own, or none.
        if (found != nullptr && found->state == State::BackedOff) {
            enqueue(*found);
        }
    }
}

void Enforcer::backOff(EnforcerCase& found, const std::string& words, const Moment& now) {
    const auto pause = refusalPause(++found.refusals);
    found.state = State::BackedOff;
    found.lastResult = words;
    found.nextAttemptAt = now.wall + pause;
    retries_.emplace(now.monotonic + pause, found.number);
}

void Enforcer::finishRequests(EnforcerCase& found, const std::string& status, const std::string& words) {
    for (const std::int64_t request : std::exchange(found.requests, {})) {
        parts_.records.finish(request, status, words);
    }
}

void Enforcer::drop(std::uint64_t number, const std::string& status, const std::string& words) {
    finishRequests(*cases_.find(number), status, words);
    cases_.erase(number);
}

}  // namespace gardu::app
