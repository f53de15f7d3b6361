#pragma once
// The words of billing/notification.h in each language, with {names} to be filled. Pure.

#include <string_view>
#include <vector>

namespace gardu::billing {

struct NotificationWords {
    std::string_view subject;
    std::string_view body;
};

struct NotificationText {
    std::string_view templateName;
    NotificationWords indonesian;
    NotificationWords english;
};

[[nodiscard]] const std::vector<NotificationText>& notificationTexts();

}  // namespace gardu::billing
