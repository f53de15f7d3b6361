#include "core/config.h"

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/Util/PropertyFileConfiguration.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>

#include "core/check.h"
#include "core/spelling.h"

namespace gardu::core {

namespace {

constexpr const char* kSystemFile = "/etc/gardu/gardu.conf";

constexpr ConfigKey kKeys[] = {
    {"data.dir", "", "folder of the embedded database and the key file"},
    {"database.url", "", "sqlite:PATH or mysql://USER:PASSWORD@HOST:PORT/DB; empty: gardu.db in data.dir",
     Shown::Url},
    {"radius.auth.listen", "0.0.0.0:1812,[::]:1812", "where Access-Requests are answered"},
    {"radius.acct.listen", "0.0.0.0:1813,[::]:1813", "where Accounting-Requests are taken"},
    {"radius.workers", "0", "threads for each authentication socket; 0: one for each processor"},
    {"radius.dictionary.dir", "", "folder of the RADIUS dictionaries; empty: the program's own"},
    {"radius.interim_interval", "300", "seconds between interim updates, where the package names none"},
    {"web.listen", "127.0.0.1:8080", "where /healthz and /metrics are served; none: nowhere"},
    {"business.timezone", "Asia/Jakarta", "IANA zone in which days begin and end"},
    {"business.currency", "IDR", "ISO 4217 code of new packages' prices"},
    {"business.name", "", "your name in what customers are told"},
    {"business.how_to_pay", "", "how customers pay, in what asks them for money"},
    {"isolate.address_list", "ISOLIR", "firewall address list of isolated subscribers"},
    {"isolate.rate_limit", "128k/128k", "Mikrotik-Rate-Limit of isolated subscribers"},
    {"isolate.session_timeout", "600", "seconds after which an isolated session is asked about again"},
    {"auth_log.retention_days", "90", "days that the authentication log is kept"},
    {"auth_log.rows_per_second", "10000",
     "rows written at most; more wait in memory, then are dropped, counted"},
    {"accounting.journal_limit_mb", "4096",
     "megabytes of acknowledged accounting that may wait for the database"},
    {"accounting.retention_months", "24", "months that closed sessions are kept"},
    {"accounting.hourly_usage_days", "60", "days that usage is kept by the hour, by the day after that"},
    {"enforce.per_nas_per_second", "50", "CoA and Disconnect requests a second to one NAS at most"},
    {"billing.run_seconds", "60", "seconds between billing runs; 0: the server makes none by itself"},
    {"billing.most_invoices", "3", "invoices for one account in one run; one that needs more is parked"},
    {"billing.workers", "2", "accounts that a run works on at the same time; SQLite: always 1"},
    {"notify.language", "id", "language of what customers are told, where they have none: id or en"},
    {"notify.order", "http,smtp", "which senders are used, the first one first"},
    {"notify.per_minute", "60", "notifications sent at most in a minute"},
    {"notify.retention_days", "400", "days that notifications are kept, once they no longer wait"},
    {"notify.quiet_from", "21:00", "from then on nobody is disturbed; the same as quiet_until: never"},
    {"notify.quiet_until", "08:00", "until then nobody is disturbed"},
    {"notify.timeout_seconds", "15", "seconds that a relay or gateway may take for an answer"},
    {"notify.ca_file", "", "certificates to trust besides the system's, as PEM"},
    {"notify.country_code", "62", "of telephone numbers that begin with 0"},
    {"notify.smtp.host", "", "relay for e-mail; empty: none is sent"},
    {"notify.smtp.port", "587", "its port"},
    {"notify.smtp.security", "starttls", "starttls, tls, or none for a relay on this machine"},
    {"notify.smtp.user", "", "user name at the relay; empty: no login"},
    {"notify.smtp.password", "", "its password", Shown::Nothing},
    {"notify.smtp.from", "", "address that e-mail comes from"},
    {"notify.http.url", "", "gateway for telephones; empty: none is used", Shown::Url},
    {"notify.http.format", "json", "what notify.http.body is: json or form"},
    {"notify.http.body", R"({"to": "{to}", "text": "{text}"})",
     "what is sent, with {to}, {text}, {subject}, {id}", Shown::Nothing},
    {"notify.http.headers", "", "\"Name: value\" pairs parted by |, for tokens", Shown::Nothing},
    {"log.level", "info", "debug, info, warning or error"},
};

std::string nearestKey(std::string_view wanted) {
    std::vector<std::string> names;
    for (const ConfigKey& key : configKeys()) {
        names.emplace_back(key.name);
    }
    return nearestName(wanted, names);
}

/// Whether it looks like a key, so that it is no value that came into its place, such as a password.
bool isShownKey(std::string_view key) {
    return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '_' || c == '-';
    });
}

Shown shownOf(std::string_view name) {
    const auto found = std::find_if(std::begin(kKeys), std::end(kKeys),
                                    [&](const ConfigKey& key) { return key.name == name; });
    return found == std::end(kKeys) ? Shown::All : found->shown;
}

/// Scheme and host: a path may hold a token, and what is before an "@" a password.
std::string withoutSecrets(const std::string& url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string::npos) {
        return url.empty() ? "" : "(set)";
    }
    const std::string rest = url.substr(scheme + 3, url.find_first_of("/?#", scheme + 3) - scheme - 3);
    return url.substr(0, scheme + 3) + rest.substr(rest.rfind('@') + 1) + "/...";
}

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return "";
    }
    return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

}  // namespace

const std::vector<ConfigKey>& configKeys() {
    static const std::vector<ConfigKey> keys(std::begin(kKeys), std::end(kKeys));
    return keys;
}

std::string environmentName(std::string_view key) {
    std::string name = "GARDU_";
    for (const char c : key) {
        name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    return name;
}

Config::Config(const ConfigSources& sources) {
    for (const ConfigKey& key : configKeys()) {
        settings_[std::string(key.name)] = {std::string(key.defaultValue), "default"};
    }
    set("data.dir", sources.defaultDataDir, "default");
    if (!sources.file.empty()) {
        readFile(sources.file);
    } else if (std::error_code error; std::filesystem::exists(kSystemFile, error)) {
        readFile(kSystemFile);
    }
    for (const ConfigKey& key : configKeys()) {
        const auto found = sources.environment.find(environmentName(key.name));
        if (found != sources.environment.end()) {
            set(std::string(key.name), found->second, "environment " + found->first);
        }
    }
    for (const std::string& assignment : sources.assignments) {
        const std::size_t equals = assignment.find('=');
        if (equals == std::string::npos) {
            // What was written is not shown: it may be a database URL with its password.
            throw UnknownKey("-D: there is no \"=\" in it; write -D key=value");
        }
        if (shownOf(assignment.substr(0, equals)) == Shown::Nothing) {
            throw ConfigError(assignment.substr(0, equals) +
                              ": write it into the configuration file or the environment; everybody on this "
                              "machine can read a command line");
        }
        set(assignment.substr(0, equals), assignment.substr(equals + 1), "-D");
    }
    checkAll();
}

void Config::set(const std::string& key, const std::string& value, const std::string& origin) {
    const auto found = settings_.find(key);
    if (found == settings_.end()) {
        throw UnknownKey(
            isShownKey(key)
                ? origin + ": there is no key \"" + key + "\"; did you mean " + nearestKey(key) + "?"
                : origin + ": what is before the \"=\" is not a key; write one such as log.level");
    }
    found->second = {value, origin};
}

void Config::readFile(const std::string& path) {
    // A folder opens like an empty file.
    if (std::error_code error; std::filesystem::is_directory(path, error)) {
        throw ConfigError("cannot read the configuration file " + path + ": it is a folder");
    }
    try {
        const auto file = Poco::makeAuto<Poco::Util::PropertyFileConfiguration>(path);
        std::vector<std::string> pending = {""};
        while (!pending.empty()) {
            const std::string at = pending.back();
            pending.pop_back();
            Poco::Util::AbstractConfiguration::Keys children;
            file->keys(at, children);
            for (const std::string& child : children) {
                if (child.empty()) {
                    throw ConfigError(path + ": a line has no key, or a key with an empty part");
                }
                pending.push_back(at);
                pending.back().append(at.empty() ? "" : ".").append(child);
            }
            if (!at.empty() && file->hasProperty(at)) {
                set(at, file->getRawString(at), path);
            }
        }
    } catch (const Poco::Exception& error) {
        throw ConfigError("cannot read the configuration file " + path + ": " + error.displayText());
    }
}

const Config::Setting& Config::setting(std::string_view key) const {
    const auto found = settings_.find(key);
    check(found != settings_.end(), "a configuration key that is not in the list");
    return found->second;
}

const std::string& Config::text(std::string_view key) const {
    return setting(key).value;
}

std::string Config::shown(std::string_view key) const {
    const std::string& value = text(key);
    switch (shownOf(key)) {
        case Shown::Url:
            return withoutSecrets(value);
        case Shown::Nothing:
            return value.empty() ? "" : "(set)";
        case Shown::All:
            break;
    }
    return value;
}

const std::string& Config::origin(std::string_view key) const {
    return setting(key).origin;
}

ConfigError Config::wrong(std::string_view key, const std::string& why) const {
    const std::string value = shownOf(key) == Shown::All ? " = \"" + text(key) + "\"" : "";
    return ConfigError(std::string(key) + value + " (" + origin(key) + "): " + why);
}

std::int64_t Config::integer(std::string_view key, std::int64_t least, std::int64_t most) const {
    const std::string& value = text(key);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size() || number < least || number > most) {
        throw wrong(key,
                    "write a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return number;
}

std::vector<ListenAddress> Config::listen(std::string_view key) const {
    std::vector<ListenAddress> addresses;
    const std::string& value = text(key);
    if (value == "none") {
        return addresses;
    }
    for (std::size_t at = 0; at <= value.size();) {
        const std::size_t comma = std::min(value.find(',', at), value.size());
        const std::string part = trimmed(std::string_view(value).substr(at, comma - at));
        at = comma + 1;
        const std::size_t colon = part.rfind(':');
        int port = -1;
        if (colon != std::string::npos) {
            const auto [end, error] =
                std::from_chars(part.data() + colon + 1, part.data() + part.size(), port);
            port = error == std::errc{} && end == part.data() + part.size() ? port : -1;
        }
        std::string host = part.substr(0, colon == std::string::npos ? 0 : colon);
        if (host.starts_with("[") && host.ends_with("]")) {
            host = host.substr(1, host.size() - 2);
        } else if (host.find(':') != std::string::npos) {
            host.clear();
        }
        if (host.empty() || port < 0 || port > 65535) {
            throw wrong(key, "write addresses as 127.0.0.1:1812,[::1]:1812, or none");
        }
        addresses.push_back({host, port});
    }
    return addresses;
}

Zone Config::zone() const {
    try {
        return Zone(text("business.timezone"));
    } catch (const std::exception&) {
        throw wrong("business.timezone", "write an IANA zone, such as Asia/Jakarta");
    }
}

Currency Config::currency() const {
    const auto currency = findCurrency(text("business.currency"));
    if (!currency) {
        throw wrong("business.currency", "write an ISO 4217 code, such as IDR");
    }
    return *currency;
}

std::string Config::databaseUrl() const {
    const std::string& url = text("database.url");
    return url.empty() ? "sqlite:" + text("data.dir") + "/gardu.db" : url;
}

void Config::checkAll() const {
    if (text("data.dir").empty()) {
        throw wrong("data.dir", "name a folder");
    }
    for (const std::string_view key : {"radius.auth.listen", "radius.acct.listen", "web.listen"}) {
        static_cast<void>(listen(key));
    }
    static_cast<void>(zone());
    static_cast<void>(currency());
    checkNumbers();
    const std::string& level = text("log.level");
    if (level != "debug" && level != "info" && level != "warning" && level != "error") {
        throw wrong("log.level", "write debug, info, warning or error");
    }
}

void Config::checkNumbers() const {
    static_cast<void>(integer("radius.workers", 0, 64));
    static_cast<void>(integer("radius.interim_interval", 60, 86'400));
    static_cast<void>(integer("isolate.session_timeout", 60, 86'400));
    static_cast<void>(integer("auth_log.retention_days", 1, 36'500));
    static_cast<void>(integer("auth_log.rows_per_second", 1, 1'000'000));
    static_cast<void>(integer("accounting.journal_limit_mb", 1, 1'000'000));
    static_cast<void>(integer("accounting.retention_months", 1, 1'200));
    static_cast<void>(integer("accounting.hourly_usage_days", 2, 3'650));
    static_cast<void>(integer("enforce.per_nas_per_second", 1, 10'000));
    static_cast<void>(integer("billing.run_seconds", 0, 86'400));
    static_cast<void>(integer("billing.most_invoices", 1, 1'000));
    static_cast<void>(integer("billing.workers", 1, 64));
    static_cast<void>(integer("notify.per_minute", 1, 60'000));
    static_cast<void>(integer("notify.retention_days", 60, 36'500));
    static_cast<void>(integer("notify.timeout_seconds", 1, 60));
    static_cast<void>(integer("notify.smtp.port", 1, 65'535));
}

}  // namespace gardu::core
