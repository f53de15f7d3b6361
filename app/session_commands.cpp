// session list, show, disconnect.

#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

#include "app/command_line.h"
#include "app/session_list.h"
#include "app/session_views.h"
#include "billing/package_store.h"
#include "billing/subscription_store.h"
#include "billing/username.h"
#include "core/check.h"
#include "core/clock.h"
#include "radius/nas_store.h"

namespace gardu::app {

namespace {

constexpr std::size_t kPage = 500;
constexpr std::size_t kShownByDefault = 100;
/// More than this are not counted.
constexpr std::size_t kMostCounted = 10'000;
constexpr int kResultsShown = 10;
constexpr std::chrono::seconds kDisconnectTime{15};
constexpr std::chrono::milliseconds kPollPause{100};

struct ListArguments {
    std::optional<std::string> user;
    std::optional<std::string> nas;
    bool all = false;
    std::optional<int> limit;
};

std::string idOfNas(core::Tx& tx, const std::string& name) {
    const auto nas = radius::findNasByName(tx, name);
    if (!nas) {
        throw core::Refused("there is no NAS \"" + name + "\"; gardu nas list shows all");
    }
    return nas->id;
}

radius::SessionFilter filterOf(Workplace& workplace, const ListArguments& arguments) {
    radius::SessionFilter filter;
    filter.openOnly = !arguments.all;
    if (arguments.user) {
        filter.usernameKey = billing::usernameKey(*arguments.user);
        const auto record = workplace.db().read(
            [&](core::Tx& tx) { return billing::findSubscriber(tx, *filter.usernameKey); });
        if (record) {
            filter.subscriptionId = record->subscription.id;
        }
    }
    if (arguments.nas) {
        filter.nasId = workplace.db().read([&](core::Tx& tx) { return idOfNas(tx, *arguments.nas); });
    }
    return filter;
}

NasNames nasNames(Workplace& workplace) {
    NasNames names;
    for (const radius::Nas& nas : workplace.db().read([](core::Tx& tx) { return radius::listNas(tx); })) {
        names.emplace(nas.id, nas.name);
    }
    return names;
}

/// A row of the table for people.
Json shownRow(const Json& session, const core::Zone& zone) {
    Json row = localTimes(session, zone);
    row["upload"] = octetsInWords(session.at("input_octets").get<std::int64_t>());
    row["download"] = octetsInWords(session.at("output_octets").get<std::int64_t>());
    row["router"] = session.at("nas_name").is_null() ? session.at("nas") : session.at("nas_name");
    return row;
}

std::vector<Column> columnsOf(bool all) {
    std::vector<Column> columns = {{"ID", "id"},
                                   {"USER", "username"},
                                   {"NAS", "router"},
                                   {"ADDRESS", "framed_ip_address"},
                                   {"STATE", "state"},
                                   {"STARTED", "started_at"},
                                   {"LAST SEEN", "last_seen_at"},
                                   {"UPLOAD", "upload"},
                                   {"DOWNLOAD", "download"}};
    if (all) {
        columns.push_back({"STOPPED", "stopped_at"});
        columns.push_back({"CAUSE", "terminate_cause"});
    }
    return columns;
}

std::string moreInWords(std::size_t more) {
    if (more == 0) {
        return "";
    }
    const std::string count =
        more > kMostCounted ? "more than " + std::to_string(kMostCounted) : std::to_string(more);
    return count + " more; --limit N shows more of them\n";
}

/// Printed page by page: all of them need not fit into memory.
Result list(Workplace& workplace, const ListArguments& arguments, bool json) {
    if (arguments.limit && *arguments.limit < 1) {
        throw WrongUsage("--limit: write a number above 0");
    }
    const auto defaultLimit = json ? std::numeric_limits<std::size_t>::max() : kShownByDefault;
    std::size_t left = arguments.limit ? static_cast<std::size_t>(*arguments.limit) : defaultLimit;
    const core::Zone zone = workplace.config().zone();
    SessionList sessions(workplace.db(), filterOf(workplace, arguments));
    const NasNames names = nasNames(workplace);
    ListPrinter printer(std::cout, json, columnsOf(arguments.all));
    for (bool isLast = false; !isLast;) {
        const std::size_t wanted = std::min(left, kPage);
        Json page = Json::array();
        for (const radius::Session& session : sessions.next(wanted)) {
            const Json view = toJson(session, names);
            page.push_back(json ? view : shownRow(view, zone));
        }
        printer.print(page);
        left -= page.size();
        isLast = left == 0 || page.size() < wanted;
    }
    printer.finish();
    if (!json) {
        std::cout << moreInWords(sessions.countRest(kMostCounted + 1));
    }
    return {};
}

radius::Session existing(Workplace& workplace, std::int64_t id) {
    auto session = findSessionAnywhere(workplace.db(), id);
    if (!session) {
        throw core::Refused("there is no session " + std::to_string(id) +
                            "; gardu session list --all shows all that are kept");
    }
    return std::move(*session);
}

/// What the subscriber may have now; nothing where there is none of this name.
std::optional<billing::Entitlement> entitlementOf(Workplace& workplace, const radius::Session& session) {
    return workplace.db().read([&](core::Tx& tx) -> std::optional<billing::Entitlement> {
        const auto record = billing::findSubscriber(tx, session.usernameKey);
        if (!record) {
            return std::nullopt;
        }
        const auto package = billing::findPackageByName(tx, record->packageName);
        core::check(package.has_value(), "a subscription without its package");
        const auto policy = std::make_shared<const billing::PackagePolicy>(
            billing::packagePolicy(*package, workplace.policyDefaults()));
        const auto facts = billing::subscriberFacts(*record, policy, workplace.config().zone());
        return billing::entitlement(facts, core::wallNow());
    });
}

/// What the NAS was last told, and whether that is still so.
Json toldJson(Workplace& workplace, const radius::Session& session) {
    if (!session.told) {
        return nullptr;
    }
    const auto entitlement = entitlementOf(workplace, session);
    const auto now = entitlement ? std::optional(radius::toldOf(*entitlement)) : std::nullopt;
    const auto same = [&](bool isSame) { return now ? Json(isSame) : Json(nullptr); };
    return {{"access", billing::name(session.told->access)},
            {"until", orNull(session.told->until)},
            {"access_is_current", same(now && now->access == session.told->access)},
            {"rate_is_current", same(now && now->rate == session.told->rate)},
            {"addresses_are_current", same(now && now->place == session.told->place)},
            {"until_is_current", same(now && now->until == session.told->until)}};
}

Json detailsOf(Workplace& workplace, const radius::Session& session) {
    Json document = toJson(session, nasNames(workplace));
    document["called_station_id"] = orNull(session.calledStationId);
    document["nas_port_id"] = orNull(session.nasPortId);
    document["nas_identifier"] = orNull(session.nasIdentifier);
    document["nas_ip_address"] = session.nasIp ? Json(core::formatIpAddress(*session.nasIp)) : Json(nullptr);
    document["login_id"] = orNull(session.loginId);
    document["start_seen"] = session.startSeen;
    document["closed_by"] = session.isOpen() ? Json(nullptr) : Json(name(session.closedBy));
    document["told"] = toldJson(workplace, session);
    workplace.db().read([&](core::Tx& tx) {
        const auto pending = radius::findPending(tx, session.id);
        document["pending"] = pending ? toJson(*pending) : Json(nullptr);
        document["results"] = Json::array();
        for (const radius::DynauthRow& row : radius::listDynauthRows(tx, session.id, kResultsShown)) {
            document["results"].push_back(toJson(row));
        }
    });
    return document;
}

std::string sessionText(const Json& document, const core::Zone& zone) {
    const Json shown = shownRow(document, zone);
    Json plainMembers = shown;
    for (const char* member : {"told", "pending", "results", "router"}) {
        plainMembers.erase(member);
    }
    std::string text = lines(plainMembers);
    if (!document.at("told").is_null()) {
        text += "\nThe NAS was told:\n" + lines(shown.at("told"));
    }
    if (!document.at("pending").is_null()) {
        text += "\nStill to be enforced:\n" + lines(shown.at("pending"));
    }
    if (document.at("results").empty()) {
        return text;
    }
    return text + "\nCoA and Disconnect, newest first:\n" +
           table(shown.at("results"), {{"WHEN", "at"},
                                       {"ACTION", "action"},
                                       {"BECAUSE", "reason"},
                                       {"OUTCOME", "outcome"},
                                       {"IN WORDS", "words"}});
}

Result show(Workplace& workplace, std::int64_t id) {
    const Json document = detailsOf(workplace, existing(workplace, id));
    return {document, sessionText(document, workplace.config().zone())};
}

radius::DisconnectRequest waitForEnd(core::Db& db, std::int64_t request) {
    const auto deadline = std::chrono::steady_clock::now() + kDisconnectTime;
    for (;;) {
        const auto found = db.read([&](core::Tx& tx) { return radius::findDisconnectRequest(tx, request); });
        core::check(found.has_value(), "a disconnect request went away");
        if (found->status != "waiting" || std::chrono::steady_clock::now() >= deadline) {
            return *found;
        }
        std::this_thread::sleep_for(kPollPause);
    }
}

std::string endInWords(const radius::DisconnectRequest& request) {
    if (request.status != "waiting") {
        return request.words.empty() ? request.status : request.words;
    }
    const std::string why = request.words.empty()
                                ? "no running server has taken it on yet (is gardu serve running?)"
                                : request.words;
    return "not disconnected yet: " + why +
           "; the server goes on trying (gardu enforce status, gardu session show " +
           std::to_string(request.sessionId) + ")";
}

Result disconnect(Workplace& workplace, std::int64_t id) {
    const radius::Session session = existing(workplace, id);
    if (!session.isOpen()) {
        throw core::Refused(
            "session " + std::to_string(id) + " of " + session.username + " is closed" +
            (session.stoppedAt ? " since " + workplace.config().zone().format(*session.stoppedAt) : ""));
    }
    const std::int64_t number = workplace.db().transact(
        [&](core::Tx& tx) { return radius::addDisconnectRequest(tx, id, core::wallNow()); });
    const radius::DisconnectRequest request = waitForEnd(workplace.db(), number);
    const bool isDone = request.status == "ack" || request.status == "gone";
    const std::string words = endInWords(request);
    return {{{"request", number},
             {"session_id", id},
             {"username", session.username},
             {"status", request.status},
             {"words", words}},
            "session " + std::to_string(id) + " of " + session.username + ": " + words + "\n",
            isDone ? 0 : 1};
}

}  // namespace

void addSessionCommands(CommandLine& line) {
    CLI::App& session = line.group("session", "who is online, and was");
    const auto arguments = std::make_shared<ListArguments>();
    CLI::App& listCommand = line.command(
        session, "list", "open ones, newest first",
        [arguments, &line](Workplace& workplace) { return list(workplace, *arguments, line.wantsJson()); });
    listCommand.add_option("--user", arguments->user, "only of this user name");
    listCommand.add_option("--nas", arguments->nas, "only of the NAS of this name");
    listCommand.add_flag("--all", arguments->all, "closed ones too, as long as they are kept");
    listCommand.add_option("--limit", arguments->limit, "how many (100; with --json all)");

    const auto id = std::make_shared<std::int64_t>(0);
    CLI::App& showCommand = line.command(session, "show", "all that is known of one",
                                         [id](Workplace& workplace) { return show(workplace, *id); });
    showCommand.add_option("ID", *id, "as session list shows it")->required();
    CLI::App& disconnectCommand =
        line.command(session, "disconnect", "end one on its NAS, and wait for how that ends",
                     [id](Workplace& workplace) { return disconnect(workplace, *id); });
    disconnectCommand.add_option("ID", *id, "as session list shows it")->required();
}

}  // namespace gardu::app
