#include "billing/outbox_store.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "core/check.h"
#include "core/entropy.h"

namespace gardu::billing {

namespace {

constexpr std::size_t kKeysPerStatement = 500;
constexpr std::size_t kLongestKey = 190;
constexpr std::size_t kLongestWords = 500;

constexpr const char* kSelect =
    "SELECT o.id, o.template, o.customer_id, o.subscription_id, o.invoice_id, o.data, o.attempts, "
    "o.created_at, c.name, c.email, c.phone, c.language, i.status, s.dunning_stage, s.status, "
    "o.status, o.last_result, o.sent_by, o.finished_at, s.mikrotik_username, p.name, i.number, i.currency, "
    "i.due_date, i.period_start, i.period_end, i.outstanding FROM outbox o "
    "LEFT JOIN customers c ON c.id = o.customer_id LEFT JOIN invoices i ON i.id = o.invoice_id "
    "LEFT JOIN subscriptions s ON s.id = o.subscription_id LEFT JOIN packages p ON p.id = s.package_id";

/// From the 19th column on.
std::map<std::string, std::string> knownOf(const core::Row& row) {
    static constexpr std::array<const char*, 7> kNames = {"username", "package",      "number",    "currency",
                                                          "due_date", "period_start", "period_end"};
    std::map<std::string, std::string> known;
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (auto text = row.optionalText(19 + i)) {
            known[kNames.at(i)] = std::move(*text);
        }
    }
    if (const auto outstanding = row.optionalInteger(19 + kNames.size())) {
        known["amount_minor"] = std::to_string(*outstanding);
    }
    return known;
}

OutboxItem toItem(const core::Row& row) {
    OutboxItem item;
    item.id = row.text(0);
    item.templateName = row.text(1);
    item.customerId = row.text(2);
    item.subscriptionId = row.optionalText(3);
    item.invoiceId = row.optionalText(4);
    item.data = row.text(5);
    item.attempts = static_cast<int>(row.integer(6));
    item.createdAt = core::fromEpochMs(row.integer(7));
    item.customerName = row.optionalText(8).value_or("");
    item.email = row.optionalText(9);
    item.phone = row.optionalText(10);
    item.language = row.optionalText(11);
    item.facts = {row.optionalText(12), row.optionalText(13), row.optionalText(14)};
    item.known = knownOf(row);
    if (const auto due = item.known.find("due_date"); due != item.known.end()) {
        item.facts.dueDate = core::parseDate(due->second);
    }
    return item;
}

OutboxRow toRow(const core::Row& row) {
    const auto finishedAt = row.optionalInteger(18);
    return {toItem(row), row.text(15), row.text(16), row.text(17),
            finishedAt ? std::optional(core::fromEpochMs(*finishedAt)) : std::nullopt};
}

/// Those of the events that are in the table, by their dedupe keys.
std::set<std::string> storedKeys(core::Tx& tx, const std::vector<std::string>& keys) {
    std::set<std::string> stored;
    for (std::size_t first = 0; first < keys.size(); first += kKeysPerStatement) {
        const auto begin = keys.begin() + static_cast<std::ptrdiff_t>(first);
        const auto end =
            begin + static_cast<std::ptrdiff_t>(std::min(kKeysPerStatement, keys.size() - first));
        const core::Values values(begin, end);
        // Not FOR UPDATE: locks on keys that are not there yet would stand in the way of other customers'.
        constexpr const char* kFind = "SELECT dedupe_key FROM outbox WHERE dedupe_key IN ";
        for (const core::Row& row : tx.query(kFind + core::placeholders(values.size()), values)) {
            stored.insert(row.text(0));
        }
    }
    return stored;
}

core::Values outboxRow(const std::string& customerId, const BillingEvent& event, core::Instant now) {
    return {core::newId(now),
            event.dedupeKey,
            event.notify,
            customerId,
            core::toValue(event.subscriptionId),
            core::toValue(event.invoiceId),
            nlohmann::json(event.meta).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
            std::string(name(OutboxStatus::Waiting)),
            std::int64_t{0},
            core::toEpochMs(now),
            std::string(),
            std::string(),
            core::toEpochMs(now)};
}

/// At most `most` octets, without a part of a letter at its end.
std::string shortened(const std::string& text, std::size_t most) {
    std::size_t size = std::min(text.size(), most);
    while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
        --size;
    }
    return text.substr(0, size);
}

}  // namespace

void enqueueNotifications(core::Tx& tx, const std::string& customerId,
                          const std::vector<BillingEvent>& events, core::Instant now) {
    std::vector<std::string> keys;
    keys.reserve(events.size());
    for (const BillingEvent& event : events) {
        if (!event.notify.empty()) {
            core::check(!event.dedupeKey.empty() && event.dedupeKey.size() <= kLongestKey,
                        "a notification without a dedupe key, or with one that is too long");
            keys.push_back(event.dedupeKey);
        }
    }
    std::set<std::string> taken = storedKeys(tx, keys);
    std::vector<core::Values> rows;
    rows.reserve(keys.size());
    for (const BillingEvent& event : events) {
        if (!event.notify.empty() && taken.insert(event.dedupeKey).second) {
            rows.push_back(outboxRow(customerId, event, now));
        }
    }
    tx.insertRows(
        "INSERT INTO outbox(id, dedupe_key, template, customer_id, subscription_id, invoice_id, data, "
        "status, attempts, next_attempt_at, last_result, sent_by, created_at)",
        rows);
}

std::vector<OutboxItem> dueNotifications(core::Tx& tx, core::Instant now, int most) {
    constexpr const char* kDue =
        " WHERE o.status = ? AND o.next_attempt_at <= ? ORDER BY o.next_attempt_at, o.id LIMIT ?";
    std::vector<OutboxItem> items;
    for (const core::Row& row :
         tx.query(std::string(kSelect).append(kDue),
                  {std::string(name(OutboxStatus::Waiting)), core::toEpochMs(now), std::int64_t{most}})) {
        items.push_back(toItem(row));
    }
    return items;
}

bool claimNotification(core::Tx& tx, const OutboxItem& item, core::Instant until) {
    // Each claim counts an attempt, so another count is another's claim.
    constexpr const char* kFind = "SELECT id FROM outbox WHERE id = ? AND status = ? AND attempts = ?";
    if (!tx.queryOne(std::string(kFind).append(tx.forUpdate()),
                     {item.id, std::string(name(OutboxStatus::Waiting)), std::int64_t{item.attempts}})) {
        return false;
    }
    tx.execute("UPDATE outbox SET attempts = attempts + 1, next_attempt_at = ? WHERE id = ?",
               {core::toEpochMs(until), item.id});
    return true;
}

std::string_view name(OutboxStatus status) {
    static constexpr std::array<std::string_view, 4> kNames = {"waiting", "sent", "dropped", "failed"};
    return kNames.at(static_cast<std::size_t>(status));
}

void finishNotification(core::Tx& tx, const std::string& id, const OutboxResult& result, core::Instant now) {
    const bool isWaiting = result.status == OutboxStatus::Waiting;
    // Of a slow sender whose claim ran out the message may be sent, and finished, by another.
    tx.execute(
        "UPDATE outbox SET status = ?, next_attempt_at = ?, last_result = ?, sent_by = ?, finished_at = ? "
        "WHERE id = ? AND status = ?",
        {std::string(name(result.status)), core::toEpochMs(isWaiting ? result.nextAttemptAt : now),
         shortened(result.words, kLongestWords), result.sentBy,
         isWaiting ? core::Value(nullptr) : core::Value(core::toEpochMs(now)), id,
         std::string(name(OutboxStatus::Waiting))});
}

void pruneOutbox(core::Tx& tx, core::Instant before, int most) {
    core::Values old;
    for (const core::Row& row :
         tx.query("SELECT id, created_at, status FROM outbox ORDER BY id LIMIT ?", {std::int64_t{most}})) {
        if (row.instant(1) < before && row.text(2) != name(OutboxStatus::Waiting)) {
            old.emplace_back(row.text(0));
        }
    }
    if (!old.empty()) {
        tx.execute("DELETE FROM outbox WHERE id IN " + core::placeholders(old.size()), old);
    }
}

bool retryNotification(core::Tx& tx, const std::string& id, core::Instant now) {
    constexpr const char* kFind = "SELECT status FROM outbox WHERE id = ?";
    const auto row = tx.queryOne(std::string(kFind).append(tx.forUpdate()), {id});
    if (!row || row->text(0) == name(OutboxStatus::Sent)) {
        return false;
    }
    tx.execute(
        "UPDATE outbox SET status = ?, attempts = 0, next_attempt_at = ?, finished_at = NULL WHERE id = ?",
        {std::string(name(OutboxStatus::Waiting)), core::toEpochMs(now), id});
    return true;
}

std::int64_t countWaitingNotifications(core::Tx& tx) {
    return tx
        .queryOne("SELECT COUNT(*) FROM outbox WHERE status = ?", {std::string(name(OutboxStatus::Waiting))})
        ->integer(0);
}

std::vector<OutboxRow> listOutbox(core::Tx& tx, const std::optional<std::string>& status,
                                  const std::string& beforeId, int limit) {
    // Ids grow with time; "~" comes after all of them.
    core::Values values{beforeId.empty() ? std::string("~") : beforeId};
    std::string_view where = " WHERE o.id < ?";
    if (status) {
        where = " WHERE o.id < ? AND o.status = ?";
        values.emplace_back(*status);
    }
    values.emplace_back(std::int64_t{limit});
    constexpr const char* kOrder = " ORDER BY o.id DESC LIMIT ?";
    std::vector<OutboxRow> rows;
    for (const core::Row& row : tx.query(std::string(kSelect).append(where).append(kOrder), values)) {
        rows.push_back(toRow(row));
    }
    return rows;
}

}  // namespace gardu::billing
