#include "radius/nas_store.h"

#include "core/check.h"

namespace gardu::radius {

namespace {

constexpr const char* kSelect =
    "SELECT id, name, address, secret, message_authenticator, message_authenticator_seen, coa_port, "
    "swap_octets FROM nas";

Nas toNas(const core::Row& row) {
    Nas nas;
    nas.id = row.text(0);
    nas.name = row.text(1);
    const auto address = core::parseIpNetwork(row.text(2));
    const auto policy = parseMessageAuthenticatorPolicy(row.text(4));
    core::check(address && policy, "the table nas holds an address or a policy that is none");
    nas.address = *address;
    nas.sealedSecret = row.text(3);
    nas.policy = *policy;
    nas.messageAuthenticatorSeen = row.boolean(5);
    nas.coaPort = static_cast<int>(row.integer(6));
    nas.swapOctets = row.boolean(7);
    return nas;
}

core::Values fieldsOf(const Nas& nas) {
    return {nas.name,
            core::formatIpNetwork(nas.address),
            nas.sealedSecret,
            std::string(name(nas.policy)),
            std::int64_t{nas.messageAuthenticatorSeen ? 1 : 0},
            std::int64_t{nas.coaPort},
            std::int64_t{nas.swapOctets ? 1 : 0}};
}

}  // namespace

void insertNas(core::Tx& tx, const Nas& nas, core::Instant now) {
    core::Values row = fieldsOf(nas);
    row.insert(row.begin(), nas.id);
    row.emplace_back(core::toEpochMs(now));
    row.emplace_back(core::toEpochMs(now));
    tx.insertRows(
        "INSERT INTO nas(id, name, address, secret, message_authenticator, message_authenticator_seen, "
        "coa_port, swap_octets, created_at, updated_at)",
        {row});
    tx.announce(core::ChangeKind::Nas, nas.id);
}

void updateNas(core::Tx& tx, const Nas& nas, core::Instant now) {
    core::Values row = fieldsOf(nas);
    row.emplace_back(core::toEpochMs(now));
    row.emplace_back(nas.id);
    tx.execute(
        "UPDATE nas SET name = ?, address = ?, secret = ?, message_authenticator = ?, "
        "message_authenticator_seen = ?, coa_port = ?, swap_octets = ?, updated_at = ? WHERE id = ?",
        row);
    tx.announce(core::ChangeKind::Nas, nas.id);
}

void deleteNas(core::Tx& tx, const std::string& id) {
    forgetSigners(tx, id);
    tx.execute("DELETE FROM nas WHERE id = ?", {id});
    tx.announce(core::ChangeKind::Nas, id);
}

void rememberMessageAuthenticator(core::Tx& tx, const std::string& id, core::Instant now) {
    tx.execute("UPDATE nas SET message_authenticator_seen = 1, updated_at = ? WHERE id = ?",
               {core::toEpochMs(now), id});
    tx.announce(core::ChangeKind::Nas, id);
}

void rememberSigners(core::Tx& tx, const std::string& nasId, const std::vector<core::IpAddress>& addresses,
                     core::Instant now) {
    for (const core::IpAddress& address : addresses) {
        const std::string text = core::formatIpAddress(address);
        if (!tx.queryOne("SELECT address FROM nas_signers WHERE nas_id = ? AND address = ?", {nasId, text})) {
            tx.execute("INSERT INTO nas_signers(nas_id, address, seen_at) VALUES (?, ?, ?)",
                       {nasId, text, core::toEpochMs(now)});
        }
    }
    tx.announce(core::ChangeKind::Nas, nasId);
}

std::vector<Signer> listSigners(core::Tx& tx) {
    std::vector<Signer> signers;
    for (const core::Row& row :
         tx.query("SELECT nas_id, address FROM nas_signers ORDER BY nas_id, address")) {
        if (const auto address = core::parseIpAddress(row.text(1))) {
            signers.push_back({row.text(0), *address});
        }
    }
    return signers;
}

void forgetSigners(core::Tx& tx, const std::string& nasId) {
    tx.execute("DELETE FROM nas_signers WHERE nas_id = ?", {nasId});
}

std::optional<Nas> findNasByName(core::Tx& tx, const std::string& name) {
    const auto row = tx.queryOne(std::string(kSelect) + " WHERE name = ?", {name});
    return row ? std::optional(toNas(*row)) : std::nullopt;
}

std::vector<Nas> listNas(core::Tx& tx) {
    std::vector<Nas> list;
    for (const core::Row& row : tx.query(std::string(kSelect) + " ORDER BY name")) {
        list.push_back(toNas(row));
    }
    return list;
}

}  // namespace gardu::radius
