#include "radius/nas_boot.h"

#include <algorithm>
#include <chrono>

#include "radius/session_match.h"

namespace gardu::radius {

namespace {

constexpr core::Milliseconds kSilence = std::chrono::minutes(10);
/// Packets are applied as they arrived, but for those that came at once.
constexpr core::Milliseconds kSetBack = std::chrono::minutes(2);
constexpr std::size_t kIdSize = 8;

char lowerHex(char digit) {
    return digit >= 'A' && digit <= 'F' ? static_cast<char>(digit - 'A' + 'a') : digit;
}

bool isHex(char digit) {
    const char lower = lowerHex(digit);
    return (lower >= '0' && lower <= '9') || (lower >= 'a' && lower <= 'f');
}

void setBooted(NasBoot& boot, core::Instant at) {
    boot.bootedAt = std::max(boot.bootedAt.value_or(at), at);
}

/// Our clock was ahead, and is right again: nothing was in the future.
void bringBack(NasBoot& boot, core::Instant now) {
    boot.heardAt = now;
    boot.returnedAt = std::min(boot.returnedAt, now);
    boot.digitSeenAt = std::min(boot.digitSeenAt, now);
    if (boot.bootedAt) {
        boot.bootedAt = std::min(*boot.bootedAt, now);
    }
}

}  // namespace

std::string bootDigitOf(std::string_view acctSessionId) {
    const bool isOfRouterOs = acctSessionId.size() == kIdSize && acctSessionId[0] == '8' &&
                              acctSessionId[1] >= '0' && acctSessionId[1] <= '2' &&
                              std::ranges::all_of(acctSessionId, isHex);
    return isOfRouterOs ? std::string(1, lowerHex(acctSessionId[2])) : "";
}

void noteArrival(NasBoot& boot, core::Instant receivedAt) {
    if (receivedAt < boot.heardAt - kSetBack) {
        bringBack(boot, receivedAt);
    }
    if (receivedAt - boot.heardAt > kSilence) {
        boot.returnedAt = receivedAt;
    }
    boot.heardAt = std::max(boot.heardAt, receivedAt);
}

void noteServiceChange(NasBoot& boot, core::Instant happenedAt) {
    setBooted(boot, happenedAt);
    if (happenedAt > boot.digitSeenAt) {
        boot.bootDigit.clear();
    }
}

bool beginsNextBoot(const NasBoot& boot, const AccountingEvent& event) {
    const std::string digit = bootDigitOf(event.acctSessionId);
    const auto start = event.startEstimate();
    return !digit.empty() && !boot.bootDigit.empty() && digit != boot.bootDigit && start &&
           *start > boot.digitSeenAt + kStartTolerance;
}

void noteDigit(NasBoot& boot, const AccountingEvent& event) {
    const std::string digit = bootDigitOf(event.acctSessionId);
    const auto start = event.startEstimate();
    if (digit.empty() || !start) {
        return;
    }
    const bool isFirst = boot.bootDigit.empty() && (!boot.bootedAt || *start >= *boot.bootedAt);
    if (beginsNextBoot(boot, event) || isFirst) {
        if (!isFirst) {
            setBooted(boot, *start);
        }
        boot.bootDigit = digit;
        boot.digitSeenAt = *start;
    } else if (digit == boot.bootDigit) {
        boot.digitSeenAt = std::max(boot.digitSeenAt, *start);
    } else if (*start + kStartTolerance < boot.digitSeenAt && (!boot.bootedAt || *boot.bootedAt < *start)) {
        // Heard too late: the boot after it was before the known digit's last start.
        boot.bootedAt = boot.digitSeenAt;
    }
}

bool isEndedAt(core::Instant bootedAt, const Session& session) {
    return session.startedAt < bootedAt && session.lastSeenAt <= bootedAt;
}

bool isEndedBy(const NasBoot& boot, const Session& session) {
    const bool isOfThisBoot = !boot.bootDigit.empty() && bootDigitOf(session.acctSessionId) == boot.bootDigit;
    return boot.bootedAt && !isOfThisBoot && isEndedAt(*boot.bootedAt, session);
}

}  // namespace gardu::radius
