#pragma once
// Notifications by HTTP POST to a gateway (WhatsApp, Telegram, SMS): a body made from a template, with
// headers that hold its token. One connection a message, certificates verified. One thread's.

#include <string>
#include <utility>
#include <vector>

#include "app/notification_sender.h"
#include "app/peer_socket.h"

namespace gardu::app {

enum class HttpFormat { JsonBody, FormBody };

struct HttpSettings {
    Peer gateway;
    /// "gateway.example:8443", and "/send?x=y".
    std::string hostHeader;
    std::string path;
    HttpFormat format = HttpFormat::JsonBody;
    /// With {to}, {text}, {subject} and {id}, which are filled with the format's escapes.
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

/// The body of a message.
[[nodiscard]] std::string fillHttpBody(const HttpSettings& settings, const Outgoing& outgoing);

/// Does not throw. 2xx: Sent. 4xx but 401, 403, 408 and 429: Refused. All else is TryAgain.
[[nodiscard]] SendResult sendByHttp(const HttpSettings& settings, const Outgoing& outgoing);

}  // namespace gardu::app
