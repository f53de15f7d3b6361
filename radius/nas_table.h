#pragma once
// Which NAS has this source address: the longest network that contains it. Immutable once made, but for the
// flag of an entry; any thread.

#include <atomic>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/address.h"
#include "radius/digest.h"
#include "radius/nas.h"

namespace gardu::radius {

/// A NAS ready for the packet path. Immutable but for the flag.
struct NasEntry {
    NasEntry(Nas stored, std::string_view clearSecret)
        : nas(std::move(stored)),
          secret(clearSecret),
          messageAuthenticatorSeen(nas.messageAuthenticatorSeen) {}

    [[nodiscard]] bool requiresMessageAuthenticator() const {
        return nas.policy == MessageAuthenticatorPolicy::Require ||
               (nas.policy == MessageAuthenticatorPolicy::Auto && messageAuthenticatorSeen.load());
    }

    Nas nas;
    SharedSecret secret;
    /// Set by access workers, read by them and by the follower that stores it.
    mutable std::atomic<bool> messageAuthenticatorSeen;
};

class NasTable {
public:
    NasTable() = default;
    explicit NasTable(std::vector<std::shared_ptr<const NasEntry>> entries);

    /// Null where no network contains the address. Valid as long as this table.
    [[nodiscard]] const NasEntry* find(const core::IpAddress& source) const;
    [[nodiscard]] const std::vector<std::shared_ptr<const NasEntry>>& entries() const { return entries_; }

private:
    struct AddressHash {
        std::size_t operator()(const core::IpAddress& address) const;
    };
    /// All networks of one family and prefix length.
    struct Tier {
        core::AddressFamily family;
        int prefixLength;
        std::unordered_map<core::IpAddress, const NasEntry*, AddressHash> networks;
    };

    std::vector<std::shared_ptr<const NasEntry>> entries_;
    /// Longest prefix first.
    std::vector<Tier> tiers_;
};

}  // namespace gardu::radius
