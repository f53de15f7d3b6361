#include "core/log.h"

#include <cppunit/extensions/HelperMacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <vector>

#include "core/calendar.h"
#include "tests/support/threads.h"

namespace {

using namespace gardu::core;
using gardu::test::inThreads;

struct QuoteCase {
    std::string_view value;
    std::string_view quoted;
};

constexpr QuoteCase kQuotes[] = {
    {"", R"("")"},
    {"bob", "bob"},
    {"bob@isp.id", "bob@isp.id"},
    {"10.0.0.1:1812", "10.0.0.1:1812"},
    {"a b", R"("a b")"},
    {"a=b", R"("a=b")"},
    {R"(say "hi")", R"("say \"hi\"")"},
    {R"(back\slash)", R"("back\\slash")"},
    {R"(")", R"("\"")"},
    {"x\ntime=2027 level=info event=forged", R"("x\ntime=2027 level=info event=forged")"},
    {"x\r\n", R"("x\r\n")"},
    {"a\tb", R"("a\tb")"},
    {std::string_view("a\0b", 3), R"("a\x00b")"},
    {"\x1b[31mred", R"("\x1b[31mred")"},
    {"\x7f", R"("\x7f")"},
    {"caf\xc3\xa9", "\"caf\xc3\xa9\""},
    {"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""},
    {"\xff\xfe", R"("\xff\xfe")"},
    {"caf\xe9", R"("caf\xe9")"},        // Latin-1
    {"\xc0\x8a", R"("\xc0\x8a")"},      // an overlong line feed
    {"\xe2\x80", R"("\xe2\x80")"},      // cut short
    {"\xe2\x80\n", R"("\xe2\x80\n")"},  // a line feed where a character should end
    {"\xc2\x85", R"("\xc2\x85")"},      // NEL
    {"\xc2\x9b", R"("\xc2\x9b")"},      // CSI in one character
    {"a\xe2\x80\xa8"
     "b",
     R"("a\xe2\x80\xa8b")"},  // U+2028
    {"a\xe2\x80\xa9"
     "b",
     R"("a\xe2\x80\xa9b")"},  // U+2029
    {"\xe2\x80\xae"
     "dib",
     R"("\xe2\x80\xaedib")"},                     // right-to-left override
    {"bob\xe2\x80\x8b", R"("bob\xe2\x80\x8b")"},  // zero width space
    {"\xef\xbb\xbf"
     "bob",
     R"("\xef\xbb\xbfbob")"},  // byte order mark
};

/// Lines go into a pipe while it lives.
class CapturedLog {
public:
    CapturedLog() {
        CPPUNIT_ASSERT_EQUAL(0, ::pipe(ends_.data()));
        setLogDescriptor(ends_[1]);
    }
    ~CapturedLog() {
        setLogDescriptor(STDERR_FILENO);
        setLogLevel(LogLevel::Info);
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    CapturedLog(const CapturedLog&) = delete;
    CapturedLog& operator=(const CapturedLog&) = delete;
    CapturedLog(CapturedLog&&) = delete;
    CapturedLog& operator=(CapturedLog&&) = delete;

    /// What one read(2) gives: at most `limit` octets, and never waits since a marker is put behind it.
    [[nodiscard]] std::string read() const {
        CPPUNIT_ASSERT_EQUAL(ssize_t{1}, ::write(ends_[1], "$", 1));
        std::string text(65536, '\0');
        const ssize_t size = ::read(ends_[0], text.data(), text.size());
        CPPUNIT_ASSERT(size > 0 && text[static_cast<std::size_t>(size) - 1] == '$');
        text.resize(static_cast<std::size_t>(size) - 1);
        return text;
    }

private:
    std::array<int, 2> ends_{};
};

/// Of a line "time=... level=...", after it was seen that its time is one.
std::string withoutTime(const std::string& line) {
    CPPUNIT_ASSERT(line.starts_with("time="));
    const std::size_t blank = line.find(' ');
    CPPUNIT_ASSERT(parseInstant(line.substr(5, blank - 5)).has_value());
    return line.substr(blank + 1);
}

std::vector<std::string> linesOf(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        CPPUNIT_ASSERT(end != std::string::npos);
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

class LogTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(LogTest);
    CPPUNIT_TEST(quotesHostileValues);
    CPPUNIT_TEST(writesPairsInOrder);
    CPPUNIT_TEST(namesTheLevels);
    CPPUNIT_TEST(leavesOutLowLevels);
    CPPUNIT_TEST(hostileFieldStaysOnItsLine);
    CPPUNIT_TEST(linesOfThreadsDoNotMix);
    CPPUNIT_TEST(survivesADescriptorThatIsGone);
    CPPUNIT_TEST(limitLetsOneASecondThrough);
    CPPUNIT_TEST(limitCountsThoseOfAllThreads);
    CPPUNIT_TEST_SUITE_END();

public:
    void limitLetsOneASecondThrough() {
        using std::chrono::milliseconds;
        const std::chrono::steady_clock::time_point start{};
        LogLimit limit;
        const std::pair<int, int> turns[] = {{0, 0},      {1, -1},    {999, -1}, {1'000, 2},
                                             {1'500, -1}, {2'000, 1}, {9'000, 0}};
        for (const auto& [ms, leftOut] : turns) {
            const auto passed = limit.pass(start + milliseconds(ms));
            CPPUNIT_ASSERT_EQUAL(leftOut, passed ? static_cast<int>(*passed) : -1);
        }
    }

    void limitCountsThoseOfAllThreads() {
        const std::chrono::steady_clock::time_point start{};
        LogLimit limit;
        std::atomic<int> passed{0};
        inThreads(4, [&](int) {
            for (int i = 0; i < 1'000; ++i) {
                passed += limit.pass(start) ? 1 : 0;
            }
        });
        CPPUNIT_ASSERT_EQUAL(1, passed.load());
        CPPUNIT_ASSERT(limit.pass(start + std::chrono::seconds(1)) == std::optional<std::uint64_t>(3'999));
    }

    void quotesHostileValues() {
        for (const auto& [value, quoted] : kQuotes) {
            CPPUNIT_ASSERT_EQUAL(std::string(quoted), quoteForLog(value));
        }
    }

    void writesPairsInOrder() {
        const CapturedLog captured;
        logInfo("access_reject",
                {{"reason", "wrong_password"}, {"user", std::string("bob")}, {"ms", 4}, {"d", -1}});
        CPPUNIT_ASSERT_EQUAL(
            std::string("level=info event=access_reject reason=wrong_password user=bob ms=4 d=-1\n"),
            withoutTime(captured.read()));
    }

    void namesTheLevels() {
        const CapturedLog captured;
        setLogLevel(LogLevel::Debug);
        logDebug("a");
        logInfo("b");
        logWarning("c");
        logError("d");
        const auto lines = linesOf(captured.read());
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, lines.size());
        CPPUNIT_ASSERT_EQUAL(std::string("level=debug event=a"), withoutTime(lines[0]));
        CPPUNIT_ASSERT_EQUAL(std::string("level=info event=b"), withoutTime(lines[1]));
        CPPUNIT_ASSERT_EQUAL(std::string("level=warning event=c"), withoutTime(lines[2]));
        CPPUNIT_ASSERT_EQUAL(std::string("level=error event=d"), withoutTime(lines[3]));
    }

    void leavesOutLowLevels() {
        const CapturedLog captured;
        logDebug("not_at_start");
        CPPUNIT_ASSERT_EQUAL(std::string(), captured.read());
        setLogLevel(LogLevel::Error);
        logWarning("nor_this");
        CPPUNIT_ASSERT_EQUAL(std::string(), captured.read());
        logError("but_this");
        CPPUNIT_ASSERT_EQUAL(std::string("level=error event=but_this\n"), withoutTime(captured.read()));
    }

    void hostileFieldStaysOnItsLine() {
        const CapturedLog captured;
        logInfo("login", {{"user", "bob\" event=forged x=\"\n"}, {"nas", 3}});
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"(level=info event=login user="bob\" event=forged x=\"\n" nas=3)") + '\n',
            withoutTime(captured.read()));
    }

    void linesOfThreadsDoNotMix() {
        const CapturedLog captured;
        inThreads(4, [](int t) {
            for (int i = 0; i < 50; ++i) {
                logInfo("tick", {{"thread", t}, {"text", std::string(100, static_cast<char>('a' + t))}});
            }
        });
        const auto lines = linesOf(captured.read());
        CPPUNIT_ASSERT_EQUAL(std::size_t{200}, lines.size());
        for (const auto& line : lines) {
            const int t = line.back() - 'a';
            CPPUNIT_ASSERT_EQUAL("level=info event=tick thread=" + std::to_string(t) +
                                     " text=" + std::string(100, line.back()),
                                 withoutTime(line));
        }
    }

    void survivesADescriptorThatIsGone() {
        setLogDescriptor(-1);
        logError("into_the_void");
        setLogDescriptor(STDERR_FILENO);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LogTest);

}  // namespace
