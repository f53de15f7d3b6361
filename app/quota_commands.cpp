// quota show, topup.

#include <memory>

#include "app/billing_desk.h"
#include "app/quota_views.h"
#include "billing/audit_service.h"
#include "billing/subscription_store.h"
#include "billing/terms_text.h"
#include "billing/username.h"

namespace gardu::app {

namespace {

constexpr int kTopupsShown = 20;
constexpr std::size_t kMostNote = 200;

struct QuotaOptions {
    std::string username;
    std::string octets;
    bool carry = false;
    std::string note;
};

std::string subscriptionOf(core::Tx& tx, const std::string& username) {
    const auto record = billing::findSubscriber(tx, billing::usernameKey(username));
    if (!record) {
        throw core::Refused("there is no subscriber \"" + username + "\"");
    }
    return record->subscription.id;
}

Json topupJson(const billing::QuotaTopup& topup) {
    return {{"id", topup.id},       {"octets", topup.octets},
            {"carry", topup.carry}, {"period", topup.periodKey},
            {"note", topup.note},   {"created_at", core::formatInstant(topup.createdAt)}};
}

Result shown(const QuotaOptions& options, const radius::QuotaStanding& standing, Json topups,
             const core::Zone& zone) {
    Json document = toJson(standing);
    document["username"] = options.username;
    document["topups"] = std::move(topups);
    std::string text = options.username + ": " + inWords(standing, zone) + "\n";
    if (!document.at("topups").empty()) {
        text += "\n" + table(localTimes(document.at("topups"), zone), {{"BOUGHT AT", "created_at"},
                                                                       {"OCTETS", "octets"},
                                                                       {"CARRY", "carry"},
                                                                       {"PERIOD", "period"},
                                                                       {"NOTE", "note"}});
    }
    return {document, text};
}

Json topupsOf(core::Tx& tx, const std::string& subscriptionId) {
    Json list = Json::array();
    for (const billing::QuotaTopup& topup : billing::listQuotaTopups(tx, subscriptionId, kTopupsShown)) {
        list.push_back(topupJson(topup));
    }
    return list;
}

Result show(BillingDesk& desk, const QuotaOptions& options) {
    const core::Instant now = desk.now();
    return desk.db().read([&](core::Tx& tx) {
        const std::string id = subscriptionOf(tx, options.username);
        const auto standings = radius::quotaStandings(tx, desk.zone(), {{id}}, now);
        if (standings.empty()) {
            throw core::Refused("the package of \"" + options.username + "\" has no quota");
        }
        return shown(options, standings.front(), topupsOf(tx, id), desk.zone());
    });
}

Result topup(BillingDesk& desk, const QuotaOptions& options) {
    const auto octets = desk.options().word(
        {"octets", options.octets, "write for example 10G, at least 1"},
        [](const std::string& text) {
            const auto number = billing::parseOctets(text);
            return number && *number > 0 ? number : std::nullopt;
        },
        std::int64_t{0});
    if (options.note.size() > kMostNote) {
        throw WrongUsage({{"note", "write at most " + std::to_string(kMostNote) + " octets"}});
    }
    const billing::Act act = desk.act();
    const std::string id = desk.db().read([&](core::Tx& tx) { return subscriptionOf(tx, options.username); });
    return desk.db().transact([&](core::Tx& tx) {
        const auto standing =
            radius::topUpQuota(tx, desk.zone(), {id, octets, options.carry, options.note}, act.now);
        const Json after = {{"octets", octets}, {"carry", options.carry}, {"note", options.note}};
        billing::audit(tx, act, {"quota topup", "subscription", id, std::nullopt, dump(after)});
        return shown(options, standing, topupsOf(tx, id), desk.zone());
    });
}

}  // namespace

void addQuotaCommands(CommandLine& line) {
    BillingGroup quota(line, line.group("quota", "what is left of quotas, and buying more"));
    const auto options = std::make_shared<QuotaOptions>();
    CLI::App& showCommand = quota.command("show", "how much is used, and what follows",
                                          [options](BillingDesk& desk) { return show(desk, *options); });
    showCommand.add_option("USERNAME", options->username, "whose")->required();
    CLI::App& topupCommand = quota.command("topup", "bought octets are added to the period that runs",
                                           [options](BillingDesk& desk) { return topup(desk, *options); });
    topupCommand.add_option("USERNAME", options->username, "whose")->required();
    topupCommand.add_option("--octets", options->octets, "how much: 10G, 500M")->required();
    topupCommand.add_flag("--carry", options->carry, "what is left goes on to the next periods");
    topupCommand.add_option("--note", options->note, "for the record");
}

}  // namespace gardu::app
