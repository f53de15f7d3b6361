#include "radius/session.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace gardu::radius {

namespace {

template <class Value, std::size_t size>
using Names = std::array<std::pair<Value, std::string_view>, size>;

constexpr Names<SessionState, 3> kStates = {{
    {SessionState::Live, "live"},
    {SessionState::Unknown, "unknown"},
    {SessionState::Closed, "closed"},
}};

constexpr Names<ClosedBy, 6> kClosers = {{
    {ClosedBy::Nothing, "nothing"},
    {ClosedBy::Stop, "stop"},
    {ClosedBy::NasReboot, "nas_reboot"},
    {ClosedBy::Superseded, "superseded"},
    {ClosedBy::Stale, "stale"},
    {ClosedBy::Gone, "gone"},
}};

template <class Value, std::size_t size>
std::optional<Value> valueOf(const Names<Value, size>& names, std::string_view text) {
    for (const auto& [value, name] : names) {
        if (name == text) {
            return value;
        }
    }
    return std::nullopt;
}

void appendHex(std::string& text, std::uint64_t number) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
    text.append(digits.data(), end);
}

/// "TOTAL@TIME" of the base and "TIME=OCTETS" of each point, in hexadecimal, joined by blanks.
std::string formatTrail(const CounterTrail& trail) {
    std::string text;
    appendHex(text, static_cast<std::uint64_t>(trail.baseTotal));
    text += '@';
    appendHex(text, trail.baseTime);
    for (const CounterPoint& point : trail.points) {
        text += ' ';
        appendHex(text, point.sessionTime);
        text += '=';
        appendHex(text, point.octets);
    }
    return text;
}

/// The text up to the separator, or all of it; what is left after it stays in `text`.
std::string_view takeUntil(std::string_view& text, char separator) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return taken;
}

template <class Number>
bool readHex(std::string_view digits, Number& number) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    return error == std::errc{} && end == digits.data() + digits.size() && number >= 0;
}

bool parseTrail(std::string_view text, CounterTrail& trail) {
    std::string_view base = takeUntil(text, ' ');
    if (!readHex(takeUntil(base, '@'), trail.baseTotal) || !readHex(base, trail.baseTime)) {
        return false;
    }
    while (!text.empty()) {
        std::string_view pair = takeUntil(text, ' ');
        CounterPoint point;
        if (!readHex(takeUntil(pair, '='), point.sessionTime) || !readHex(pair, point.octets)) {
            return false;
        }
        trail.points.push_back(point);
    }
    return trail.points.size() <= kMostPoints;
}

}  // namespace

std::string_view name(SessionState state) {
    return kStates.at(static_cast<std::size_t>(state)).second;
}

std::string_view name(ClosedBy closedBy) {
    return kClosers.at(static_cast<std::size_t>(closedBy)).second;
}

std::optional<SessionState> parseSessionState(std::string_view text) {
    return valueOf(kStates, text);
}

std::optional<ClosedBy> parseClosedBy(std::string_view text) {
    return valueOf(kClosers, text);
}

std::string formatPoints(const Session& session) {
    if (session.inputTrail == CounterTrail{} && session.outputTrail == CounterTrail{}) {
        return "";
    }
    return formatTrail(session.inputTrail) + '/' + formatTrail(session.outputTrail);
}

bool parsePoints(std::string_view text, Session& session) {
    CounterTrail input;
    CounterTrail output;
    if (!text.empty()) {
        const std::string_view first = takeUntil(text, '/');
        if (!parseTrail(first, input) || !parseTrail(text, output)) {
            return false;
        }
    }
    session.inputTrail = std::move(input);
    session.outputTrail = std::move(output);
    return true;
}

}  // namespace gardu::radius
