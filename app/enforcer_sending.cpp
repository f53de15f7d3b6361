// The Enforcer's requests on their way to the NASes, and what came of them.
#include <algorithm>

#include "app/enforcer.h"
#include "radius/journal_record.h"
#include "radius/wire.h"

namespace gardu::app {

namespace {

using State = EnforcerCase::State;
using Outcome = radius::DynauthAnswer::Outcome;

/// Cases of one turn that are looked at on their way; sessions that ended meanwhile cost no time of a NAS.
constexpr std::size_t kMostLooks = 1'000;
/// Residual Session Context Removed: the session was gone already.
constexpr std::uint32_t kResidualContext = 201;
constexpr std::uint32_t kUnsupportedExtension = 406;

std::string wordsOf(const radius::DynauthAnswer& answer) {
    switch (answer.outcome) {
        case Outcome::Ack:
            return "acknowledged";
        case Outcome::Nak:
            return answer.errorCause ? radius::errorCauseInWords(*answer.errorCause)
                                     : "refused without an Error-Cause";
        case Outcome::Timeout:
            return answer.wrongAuthenticator ? "answered with a wrong authenticator: the secrets differ"
                                             : "no answer";
        case Outcome::Failed:
            return "cannot be sent: " + answer.error;
    }
    return "";
}

/// The NAS says that it does not have the session. One that knows no CoA at all says 406 too; then the
/// session is heard again after it was denied.
bool isDenial(const EnforcerCase& found, const EnforcerWish& wish, const radius::DynauthAnswer& answer) {
    if (!answer.errorCause) {
        return false;
    }
    const bool isCoa = wish.action == EnforcerAction::Coa;
    if (answer.outcome == Outcome::Ack) {
        return !isCoa && *answer.errorCause == kResidualContext;
    }
    const bool isDoubtful = found.cameBack && isCoa && *answer.errorCause == kUnsupportedExtension;
    return answer.outcome == Outcome::Nak && radius::meansGone(*answer.errorCause) && !isDoubtful;
}

radius::JournaledSession journaled(const EnforcerCase& found) {
    return {found.nasKey, found.acctSessionId, found.loginId};
}

}  // namespace

void Enforcer::sendAll(const Moment& now) {
    std::size_t looks = 0;
    for (auto& [source, lane] : lanes_.all()) {
        if (lane.queue.empty()) {
            continue;
        }
        if (const auto heardAt = parts_.registry.nasHeardAt(lane.nasKey)) {
            lane.health.noteHeard(*heardAt);
        }
        while (!lane.queue.empty() && lane.health.maySend(now.monotonic) && ++looks < kMostLooks) {
            sendNext(source, lane, now);
        }
    }
}

/// Looked at once more: since it was queued, its plan may have changed, or the session may have ended.
void Enforcer::sendNext(const core::IpAddress& source, NasLanes::Lane& lane, const Moment& now) {
    const std::uint64_t number = lane.queue.front();
    lane.queue.pop_front();
    const EnforcerCase* queued = cases_.find(number);
    if (queued == nullptr || queued->state != State::Queued) {
        return;
    }
    const View view = look(queued->usernameKey, now.wall);
    const radius::LiveSession* session = view.find(*queued);
    if (session == nullptr) {
        drop(number, "gone", "the session has ended");
        return;
    }
    settle(view, *session, now);
    EnforcerCase* found = cases_.find(number);
    if (found == nullptr) {
        return;
    }
    if (found->source != source) {
        enqueue(*found);
        return;
    }
    if (paused_ && isCut(found->wish)) {
        found->state = State::Parked;
        found->lastResult = "waits, since the clock stepped: gardu enforce resume";
        return;
    }
    send(*found, view, *session, now);
}

void Enforcer::send(EnforcerCase& found, const View& view, const radius::LiveSession& session,
                    const Moment& now) {
    const radius::NasEntry* nas = table_ ? table_->find(session.source) : nullptr;
    if (nas == nullptr) {
        drop(found.number, "failed", "no NAS has the address that the session came from any more");
        return;
    }
    found.nasName = nas->nas.name;
    const bool isCoa = found.wish.action == EnforcerAction::Coa;
    radius::DynauthRequest request{isCoa ? radius::Code::CoaRequest : radius::Code::DisconnectRequest,
                                   session.source,
                                   static_cast<std::uint16_t>(nas->nas.coaPort),
                                   &nas->secret,
                                   radius::sessionIdentity(session),
                                   now.wall};
    const radius::EnforcementStep step = planOf(view, session, &found, now.wall);
    if (const auto* coa = std::get_if<radius::CoaStep>(&step); isCoa && coa != nullptr) {
        request.attributes.insert(request.attributes.end(), coa->attributes.begin(), coa->attributes.end());
    }
    try {
        const auto ticket = client_.start(request, now.monotonic);
        if (!ticket) {
            enqueue(found);
            return;
        }
        sent_[*ticket] = {found.number, found.wish,       now,   session.source, nas->nas.name,
                          session.id,   session.username, table_};
    } catch (const radius::WireError& error) {
        backOff(found, error.what(), now);
        return;
    }
    found.state = State::Sent;
    ++found.attempts;
    lanes_.of(session.source).health.noteSent(now.monotonic);
}

void Enforcer::take(const radius::DynauthAnswer& answer, const Moment& now) {
    const auto node = sent_.extract(answer.ticket);
    if (node.empty()) {
        return;
    }
    const Sent& sent = node.mapped();
    const std::string words = wordsOf(answer);
    noteLane(sent, answer, now);
    record(sent, answer, words);
    EnforcerCase* found = cases_.find(sent.number);
    if (found == nullptr) {
        return;
    }
    const std::string usernameKey = found->usernameKey;
    if (isDenial(*found, sent.wish, answer)) {
        denied(*found, sent, words, now);
    } else if (answer.outcome == Outcome::Ack) {
        acknowledged(*found, sent, now);
    } else if (answer.outcome == Outcome::Nak) {
        refused(*found, sent, words, now);
    } else {
        unanswered(*found, sent, words, now);
    }
    check(usernameKey, now);
}

void Enforcer::noteLane(const Sent& sent, const radius::DynauthAnswer& answer, const Moment& now) {
    NasLanes::Lane& lane = lanes_.of(sent.source);
    if (answer.outcome == Outcome::Ack || answer.outcome == Outcome::Nak) {
        lane.health.noteAnswered(now.monotonic);
        return;
    }
    lane.health.noteTimeout(sent.at, now, parts_.registry.nasHeardAt(lane.nasKey));
    if (answer.wrongAuthenticator) {
        parts_.alarms.raise("coa_wrong_secret", sent.nasName,
                            "it answers CoA and Disconnect with another secret: set the same one on the "
                            "router (/radius set secret=) and here (gardu nas update --secret)",
                            now.wall);
    } else if (lane.health.ignoresUs()) {
        parts_.alarms.raise("coa_unanswered", sent.nasName,
                            "it works, but does not answer CoA and Disconnect: /radius incoming set "
                            "accept=yes; gardu nas test tells more",
                            now.wall);
    }
}

void Enforcer::record(const Sent& sent, const radius::DynauthAnswer& answer, const std::string& words) {
    const std::string action(name(sent.wish.action));
    const std::string outcome(radius::name(answer.outcome));
    parts_.metrics
        .counter("gardu_dynauth_total", "CoA and Disconnect that ended, by outcome",
                 {{"action", action}, {"outcome", outcome}})
        .add();
    radius::DynauthRow row;
    row.at = sent.at.wall;
    row.sessionId = sent.sessionId;
    row.username = sent.username;
    row.nas = sent.nasName;
    row.action = action;
    row.reason = std::string(sent.wish.reason);
    row.outcome = outcome;
    row.errorCause = answer.errorCause;
    row.words = words;
    row.sent = answer.sent;
    row.tookMs = answer.took.count();
    parts_.records.addRow(std::move(row));
}

std::optional<radius::LiveSession> Enforcer::sessionOf(const EnforcerCase& found) const {
    View view;
    view.sessions = parts_.registry.sessionsOf(found.usernameKey);
    const radius::LiveSession* session = view.find(found);
    return session != nullptr ? std::optional(*session) : std::nullopt;
}

void Enforcer::acknowledged(EnforcerCase& found, const Sent& sent, const Moment& now) {
    found.refusals = 0;
    found.lastResult = "acknowledged";
    if (sent.wish.action == EnforcerAction::Disconnect) {
        found.state = State::AwaitingStop;
        found.acknowledgedAt = now.wall;
        finishRequests(found, "ack", "the NAS has ended the session");
        return;
    }
    found.doubt = {};
    if (sent.wish.reason == radius::kAdopted) {
        cases_.noteAdopted(found, sent.wish.told);
    } else if (const auto session = sessionOf(found)) {
        parts_.registry.setTold(*session, sent.wish.told);
        unsaved_.push_back(radius::encodeRecord(radius::JournaledTold{journaled(found), sent.wish.told}));
    }
    // Whatever is still to be done is another wish now.
    found.state = State::GivenUp;
    found.wish = {};
}

/// One that was heard since it was asked about is there, whatever the NAS says.
void Enforcer::denied(EnforcerCase& found, const Sent& sent, const std::string& words, const Moment& now) {
    const auto session = sessionOf(found);
    if (session && session->heardAt > sent.at.wall) {
        backOff(found, words, now);
    } else {
        gone(found, sent, words);
    }
}

void Enforcer::gone(EnforcerCase& found, const Sent& sent, const std::string& words) {
    unsaved_.push_back(radius::encodeRecord(radius::JournaledGone{journaled(found), sent.at.wall}));
    if (const auto session = sessionOf(found)) {
        parts_.registry.erase(*session);
    }
    cases_.noteDenied(found);
    drop(found.number, "gone", "the NAS does not have the session: " + words);
}

void Enforcer::refused(EnforcerCase& found, const Sent& sent, const std::string& words, const Moment& now) {
    if (sent.wish.action == EnforcerAction::Coa) {
        // The look that follows makes a Disconnect of it, where that may be.
        found.refusedTold = sent.wish.told;
        found.state = State::GivenUp;
        found.lastResult = words;
        return;
    }
    finishRequests(found, "nak", "the NAS refuses: " + words);
    backOff(found, words, now);
}

void Enforcer::unanswered(EnforcerCase& found, const Sent& sent, const std::string& words,
                          const Moment& now) {
    const bool isDisconnect = sent.wish.action == EnforcerAction::Disconnect;
    const auto session = sessionOf(found);
    if (isDisconnect && session && settings_.disconnectOtherwise &&
        settings_.disconnectOtherwise(*session, sent.wish.reason)) {
        acknowledged(found, sent, now);
        return;
    }
    found.lastResult = words;
    if (!isDisconnect && session) {
        const auto& told = session->told;
        found.doubt.rate = found.doubt.rate || !told || told->rate != sent.wish.told.rate;
        found.doubt.until = found.doubt.until || !told || told->until != sent.wish.told.until;
    }
    for (const std::int64_t request : found.requests) {
        parts_.records.finish(request, "waiting", words + "; it goes on when the NAS answers again");
    }
    if (lanes_.of(sent.source).health.isSilent()) {
        enqueue(found, QueuePlace::Last);
    } else {
        backOff(found, words, now);  // the NAS answers others: it does not hold them up
    }
}

}  // namespace gardu::app
