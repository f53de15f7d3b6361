#include "radius/reply_cache.h"

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
    while (!shard.births.empty()) {
        const Birth& oldest = shard.births.front();
        const bool crowded = shard.births.size() > kMaxEntries / kShards;
        if (!crowded && now - oldest.at < kLifetime) {
            return;
        }
        const auto found = shard.entries.find(oldest.key);
        if (found != shard.entries.end() && found->second.bornAt == oldest.at) {
            shard.entries.erase(found);
        }
        shard.births.pop_front();
    }
}

ReplyCache::Found ReplyCache::begin(const RequestKey& key, const Authenticator& authenticator,
                                    Clock::time_point now) {
    return shardOf(key).with([&](Shard& shard) -> Found {
        expire(shard, now);
        const auto [at, isNew] = shard.entries.try_emplace(key);
        Entry& entry = at->second;
        if (!isNew && entry.authenticator == authenticator) {
            return entry.done ? Found(entry.reply) : Found(InProgress{});
        }
        entry.authenticator = authenticator;
        entry.done = false;
        entry.bornAt = now;
        shard.births.push_back({key, now});
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
