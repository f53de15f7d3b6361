#pragma once
// E-mail through a relay (RFC 5321), with STARTTLS (RFC 3207), TLS from the start, or neither for a relay on
// this machine, and AUTH PLAIN or LOGIN (RFC 4954). One connection a message. One thread's.

#include <string>

#include "app/notification_sender.h"
#include "app/peer_socket.h"

namespace gardu::app {

/// None: only to a loopback address.
enum class SmtpSecurity { StartTls, Tls, None };

struct SmtpSettings {
    /// isTls is made from `security`.
    Peer relay;
    SmtpSecurity security = SmtpSecurity::StartTls;
    /// Empty: no login.
    std::string user;
    std::string password;
    std::string from;
    std::string fromName;
};

/// Does not throw: what is wrong with the relay, the login or our own address is TryAgain, what is wrong
/// with the recipient or the message is Refused.
[[nodiscard]] SendResult sendMail(const SmtpSettings& settings, const Outgoing& outgoing);

}  // namespace gardu::app
