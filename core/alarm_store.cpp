#include "core/alarm_store.h"

#include "core/bytes.h"

namespace gardu::core {

namespace {

/// Anybody can send packets from any number of addresses; the table must not grow with them.
constexpr std::int64_t kMaxAlarms = 5'000;
constexpr std::size_t kMaxSubject = 253;
constexpr std::size_t kMaxMessage = 1'000;

/// An alarm that the database refuses would keep all others from it, so the text is made to fit: what is not
/// printable becomes "?".
std::string storable(const std::string& octets, std::size_t most) {
    std::string text;
    for (std::size_t at = 0; at < octets.size();) {
        const auto rest = asBytes(octets).subspan(at);
        const auto character = firstUtf8Character(rest);
        const std::size_t size = character ? character->octets : 1;
        const std::string part =
            character && isPrintableUtf8(rest.first(size)) ? octets.substr(at, size) : "?";
        if (text.size() + part.size() > most) {
            break;
        }
        text += part;
        at += size;
    }
    return text;
}

}  // namespace

void addAlarms(Tx& tx, const std::vector<Alarm>& alarms) {
    std::int64_t room = kMaxAlarms - tx.queryOne("SELECT COUNT(*) FROM alarms")->integer(0);
    for (const Alarm& alarm : alarms) {
        const std::string subject = storable(alarm.subject, kMaxSubject);
        const std::string message = storable(alarm.message, kMaxMessage);
        // FOR UPDATE is MariaDB's; SQLite has one writer at a time anyway.
        const char* find = tx.dialect() == Dialect::Mysql
                               ? "SELECT kind FROM alarms WHERE kind = ? AND subject = ? FOR UPDATE"
                               : "SELECT kind FROM alarms WHERE kind = ? AND subject = ?";
        if (tx.queryOne(find, {alarm.kind, subject})) {
            tx.execute(
                "UPDATE alarms SET message = ?, last_at = ?, occurrences = occurrences + ? "
                "WHERE kind = ? AND subject = ?",
                {message, toEpochMs(alarm.lastAt), alarm.occurrences, alarm.kind, subject});
            continue;
        }
        if (room-- <= 0) {
            continue;
        }
        tx.execute(
            "INSERT INTO alarms(kind, subject, message, first_at, last_at, occurrences) VALUES (?, ?, ?, ?, "
            "?, ?)",
            {alarm.kind, subject, message, toEpochMs(alarm.firstAt), toEpochMs(alarm.lastAt),
             alarm.occurrences});
    }
}

std::vector<Alarm> listAlarms(Tx& tx) {
    std::vector<Alarm> alarms;
    for (const Row& row :
         tx.query("SELECT kind, subject, message, first_at, last_at, occurrences FROM alarms "
                  "ORDER BY last_at DESC, kind, subject")) {
        alarms.push_back({row.text(0), row.text(1), row.text(2), fromEpochMs(row.integer(3)),
                          fromEpochMs(row.integer(4)), row.integer(5)});
    }
    return alarms;
}

void clearAlarm(Tx& tx, const std::string& kind, const std::string& subject) {
    tx.execute("DELETE FROM alarms WHERE kind = ? AND subject = ?", {kind, storable(subject, kMaxSubject)});
}

}  // namespace gardu::core
