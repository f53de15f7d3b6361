#pragma once
// The text of an e-mail (RFC 5322, MIME): UTF-8 in subject and body, nothing in it that could be taken for a
// header or the end. Pure.

#include <string>
#include <string_view>

#include "billing/notification.h"
#include "core/calendar.h"

namespace gardu::app {

struct Mail {
    /// Mailboxes that billing::isMailAddress takes.
    std::string from;
    std::string to;
    /// Before the address that it comes from; may be empty.
    std::string fromName;
    /// Unique; the same one for the same message again.
    std::string id;
    billing::Message message;
    core::Instant sentAt;
};

/// Lines end with CR LF, as SMTP sends them, and none begins with a point.
[[nodiscard]] std::string mailText(const Mail& mail);

/// In one line.
[[nodiscard]] std::string base64(std::string_view octets);

}  // namespace gardu::app
