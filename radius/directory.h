#pragma once
// The subscribers in memory: what the access path reads instead of the database. Sharded; any number of
// readers, one writer (the follower's thread). About 300 octets a subscriber.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "billing/entitlement.h"
#include "billing/subscription_store.h"
#include "core/bytes.h"
#include "core/calendar.h"
#include "core/guarded.h"
#include "core/ids.h"

namespace gardu::radius {

/// A copy of what the directory holds of one subscriber; independent of it afterwards.
struct DirectoryHit {
    billing::SubscriberFacts facts;
    core::Uuid subscriptionId;
    /// The octets that Vault::openOctets takes.
    core::Bytes sealedPassword;
};

class Directory {
public:
    Directory(core::Zone zone, billing::PolicyDefaults defaults);

    /// By billing::usernameKey. Any thread.
    [[nodiscard]] std::optional<DirectoryHit> find(std::string_view usernameKey) const;
    /// The key of the subscriber who logs in by this name: its own, or, where only that is known, the one
    /// without the domain before a backslash.
    [[nodiscard]] std::string subscriberKey(const std::string& usernameKey) const;
    [[nodiscard]] std::size_t size() const;

    // The rest is for the one writer.

    /// Replaces all policies; subscribers of a package that is gone keep its last one.
    void putPackages(const std::vector<billing::Package>& packages);
    [[nodiscard]] bool knowsPackage(const std::string& packageId) const;

    enum class Put { Added, Changed, Same };
    /// The package must be known. `round` marks that the row was seen in that round of the repair walk.
    Put put(const billing::SubscriberRecord& record, std::uint32_t round);
    /// Marks what is known as seen in that round, unchanged.
    void touch(std::string_view usernameKey, std::uint32_t round);
    /// True where it was there.
    bool erase(std::string_view usernameKey);
    /// Erases what no put() of that round touched; returns how many.
    std::size_t eraseOlderThan(std::uint32_t round);

private:
    static constexpr std::size_t kShards = 64;

    struct Entry {
        core::Uuid subscriptionId;
        std::int64_t accessFromMs = 0;
        std::int64_t accessUntilMs = 0;  ///< kNoEnd: none
        std::uint32_t package = 0;       ///< slot in packages_
        std::uint32_t round = 0;
        std::int64_t heldUntilMs = 0;  ///< 0: no hold
        billing::SubscriptionStatus status = billing::SubscriptionStatus::Active;
        billing::DunningStage stage = billing::DunningStage::Active;
        billing::CustomerStatus customer = billing::CustomerStatus::Active;
        std::string sealedPassword;
        /// Most subscribers have none.
        std::unique_ptr<billing::StaticAddresses> addresses;
        /// Only of packages with a quota.
        std::unique_ptr<billing::QuotaUse> quota;
    };
    struct KeyHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
    };
    using Map = std::unordered_map<std::string, Entry, KeyHash, std::equal_to<>>;
    struct Packages {
        std::vector<std::shared_ptr<const billing::PackagePolicy>> slots;
        std::unordered_map<std::string, std::uint32_t> slotOfId;
    };

    /// All but the package.
    static billing::SubscriberFacts factsOf(const Entry& entry);
    static bool same(const Entry& a, const Entry& b);
    [[nodiscard]] Entry toEntry(const billing::SubscriberRecord& record, std::uint32_t round) const;
    [[nodiscard]] const core::SharedGuarded<Map>& shardOf(std::string_view key) const;
    [[nodiscard]] core::SharedGuarded<Map>& shardOf(std::string_view key);

    core::Zone zone_;
    billing::PolicyDefaults defaults_;
    core::SharedGuarded<Packages> packages_;
    std::array<core::SharedGuarded<Map>, kShards> shards_;
    std::atomic<std::size_t> size_{0};
};

}  // namespace gardu::radius
