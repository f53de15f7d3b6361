#pragma once
// What sends one notification: the interface of the SMTP and HTTP senders. One thread's at a time.

#include <functional>
#include <optional>
#include <string>

#include "billing/notification.h"
#include "billing/outbox_store.h"

namespace gardu::app {

struct Outgoing {
    /// Of the outbox's row: the same message twice has the same one.
    std::string id;
    /// As the sender's `addressOf` gave it.
    std::string to;
    billing::Message message;
};

/// TryAgain: another time it may go. Refused: never, to this address.
enum class SendStatus { Sent, TryAgain, Refused };

struct SendResult {
    SendStatus status = SendStatus::Sent;
    /// For people: what the peer said, or what went wrong. Plain ASCII, without secrets.
    std::string words;
};

struct NotificationSender {
    /// "smtp", "http"
    std::string name;
    /// From what is known of the customer; nothing: he cannot be reached in this way.
    std::function<std::optional<std::string>(const billing::OutboxItem&)> addressOf;
    /// Does not throw.
    std::function<SendResult(const Outgoing&)> send;
};

}  // namespace gardu::app
