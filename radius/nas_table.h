#pragma once
// Which NAS has this source address: the longest network that contains it. Immutable once made, but for the
// flag of an entry; any thread.

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/address.h"
#include "core/guarded.h"
#include "radius/digest.h"
#include "radius/nas.h"

namespace gardu::radius {

/// The addresses of a network that have sent a valid Message-Authenticator. Bounded; any thread.
class SignerSet {
public:
    /// Beyond it an address is not remembered: the largest sensible network of routers.
    static constexpr std::size_t kMost = 65'536;

    [[nodiscard]] bool contains(const core::IpAddress& address) const;
    /// `stored`: the database has it already.
    void add(const core::IpAddress& address, bool stored);
    /// Those that are not in the database yet; after markStored() they count as being there.
    [[nodiscard]] std::vector<core::IpAddress> notStored() const;
    void markStored(const std::vector<core::IpAddress>& addresses);

private:
    /// True: stored.
    core::SharedGuarded<std::map<core::IpAddress, bool>> addresses_;
};

/// A NAS ready for the packet path. Immutable but for what it learns of signatures: access workers set it,
/// the follower stores it.
struct NasEntry {
    NasEntry(Nas stored, std::string_view clearSecret)
        : nas(std::move(stored)),
          secret(clearSecret),
          messageAuthenticatorSeen(nas.messageAuthenticatorSeen) {}

    /// A network holds many routers, old and new: there each address is known by itself.
    [[nodiscard]] bool isNetwork() const { return nas.address.prefixLength != nas.address.address.bits(); }
    /// Who sends from there, for session ids, reboots and silences: "ID", and "ID@ADDRESS" of a network.
    [[nodiscard]] std::string keyOf(const core::IpAddress& source) const;
    [[nodiscard]] bool requiresMessageAuthenticator(const core::IpAddress& source) const;
    /// A valid one came from there.
    void noteMessageAuthenticator(const core::IpAddress& source) const;

    Nas nas;
    SharedSecret secret;
    /// Of a host.
    mutable std::atomic<bool> messageAuthenticatorSeen;
    /// Of a network.
    mutable SignerSet signers;
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
