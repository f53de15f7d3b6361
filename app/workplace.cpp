#include "app/workplace.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "billing/rate_limit.h"
#include "core/clock.h"
#include "core/schema.h"
#include "core/vault_store.h"
#include "radius/wire.h"

namespace gardu::app {

namespace {

/// Octets of a user's name that the audit log keeps.
constexpr std::size_t kMostActor = 90;

void makeDataDir(const core::Config& config) {
    const std::filesystem::path dir = config.text("data.dir");
    std::error_code error;
    if (std::filesystem::is_directory(dir, error)) {
        return;
    }
    std::filesystem::create_directories(dir, error);
    if (error) {
        throw config.wrong("data.dir", "cannot make this folder: " + error.message());
    }
    std::filesystem::permissions(dir, std::filesystem::perms::owner_all, error);
}

/// "root", or who called sudo; "uid 1000" where the system knows no name.
std::string userName() {
    const char* caller = std::getenv("SUDO_USER");  // NOLINT(concurrency-mt-unsafe): see defaultDataDir()
    if (caller != nullptr && *caller != '\0') {
        return std::string(caller).substr(0, kMostActor);
    }
    const uid_t id = getuid();
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> words{};
    if (getpwuid_r(id, &entry, words.data(), words.size(), &found) == 0 && found != nullptr) {
        return entry.pw_name;
    }
    return "uid " + std::to_string(id);
}

}  // namespace

std::string defaultDataDir() {
    const char* home = std::getenv("HOME");  // NOLINT(concurrency-mt-unsafe): before any thread is started
    if (geteuid() == 0 || home == nullptr) {
        return "/var/lib/gardu";
    }
    return std::string(home) + "/.local/share/gardu";
}

core::Db& Workplace::db() {
    if (!db_) {
        makeDataDir(config_);
        auto opened = std::make_unique<core::Db>(config_.databaseUrl());
        try {
            applied_ = core::migrate(*opened, core::wallNow());
        } catch (const core::DbError& error) {
            throw core::DbError("database.url (" + config_.origin("database.url") + "): " + error.what());
        }
        db_ = std::move(opened);
    }
    return *db_;
}

const std::vector<std::string>& Workplace::migrate() {
    static_cast<void>(db());
    return applied_;
}

const core::Vault& Workplace::vault() {
    if (!vault_) {
        core::Db& database = db();
        try {
            vault_ = core::openVault(database, config_.text("data.dir") + "/master.key", core::wallNow());
        } catch (const core::VaultError& error) {
            throw core::VaultError("data.dir (" + config_.origin("data.dir") + "): " + error.what());
        }
    }
    return *vault_;
}

billing::PolicyDefaults Workplace::policyDefaults() const {
    billing::PolicyDefaults defaults;
    defaults.interimSeconds = static_cast<int>(config_.integer("radius.interim_interval", 60, 86'400));
    defaults.isolation.addressList = config_.text("isolate.address_list");
    defaults.isolation.sessionSeconds =
        static_cast<int>(config_.integer("isolate.session_timeout", 60, 86'400));
    const auto rate = billing::parseRateLimit(config_.text("isolate.rate_limit"));
    if (const auto* problem = std::get_if<std::string>(&rate)) {
        throw config_.wrong("isolate.rate_limit", *problem);
    }
    defaults.isolation.rateLimit = billing::formatRateLimit(std::get<billing::RateLimit>(rate));
    return defaults;
}

void Workplace::startWire() const {
    const std::string& configured = config_.text("radius.dictionary.dir");
    try {
        radius::startWire(configured.empty() ? radius::builtInDictionaryDir() : configured);
    } catch (const radius::WireError& error) {
        throw config_.wrong("radius.dictionary.dir", error.what());
    }
}

core::Date Workplace::today() const {
    return config_.zone().localDate(core::wallNow());
}

billing::Act Workplace::act() const {
    return {"cli:" + userName(), core::wallNow()};
}

}  // namespace gardu::app
