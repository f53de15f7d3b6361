#pragma once
// A child program of a test. Its output goes to files, so that it never waits for a reader. It is killed when
// the object ends, and when the thread that started it does (start long-lived children on the main thread).
// Not shared between threads.

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/temp_folder.h"

namespace gardu::test {

struct ProcessStart {
    /// A path, or a name that is looked up in PATH and the system's folders for servers.
    std::string program;
    std::vector<std::string> arguments;
    /// Added to our environment, or instead of what it has.
    std::map<std::string, std::string> environment = {};
    /// The child's current folder; ours where empty.
    std::string folder = {};
    /// What the child reads as its standard input.
    std::string input = {};
};

class Process {
public:
    /// Throws std::runtime_error where the program cannot be started.
    explicit Process(const ProcessStart& start);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] bool isRunning();

    /// The first line of either stream, from its beginning, that holds `text`; waits for it.
    /// Throws std::runtime_error, with all output, when the time is over or the child ended without it.
    std::string waitForLine(std::string_view text, std::chrono::milliseconds timeout);

    /// The exit code, or 128 + the signal that ended it; nothing when the time is over.
    std::optional<int> wait(std::chrono::milliseconds timeout);
    /// Does nothing to a child that has ended.
    void signal(int number);
    /// SIGSTOP, and waits until all its threads stand still: they run on for a while after the signal is
    /// sent. Throws std::runtime_error where they do so for longer than ten seconds. SIGCONT ends it.
    void freeze();
    /// SIGCONT and SIGTERM, then SIGKILL when the time is over. Returns what wait() would.
    int stop(std::chrono::milliseconds timeout = std::chrono::seconds(10));
    /// SIGKILL, and waits for the end.
    void kill();

    /// Everything so far.
    [[nodiscard]] std::string output() const;
    [[nodiscard]] std::string errors() const;

private:
    [[nodiscard]] std::optional<std::string> findLine(std::string_view text) const;

    TempFolder folder_;
    pid_t pid_ = -1;
    std::optional<int> result_;
};

struct ProcessResult {
    int exitCode = 0;
    std::string output;
    std::string errors;
};

/// Runs to the end. Throws std::runtime_error when the time is over.
[[nodiscard]] ProcessResult runProcess(const ProcessStart& start,
                                       std::chrono::milliseconds timeout = std::chrono::seconds(60));
/// The same, and throws std::runtime_error with all output where the exit code is not 0.
ProcessResult runOrThrow(const ProcessStart& start,
                         std::chrono::milliseconds timeout = std::chrono::seconds(60));

}  // namespace gardu::test
