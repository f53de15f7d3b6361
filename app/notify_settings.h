#pragma once
// What the keys notify.* say, checked: senders in their order, and the rules of sending.

#include <functional>
#include <string>
#include <vector>

#include "app/http_sender_client.h"
#include "app/notification_sender.h"
#include "app/smtp_client.h"
#include "billing/notification.h"
#include "billing/notification_rules.h"
#include "core/config.h"

namespace gardu::app {

struct NotifySettings {
    /// Those of notify.order that are configured: the first one that reaches the customer is used.
    std::vector<NotificationSender> senders;
    billing::Language language = billing::Language::Indonesian;
    std::string company;
    std::string howToPay = {};
    billing::QuietHours quiet;
    core::Zone zone;
    int perMinute = 60;
};

/// Throws core::ConfigError. `stop` is asked by senders that wait; true makes them give up.
[[nodiscard]] NotifySettings notifySettings(const core::Config& config, const std::function<bool()>& stop);

}  // namespace gardu::app
