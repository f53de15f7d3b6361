#include "app/notify_settings.h"

#include <Poco/Exception.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/URI.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace gardu::app {

namespace {

std::string trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    return first == std::string_view::npos
               ? ""
               : std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

std::vector<std::string> parts(const std::string& text, char separator) {
    std::vector<std::string> all;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(separator, at), text.size());
        if (const std::string part = trimmed(std::string_view(text).substr(at, end - at)); !part.empty()) {
            all.push_back(part);
        }
        at = end + 1;
    }
    return all;
}

/// No line end or other control character, which could begin a header or a command.
bool isOneLine(const std::string& text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

bool isLoopback(const std::string& host) {
    Poco::Net::IPAddress address;
    return host == "localhost" || (Poco::Net::IPAddress::tryParse(host, address) && address.isLoopback());
}

Peer peerOf(const core::Config& config, const std::function<bool()>& stop) {
    Peer peer;
    peer.caFile = config.text("notify.ca_file");
    if (std::error_code error; !peer.caFile.empty() && !std::filesystem::exists(peer.caFile, error)) {
        throw config.wrong("notify.ca_file", "there is no such file");
    }
    peer.timeout = std::chrono::seconds(config.integer("notify.timeout_seconds", 1, 60));
    peer.stop = stop;
    return peer;
}

SmtpSecurity smtpSecurity(const core::Config& config, const std::string& host) {
    const std::string& text = config.text("notify.smtp.security");
    if (text == "starttls") {
        return SmtpSecurity::StartTls;
    }
    if (text == "tls") {
        return SmtpSecurity::Tls;
    }
    if (text != "none") {
        throw config.wrong("notify.smtp.security", "write starttls, tls or none");
    }
    if (!isLoopback(host)) {
        throw config.wrong("notify.smtp.security",
                           "write starttls or tls; none is only for a relay on this machine (localhost)");
    }
    return SmtpSecurity::None;
}

SmtpSettings smtpSettings(const core::Config& config, const std::function<bool()>& stop) {
    SmtpSettings settings;
    settings.relay = peerOf(config, stop);
    settings.relay.host = config.text("notify.smtp.host");
    settings.relay.port = static_cast<int>(config.integer("notify.smtp.port", 1, 65'535));
    settings.security = smtpSecurity(config, settings.relay.host);
    settings.user = config.text("notify.smtp.user");
    settings.password = config.text("notify.smtp.password");
    settings.from = config.text("notify.smtp.from");
    settings.fromName = config.text("business.name");
    if (!billing::isMailAddress(settings.from)) {
        throw config.wrong("notify.smtp.from", "write the address that e-mail comes from: isp@example.net");
    }
    return settings;
}

std::vector<std::pair<std::string, std::string>> httpHeaders(const core::Config& config) {
    constexpr const char* kKey = "notify.http.headers";
    std::vector<std::pair<std::string, std::string>> headers;
    for (const std::string& part : parts(config.text(kKey), '|')) {
        const std::size_t colon = part.find(':');
        const std::string name = trimmed(std::string_view(part).substr(0, std::min(colon, part.size())));
        const bool isName = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                   c == '_';
        });
        if (colon == std::string::npos || !isName || !isOneLine(part)) {
            throw config.wrong(kKey, "write them as Name: value | Other-Name: value");
        }
        headers.emplace_back(name, trimmed(std::string_view(part).substr(colon + 1)));
    }
    return headers;
}

/// What a gateway would not understand is better found now than with each message.
void checkBody(const core::Config& config, const HttpSettings& settings) {
    if (settings.body.find("{to}") == std::string::npos ||
        settings.body.find("{text}") == std::string::npos) {
        throw config.wrong("notify.http.body", "it needs {to} and {text}");
    }
    const Outgoing sample{"id", "62812", {"subject", "\"text\"\n"}};
    if (settings.format == HttpFormat::JsonBody && !nlohmann::json::accept(fillHttpBody(settings, sample))) {
        throw config.wrong(
            "notify.http.body",
            R"(with its names filled it is no JSON; write for example {"to": "{to}", "text": "{text}"})");
    }
}

HttpSettings httpSettings(const core::Config& config, const std::function<bool()>& stop) {
    HttpSettings settings;
    settings.gateway = peerOf(config, stop);
    const std::string& url = config.text("notify.http.url");
    try {
        const Poco::URI uri(url);
        settings.gateway.host = uri.getHost();
        settings.gateway.port = uri.getPort();
        settings.gateway.isTls = uri.getScheme() == "https";
        settings.hostHeader = uri.getAuthority();
        settings.path = uri.getPathAndQuery().empty() ? "/" : uri.getPathAndQuery();
        if ((uri.getScheme() != "http" && uri.getScheme() != "https") || uri.getHost().empty() ||
            !uri.getUserInfo().empty() || !isOneLine(url)) {
            throw config.wrong("notify.http.url", "write https://HOST/PATH, without a user name in it");
        }
    } catch (const Poco::Exception&) {
        throw config.wrong("notify.http.url", "write https://HOST/PATH");
    }
    const std::string& format = config.text("notify.http.format");
    if (format != "json" && format != "form") {
        throw config.wrong("notify.http.format", "write json or form");
    }
    settings.format = format == "json" ? HttpFormat::JsonBody : HttpFormat::FormBody;
    settings.body = config.text("notify.http.body");
    checkBody(config, settings);
    settings.headers = httpHeaders(config);
    return settings;
}

NotificationSender smtpSender(const core::Config& config, const std::function<bool()>& stop) {
    return {"smtp",
            [](const billing::OutboxItem& item) {
                return item.email && billing::isMailAddress(*item.email) ? item.email : std::nullopt;
            },
            [settings = smtpSettings(config, stop)](const Outgoing& outgoing) {
                return sendMail(settings, outgoing);
            }};
}

NotificationSender httpSender(const core::Config& config, const std::function<bool()>& stop) {
    const std::string& country = config.text("notify.country_code");
    if (country.empty() || country.size() > 3 ||
        country.find_first_not_of("0123456789") != std::string::npos) {
        throw config.wrong("notify.country_code", "write its digits, such as 62");
    }
    return {"http",
            [country](const billing::OutboxItem& item) {
                return item.phone ? billing::dialNumber(*item.phone, country) : std::nullopt;
            },
            [settings = httpSettings(config, stop)](const Outgoing& outgoing) {
                return sendByHttp(settings, outgoing);
            }};
}

std::vector<NotificationSender> senders(const core::Config& config, const std::function<bool()>& stop) {
    std::vector<NotificationSender> all;
    for (const std::string& name : parts(config.text("notify.order"), ',')) {
        if (name == "smtp" && !config.text("notify.smtp.host").empty()) {
            all.push_back(smtpSender(config, stop));
        } else if (name == "http" && !config.text("notify.http.url").empty()) {
            all.push_back(httpSender(config, stop));
        } else if (name != "smtp" && name != "http") {
            throw config.wrong("notify.order", "write http, smtp or both, parted by a comma");
        }
    }
    return all;
}

core::Seconds timeOfDay(const core::Config& config, const char* key) {
    const auto time = billing::parseTimeOfDay(config.text(key));
    if (!time) {
        throw config.wrong(key, "write a time of the day, such as 21:00");
    }
    return *time;
}

}  // namespace

NotifySettings notifySettings(const core::Config& config, const std::function<bool()>& stop) {
    const auto language = billing::parseLanguage(config.text("notify.language"));
    if (!language) {
        throw config.wrong("notify.language", "write id or en");
    }
    for (const char* key : {"business.name", "business.how_to_pay"}) {
        if (!isOneLine(config.text(key))) {
            throw config.wrong(key, "write it in one line");
        }
    }
    return {senders(config, stop),
            *language,
            config.text("business.name"),
            config.text("business.how_to_pay"),
            {timeOfDay(config, "notify.quiet_from"), timeOfDay(config, "notify.quiet_until")},
            config.zone(),
            static_cast<int>(config.integer("notify.per_minute", 1, 60'000))};
}

}  // namespace gardu::app
