// auth-log, alarm list, alarm clear.

#include <algorithm>
#include <memory>

#include "app/command_line.h"
#include "app/json_views.h"
#include "core/alarm_store.h"
#include "radius/auth_log_store.h"

namespace gardu::app {

namespace {

struct AuthLogArguments {
    std::optional<std::string> user;
    int limit = 100;
};

struct AlarmArguments {
    std::string kind;
    std::string subject;
};

Result runAuthLog(Workplace& workplace, const AuthLogArguments& arguments) {
    if (arguments.limit < 1) {
        throw WrongUsage("--limit: write a number above 0");
    }
    Json list = Json::array();
    for (const radius::AuthLogRow& row : workplace.db().read(
             [&](core::Tx& tx) { return radius::listAuthLog(tx, arguments.user, arguments.limit); })) {
        list.push_back(toJson(row));
    }
    return {list, table(localTimes(list, workplace.config().zone()), {{"WHEN", "decided_at"},
                                                                      {"USER", "username"},
                                                                      {"OUTCOME", "outcome"},
                                                                      {"BECAUSE", "words"},
                                                                      {"METHOD", "method"},
                                                                      {"NAS", "nas"},
                                                                      {"DEVICE", "calling_station_id"},
                                                                      {"TIMES", "occurrences"}})};
}

Result listAlarms(Workplace& workplace) {
    Json list = Json::array();
    for (const core::Alarm& alarm : workplace.db().read([](core::Tx& tx) { return core::listAlarms(tx); })) {
        list.push_back(toJson(alarm));
    }
    return {list, table(localTimes(list, workplace.config().zone()), {{"KIND", "kind"},
                                                                      {"ABOUT", "subject"},
                                                                      {"TIMES", "occurrences"},
                                                                      {"LAST", "last_at"},
                                                                      {"WHAT TO DO", "message"}})};
}

Result clearAlarm(Workplace& workplace, const AlarmArguments& arguments) {
    workplace.db().transact([&](core::Tx& tx) {
        const std::vector<core::Alarm> alarms = core::listAlarms(tx);
        const bool isThere = std::any_of(alarms.begin(), alarms.end(), [&](const core::Alarm& alarm) {
            return alarm.kind == arguments.kind && alarm.subject == arguments.subject;
        });
        if (!isThere) {
            throw core::Refused("there is no alarm \"" + arguments.kind + "\" about \"" + arguments.subject +
                                "\"; gardu alarm list shows all");
        }
        core::clearAlarm(tx, arguments.kind, arguments.subject);
    });
    return {{{"cleared", {{"kind", arguments.kind}, {"subject", arguments.subject}}}}, "cleared\n"};
}

}  // namespace

void addLogCommands(CommandLine& line) {
    const auto logArguments = std::make_shared<AuthLogArguments>();
    CLI::App& log =
        line.command(line.root(), "auth-log", "every login decision, newest first",
                     [logArguments](Workplace& workplace) { return runAuthLog(workplace, *logArguments); });
    log.add_option("--user", logArguments->user, "only of this user name");
    log.add_option("--limit", logArguments->limit, "how many rows (100)");

    CLI::App& alarms = line.group("alarm", "what you must know of");
    line.command(alarms, "list", "show all, newest first", listAlarms);
    const auto alarmArguments = std::make_shared<AlarmArguments>();
    CLI::App& clear = line.command(
        alarms, "clear", "seen to: take it off the list",
        [alarmArguments](Workplace& workplace) { return clearAlarm(workplace, *alarmArguments); });
    clear.add_option("KIND", alarmArguments->kind, "as alarm list shows it")->required();
    clear.add_option("ABOUT", alarmArguments->subject, "as alarm list shows it")->required();
}

}  // namespace gardu::app
