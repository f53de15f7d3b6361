#include "radius/nas_service.h"

#include <nlohmann/json.hpp>

#include "billing/audit_service.h"
#include "core/entropy.h"
#include "radius/nas_store.h"

namespace gardu::radius {

namespace {

constexpr int kMaxPort = 65'535;

using Errors = std::vector<core::FieldError>;

std::optional<core::IpNetwork> readAddress(Errors& errors, const std::string& text) {
    auto network = core::parseIpNetwork(text);
    if (!network) {
        errors.push_back({"address",
                          "write an address or a network without bits after its length, such as "
                          "10.0.0.1, 10.0.0.0/24 or 2001:db8::/48"});
    }
    return network;
}

void checkPort(Errors& errors, int port) {
    if (port < 1 || port > kMaxPort) {
        errors.push_back({"coa_port", "write a port from 1 to 65535"});
    }
}

void checkTaken(core::Tx& tx, Errors& errors, const Nas& nas) {
    for (const Nas& other : listNas(tx)) {
        if (other.id == nas.id) {
            continue;
        }
        if (other.name == nas.name) {
            errors.push_back({"name", "there is a NAS \"" + nas.name + "\" already"});
        }
        if (other.address == nas.address) {
            errors.push_back({"address", "NAS \"" + other.name + "\" has it already"});
        }
    }
}

void refuse(Errors errors) {
    if (!errors.empty()) {
        throw core::Refused(std::move(errors));
    }
}

std::string seal(const core::Vault& vault, const std::string& id, const std::string& secret) {
    return vault.seal({"nas", "secret", id}, secret);
}

Nas existing(core::Tx& tx, const std::string& name) {
    auto nas = findNasByName(tx, name);
    if (!nas) {
        throw core::Refused("there is no NAS \"" + name + "\"; gardu nas list shows all");
    }
    return *nas;
}

/// Of the secret, only that it is another now.
std::string recordJson(const Nas& nas, bool secretIsNew = false) {
    nlohmann::ordered_json json{{"id", nas.id},
                                {"name", nas.name},
                                {"address", core::formatIpNetwork(nas.address)},
                                {"message_authenticator", name(nas.policy)},
                                {"coa_port", nas.coaPort},
                                {"swap_octets", nas.swapOctets}};
    if (secretIsNew) {
        json["secret"] = {{"changed", true}};
    }
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

Nas addNas(core::Db& db, const core::Vault& vault, const NasInput& input, const billing::Act& act) {
    Errors fieldErrors = nasProblems(input.name, input.secret);
    const auto address = readAddress(fieldErrors, input.address);
    checkPort(fieldErrors, input.coaPort);
    Nas nas;
    nas.id = core::newId(act.now);
    nas.name = input.name;
    nas.address = address.value_or(core::IpNetwork{});
    nas.policy = input.policy;
    nas.coaPort = input.coaPort;
    nas.swapOctets = input.swapOctets;
    nas.sealedSecret = seal(vault, nas.id, input.secret);
    db.transact([&](core::Tx& tx) {
        Errors errors = fieldErrors;
        checkTaken(tx, errors, nas);
        refuse(std::move(errors));
        insertNas(tx, nas, act.now);
        billing::audit(tx, act, {"nas add", "nas", nas.id, std::nullopt, recordJson(nas)});
    });
    return nas;
}

Nas updateNas(core::Db& db, const core::Vault& vault, const NasChange& change, const billing::Act& act) {
    return db.transact([&](core::Tx& tx) {
        const Nas before = existing(tx, change.name);
        Nas nas = before;
        nas.name = change.newName.value_or(nas.name);
        Errors errors = nasProblems(nas.name, change.secret.value_or("unchanged"));
        if (change.address) {
            nas.address = readAddress(errors, *change.address).value_or(nas.address);
        }
        if (change.secret) {
            nas.sealedSecret = seal(vault, nas.id, *change.secret);
        }
        if (change.policy) {
            nas.policy = *change.policy;
            nas.messageAuthenticatorSeen = false;
            forgetSigners(tx, nas.id);
        }
        nas.coaPort = change.coaPort.value_or(nas.coaPort);
        nas.swapOctets = change.swapOctets.value_or(nas.swapOctets);
        checkPort(errors, nas.coaPort);
        checkTaken(tx, errors, nas);
        refuse(std::move(errors));
        radius::updateNas(tx, nas, act.now);
        billing::audit(
            tx, act,
            {"nas update", "nas", nas.id, recordJson(before), recordJson(nas, change.secret.has_value())});
        return nas;
    });
}

void removeNas(core::Db& db, const std::string& name, const billing::Act& act) {
    db.transact([&](core::Tx& tx) {
        const Nas nas = existing(tx, name);
        deleteNas(tx, nas.id);
        billing::audit(tx, act, {"nas remove", "nas", nas.id, recordJson(nas), std::nullopt});
    });
}

}  // namespace gardu::radius
