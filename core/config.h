#pragma once
// The configuration: a fixed list of keys, each with a default, read from a file, the environment and the
// command line (later wins). Read once at start; immutable after that, so any thread may read it.

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/calendar.h"
#include "core/money.h"

namespace gardu::core {

/// Names the key, where the value came from, and what to write instead.
class ConfigError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// An assignment that names no key there is, as opposed to a wrong value of one.
class UnknownKey : public ConfigError {
public:
    using ConfigError::ConfigError;
};

/// What people and logs may see of a value: all, a URL without what may be secret in it, or nothing; what
/// nobody may see is not taken from the command line either, which everybody on the machine can read.
enum class Shown { All, Url, Nothing };

struct ConfigKey {
    std::string_view name;
    std::string_view defaultValue;
    std::string_view help;
    Shown shown = Shown::All;
};

/// Every key there is; docs/configuration.md lists the same.
[[nodiscard]] const std::vector<ConfigKey>& configKeys();

/// "radius.auth.listen" -> "GARDU_RADIUS_AUTH_LISTEN".
[[nodiscard]] std::string environmentName(std::string_view key);

/// A socket address to listen on; `host` without brackets.
struct ListenAddress {
    std::string host;
    int port = 0;
    bool operator==(const ListenAddress&) const = default;
};

struct ConfigSources {
    /// Empty: /etc/gardu/gardu.conf where that exists, else none.
    std::string file;
    /// GARDU_... names and values; others are ignored.
    std::map<std::string, std::string> environment;
    /// `-D key=value`, in order.
    std::vector<std::string> assignments;
    /// What `data.dir` is where nobody says.
    std::string defaultDataDir;
};

class Config {
public:
    /// Throws ConfigError on an unknown key, a value that does not parse, or a file that cannot be read.
    explicit Config(const ConfigSources& sources);

    /// The value as written; an unknown key breaks an invariant.
    [[nodiscard]] const std::string& text(std::string_view key) const;
    /// The value as people may see it.
    [[nodiscard]] std::string shown(std::string_view key) const;
    /// Where the value comes from: "default", a file's path, "environment GARDU_...", "-D".
    [[nodiscard]] const std::string& origin(std::string_view key) const;
    [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t least, std::int64_t most) const;
    /// "0.0.0.0:1812,[::]:1812"; "none" is an empty list. Port 0 asks the system for one.
    [[nodiscard]] std::vector<ListenAddress> listen(std::string_view key) const;
    [[nodiscard]] Zone zone() const;
    [[nodiscard]] Currency currency() const;
    /// `database.url`, or the SQLite file in `data.dir`.
    [[nodiscard]] std::string databaseUrl() const;
    /// A ConfigError about this key and its value.
    [[nodiscard]] ConfigError wrong(std::string_view key, const std::string& why) const;

private:
    struct Setting {
        std::string value;
        std::string origin;
    };
    [[nodiscard]] const Setting& setting(std::string_view key) const;
    void set(const std::string& key, const std::string& value, const std::string& origin);
    void readFile(const std::string& path);
    void checkAll() const;
    void checkNumbers() const;

    std::map<std::string, Setting, std::less<>> settings_;
};

}  // namespace gardu::core
