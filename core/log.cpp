#include "core/log.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "core/bytes.h"
#include "core/calendar.h"
#include "core/clock.h"

namespace gardu::core {

namespace {

// The one exception to "no globals": a line must be possible anywhere, also where nothing was handed down.
std::atomic<LogLevel> lowestLevel{LogLevel::Info};
std::atomic<int> lineDescriptor{STDERR_FILENO};

std::string_view levelName(LogLevel level) {
    switch (level) {
        case LogLevel::Debug:
            return "debug";
        case LogLevel::Info:
            return "info";
        case LogLevel::Warning:
            return "warning";
        case LogLevel::Error:
            return "error";
    }
    return "unknown";
}

struct Range {
    char32_t first;
    char32_t last;
};

/// Characters that end a line, vanish, or turn the direction of what follows, in some terminal or viewer.
constexpr Range kDeceptive[] = {
    {0x00, 0x1f},        // controls
    {0x7f, 0x9f},        // delete and the C1 controls, with NEL
    {0x061c, 0x061c},    // Arabic letter mark
    {0x200b, 0x200f},    // zero width, direction marks
    {0x2028, 0x202e},    // line and paragraph separator, direction embeddings and overrides
    {0x2060, 0x206f},    // invisible operators, direction isolates
    {0xfeff, 0xfeff},    // byte order mark
    {0xe0000, 0xe007f},  // tags
};

bool isDeceptive(char32_t codePoint) {
    return std::any_of(std::begin(kDeceptive), std::end(kDeceptive), [codePoint](const Range& range) {
        return range.first <= codePoint && codePoint <= range.last;
    });
}

std::string escapeOctets(ByteView octets) {
    std::string escaped;
    for (const std::uint8_t octet : octets) {
        escaped += "\\x" + toHex({&octet, 1});
    }
    return escaped;
}

std::string escapeCharacter(char32_t codePoint, ByteView octets) {
    switch (codePoint) {
        case '\n':
            return "\\n";
        case '\r':
            return "\\r";
        case '\t':
            return "\\t";
        case '"':
            return "\\\"";
        case '\\':
            return "\\\\";
        default:
            return isDeceptive(codePoint) ? escapeOctets(octets) : std::string(asText(octets));
    }
}

std::string escape(ByteView rest) {
    std::string escaped;
    while (!rest.empty()) {
        const auto character = firstUtf8Character(rest);
        const ByteView octets = rest.first(character ? character->octets : 1);
        escaped += character ? escapeCharacter(character->codePoint, octets) : escapeOctets(octets);
        rest = rest.subspan(octets.size());
    }
    return escaped;
}

/// Nothing in it needs an escape or quotes: printable ASCII without blank, quote, backslash and "=".
bool isPlain(std::string_view value) {
    return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
        return c > ' ' && c < '\x7f' && c != '"' && c != '\\' && c != '=';
    });
}

void appendPair(std::string& line, std::string_view key, std::string_view value) {
    line += line.empty() ? "" : " ";
    line += key;
    line += '=';
    line += quoteForLog(value);
}

/// A line that cannot be written has nowhere to be reported; the program goes on.
void writeLine(const std::string& line) {
    const int descriptor = lineDescriptor.load();
    while (::write(descriptor, line.data(), line.size()) == -1 && errno == EINTR) {
    }
}

void log(LogLevel level, std::string_view event, LogFields fields) {
    if (level < lowestLevel.load()) {
        return;
    }
    std::string line;
    appendPair(line, "time", formatInstant(wallNow()));
    appendPair(line, "level", levelName(level));
    appendPair(line, "event", event);
    for (const LogField& field : fields) {
        appendPair(line, field.key, field.value);
    }
    line += '\n';
    writeLine(line);
}

}  // namespace

void logDebug(std::string_view event, LogFields fields) {
    log(LogLevel::Debug, event, fields);
}

void logInfo(std::string_view event, LogFields fields) {
    log(LogLevel::Info, event, fields);
}

void logWarning(std::string_view event, LogFields fields) {
    log(LogLevel::Warning, event, fields);
}

void logError(std::string_view event, LogFields fields) {
    log(LogLevel::Error, event, fields);
}

void setLogLevel(LogLevel level) {
    lowestLevel.store(level);
}

void setLogDescriptor(int descriptor) {
    lineDescriptor.store(descriptor);
}

std::optional<std::uint64_t> LogLimit::pass(std::chrono::steady_clock::time_point now) {
    constexpr std::int64_t kPauseMs = 1'000;
    const auto nowMs = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    std::int64_t passedAtMs = passedAtMs_.load();
    if (nowMs - passedAtMs < kPauseMs || !passedAtMs_.compare_exchange_strong(passedAtMs, nowMs)) {
        ++leftOut_;
        return std::nullopt;
    }
    return leftOut_.exchange(0);
}

std::string quoteForLog(std::string_view value) {
    if (isPlain(value)) {
        return std::string(value);
    }
    return '"' + escape(asBytes(value)) + '"';
}

}  // namespace gardu::core
