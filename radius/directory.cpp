#include "radius/directory.h"

#include <limits>

#include "billing/username.h"
#include "core/check.h"

namespace gardu::radius {

namespace {

constexpr std::int64_t kNoEnd = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kNoHold = 0;

template <class T>
bool sameBehind(const std::unique_ptr<T>& a, const std::unique_ptr<T>& b) {
    return a && b ? *a == *b : a == b;
}

}  // namespace

Directory::Directory(core::Zone zone, billing::PolicyDefaults defaults)
    : zone_(std::move(zone)), defaults_(std::move(defaults)) {}

const core::SharedGuarded<Directory::Map>& Directory::shardOf(std::string_view key) const {
    // The map below uses the low bits of the same hash.
    return shards_.at((KeyHash{}(key) >> 40U) % kShards);
}

core::SharedGuarded<Directory::Map>& Directory::shardOf(std::string_view key) {
    return shards_.at((KeyHash{}(key) >> 40U) % kShards);
}

std::optional<DirectoryHit> Directory::find(std::string_view usernameKey) const {
    DirectoryHit hit;
    std::uint32_t package = 0;
    const bool found = shardOf(usernameKey).read([&](const Map& map) {
        const auto at = map.find(usernameKey);
        if (at == map.end()) {
            return false;
        }
        const Entry& entry = at->second;
        hit.subscriptionId = entry.subscriptionId;
        hit.sealedPassword.assign(entry.sealedPassword.begin(), entry.sealedPassword.end());
        hit.facts = factsOf(entry);
        package = entry.package;
        return true;
    });
    if (!found) {
        return std::nullopt;
    }
    hit.facts.package = packages_.read([&](const Packages& packages) { return packages.slots.at(package); });
    return hit;
}

billing::SubscriberFacts Directory::factsOf(const Entry& entry) {
    billing::SubscriberFacts facts;
    facts.customer = entry.customer;
    facts.status = entry.status;
    facts.stage = entry.stage;
    facts.accessFrom = core::fromEpochMs(entry.accessFromMs);
    if (entry.accessUntilMs != kNoEnd) {
        facts.accessUntil = core::fromEpochMs(entry.accessUntilMs);
    }
    if (entry.heldUntilMs != kNoHold) {
        facts.heldUntil = core::fromEpochMs(entry.heldUntilMs);
    }
    if (entry.addresses) {
        facts.addresses = *entry.addresses;
    }
    if (entry.quota) {
        facts.quota = *entry.quota;
    }
    return facts;
}

std::string Directory::subscriberKey(const std::string& usernameKey) const {
    const auto knows = [&](const std::string& key) {
        return shardOf(key).read([&](const Map& map) { return map.contains(key); });
    };
    const std::size_t domainEnd = usernameKey.find('\\');
    if (domainEnd == std::string::npos || knows(usernameKey)) {
        return usernameKey;
    }
    // A backslash before an "x" is escaped in what routers report.
    const std::string name = core::unescapeOctets(usernameKey);
    const std::string key = billing::usernameKey(name.substr(name.find('\\') + 1));
    return knows(key) ? key : usernameKey;
}

std::size_t Directory::size() const {
    return size_.load();
}

void Directory::putPackages(const std::vector<billing::Package>& packages) {
    packages_.write([&](Packages& known) {
        for (const billing::Package& package : packages) {
            auto policy =
                std::make_shared<const billing::PackagePolicy>(billing::packagePolicy(package, defaults_));
            const auto next = static_cast<std::uint32_t>(known.slots.size());
            const std::uint32_t slot = known.slotOfId.try_emplace(package.id, next).first->second;
            known.slots.resize(known.slotOfId.size());
            known.slots[slot] = std::move(policy);
        }
    });
}

bool Directory::knowsPackage(const std::string& packageId) const {
    return packages_.read([&](const Packages& packages) { return packages.slotOfId.contains(packageId); });
}

Directory::Entry Directory::toEntry(const billing::SubscriberRecord& record, std::uint32_t round) const {
    const billing::Subscription& subscription = record.subscription;
    Entry entry;
    const auto id = core::parseUuid(subscription.id);
    const auto sealed = core::fromBase64(subscription.sealedPassword);
    core::check(id.has_value() && sealed.has_value(),
                "a stored subscription has no UUID or no sealed password");
    entry.subscriptionId = *id;
    entry.sealedPassword.assign(sealed->begin(), sealed->end());
    const auto package = packages_.read([&](const Packages& packages) {
        const auto slot = packages.slotOfId.find(subscription.packageId);
        core::check(slot != packages.slotOfId.end(),
                    "a subscription of a package that the directory does not know");
        entry.package = slot->second;
        return packages.slots.at(slot->second);
    });
    billing::SubscriberFacts facts = billing::subscriberFacts(record, package, zone_);
    entry.accessFromMs = core::toEpochMs(facts.accessFrom);
    entry.accessUntilMs = facts.accessUntil ? core::toEpochMs(*facts.accessUntil) : kNoEnd;
    entry.heldUntilMs = facts.heldUntil ? core::toEpochMs(*facts.heldUntil) : kNoHold;
    entry.round = round;
    entry.stage = facts.stage;
    entry.status = facts.status;
    entry.customer = facts.customer;
    if (facts.addresses != billing::StaticAddresses{}) {
        entry.addresses = std::make_unique<billing::StaticAddresses>(std::move(facts.addresses));
    }
    if (facts.quota && package->quota) {
        entry.quota = std::make_unique<billing::QuotaUse>(*facts.quota);
    }
    return entry;
}

bool Directory::same(const Entry& a, const Entry& b) {
    return sameBehind(a.addresses, b.addresses) && sameBehind(a.quota, b.quota) &&
           a.heldUntilMs == b.heldUntilMs && a.stage == b.stage && a.subscriptionId == b.subscriptionId &&
           a.accessFromMs == b.accessFromMs && a.accessUntilMs == b.accessUntilMs && a.package == b.package &&
           a.status == b.status && a.customer == b.customer && a.sealedPassword == b.sealedPassword;
}

Directory::Put Directory::put(const billing::SubscriberRecord& record, std::uint32_t round) {
    Entry entry = toEntry(record, round);
    const Put result = shardOf(record.usernameKey).write([&](Map& map) {
        const auto at = map.find(record.usernameKey);
        if (at == map.end()) {
            map.emplace(record.usernameKey, std::move(entry));
            return Put::Added;
        }
        if (same(at->second, entry)) {
            at->second.round = round;
            return Put::Same;
        }
        at->second = std::move(entry);
        return Put::Changed;
    });
    if (result == Put::Added) {
        size_.fetch_add(1);
    }
    return result;
}

void Directory::touch(std::string_view usernameKey, std::uint32_t round) {
    shardOf(usernameKey).write([&](Map& map) {
        if (const auto at = map.find(usernameKey); at != map.end()) {
            at->second.round = round;
        }
    });
}

bool Directory::erase(std::string_view usernameKey) {
    const bool erased = shardOf(usernameKey).write([&](Map& map) {
        const auto at = map.find(usernameKey);
        if (at == map.end()) {
            return false;
        }
        map.erase(at);
        return true;
    });
    if (erased) {
        size_.fetch_sub(1);
    }
    return erased;
}

std::size_t Directory::eraseOlderThan(std::uint32_t round) {
    std::size_t erased = 0;
    const auto isOld = [&](const auto& item) { return item.second.round != round; };
    for (auto& shard : shards_) {
        erased += shard.write([&](Map& map) { return std::erase_if(map, isOld); });
    }
    size_.fetch_sub(erased);
    return erased;
}

}  // namespace gardu::radius
