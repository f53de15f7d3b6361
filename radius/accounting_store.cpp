#include "radius/accounting_store.h"

#include <algorithm>
#include <string_view>

namespace gardu::radius {

namespace {

constexpr std::size_t kKeysPerStatement = 500;
/// What the columns hold.
constexpr std::size_t kMaxDetail = 1'000;
constexpr std::size_t kMaxPacket = 8'200;

std::int64_t markOf(const std::optional<core::Row>& row) {
    return row ? row->integer(0) : 0;
}

NasBoot toBoot(const core::Row& row) {
    NasBoot boot;
    boot.nasKey = row.text(0);
    if (!row.isNull(1)) {
        boot.bootedAt = core::fromEpochMs(row.integer(1));
    }
    boot.bootDigit = row.text(2);
    boot.digitSeenAt = core::fromEpochMs(row.integer(3));
    boot.heardAt = core::fromEpochMs(row.integer(4));
    boot.returnedAt = core::fromEpochMs(row.integer(5));
    return boot;
}

/// Of a journal that is applied again, these are there already.
bool isQuarantined(core::Tx& tx, const QuarantinedPacket& packet) {
    return tx
        .queryOne("SELECT id FROM accounting_quarantine WHERE journal_id = ? AND sequence = ?",
                  {packet.journalId, packet.sequence})
        .has_value();
}

}  // namespace

std::int64_t lockHighWaterMark(core::Tx& tx, const std::string& journalId) {
    constexpr const char* kFind = "SELECT applied FROM journals WHERE id = ?";
    return markOf(tx.queryOne(std::string(kFind).append(tx.forUpdate()), {journalId}));
}

std::int64_t highWaterMark(core::Tx& tx, const std::string& journalId) {
    return markOf(tx.queryOne("SELECT applied FROM journals WHERE id = ?", {journalId}));
}

void setHighWaterMark(core::Tx& tx, const std::string& journalId, std::int64_t sequence, core::Instant now) {
    tx.insertRows("REPLACE INTO journals(id, applied, updated_at)",
                  {{journalId, sequence, core::toEpochMs(now)}});
}

std::vector<NasBoot> findBoots(core::Tx& tx, const std::vector<std::string>& nasKeys) {
    std::vector<NasBoot> boots;
    for (std::size_t at = 0; at < nasKeys.size(); at += kKeysPerStatement) {
        const std::size_t end = std::min(at + kKeysPerStatement, nasKeys.size());
        const core::Values values(nasKeys.begin() + static_cast<std::ptrdiff_t>(at),
                                  nasKeys.begin() + static_cast<std::ptrdiff_t>(end));
        constexpr const char* kFind =
            "SELECT nas_key, booted_at, boot_digit, digit_seen_at, heard_at, returned_at FROM nas_boots "
            "WHERE nas_key IN ";
        const std::string list = core::placeholders(values.size());
        for (const core::Row& row : tx.query(std::string(kFind).append(list), values)) {
            boots.push_back(toBoot(row));
        }
    }
    return boots;
}

void putBoots(core::Tx& tx, const std::vector<const NasBoot*>& boots) {
    std::vector<core::Values> rows;
    rows.reserve(boots.size());
    for (const NasBoot* boot : boots) {
        rows.push_back({boot->nasKey, core::toValue(boot->bootedAt), boot->bootDigit,
                        core::toEpochMs(boot->digitSeenAt), core::toEpochMs(boot->heardAt),
                        core::toEpochMs(boot->returnedAt)});
    }
    tx.insertRows(
        "REPLACE INTO nas_boots(nas_key, booted_at, boot_digit, digit_seen_at, heard_at, returned_at)", rows);
}

void addQuarantined(core::Tx& tx, const std::vector<QuarantinedPacket>& packets) {
    std::vector<core::Values> rows;
    for (const QuarantinedPacket& packet : packets) {
        if (!isQuarantined(tx, packet)) {
            rows.push_back({packet.journalId, packet.sequence, core::toEpochMs(packet.receivedAt),
                            packet.nasKey, packet.username, packet.reason,
                            core::boundedText(packet.detail, kMaxDetail),
                            packet.packet.substr(0, kMaxPacket)});
        }
    }
    tx.insertRows(
        "INSERT INTO accounting_quarantine(journal_id, sequence, received_at, nas_key, username, reason, "
        "detail, packet)",
        rows);
}

std::vector<QuarantinedPacket> listQuarantined(core::Tx& tx, int limit) {
    std::vector<QuarantinedPacket> list;
    for (const core::Row& row :
         tx.query("SELECT id, journal_id, sequence, received_at, nas_key, username, reason, detail, packet "
                  "FROM accounting_quarantine ORDER BY id DESC LIMIT ?",
                  {std::int64_t{limit}})) {
        list.push_back({row.integer(0), row.text(1), row.integer(2), core::fromEpochMs(row.integer(3)),
                        row.text(4), row.text(5), row.text(6), row.text(7), row.text(8)});
    }
    return list;
}

std::int64_t countQuarantined(core::Tx& tx) {
    return tx.queryOne("SELECT COUNT(*) FROM accounting_quarantine")->integer(0);
}

void pruneQuarantined(core::Tx& tx, std::int64_t most) {
    const auto newest = tx.queryOne("SELECT MAX(id) FROM accounting_quarantine");
    if (newest && !newest->isNull(0)) {
        tx.execute("DELETE FROM accounting_quarantine WHERE id <= ?", {newest->integer(0) - most});
    }
}

}  // namespace gardu::radius
