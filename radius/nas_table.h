#pragma once
// Which NAS has this source address: the longest network that contains it. Immutable once made. Pure.

#include <memory>
#include <unordered_map>
#include <vector>

#include "core/address.h"
#include "radius/nas.h"

namespace gardu::radius {

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
