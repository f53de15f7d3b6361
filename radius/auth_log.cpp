#include "radius/auth_log.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>

namespace gardu::radius {

namespace {

/// Each part with its length before it: a name may hold any octets.
std::string sameness(const AuthLogEntry& entry) {
    std::string key;
    for (const std::string_view part :
         {std::string_view(entry.userName), entry.outcome, entry.reason, entry.method,
          std::string_view(entry.nas), std::string_view(entry.sourceAddress),
          std::string_view(entry.callingStationId)}) {
        key += std::to_string(part.size());
        key += ':';
        key += part;
    }
    return key;
}

}  // namespace

void AuthLog::put(AuthLogEntry entry) {
    const bool yields = entry.outcome == "accept";
    const bool kept = entries_.with([&](std::deque<AuthLogEntry>& entries) {
        if (entries.size() >= (yields ? kCapacity / 2 : kCapacity)) {
            return false;
        }
        entries.push_back(std::move(entry));
        return true;
    });
    if (!kept) {
        dropped_.fetch_add(1);
    }
}

std::vector<AuthLogEntry> AuthLog::take(std::size_t most) {
    std::vector<AuthLogEntry> taken;
    entries_.with([&](std::deque<AuthLogEntry>& entries) {
        const std::size_t count = std::min(most, entries.size());
        taken.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            taken.push_back(std::move(entries.front()));
            entries.pop_front();
        }
    });
    std::vector<AuthLogEntry> merged;
    std::unordered_map<std::string, std::size_t> places;
    for (AuthLogEntry& entry : taken) {
        const auto [place, isNew] = places.try_emplace(sameness(entry), merged.size());
        if (isNew) {
            merged.push_back(std::move(entry));
            continue;
        }
        AuthLogEntry& earlier = merged[place->second];
        earlier.occurrences += entry.occurrences;
        earlier.decidedAt = entry.decidedAt;
    }
    return merged;
}

void AuthLog::giveBack(std::vector<AuthLogEntry> entries) {
    const std::size_t lost = entries_.with([&](std::deque<AuthLogEntry>& waiting) {
        const std::size_t room = kCapacity - std::min(waiting.size(), kCapacity);
        const std::size_t kept = std::min(room, entries.size());
        // The newest of them: what has waited longest is what is lost.
        const auto first = std::prev(entries.end(), static_cast<std::ptrdiff_t>(kept));
        waiting.insert(waiting.begin(), std::make_move_iterator(first),
                       std::make_move_iterator(entries.end()));
        return entries.size() - kept;
    });
    dropped_.fetch_add(lost);
}

std::size_t AuthLog::size() const {
    return entries_.with([](const std::deque<AuthLogEntry>& entries) { return entries.size(); });
}

}  // namespace gardu::radius
