#include "core/alarm_store.h"

namespace gardu::core {

namespace {

/// Anybody can send packets from any number of addresses; the table must not grow with them.
constexpr std::int64_t kMaxAlarms = 5'000;

}  // namespace

void addAlarms(Tx& tx, const std::vector<Alarm>& alarms) {
    std::int64_t room = kMaxAlarms - tx.queryOne("SELECT COUNT(*) FROM alarms")->integer(0);
    for (const Alarm& alarm : alarms) {
        // FOR UPDATE is MariaDB's; SQLite has one writer at a time anyway.
        const char* find = tx.dialect() == Dialect::Mysql
                               ? "SELECT kind FROM alarms WHERE kind = ? AND subject = ? FOR UPDATE"
                               : "SELECT kind FROM alarms WHERE kind = ? AND subject = ?";
        if (tx.queryOne(find, {alarm.kind, alarm.subject})) {
            tx.execute(
                "UPDATE alarms SET message = ?, last_at = ?, occurrences = occurrences + ? "
                "WHERE kind = ? AND subject = ?",
                {alarm.message, toEpochMs(alarm.lastAt), alarm.occurrences, alarm.kind, alarm.subject});
            continue;
        }
        if (room-- <= 0) {
            continue;
        }
        tx.execute(
            "INSERT INTO alarms(kind, subject, message, first_at, last_at, occurrences) VALUES (?, ?, ?, ?, ?, ?)",
            {alarm.kind, alarm.subject, alarm.message, toEpochMs(alarm.firstAt), toEpochMs(alarm.lastAt),
             alarm.occurrences});
    }
}

std::vector<Alarm> listAlarms(Tx& tx) {
    std::vector<Alarm> alarms;
    for (const Row& row : tx.query("SELECT kind, subject, message, first_at, last_at, occurrences FROM alarms "
                                   "ORDER BY last_at DESC, kind, subject")) {
        alarms.push_back({row.text(0), row.text(1), row.text(2), fromEpochMs(row.integer(3)),
                          fromEpochMs(row.integer(4)), row.integer(5)});
    }
    return alarms;
}

void clearAlarm(Tx& tx, const std::string& kind, const std::string& subject) {
    tx.execute("DELETE FROM alarms WHERE kind = ? AND subject = ?", {kind, subject});
}

}  // namespace gardu::core
