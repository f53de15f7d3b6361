#pragma once
// Why a datagram is not answered, on either port, and what an operator is told of it. Pure.

#include <string_view>

namespace gardu::radius {

inline constexpr std::string_view kUnknownNas = "unknown_nas";
inline constexpr std::string_view kWrongSecret = "wrong_secret";
inline constexpr std::string_view kUndecodable = "undecodable";
inline constexpr std::string_view kDuplicateInProgress = "duplicate_in_progress";
inline constexpr std::string_view kInternalError = "internal_error";

/// The words of the alarms unknown_nas and wrong_secret.
inline constexpr const char* kUnknownNasAdvice =
    "packets from an address that is no NAS: gardu nas add --address it, or block it";
inline constexpr const char* kWrongSecretAdvice =
    "its packets are signed with another secret: set the same one on the router (/radius set secret=) and "
    "here (gardu nas update --secret)";

}  // namespace gardu::radius
