#include "billing/subscription.h"

#include <array>

#include "billing/username.h"
#include "core/address.h"
#include "core/bytes.h"

namespace gardu::billing {

namespace {

constexpr std::size_t kMaxRoutes = 16;
constexpr std::size_t kMaxRouteSize = 120;

using Errors = std::vector<core::FieldError>;

void checkPrefix(Errors& errors, const char* field, const std::optional<std::string>& text) {
    if (!text) {
        return;
    }
    const auto network = core::parseIpNetwork(*text);
    if (!network || network->address.family != core::AddressFamily::Ipv6) {
        errors.push_back(
            {field, "write an IPv6 prefix, such as 2001:db8:1::/56, without bits after its length"});
    }
}

bool isRoute(const std::string& route) {
    const auto network = core::parseIpNetwork(std::string_view(route).substr(0, route.find(' ')));
    // RFC 2865 section 5.22 knows IPv4 only; IPv6 here would stay open in the walled garden.
    return network && network->address.family == core::AddressFamily::Ipv4 && route.size() <= kMaxRouteSize &&
           core::isPrintableUtf8(core::asBytes(route));
}

}  // namespace

std::string_view name(SubscriptionStatus status) {
    constexpr std::array<std::string_view, 4> names = {"active", "suspended", "disabled", "cancelled"};
    return names.at(static_cast<std::size_t>(status));
}

std::optional<SubscriptionStatus> parseSubscriptionStatus(std::string_view text) {
    for (const auto status : {SubscriptionStatus::Active, SubscriptionStatus::Suspended,
                              SubscriptionStatus::Disabled, SubscriptionStatus::Cancelled}) {
        if (name(status) == text) {
            return status;
        }
    }
    return std::nullopt;
}

std::vector<core::FieldError> addressProblems(const StaticAddresses& addresses) {
    Errors errors;
    if (addresses.ipv4) {
        const auto address = core::parseIpAddress(*addresses.ipv4);
        // RouterOS takes an address in 127/8 or 224/3 as "use the profile's pool".
        const bool usable = address && address->family == core::AddressFamily::Ipv4 &&
                            core::formatIpAddress(*address) == *addresses.ipv4 && address->octets[0] != 0 &&
                            address->octets[0] != 127 && address->octets[0] < 224;
        if (!usable) {
            errors.push_back({"static_ip", "write an IPv4 address of a host, such as 10.0.0.2"});
        }
    }
    checkPrefix(errors, "framed_ipv6_prefix", addresses.framedIpv6Prefix);
    checkPrefix(errors, "delegated_ipv6_prefix", addresses.delegatedIpv6Prefix);
    if (addresses.framedRoutes.size() > kMaxRoutes) {
        errors.push_back({"framed_route", "at most 16 routes"});
    }
    for (const std::string& route : addresses.framedRoutes) {
        if (!isRoute(route)) {
            errors.push_back(
                {"framed_route", "\"" + route + "\" is not a route, such as 192.168.9.0/24 10.0.0.2 1"});
        }
    }
    return errors;
}

std::optional<std::string> passwordProblem(std::string_view username, std::string_view password) {
    if (password.size() > kMaxPasswordSize) {
        return "longer than 128 octets, which is what RADIUS carries";
    }
    if (password.find('\0') != std::string_view::npos) {
        return "holds a zero octet, which PAP cannot carry";
    }
    if (password.empty() && !isMacLogin(username)) {
        return "write a password; only a user name that is a MAC address, with separators, may go without";
    }
    return std::nullopt;
}

std::optional<std::string> joinRoutes(const std::vector<std::string>& routes) {
    if (routes.empty()) {
        return std::nullopt;
    }
    std::string text;
    for (const std::string& route : routes) {
        text += (text.empty() ? "" : "\n") + route;
    }
    return text;
}

std::vector<std::string> splitRoutes(const std::optional<std::string>& text) {
    std::vector<std::string> routes;
    for (std::size_t at = 0; text && at < text->size();) {
        const std::size_t end = std::min(text->find('\n', at), text->size());
        routes.push_back(text->substr(at, end - at));
        at = end + 1;
    }
    return routes;
}

}  // namespace gardu::billing
