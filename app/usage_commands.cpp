// usage USERNAME, who-had ADDRESS.

#include <memory>

#include "app/billing_desk.h"
#include "app/command_line.h"
#include "app/session_list.h"
#include "app/session_views.h"
#include "billing/subscriber_service.h"
#include "core/address.h"
#include "core/clock.h"
#include "radius/nas_store.h"
#include "radius/usage_store.h"

namespace gardu::app {

namespace {

struct UsageArguments {
    std::string username;
    std::optional<std::string> from;
    std::optional<std::string> to;
    bool hours = false;
};

struct WhoHadArguments {
    std::string address;
    std::string at;
};

/// This month so far where nothing is said; both days are in it.
core::Period periodOf(const UsageArguments& arguments, core::Date today) {
    OptionReader reader;
    const auto from = reader.day("from", arguments.from);
    const auto to = reader.day("to", arguments.to);
    reader.finish();
    const core::Date last = to.value_or(today);
    const core::Date first = from.value_or(last.year() / last.month() / std::chrono::day(1));
    if (last < first) {
        throw WrongUsage({{"to", "\"" + core::formatDate(last) + "\" is before the first day, " +
                                     core::formatDate(first) + ": write a later one, or an earlier --from"}});
    }
    return {first, core::addDays(last, 1)};
}

void addOctets(Json& object, const radius::Octets& octets) {
    object["input_octets"] = octets.input;
    object["output_octets"] = octets.output;
}

struct Usage {
    std::vector<radius::UsageDay> days;
    std::vector<radius::UsageHour> hours;
};

/// In one transaction, so that the sum is that of the days.
Usage readUsage(Workplace& workplace, const std::string& subscriptionId, const core::Period& period,
                bool hours) {
    const core::Zone zone = workplace.config().zone();
    return workplace.db().read([&](core::Tx& tx) {
        Usage usage;
        usage.days = radius::usageByDay(tx, zone, subscriptionId, period);
        if (hours) {
            usage.hours = radius::usageByHour(tx, subscriptionId, zone.startOfDay(period.first),
                                              zone.startOfDay(period.next));
        }
        return usage;
    });
}

Json usageJson(const Usage& usage, const core::Period& period, bool hours) {
    radius::Octets sum;
    Json days = Json::array();
    for (const radius::UsageDay& day : usage.days) {
        sum.input += day.octets.input;
        sum.output += day.octets.output;
        addOctets(days.emplace_back(Json{{"day", core::formatDate(day.day)}}), day.octets);
    }
    Json document = {{"from", core::formatDate(period.first)},
                     {"to", core::formatDate(core::addDays(period.next, -1))}};
    addOctets(document, sum);
    document["days"] = std::move(days);
    if (hours) {
        document["hours"] = Json::array();
        for (const radius::UsageHour& hour : usage.hours) {
            addOctets(document["hours"].emplace_back(Json{{"hour", core::formatInstant(hour.hourStart)}}),
                      hour.octets);
        }
    }
    return document;
}

Json inWords(Json row) {
    row["upload"] = octetsInWords(row.at("input_octets").get<std::int64_t>());
    row["download"] = octetsInWords(row.at("output_octets").get<std::int64_t>());
    return row;
}

std::string usageText(const Json& document, const core::Zone& zone) {
    const Json sum = inWords(document);
    Json days = Json::array();
    for (const Json& day : document.at("days")) {
        days.push_back(inWords(day));
    }
    std::string text = document.at("username").get<std::string>() + " from " +
                       document.at("from").get<std::string>() + " to " +
                       document.at("to").get<std::string>() + ": upload " + plain(sum.at("upload")) +
                       ", download " + plain(sum.at("download")) + "\n\n" +
                       table(days, {{"DAY", "day"}, {"UPLOAD", "upload"}, {"DOWNLOAD", "download"}});
    if (!document.contains("hours")) {
        return text;
    }
    Json hours = Json::array();
    for (const Json& hour : localTimes(document.at("hours"), zone)) {
        hours.push_back(inWords(hour));
    }
    return text + "\n" + table(hours, {{"HOUR", "hour"}, {"UPLOAD", "upload"}, {"DOWNLOAD", "download"}});
}

Result usage(Workplace& workplace, const UsageArguments& arguments) {
    const core::Period period = periodOf(arguments, workplace.today());
    const billing::SubscriberRecord record = billing::getSubscriber(workplace.db(), arguments.username);
    const Usage used = readUsage(workplace, record.subscription.id, period, arguments.hours);
    Json document = {{"username", record.subscription.username}};
    document.update(usageJson(used, period, arguments.hours));
    return {document, usageText(document, workplace.config().zone())};
}

core::Instant readMoment(const std::string& text, const core::Zone& zone, core::Instant now) {
    const auto moment = parseMoment(text, zone);
    if (!moment) {
        throw WrongUsage({{"at", "\"" + text +
                                     "\": write a time as 2026-11-22T19:00:00+07:00, or \"2026-11-22 "
                                     "19:00\" in the zone " +
                                     zone.name()}});
    }
    if (*moment > now) {
        throw WrongUsage({{"at", "\"" + text + "\" is in the future, " + zone.format(*moment)}});
    }
    return *moment;
}

/// Every network that the address is in, as the tables write them.
std::vector<std::string> networksOf(const core::IpAddress& address) {
    std::vector<std::string> networks;
    for (int length = address.bits(); length >= 0; --length) {
        networks.push_back(core::formatIpNetwork({core::maskAddress(address, length), length}));
    }
    return networks;
}

/// The customer whose subscription the session was of; "" where that is gone.
std::string customerOf(core::Tx& tx, const radius::Session& session) {
    const auto record = billing::findSubscriber(tx, session.usernameKey);
    const bool isHis = record && record->subscription.id == session.subscriptionId;
    return isHis ? record->customerName : "";
}

Json whoHadList(Workplace& workplace, const std::vector<radius::Session>& sessions) {
    return workplace.db().read([&](core::Tx& tx) {
        NasNames names;
        for (const radius::Nas& nas : radius::listNas(tx)) {
            names.emplace(nas.id, nas.name);
        }
        Json list = Json::array();
        for (const radius::Session& session : sessions) {
            list.push_back(whoHadJson(session, names, customerOf(tx, session)));
        }
        return list;
    });
}

Result whoHad(Workplace& workplace, const WhoHadArguments& arguments) {
    const core::Zone zone = workplace.config().zone();
    const core::Instant now = core::wallNow();
    const core::Instant at = arguments.at.empty() ? now : readMoment(arguments.at, zone, now);
    const auto address = core::parseIpAddress(arguments.address);
    if (!address) {
        throw WrongUsage({{"address", "\"" + arguments.address +
                                          "\": write an address such as 100.64.0.9 or 2001:db8::9"}});
    }
    const Json list = whoHadList(workplace, sessionsOfAddress(workplace.db(), networksOf(*address), at));
    return {list, arguments.address + " at " + zone.format(at) + ":\n" +
                      table(localTimes(list, zone), {{"USER", "username"},
                                                     {"CUSTOMER", "customer"},
                                                     {"ADDRESS", "framed_ip_address"},
                                                     {"IPV6", "framed_ipv6_prefix"},
                                                     {"DELEGATED", "delegated_ipv6_prefix"},
                                                     {"DEVICE", "calling_station_id"},
                                                     {"NAS", "nas_name"},
                                                     {"STARTED", "started_at"},
                                                     {"STOPPED", "stopped_at"},
                                                     {"SESSION", "session_id"}})};
}

}  // namespace

void addUsageCommands(CommandLine& line) {
    const auto usageArguments = std::make_shared<UsageArguments>();
    CLI::App& usageCommand =
        line.command(line.root(), "usage", "octets of a subscriber by day",
                     [usageArguments](Workplace& workplace) { return usage(workplace, *usageArguments); });
    usageCommand.add_option("USERNAME", usageArguments->username, "who")->required();
    usageCommand.add_option("--from", usageArguments->from, "first day (the first of the month)");
    usageCommand.add_option("--to", usageArguments->to, "last day (today)");
    usageCommand.add_flag("--hours", usageArguments->hours, "by hour too, as long as hours are kept");

    const auto whoArguments = std::make_shared<WhoHadArguments>();
    CLI::App& whoCommand =
        line.command(line.root(), "who-had", "who had an address, or a prefix that it is in",
                     [whoArguments](Workplace& workplace) { return whoHad(workplace, *whoArguments); });
    whoCommand.add_option("ADDRESS", whoArguments->address, "IPv4 or IPv6")->required();
    whoCommand.add_option("--at", whoArguments->at,
                          "at that time (now): 2026-11-22T19:00:00+07:00, or \"2026-11-22 19:00\"");
}

}  // namespace gardu::app
