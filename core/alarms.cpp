#include "core/alarms.h"

#include <algorithm>

namespace gardu::core {

void AlarmBoard::merge(Pending& pending, Alarm alarm) {
    auto& subjects = pending[alarm.kind];
    if (subjects.size() >= kMaxPending && !subjects.contains(alarm.subject)) {
        alarm.subject = "(others)";
    }
    const auto [at, isNew] = subjects.try_emplace(alarm.subject, alarm);
    if (isNew) {
        return;
    }
    Alarm& known = at->second;
    known.occurrences += alarm.occurrences;
    known.firstAt = std::min(known.firstAt, alarm.firstAt);
    known.lastAt = std::max(known.lastAt, alarm.lastAt);
    known.message = alarm.message;
}

void AlarmBoard::raise(const std::string& kind, const std::string& subject, const std::string& message,
                       Instant now) {
    pending_.with([&](Pending& pending) { merge(pending, {kind, subject, message, now, now, 1}); });
}

std::vector<Alarm> AlarmBoard::take() {
    Pending taken;
    pending_.with([&](Pending& pending) { taken.swap(pending); });
    std::vector<Alarm> alarms;
    for (auto& [kind, subjects] : taken) {
        for (auto& [subject, alarm] : subjects) {
            alarms.push_back(std::move(alarm));
        }
    }
    return alarms;
}

void AlarmBoard::giveBack(const std::vector<Alarm>& alarms) {
    pending_.with([&](Pending& pending) {
        for (const Alarm& alarm : alarms) {
            merge(pending, alarm);
        }
    });
}

}  // namespace gardu::core
