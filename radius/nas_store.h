#pragma once
// SQL of the table nas. Each write announces the change to the directories.

#include <optional>
#include <string>
#include <vector>

#include "core/calendar.h"
#include "core/db.h"
#include "radius/nas.h"

namespace gardu::radius {

/// Throws core::DuplicateKey where the name or the address is taken.
void insertNas(core::Tx& tx, const Nas& nas, core::Instant now);
void updateNas(core::Tx& tx, const Nas& nas, core::Instant now);
void deleteNas(core::Tx& tx, const std::string& id);
/// Notes that this NAS has sent a valid Message-Authenticator.
void rememberMessageAuthenticator(core::Tx& tx, const std::string& id, core::Instant now);
/// Notes that these addresses of a network have. Those that are noted already do no harm.
void rememberSigners(core::Tx& tx, const std::string& nasId, const std::vector<core::IpAddress>& addresses,
                     core::Instant now);
/// What rememberSigners noted of any NAS.
struct Signer {
    std::string nasId;
    core::IpAddress address;
};
[[nodiscard]] std::vector<Signer> listSigners(core::Tx& tx);
/// The policy was set anew, or the NAS goes.
void forgetSigners(core::Tx& tx, const std::string& nasId);
[[nodiscard]] std::optional<Nas> findNasByName(core::Tx& tx, const std::string& name);
/// By name.
[[nodiscard]] std::vector<Nas> listNas(core::Tx& tx);

}  // namespace gardu::radius
