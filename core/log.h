#pragma once
// Log lines of key=value pairs: `time=2026-11-22T12:00:00.123Z level=info event=ready auth=0.0.0.0:1812`.
// Values are escaped, so that text from a packet can neither split a line nor forge a pair. Any thread.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace gardu::core {

/// One pair of a line. Takes text and whole numbers.
struct LogField {
    std::string_view key;
    std::string value;

    LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
    LogField(std::string_view name, const std::string& text) : key(name), value(text) {}
    LogField(std::string_view name, const char* text) : key(name), value(text) {}
    template <class Number>
    requires std::is_integral_v<Number> LogField(std::string_view name, Number number)
        : key(name), value(std::to_string(number)) {}
};

enum class LogLevel { Debug, Info, Warning, Error };

using LogFields = std::initializer_list<LogField>;

/// `event` is snake_case and listed in docs/log-events.md (a test checks it).
void logDebug(std::string_view event, LogFields fields = {});
void logInfo(std::string_view event, LogFields fields = {});
void logWarning(std::string_view event, LogFields fields = {});
void logError(std::string_view event, LogFields fields = {});

/// Lines below this level are not written. Info at start.
void setLogLevel(LogLevel level);
/// To which file descriptor lines go, each with one write(2). 2 (stderr) at start.
void setLogDescriptor(int descriptor);

/// For a line that many packets could cause: lets one a second through, and counts the others. Any thread.
class LogLimit {
public:
    /// How many were left out since the last line; nothing: leave this one out too.
    [[nodiscard]] std::optional<std::uint64_t> pass(std::chrono::steady_clock::time_point now);

private:
    std::atomic<std::int64_t> passedAtMs_{std::numeric_limits<std::int64_t>::min() / 2};
    std::atomic<std::uint64_t> leftOut_{0};
};

/// `a` stays, `a b` becomes `"a b"`, quotes, backslashes and control characters are escaped. For log values.
[[nodiscard]] std::string quoteForLog(std::string_view value);

}  // namespace gardu::core
