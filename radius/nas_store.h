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
[[nodiscard]] std::optional<Nas> findNasByName(core::Tx& tx, const std::string& name);
/// By name.
[[nodiscard]] std::vector<Nas> listNas(core::Tx& tx);

}  // namespace gardu::radius
