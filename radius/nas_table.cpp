#include "radius/nas_table.h"

#include <algorithm>
#include <string_view>

namespace gardu::radius {

bool SignerSet::contains(const core::IpAddress& address) const {
    return addresses_.read([&](const auto& known) { return known.contains(address); });
}

void SignerSet::add(const core::IpAddress& address, bool stored) {
    addresses_.write([&](auto& known) {
        if (known.size() < kMost) {
            known.try_emplace(address, stored);
        }
    });
}

std::vector<core::IpAddress> SignerSet::notStored() const {
    return addresses_.read([](const auto& known) {
        std::vector<core::IpAddress> fresh;
        for (const auto& [address, stored] : known) {
            if (!stored) {
                fresh.push_back(address);
            }
        }
        return fresh;
    });
}

void SignerSet::markStored(const std::vector<core::IpAddress>& addresses) {
    addresses_.write([&](auto& known) {
        for (const core::IpAddress& address : addresses) {
            known[address] = true;
        }
    });
}

std::string NasEntry::keyOf(const core::IpAddress& source) const {
    return isNetwork() ? nas.id + "@" + core::formatIpAddress(source) : nas.id;
}

bool NasEntry::requiresMessageAuthenticator(const core::IpAddress& source) const {
    if (nas.policy != MessageAuthenticatorPolicy::Auto) {
        return nas.policy == MessageAuthenticatorPolicy::Require;
    }
    return isNetwork() ? signers.contains(source) : messageAuthenticatorSeen.load(std::memory_order_relaxed);
}

void NasEntry::noteMessageAuthenticator(const core::IpAddress& source) const {
    if (isNetwork()) {
        if (!signers.contains(source)) {
            signers.add(source, false);
        }
    } else if (!messageAuthenticatorSeen.load(std::memory_order_relaxed)) {
        // Looked at first: all workers would write here at every packet otherwise.
        messageAuthenticatorSeen.store(true);
    }
}

std::size_t NasTable::AddressHash::operator()(const core::IpAddress& address) const {
    return std::hash<std::string_view>{}(core::asText(address.bytes()));
}

NasTable::NasTable(std::vector<std::shared_ptr<const NasEntry>> entries) : entries_(std::move(entries)) {
    for (const auto& entry : entries_) {
        const core::IpNetwork& network = entry->nas.address;
        auto tier = std::find_if(tiers_.begin(), tiers_.end(), [&](const Tier& candidate) {
            return candidate.family == network.address.family &&
                   candidate.prefixLength == network.prefixLength;
        });
        if (tier == tiers_.end()) {
            tiers_.push_back({network.address.family, network.prefixLength, {}});
            tier = std::prev(tiers_.end());
        }
        tier->networks.emplace(network.address, entry.get());
    }
    std::sort(tiers_.begin(), tiers_.end(),
              [](const Tier& a, const Tier& b) { return a.prefixLength > b.prefixLength; });
}

const NasEntry* NasTable::find(const core::IpAddress& source) const {
    for (const Tier& tier : tiers_) {
        if (tier.family != source.family) {
            continue;
        }
        const auto found = tier.networks.find(core::maskAddress(source, tier.prefixLength));
        if (found != tier.networks.end()) {
            return found->second;
        }
    }
    return nullptr;
}

}  // namespace gardu::radius
