#pragma once
// What an operator must know of, collected in memory (any thread raises) and written to the database by one
// thread. The same kind and subject is one alarm with a count, so a flood of packets is one row.

#include <map>
#include <string>
#include <vector>

#include "core/alarm.h"
#include "core/calendar.h"
#include "core/guarded.h"

namespace gardu::core {

class AlarmBoard {
public:
    /// Subjects of one kind held between two writes; more are counted under the subject "(others)".
    static constexpr std::size_t kMaxPending = 500;

    void raise(const std::string& kind, const std::string& subject, const std::string& message, Instant now);
    /// What was raised since the last call.
    [[nodiscard]] std::vector<Alarm> take();
    /// After the database refused them: counted in again.
    void giveBack(const std::vector<Alarm>& alarms);

private:
    /// By kind, then by subject.
    using Pending = std::map<std::string, std::map<std::string, Alarm>>;
    static void merge(Pending& pending, Alarm alarm);
    Guarded<Pending> pending_;
};

}  // namespace gardu::core
