// nas add, list, update, remove, test.

#include <memory>

#include "app/command_line.h"
#include "app/json_views.h"
#include "core/clock.h"
#include "radius/nas_probe_client.h"
#include "radius/nas_service.h"
#include "radius/nas_store.h"

namespace gardu::app {

namespace {

/// What the options of add and update were set to.
struct NasOptions {
    std::string name;
    std::optional<std::string> newName;
    std::optional<std::string> address;
    std::optional<std::string> secret;
    std::optional<std::string> policy;
    std::optional<int> coaPort;
    std::optional<std::string> swapOctets;
};

std::optional<bool> parseYesNo(std::string_view text) {
    if (text != "yes" && text != "no") {
        return std::nullopt;
    }
    return text == "yes";
}

/// The options whose words are a closed list.
struct NasWords {
    std::optional<radius::MessageAuthenticatorPolicy> policy;
    std::optional<bool> swapOctets;
};

NasWords readWords(const NasOptions& options) {
    OptionReader reader;
    NasWords words;
    if (options.policy) {
        words.policy =
            reader.word({"message_authenticator", *options.policy, "write require, auto or off"},
                        radius::parseMessageAuthenticatorPolicy, radius::MessageAuthenticatorPolicy::Auto);
    }
    if (options.swapOctets) {
        words.swapOctets =
            reader.word({"swap_octets", *options.swapOctets, "write yes or no"}, parseYesNo, false);
    }
    reader.finish();
    return words;
}

std::optional<std::string> readSecret(const std::optional<std::string>& argument) {
    return argument ? std::optional(readSecretArgument(*argument)) : std::nullopt;
}

Result show(const radius::Nas& nas) {
    const Json document = toJson(nas);
    return {document, lines(document)};
}

Result add(Workplace& workplace, const NasOptions& options) {
    const NasWords words = readWords(options);
    radius::NasInput input;
    input.name = options.name;
    input.address = options.address.value_or("");
    input.secret = readSecret(options.secret).value_or("");
    input.policy = words.policy.value_or(input.policy);
    input.swapOctets = words.swapOctets.value_or(input.swapOctets);
    input.coaPort = options.coaPort.value_or(input.coaPort);
    return show(radius::addNas(workplace.db(), workplace.vault(), input, workplace.act()));
}

Result update(Workplace& workplace, const NasOptions& options) {
    const NasWords words = readWords(options);
    radius::NasChange change;
    change.name = options.name;
    change.newName = options.newName;
    change.address = options.address;
    change.secret = readSecret(options.secret);
    change.policy = words.policy;
    change.swapOctets = words.swapOctets;
    change.coaPort = options.coaPort;
    return show(radius::updateNas(workplace.db(), workplace.vault(), change, workplace.act()));
}

Result list(Workplace& workplace) {
    Json all = Json::array();
    for (const radius::Nas& nas : workplace.db().read([](core::Tx& tx) { return radius::listNas(tx); })) {
        all.push_back(toJson(nas));
    }
    return {all, table(all, {{"NAME", "name"},
                             {"ADDRESS", "address"},
                             {"MESSAGE-AUTHENTICATOR", "message_authenticator"},
                             {"SEEN", "message_authenticator_seen"},
                             {"COA PORT", "coa_port"}})};
}

[[noreturn]] void wrongAddress(const std::string& words) {
    throw WrongUsage(std::vector<core::FieldError>{{"address", words}});
}

/// The address that is asked: the NAS's own, or one in its network.
core::IpAddress probedAddress(const radius::Nas& nas, const std::optional<std::string>& wanted) {
    if (!wanted) {
        if (nas.address.prefixLength != nas.address.address.bits()) {
            wrongAddress("this NAS is a network: write --address with the router that is meant");
        }
        return nas.address.address;
    }
    const auto address = core::parseIpAddress(*wanted);
    if (!address || !nas.address.contains(*address)) {
        wrongAddress("write an address of " + core::formatIpNetwork(nas.address));
    }
    return *address;
}

Result test(Workplace& workplace, const NasOptions& options) {
    const auto nas =
        workplace.db().read([&](core::Tx& tx) { return radius::findNasByName(tx, options.name); });
    if (!nas) {
        throw core::Refused("there is no NAS \"" + options.name + "\"; gardu nas list shows all");
    }
    const core::IpAddress address = probedAddress(*nas, options.address);
    workplace.startWire();
    const core::Secret opened = workplace.vault().open({"nas", "secret", nas->id}, nas->sealedSecret);
    const radius::SharedSecret secret(opened.text());
    const radius::NasProbeResult result =
        radius::probeNas({address, static_cast<std::uint16_t>(nas->coaPort), &secret, core::wallNow()});
    const Json document = {{"name", nas->name},        {"address", core::formatIpAddress(address)},
                           {"coa_port", nas->coaPort}, {"reachable", result.reachable},
                           {"result", result.result},  {"words", result.words}};
    return {document, lines(document), result.reachable ? 0 : 1};
}

void addSettings(CLI::App& command, NasOptions& options) {
    command.add_option("--message-authenticator", options.policy,
                       "require, auto (from the first valid one on) or off");
    command.add_option("--coa-port", options.coaPort, "UDP port for CoA and Disconnect (3799)");
    command.add_option("--swap-octets", options.swapOctets,
                       "yes: it counts uploads as downloads, against RFC 2866 (no)");
}

}  // namespace

void addNasCommands(CommandLine& line) {
    CLI::App& nas = line.group("nas", "the routers that may ask");
    const auto options = std::make_shared<NasOptions>();
    CLI::App& addCommand = line.command(nas, "add", "take a router on",
                                        [options](Workplace& workplace) { return add(workplace, *options); });
    addCommand.add_option("--name", options->name, "its name")->required();
    addCommand
        .add_option("--address", options->address, "address or network: 10.0.0.1, 10.0.0.0/24, 2001:db8::1")
        ->required();
    addCommand.add_option("--secret", options->secret, "shared secret; - reads it from standard input")
        ->required();
    addSettings(addCommand, *options);

    line.command(nas, "list", "show all", list);

    CLI::App& updateCommand = line.command(
        nas, "update", "change one", [options](Workplace& workplace) { return update(workplace, *options); });
    updateCommand.add_option("NAME", options->name, "which")->required();
    updateCommand.add_option("--name", options->newName, "its new name");
    updateCommand.add_option("--address", options->address, "address or network");
    updateCommand.add_option("--secret", options->secret, "shared secret; - reads it from standard input");
    addSettings(updateCommand, *options);

    CLI::App& testCommand =
        line.command(nas, "test", "ask one whether it takes CoA and Disconnect",
                     [options](Workplace& workplace) { return test(workplace, *options); });
    testCommand.add_option("NAME", options->name, "which")->required();
    testCommand.add_option("--address", options->address, "the router, where the NAS is a network");

    CLI::App& removeCommand = line.command(
        nas, "remove", "forget one; its packets are dropped then", [options](Workplace& workplace) {
            radius::removeNas(workplace.db(), options->name, workplace.act());
            return Result{{{"removed", options->name}}, "removed\n"};
        });
    removeCommand.add_option("NAME", options->name, "which")->required();
}

}  // namespace gardu::app
