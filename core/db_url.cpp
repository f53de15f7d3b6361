#include "core/db_url.h"

#include <Poco/Exception.h>
#include <Poco/String.h>
#include <Poco/URI.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace gardu::core {

namespace {

/// Poco takes "key=value;key=value" and cuts the blanks around a value.
bool fitsConnectionText(const std::string& text) {
    return text.find(';') == std::string::npos && Poco::trim(text) == text;
}

[[noreturn]] void refuseMysqlUrl() {
    throw std::invalid_argument(
        "database.url: not of the form mysql://USER:PASSWORD@HOST:PORT/DB (write a character of the password "
        "such as @ : / % as %40 %3A %2F %25)");
}

Poco::URI readUri(const std::string& url) {
    try {
        return Poco::URI(url);
    } catch (const Poco::Exception&) {
        refuseMysqlUrl();
    }
}

/// User and password.
std::pair<std::string, std::string> readUserInfo(const std::string& userInfo) {
    const std::size_t colon = std::min(userInfo.find(':'), userInfo.size());
    std::pair<std::string, std::string> result;
    try {
        Poco::URI::decode(userInfo.substr(0, colon), result.first);
        Poco::URI::decode(userInfo.substr(std::min(colon + 1, userInfo.size())), result.second);
    } catch (const Poco::Exception&) {
        refuseMysqlUrl();
    }
    return result;
}

DbLocation parseMysqlUrl(const std::string& url) {
    const Poco::URI uri = readUri(url);
    const auto [user, password] = readUserInfo(uri.getUserInfo());
    const std::string database = uri.getPath().size() > 1 ? uri.getPath().substr(1) : "";
    if (user.empty() || database.empty() || uri.getHost().empty()) {
        refuseMysqlUrl();
    }
    if (!fitsConnectionText(user) || !fitsConnectionText(password) || !fitsConnectionText(database) ||
        !fitsConnectionText(uri.getHost())) {
        throw std::invalid_argument(
            "database.url: user, password, host and database cannot hold a ';', nor begin or end with a "
            "blank");
    }
    const int port = uri.getPort() == 0 ? 3306 : uri.getPort();
    const bool isIpv6 = uri.getHost().find(':') != std::string::npos;
    const std::string shownHost = isIpv6 ? "[" + uri.getHost() + "]" : uri.getHost();
    DbLocation location;
    location.dialect = Dialect::Mysql;
    location.connection = "host=" + uri.getHost() + ";port=" + std::to_string(port) + ";user=" + user +
                          ";password=" + password + ";db=" + database + ";character-set=utf8mb4";
    location.safeUrl = "mysql://" + user + "@" + shownHost + ":" + std::to_string(port) + "/" + database;
    return location;
}

}  // namespace

DbLocation parseDbUrl(const std::string& url) {
    if (url.starts_with("sqlite:") && url.size() > 7) {
        return {Dialect::Sqlite, url.substr(7), url};
    }
    if (url.starts_with("mysql://")) {
        return parseMysqlUrl(url);
    }
    throw std::invalid_argument(
        "database.url: not of the form sqlite:PATH or mysql://USER:PASSWORD@HOST:PORT/DB");
}

}  // namespace gardu::core
