#include "core/db_url.h"

#include <charconv>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "core/bytes.h"

namespace gardu::core {

namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::string_view kMysql = "mysql://";
constexpr int kMysqlPort = 3306;

[[noreturn]] void refuseMysqlUrl() {
    throw std::invalid_argument(
        "database.url: not of the form mysql://USER:PASSWORD@HOST:PORT/DB (write a character of the password "
        "such as @ : / % as %40 %3A %2F %25)");
}

std::string decoded(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            result += text[at];
            continue;
        }
        const auto octet = fromHex(text.substr(at + 1, 2));
        if (!octet || octet->size() != 1) {
            refuseMysqlUrl();
        }
        result += static_cast<char>(octet->front());
        at += 2;
    }
    return result;
}

/// The library takes "key=value;key=value" and cuts the blanks around a value.
void checkFits(const std::string& text) {
    constexpr std::string_view kBlanks = " \t\r\n\v\f";
    if (text.find(';') != std::string::npos || text.find('\0') != std::string::npos ||
        (!text.empty() && (kBlanks.find(text.front()) != std::string_view::npos ||
                           kBlanks.find(text.back()) != std::string_view::npos))) {
        throw std::invalid_argument(
            "database.url: user, password, host and database cannot hold a ';', nor begin or end with a "
            "blank");
    }
}

int parsePort(std::string_view text) {
    int port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port < 1 || port > 65535) {
        refuseMysqlUrl();
    }
    return port;
}

struct HostAndPort {
    std::string host;
    int port = kMysqlPort;
    bool isIpv6 = false;
};

HostAndPort parseHost(std::string_view text) {
    HostAndPort result;
    std::string_view rest;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) {
            refuseMysqlUrl();
        }
        result.host = text.substr(1, end - 1);
        result.isIpv6 = true;
        rest = text.substr(end + 1);
    } else {
        result.host = text.substr(0, text.find(':'));
        rest = text.substr(result.host.size());
    }
    if (result.host.empty() || (!rest.empty() && !rest.starts_with(':'))) {
        refuseMysqlUrl();
    }
    if (!rest.empty()) {
        result.port = parsePort(rest.substr(1));
    }
    return result;
}

DbLocation parseMysqlUrl(std::string_view rest) {
    const std::size_t slash = rest.find('/');
    const std::string_view authority = rest.substr(0, slash);
    const std::size_t at = authority.rfind('@');
    if (slash == std::string_view::npos || at == std::string_view::npos) {
        refuseMysqlUrl();
    }
    const std::string_view userInfo = authority.substr(0, at);
    const std::size_t colon = userInfo.find(':');
    const std::string user = decoded(userInfo.substr(0, colon));
    const std::string password = colon == std::string_view::npos ? "" : decoded(userInfo.substr(colon + 1));
    const HostAndPort server = parseHost(authority.substr(at + 1));
    const std::string database = decoded(rest.substr(slash + 1));
    if (user.empty() || database.empty() || database.find_first_of("/?#") != std::string::npos) {
        refuseMysqlUrl();
    }
    for (const std::string& part : {user, password, server.host, database}) {
        checkFits(part);
    }
    const std::string port = std::to_string(server.port);
    const std::string shownHost = server.isIpv6 ? "[" + server.host + "]" : server.host;
    return {Dialect::Mysql,
            "host=" + server.host + ";port=" + port + ";user=" + user + ";password=" + password +
                ";db=" + database + ";character-set=utf8mb4",
            "mysql://" + user + "@" + shownHost + ":" + port + "/" + database};
}

}  // namespace

DbLocation parseDbUrl(const std::string& url) {
    const std::string_view text = url;
    if (text.starts_with(kSqlite) && text.size() > kSqlite.size()) {
        return {Dialect::Sqlite, url.substr(kSqlite.size()), url};
    }
    if (text.starts_with(kMysql)) {
        return parseMysqlUrl(text.substr(kMysql.size()));
    }
    throw std::invalid_argument(
        "database.url: not of the form sqlite:PATH or mysql://USER:PASSWORD@HOST:PORT/DB");
}

}  // namespace gardu::core
