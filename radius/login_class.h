#pragma once
// The Class of our Accepts (RFC 2865 section 5.25): a NAS brings it back in each accounting packet of the
// session, which tells the login, the subscription, and what the session was told. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "core/ids.h"
#include "radius/told.h"

namespace gardu::radius {

struct LoginClass {
    /// A new one for each Accept.
    core::Uuid login;
    core::Uuid subscription;
    /// None: of a version of this program that did not say.
    std::optional<Told> told;
    bool operator==(const LoginClass&) const = default;
};

[[nodiscard]] std::string classValue(const LoginClass& login);
/// Nothing where it is not ours.
[[nodiscard]] std::optional<LoginClass> parseClass(std::string_view value);

}  // namespace gardu::radius
