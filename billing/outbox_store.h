#pragma once
// SQL of the table outbox.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "billing/account.h"
#include "billing/notification.h"
#include "core/calendar.h"
#include "core/db.h"

namespace gardu::billing {

/// A row for each event with `notify`; one whose dedupe key is there already is left out. Under the lock of
/// the customer's account, whose keys are of his own things: nobody else inserts them meanwhile.
void enqueueNotifications(core::Tx& tx, const std::string& customerId,
                          const std::vector<BillingEvent>& events, core::Instant now);

struct OutboxItem {
    std::string id;
    /// Of notificationTemplates().
    std::string templateName;
    std::string customerId;
    std::optional<std::string> subscriptionId;
    std::optional<std::string> invoiceId;
    /// JSON object of names and texts.
    std::string data;
    int attempts = 0;
    core::Instant createdAt;
    /// Of the customer.
    std::string customerName;
    std::optional<std::string> email;
    std::optional<std::string> phone;
    std::optional<std::string> language;
    NotificationFacts facts;
    /// What the subscription and the invoice say now, by the names of `data`, for what is not in it: a number
    /// is given after the event was noted.
    std::map<std::string, std::string> known;
};
/// Waiting and due, oldest first, with what is true now.
[[nodiscard]] std::vector<OutboxItem> dueNotifications(core::Tx& tx, core::Instant now, int most);

/// Takes it for this sender until `until`, so that no other sends it too; false: another was first.
[[nodiscard]] bool claimNotification(core::Tx& tx, const OutboxItem& item, core::Instant until);

enum class OutboxStatus { Waiting, Sent, Dropped, Failed };
[[nodiscard]] std::string_view name(OutboxStatus status);

struct OutboxResult {
    OutboxStatus status = OutboxStatus::Sent;
    /// "smtp", "http"
    std::string sentBy;
    std::string words;
    /// Of Waiting.
    core::Instant nextAttemptAt;
};
void finishNotification(core::Tx& tx, const std::string& id, const OutboxResult& result, core::Instant now);

struct OutboxRow {
    OutboxItem item;
    std::string status;
    std::string lastResult;
    std::string sentBy;
    std::optional<core::Instant> finishedAt;
};
/// Puts one that was dropped or failed, or waits for its next attempt, up for sending now, with all attempts
/// anew. False: it is sent already, or there is no such.
[[nodiscard]] bool retryNotification(core::Tx& tx, const std::string& id, core::Instant now);
[[nodiscard]] std::int64_t countWaitingNotifications(core::Tx& tx);

/// Of the oldest `most` (500 at most), those that were made before then and no longer wait go.
void pruneOutbox(core::Tx& tx, core::Instant before, int most);

/// Newest first, before that id ("" is the newest).
[[nodiscard]] std::vector<OutboxRow> listOutbox(core::Tx& tx, const std::optional<std::string>& status,
                                                const std::string& beforeId, int limit);

}  // namespace gardu::billing
