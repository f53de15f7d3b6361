#include "radius/reply_cache.h"

#include <iterator>
#include <string_view>

#include "core/bytes.h"

namespace gardu::radius {

std::size_t ReplyCache::KeyHash::operator()(const RequestKey& key) const {
    const std::size_t address = std::hash<std::string_view>{}(core::asText(key.source.bytes()));
    const std::uint64_t rest = (std::uint64_t{key.sourcePort} << 24U) | (std::uint64_t{key.socket} << 8U) |
                               std::uint64_t{key.identifier};
    // The multiplier spreads neighbouring identifiers over the shards.
    return address ^ ((rest * 0x9E3779B97F4A7C15ULL) >> 16U);
}

core::Guarded<ReplyCache::Shard>& ReplyCache::shardOf(const RequestKey& key) {
    return shards_.at(KeyHash{}(key) % kShards);
}

void ReplyCache::expire(Shard& shard, Clock::time_point now) {
    while (!shard.byAge.empty()) {
        const auto oldest = shard.entries.find(shard.byAge.front());
        const bool crowded = shard.entries.size() >= kMaxEntries / kShards;
        if (!crowded && now - oldest->second.bornAt < kLifetime) {
            return;
        }
        shard.entries.erase(oldest);
        shard.byAge.pop_front();
    }
}

ReplyCache::Entry& ReplyCache::addTo(Shard& shard, const RequestKey& key) {
    shard.byAge.push_back(key);
    try {
        Entry& entry = shard.entries[key];
        entry.place = std::prev(shard.byAge.end());
        return entry;
    } catch (...) {
        shard.byAge.pop_back();
        throw;
    }
}

ReplyCache::Found ReplyCache::begin(const RequestKey& key, const Authenticator& authenticator,
                                    Clock::time_point now) {
    return shardOf(key).with([&](Shard& shard) -> Found {
        expire(shard, now);
        const auto known = shard.entries.find(key);
        if (known != shard.entries.end() && known->second.authenticator == authenticator) {
            return known->second.done ? Found(known->second.reply) : Found(InProgress{});
        }
        Entry& entry = known != shard.entries.end() ? known->second : addTo(shard, key);
        entry.authenticator = authenticator;
        entry.done = false;
        entry.bornAt = now;
        shard.byAge.splice(shard.byAge.end(), shard.byAge, entry.place);
        return Fresh{};
    });
}

void ReplyCache::finish(const RequestKey& key, const Authenticator& authenticator, const Bytes& reply) {
    shardOf(key).with([&](Shard& shard) {
        const auto found = shard.entries.find(key);
        if (found != shard.entries.end() && found->second.authenticator == authenticator) {
            found->second.reply = reply;
            found->second.done = true;
        }
    });
}

void ReplyCache::forget(const RequestKey& key, const Authenticator& authenticator) {
    shardOf(key).with([&](Shard& shard) {
        const auto found = shard.entries.find(key);
        if (found != shard.entries.end() && found->second.authenticator == authenticator) {
            shard.byAge.erase(found->second.place);
            shard.entries.erase(found);
        }
    });
}

std::size_t ReplyCache::size() const {
    std::size_t total = 0;
    for (const auto& shard : shards_) {
        total += shard.with([](const Shard& inside) { return inside.entries.size(); });
    }
    return total;
}

}  // namespace gardu::radius
