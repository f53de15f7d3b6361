#pragma once
// What operators do with NASes. Each call is one transaction, with its audit row; core::Refused tells every
// wrong field.

#include <optional>
#include <string>

#include "billing/act.h"
#include "core/db.h"
#include "core/vault.h"
#include "radius/nas.h"

namespace gardu::radius {

struct NasInput {
    std::string name;
    /// A host or a network, IPv4 or IPv6.
    std::string address;
    std::string secret;
    MessageAuthenticatorPolicy policy = MessageAuthenticatorPolicy::Auto;
    int coaPort = 3799;
    bool swapOctets = false;
};

Nas addNas(core::Db& db, const core::Vault& vault, const NasInput& input, const billing::Act& act);

/// A field that is not set stays.
struct NasChange {
    /// Of the NAS that is to change.
    std::string name;
    std::optional<std::string> newName = {};
    std::optional<std::string> address = {};
    std::optional<std::string> secret = {};
    /// Also forgets whether a Message-Authenticator was seen.
    std::optional<MessageAuthenticatorPolicy> policy = {};
    std::optional<int> coaPort = {};
    std::optional<bool> swapOctets = {};
};
Nas updateNas(core::Db& db, const core::Vault& vault, const NasChange& change, const billing::Act& act);
void removeNas(core::Db& db, const std::string& name, const billing::Act& act);

}  // namespace gardu::radius
