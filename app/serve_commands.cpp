// serve, migrate, config.

#include "app/command_line.h"
#include "app/daemon.h"
#include "core/clock.h"
#include "core/schema.h"

namespace gardu::app {

namespace {

Result runMigrate(Workplace& workplace) {
    Json applied = Json::array();
    for (const std::string& name : workplace.migrate()) {
        applied.push_back(name);
    }
    const std::string text =
        applied.empty() ? "nothing to do: the database is up to date\n" : "applied " + plain(applied) + "\n";
    return {{{"applied", applied}}, text};
}

Result runConfig(Workplace& workplace) {
    Json list = Json::array();
    for (const core::ConfigKey& key : core::configKeys()) {
        const bool isUrl = key.name == "database.url";
        list.push_back({{"key", key.name},
                        {"value", isUrl ? core::Db(workplace.config().databaseUrl()).safeUrl()
                                        : workplace.config().shown(key.name)},
                        {"origin", workplace.config().origin(key.name)},
                        {"help", key.help}});
    }
    return {list, table(list, {{"KEY", "key"}, {"VALUE", "value"}, {"FROM", "origin"}, {"", "help"}})};
}

}  // namespace

void addServeCommands(CommandLine& line) {
    line.command(line.root(), "serve", "answer RADIUS until SIGTERM", [](Workplace& workplace) {
        serve(workplace);
        return Result{};
    });
    line.command(line.root(), "migrate", "bring the database to this program's schema", runMigrate);
    line.command(line.root(), "config", "show every configuration key, its value and where that comes from",
                 runConfig);
}

}  // namespace gardu::app
