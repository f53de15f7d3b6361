#include "tests/radius/session_script.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <sstream>
#include <stdexcept>

#include "billing/username.h"

namespace gardu::radius::test {
namespace {

using Fields = std::map<std::string, std::string>;

struct Line {
    std::string what;
    std::int64_t at = 0;
    Fields fields;
};

std::vector<Line> linesOf(std::string_view script) {
    std::vector<Line> lines;
    std::istringstream all{std::string(script)};
    for (std::string text; std::getline(all, text, ';');) {
        std::istringstream words(text);
        Line line;
        words >> line.what >> line.at;
        for (std::string word; words >> word;) {
            const std::size_t equals = word.find('=');
            line.fields[word.substr(0, equals)] = word.substr(equals + 1);
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

std::string textOf(const Fields& fields, const std::string& key, const std::string& otherwise = "") {
    const auto found = fields.find(key);
    return found == fields.end() ? otherwise : found->second;
}

std::optional<std::uint32_t> numberOf(const Fields& fields, const std::string& key) {
    const std::string text = textOf(fields, key);
    return text.empty() ? std::nullopt
                        : std::optional(static_cast<std::uint32_t>(std::stoull(text, nullptr, 0)));
}

const std::map<std::string, AcctStatus> kStatuses = {{"start", AcctStatus::Start},
                                                     {"interim", AcctStatus::Interim},
                                                     {"stop", AcctStatus::Stop},
                                                     {"on", AcctStatus::AccountingOn},
                                                     {"off", AcctStatus::AccountingOff}};

LoginClass classOf(std::uint32_t number) {
    LoginClass login;
    login.login.octets.back() = static_cast<std::uint8_t>(number);
    return login;
}

AccountingEvent eventOf(const Line& line) {
    const Fields& fields = line.fields;
    AccountingEvent event;
    event.status = kStatuses.at(line.what);
    event.happenedAt = secondOfDay(line.at);
    event.arrival.nasId = "id of " + textOf(fields, "nas", "1");
    event.arrival.nasKey = textOf(fields, "nas", "1");
    event.arrival.receivedAt = secondOfDay(numberOf(fields, "heard").value_or(line.at));
    if (event.isOfNas()) {
        return event;
    }
    event.username = textOf(fields, "u", "budi");
    event.usernameKey = billing::usernameKey(event.username);
    event.acctSessionId = textOf(fields, "id", "A");
    if (const auto login = numberOf(fields, "login")) {
        event.loginClass = classOf(*login);
    }
    event.sessionTime = numberOf(fields, "t");
    event.input = {numberOf(fields, "in"), numberOf(fields, "gin")};
    event.output = {numberOf(fields, "out"), numberOf(fields, "gout")};
    event.framedIp = core::parseIpAddress(textOf(fields, "ip"));
    event.callingStationId = textOf(fields, "mac");
    event.nasPortId = textOf(fields, "port");
    event.nasPort = numberOf(fields, "number");
    if (fields.contains("cause")) {
        event.terminateCause = textOf(fields, "cause");
    }
    return event;
}

std::int64_t secondsOf(core::Instant instant) {
    return std::chrono::floor<core::Seconds>(instant - secondOfDay(0)).count();
}

std::string rowOf(const Session& session) {
    std::ostringstream out;
    out << session.acctSessionId << ' ' << (session.startSeen ? "" : "~") << secondsOf(session.startedAt)
        << " seen " << secondsOf(session.lastSeenAt) << ' ' << name(session.state);
    if (session.stoppedAt) {
        out << ' ' << session.terminateCause.value_or("Stop") << '@' << secondsOf(*session.stoppedAt);
    }
    out << ' ' << session.octets.input << '/' << session.octets.output;
    return out.str();
}

/// In whatever order they are, they arrive one after another.
class Arrivals {
public:
    AccountingEvent next(AccountingEvent event) {
        last_ = std::max(last_, event.arrival.receivedAt);
        event.arrival.receivedAt = last_;
        return event;
    }

private:
    core::Instant last_;
};

void playLine(SessionShelf& shelf, const Line& line, const EventFacts& facts) {
    if (line.what == "age") {
        shelf.age(secondOfDay(line.at));
    } else if (line.what == "gone") {
        const auto login = numberOf(line.fields, "login");
        const std::string loginId = login ? core::toText(classOf(*login).login) : "";
        shelf.mark([&](SessionBook& book) {
            book.markGone("1", textOf(line.fields, "id", "A"), loginId, secondOfDay(line.at));
        });
    } else {
        (void)shelf.apply(eventOf(line), facts);
    }
}

}  // namespace

core::Instant secondOfDay(std::int64_t second) {
    return *core::parseInstant("2027-02-15T00:00:00Z") + core::Seconds(second);
}

std::vector<AccountingEvent> eventsOf(std::string_view script) {
    std::vector<AccountingEvent> events;
    for (const Line& line : linesOf(script)) {
        events.push_back(eventOf(line));
    }
    return events;
}

void play(SessionShelf& shelf, std::string_view script, const EventFacts& facts) {
    for (const Line& line : linesOf(script)) {
        playLine(shelf, line, facts);
    }
}

std::string rowsOf(const SessionShelf& shelf) {
    std::vector<std::pair<core::Instant, std::string>> sorted;
    for (const auto& [id, session] : shelf.sessions()) {
        sorted.emplace_back(session.startedAt, rowOf(session));
    }
    std::ranges::sort(sorted);
    std::string rows;
    for (const auto& [start, row] : sorted) {
        rows += rows.empty() ? "" : "; ";
        rows += row;
    }
    return rows;
}

std::string rowsAfter(std::string_view script) {
    SessionShelf shelf(core::Zone("UTC"));
    play(shelf, script);
    return rowsOf(shelf);
}

std::vector<std::string> rowsInAnyOrder(std::string_view script) {
    const std::vector<Line> lines = linesOf(script);
    std::vector<std::size_t> order(lines.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::set<std::string> results;
    do {
        SessionShelf shelf(core::Zone("UTC"));
        Arrivals arrivals;
        for (const std::size_t at : order) {
            (void)shelf.apply(arrivals.next(eventOf(lines[at])), {});
        }
        results.insert(rowsOf(shelf));
    } while (std::ranges::next_permutation(order).found);
    return {results.begin(), results.end()};
}

}  // namespace gardu::radius::test
