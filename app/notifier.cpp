#include "app/notifier.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/clock.h"
#include "core/log.h"

namespace gardu::app {

namespace {

/// Looked at in one transaction.
constexpr int kMostAtOnce = 200;
constexpr std::chrono::seconds kCountPause{10};
/// How much of the allowance of quiet seconds may be used at once.
constexpr std::chrono::seconds kBurst{1};

/// What the event said, and for what it did not say what is known now.
std::map<std::string, std::string> valuesOf(const billing::OutboxItem& item) {
    std::map<std::string, std::string> values = item.known;
    const auto json = nlohmann::json::parse(item.data, nullptr, false);
    if (json.is_object()) {
        for (const auto& [name, value] : json.items()) {
            if (value.is_string() && !value.get_ref<const std::string&>().empty()) {
                values[name] = value.get<std::string>();
            }
        }
    }
    return values;
}

bool isKnown(const std::string& templateName) {
    const auto& all = billing::notificationTemplates();
    return std::find(all.begin(), all.end(), templateName) != all.end();
}

const char* name(SendStatus status) {
    switch (status) {
        case SendStatus::Sent:
            return "sent";
        case SendStatus::TryAgain:
            return "try_again";
        case SendStatus::Refused:
            break;
    }
    return "refused";
}

}  // namespace

Notifier::Notifier(const Parts& parts, NotifySettings settings)
    : parts_(parts),
      settings_(std::move(settings)),
      waiting_(parts.metrics.gauge("gardu_outbox_waiting", "Notifications that are not sent yet")) {}

void Notifier::turn() {
    writeFinished();
    showWaiting();
    while (!stopping_.load() && mayGo()) {
        const Taken taken = take(core::wallNow());
        if (taken.item) {
            send(*taken.item);
        } else if (!taken.madeRoom) {
            return;
        }
    }
}

bool Notifier::mayGo() {
    const auto monotonic = std::chrono::steady_clock::now();
    return settings_.senders.empty() || nextSend_ <= monotonic;
}

Notifier::Decision Notifier::decide(const billing::OutboxItem& item, core::Instant now) const {
    if (settings_.senders.empty()) {
        return {Decision::Kind::Drop, "no sender is configured (notify.http.url, notify.smtp.host)", {}};
    }
    if (!isKnown(item.templateName)) {
        return {Decision::Kind::Drop, "this program has no such template", {}};
    }
    const core::Date today = settings_.zone.localDate(now);
    if (const auto why = billing::notificationObsolete(item.templateName, item.facts, today)) {
        return {Decision::Kind::Drop, *why, {}};
    }
    const bool isReachable =
        std::any_of(settings_.senders.begin(), settings_.senders.end(),
                    [&](const auto& sender) { return sender.addressOf(item).has_value(); });
    if (!isReachable) {
        return {Decision::Kind::Drop, "the customer has no address that a configured sender can use", {}};
    }
    const core::Instant at = billing::sendableAt(item.templateName, settings_.quiet, settings_.zone, now);
    if (at > now) {
        return {Decision::Kind::PutOff, "quiet hours", at};
    }
    return {};
}

Notifier::Taken Notifier::take(core::Instant now) {
    // Most times nothing waits, and a transaction that writes would be in the way of others.
    if (parts_.db.read([&](core::Tx& tx) { return billing::dueNotifications(tx, now, 1); }).empty()) {
        return {};
    }
    return parts_.db.transact([&](core::Tx& tx) {
        Taken taken;
        for (billing::OutboxItem& item : billing::dueNotifications(tx, now, kMostAtOnce)) {
            const Decision decision = decide(item, now);
            if (decision.kind == Decision::Kind::Send) {
                if (billing::claimNotification(tx, item, now + kClaim)) {
                    taken.item = std::move(item);
                    break;
                }
                continue;
            }
            taken.madeRoom = true;
            const bool isDropped = decision.kind == Decision::Kind::Drop;
            billing::finishNotification(
                tx, item.id,
                {isDropped ? billing::OutboxStatus::Dropped : billing::OutboxStatus::Waiting, "",
                 decision.why, decision.until},
                now);
        }
        return taken;
    });
}

Outgoing Notifier::outgoingOf(const billing::OutboxItem& item) const {
    const auto own = item.language ? billing::parseLanguage(*item.language) : std::nullopt;
    const billing::Language language = own.value_or(settings_.language);
    auto values = billing::notificationValues(valuesOf(item), language);
    values["customer"] = item.customerName;
    values["company"] = settings_.company;
    values["how_to_pay"] = settings_.howToPay;
    return {item.id, "", billing::renderNotification(item.templateName, language, values)};
}

void Notifier::send(const billing::OutboxItem& item) {
    const auto pause =
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::minutes(1)) /
        settings_.perMinute;
    nextSend_ = std::max(nextSend_, std::chrono::steady_clock::now() - kBurst) + pause;
    finished_.emplace_back(item.id, attempt(item));
    writeFinished();
}

billing::OutboxResult Notifier::attempt(const billing::OutboxItem& item) {
    Outgoing outgoing = outgoingOf(item);
    billing::OutboxResult result{billing::OutboxStatus::Failed, "", "", {}};
    for (const NotificationSender& sender : settings_.senders) {
        const auto to = sender.addressOf(item);
        if (!to) {
            continue;
        }
        outgoing.to = *to;
        const SendResult sent = sender.send(outgoing);
        count(sender.name, sent.status);
        result.words.append(result.words.empty() ? "" : "; ")
            .append(sender.name)
            .append(": ")
            .append(sent.words);
        if (sent.status == SendStatus::Sent) {
            result.status = billing::OutboxStatus::Sent;
            result.sentBy = sender.name;
            return result;
        }
        if (sent.status == SendStatus::TryAgain) {
            raise(sender.name, sent.words);
            // The same one first, so that nobody is told twice by two senders; the next one when it is over.
            if (const auto pause = billing::pauseAfterAttempt(item.attempts + 1)) {
                result.status = billing::OutboxStatus::Waiting;
                result.nextAttemptAt = core::wallNow() + *pause;
                return result;
            }
        }
    }
    return result;
}

void Notifier::count(const std::string& sender, SendStatus status) {
    parts_.metrics
        .counter("gardu_notifications_total", "Attempts to send a notification",
                 {{"sender", sender}, {"outcome", name(status)}})
        .add();
}

void Notifier::raise(const std::string& sender, const std::string& words) {
    if (!stopping_.load()) {
        parts_.alarms.raise("notification_failing", sender,
                            words + "; it is tried again for a day: gardu notify test", core::wallNow());
    }
}

void Notifier::writeFinished() {
    if (finished_.empty()) {
        return;
    }
    const core::Instant now = core::wallNow();
    parts_.db.transact([&](core::Tx& tx) {
        for (const auto& [id, result] : finished_) {
            billing::finishNotification(tx, id, result, now);
        }
    });
    for (const auto& [id, result] : finished_) {
        if (result.status == billing::OutboxStatus::Failed) {
            core::logWarning("notification_failed", {{"id", id}, {"result", result.words}});
        }
    }
    finished_.clear();
}

void Notifier::showWaiting() {
    const auto monotonic = std::chrono::steady_clock::now();
    if (monotonic < nextCount_) {
        return;
    }
    nextCount_ = monotonic + kCountPause;
    waiting_.set(static_cast<double>(
        parts_.db.read([](core::Tx& tx) { return billing::countWaitingNotifications(tx); })));
}

}  // namespace gardu::app
