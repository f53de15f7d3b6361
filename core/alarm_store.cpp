#include "core/alarm_store.h"

#include "core/bytes.h"

namespace gardu::core {

namespace {

/// Anybody can send packets from any number of addresses; the table must not grow with them, nor may one kind
/// leave no room for another.
constexpr std::int64_t kMaxAlarmsOfKind = 500;
const std::string kOtherSubjects = "(others)";
constexpr std::size_t kMaxSubject = 253;
constexpr std::size_t kMaxMessage = 1'000;

bool addToRow(Tx& tx, const Alarm& alarm, const std::string& subject, const std::string& message) {
    constexpr const char* kFind = "SELECT kind FROM alarms WHERE kind = ? AND subject = ?";
    if (!tx.queryOne(std::string(kFind).append(tx.forUpdate()), {alarm.kind, subject})) {
        return false;
    }
    tx.execute(
        "UPDATE alarms SET message = ?, last_at = ?, occurrences = occurrences + ? "
        "WHERE kind = ? AND subject = ?",
        {message, toEpochMs(alarm.lastAt), alarm.occurrences, alarm.kind, subject});
    return true;
}

void addOne(Tx& tx, const Alarm& alarm, const std::string& subject) {
    const std::string message = boundedText(alarm.message, kMaxMessage);
    if (addToRow(tx, alarm, subject, message)) {
        return;
    }
    const auto count = tx.queryOne("SELECT COUNT(*) FROM alarms WHERE kind = ?", {alarm.kind})->integer(0);
    if (count >= kMaxAlarmsOfKind && subject != kOtherSubjects) {
        addOne(tx, alarm, kOtherSubjects);
        return;
    }
    tx.execute(
        "INSERT INTO alarms(kind, subject, message, first_at, last_at, occurrences) VALUES (?, ?, ?, ?, "
        "?, ?)",
        {alarm.kind, subject, message, toEpochMs(alarm.firstAt), toEpochMs(alarm.lastAt), alarm.occurrences});
}

}  // namespace

void addAlarms(Tx& tx, const std::vector<Alarm>& alarms) {
    for (const Alarm& alarm : alarms) {
        addOne(tx, alarm, boundedText(alarm.subject, kMaxSubject));
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
    tx.execute("DELETE FROM alarms WHERE kind = ? AND subject = ?", {kind, subject});
}

}  // namespace gardu::core
