#include "tests/support/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace gardu::test {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kPollPause{10};
// Between fork and exec only calls that are safe in a signal handler are allowed: all is prepared before.
constexpr int kExecFailed = 127;

std::string readFile(const std::string& path) {
    const std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string findProgram(const std::string& program) {
    if (program.find('/') != std::string::npos) {
        return program;
    }
    const char* path =
        std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): tests do not set the environment
    std::istringstream folders(std::string(path == nullptr ? "" : path) + ":/usr/bin:/usr/sbin:/sbin");
    std::string folder;
    while (std::getline(folders, folder, ':')) {
        std::string candidate = folder;
        candidate.append("/").append(program);
        if (::access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
    }
    throw std::runtime_error("no program " + program + ": run tools/install.sh test");
}

std::vector<std::string> environmentTexts(const std::map<std::string, std::string>& added) {
    std::vector<std::string> texts;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        if (!added.contains(text.substr(0, text.find('=')))) {
            texts.push_back(text);
        }
    }
    for (const auto& [name, value] : added) {
        texts.emplace_back(name).append("=").append(value);
    }
    return texts;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (std::string& text : texts) {
        result.push_back(text.data());
    }
    result.push_back(nullptr);
    return result;
}

// What the child needs, ready for use after fork.
struct Prepared {
    const char* program;
    char** arguments;
    char** environment;
    const char* folder;
    int input;
    int output;
    int errors;
    pid_t parent;
};

[[noreturn]] void giveUp(std::string_view what) {
    const ssize_t written = ::write(STDERR_FILENO, what.data(), what.size());
    ::_exit(written < 0 ? kExecFailed + 1 : kExecFailed);
}

[[noreturn]] void becomeChild(const Prepared& child) {
    if (::dup2(child.input, 0) < 0 || ::dup2(child.output, 1) < 0 || ::dup2(child.errors, 2) < 0) {
        giveUp("cannot connect the child's streams\n");
    }
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != child.parent) {
        giveUp("the parent has ended\n");
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    if (*child.folder != '\0' && ::chdir(child.folder) != 0) {
        giveUp("cannot enter the child's folder\n");
    }
    ::execve(child.program, child.arguments, child.environment);
    giveUp("cannot execute the program\n");
}

// A file of the child's; ends with the scope, since the child has its own copy.
class OpenFile {
public:
    OpenFile(const std::string& path, int flags)
        : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {
        if (descriptor_ < 0) {
            throw std::runtime_error("cannot open " + path);
        }
    }
    ~OpenFile() { ::close(descriptor_); }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    [[nodiscard]] int descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

int codeOf(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Process::Process(const ProcessStart& start) {
    const std::string program = findProgram(start.program);
    if (::access(program.c_str(), X_OK) != 0) {
        throw std::runtime_error("cannot run " + program);
    }
    std::vector<std::string> arguments = start.arguments;
    arguments.insert(arguments.begin(), program);
    std::vector<std::string> environment = environmentTexts(start.environment);
    std::ofstream(folder_.file("in"), std::ios::binary) << start.input;
    const OpenFile input(folder_.file("in"), O_RDONLY);
    const OpenFile output(folder_.file("out"), O_WRONLY | O_CREAT | O_APPEND);
    const OpenFile errors(folder_.file("err"), O_WRONLY | O_CREAT | O_APPEND);
    const std::vector<char*> argumentPointers = pointers(arguments);
    const std::vector<char*> environmentPointers = pointers(environment);
    const Prepared child{.program = program.c_str(),
                         .arguments = const_cast<char**>(argumentPointers.data()),
                         .environment = const_cast<char**>(environmentPointers.data()),
                         .folder = start.folder.c_str(),
                         .input = input.descriptor(),
                         .output = output.descriptor(),
                         .errors = errors.descriptor(),
                         .parent = ::getpid()};
    pid_ = ::fork();
    if (pid_ == 0) {
        becomeChild(child);
    }
    if (pid_ < 0) {
        throw std::runtime_error("cannot fork for " + program);
    }
}

Process::~Process() {
    kill();
}

bool Process::isRunning() {
    return !wait(milliseconds(0)).has_value();
}

std::optional<int> Process::wait(milliseconds timeout) {
    const Clock::time_point end = Clock::now() + timeout;
    while (!result_) {
        int status = 0;
        const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
        if (ended == pid_) {
            result_ = codeOf(status);
        } else if (ended < 0 && errno != EINTR) {
            result_ = -1;  // somebody else has reaped it
        } else if (Clock::now() >= end) {
            break;
        } else {
            std::this_thread::sleep_for(kPollPause);
        }
    }
    return result_;
}

std::optional<std::string> Process::findLine(std::string_view text) const {
    for (const std::string& stream : {output(), errors()}) {
        const std::size_t at = stream.find(text);
        const std::size_t end = at == std::string::npos ? at : stream.find('\n', at);
        if (end == std::string::npos) {
            continue;
        }
        const std::size_t before = at == 0 ? std::string::npos : stream.rfind('\n', at - 1);
        const std::size_t begin = before == std::string::npos ? 0 : before + 1;
        return stream.substr(begin, end - begin);
    }
    return std::nullopt;
}

std::string Process::waitForLine(std::string_view text, milliseconds timeout) {
    const Clock::time_point end = Clock::now() + timeout;
    while (true) {
        const bool last = !isRunning() || Clock::now() >= end;
        if (const auto line = findLine(text)) {
            return *line;
        }
        if (last) {
            throw std::runtime_error("no line with '" + std::string(text) + "' in:\n" + output() + errors());
        }
        std::this_thread::sleep_for(kPollPause);
    }
}

void Process::signal(int number) {
    if (isRunning()) {
        ::kill(pid_, number);
    }
}

void Process::freeze() {
    signal(SIGSTOP);
    const Clock::time_point end = Clock::now() + std::chrono::seconds(10);
    siginfo_t stopped{};
    while (isRunning() && ::waitid(P_PID, static_cast<id_t>(pid_), &stopped, WSTOPPED | WNOHANG) == 0) {
        if (stopped.si_pid == pid_) {
            return;
        }
        if (Clock::now() >= end) {
            throw std::runtime_error("process " + std::to_string(pid_) + " does not stand still");
        }
        std::this_thread::sleep_for(kPollPause);
    }
}

int Process::stop(milliseconds timeout) {
    signal(SIGCONT);
    signal(SIGTERM);
    if (!wait(timeout)) {
        kill();
    }
    return result_.value_or(-1);
}

void Process::kill() {
    if (!result_) {
        ::kill(pid_, SIGKILL);
        wait(std::chrono::seconds(10));
    }
}

std::string Process::output() const {
    return readFile(folder_.file("out"));
}

std::string Process::errors() const {
    return readFile(folder_.file("err"));
}

ProcessResult runProcess(const ProcessStart& start, milliseconds timeout) {
    Process process(start);
    const std::optional<int> code = process.wait(timeout);
    if (!code) {
        throw std::runtime_error(start.program + " still ran after " + std::to_string(timeout.count()) +
                                 " ms:\n" + process.output() + process.errors());
    }
    return {*code, process.output(), process.errors()};
}

ProcessResult runOrThrow(const ProcessStart& start, milliseconds timeout) {
    ProcessResult result = runProcess(start, timeout);
    if (result.exitCode != 0) {
        throw std::runtime_error(start.program + " ended with " + std::to_string(result.exitCode) + ":\n" +
                                 result.output + result.errors);
    }
    return result;
}

}  // namespace gardu::test
