// radius_load: loads a RADIUS server with the Access-Requests, or the Accounting-Requests, of a RouterOS
// PPPoE server, proves every reply, and prints rates and latencies. Exit status: 0 well, 1 a reply was
// invalid or not the expected one, 2 wrong usage.

#include <arpa/inet.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <exception>
#include <fstream>
#include <future>
#include <iomanip>
#include <iostream>
#include <map>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/load_accounting.h"
#include "bench/load_packet.h"
#include "bench/load_worker.h"

namespace gardu::bench {
namespace {

enum class Expect { Accept, Reject, Any };

struct Options {
    std::string server = "127.0.0.1:1812";
    std::string usersFile;
    std::string userPattern = "user%07d";
    std::string passwordPattern = "pass%07d";
    std::size_t userCount = 1000;
    std::size_t threads = 1;
    std::size_t window = 256;
    std::size_t ports = 8;
    std::uint64_t timeoutMs = 1100;  // RouterOS' default
    double durationSeconds = 10;
    double warmupSeconds = -1;
    Expect expect = Expect::Accept;
    bool json = false;
    bool accounting = false;
    TrafficKind logins = TrafficKind::LoginsMixed;
    LoadPlan plan;
};

template <typename Value>
CLI::Option* addChoice(CLI::App& app, const std::string& name, Value& value,
                       const std::map<std::string, Value>& choices) {
    return app.add_option(name, value)->transform(CLI::CheckedTransformer(choices))->option_text([&choices] {
        std::string text;
        for (const auto& choice : choices) {
            text += (text.empty() ? "" : "|") + choice.first;
        }
        return text;
    }());
}

void addTargetOptions(CLI::App& app, Options& options) {
    app.add_option("--server", options.server, "IPv4 address and port of the server")->capture_default_str();
    app.add_option("--secret", options.plan.traffic.packets.secret, "shared secret")->required();
    app.add_option("--nas-identifier", options.plan.traffic.packets.nasIdentifier)
        ->capture_default_str()
        ->check([](const std::string& name) {
            return std::string(name.size() > kMaxNasIdentifier ? "too long" : "");
        });
    app.add_option("--users", options.usersFile, "file with username,password on each line");
    app.add_option("--user-pattern", options.userPattern, "used when there is no file")
        ->capture_default_str();
    app.add_option("--password-pattern", options.passwordPattern)->capture_default_str();
    app.add_option("--user-count", options.userCount, "the pattern's numbers are 0 to this minus 1")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_flag("--accounting", options.accounting,
                 "send Accounting-Requests: a Start for each user, then Interim-Updates");
    addChoice<TrafficKind>(app, "--method", options.logins,
                           {{"pap", TrafficKind::LoginsPap},
                            {"chap", TrafficKind::LoginsChap},
                            {"mixed", TrafficKind::LoginsMixed}})
        ->description("password method; mixed alternates, and is the default");
    addChoice<bool>(app, "--message-authenticator", options.plan.traffic.packets.messageAuthenticator,
                    {{"on", true}, {"off", false}})
        ->description("send Message-Authenticator; on is the default");
}

void addLoadOptions(CLI::App& app, Options& options) {
    app.add_option("--threads", options.threads)->capture_default_str()->check(CLI::Range(1, 64));
    app.add_option("--in-flight", options.window, "requests that may wait for a reply, of all threads")
        ->capture_default_str()
        ->check(CLI::Range(1, 1'000'000));
    app.add_option("--ports", options.ports, "source ports of a thread, 256 identifiers each")
        ->capture_default_str()
        ->check(CLI::Range(1, 16'384));
    app.add_option("--batch", options.plan.batch, "most datagrams of one system call")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{1}, kMaxBatch));
    app.add_option("--rate", options.plan.rate, "requests per second; 0: as fast as the window allows")
        ->capture_default_str();
    app.add_option("--timeout-ms", options.timeoutMs)->capture_default_str()->check(CLI::PositiveNumber);
    app.add_option("--retries", options.plan.retries, "retransmits before a request is given up")
        ->capture_default_str();
    auto* duration = app.add_option("--duration", options.durationSeconds, "seconds after the warm-up")
                         ->capture_default_str()
                         ->check(CLI::PositiveNumber);
    app.add_option("--count", options.plan.count, "requests after the warm-up, instead of --duration")
        ->excludes(duration);
    app.add_option("--warmup", options.warmupSeconds,
                   "seconds that do not count; default 1 with --duration, 0 with --count");
}

void addReportOptions(CLI::App& app, Options& options) {
    addChoice<Expect>(app, "--expect", options.expect,
                      {{"accept", Expect::Accept}, {"reject", Expect::Reject}, {"any", Expect::Any}})
        ->description(
            "what every reply has to be; accept, which is also an Accounting-Response, is the default");
    app.add_flag("--json", options.json, "print one JSON object");
}

sockaddr_in parseServer(const std::string& text) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    const std::size_t colon = text.rfind(':');
    const std::string host = text.substr(0, colon);
    const std::string port = colon == std::string::npos ? "1812" : text.substr(colon + 1);
    std::uint16_t number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc{} || end != port.data() + port.size() || number == 0 ||
        ::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
        throw std::invalid_argument("--server: expected an IPv4 address and port, such as 127.0.0.1:1812");
    }
    address.sin_port = htons(number);
    return address;
}

// Replaces the first %d or %0Nd. printf is not used: a pattern from outside must not choose its arguments.
std::string applyPattern(const std::string& pattern, std::size_t number) {
    const std::size_t percent = pattern.find('%');
    const std::size_t letter = pattern.find('d', percent);
    if (percent == std::string::npos || letter == std::string::npos) {
        return pattern;
    }
    std::size_t width = 0;
    std::from_chars(pattern.data() + percent + 1, pattern.data() + letter, width);
    const std::string digits = std::to_string(number);
    const std::string zeros(width > digits.size() && width < kMaxUserName ? width - digits.size() : 0, '0');
    return pattern.substr(0, percent) + zeros + digits + pattern.substr(letter + 1);
}

std::vector<User> readUsers(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        throw std::invalid_argument("--users: cannot read " + path);
    }
    std::vector<User> users;
    for (std::string line; std::getline(file, line);) {
        const std::size_t comma = line.find(',');
        if (comma != std::string::npos) {
            users.push_back({line.substr(0, comma), line.substr(comma + 1)});
        }
    }
    return users;
}

std::vector<User> makeUsers(const Options& options) {
    std::vector<User> users;
    users.reserve(options.userCount);
    for (std::size_t i = 0; i < options.userCount; ++i) {
        users.push_back({applyPattern(options.userPattern, i), applyPattern(options.passwordPattern, i)});
    }
    return users;
}

std::vector<User> loadUsers(const Options& options) {
    std::vector<User> users = options.usersFile.empty() ? makeUsers(options) : readUsers(options.usersFile);
    const bool fit = std::all_of(users.begin(), users.end(), [](const User& user) {
        return !user.name.empty() && user.name.size() <= kMaxUserName && user.password.size() <= kMaxPassword;
    });
    if (users.empty() || !fit) {
        throw std::invalid_argument("users: none, or a name or password of an impossible length");
    }
    if (options.accounting && (users.size() < options.threads || users.size() > kMaxAccountedUsers)) {
        throw std::invalid_argument("--accounting: at least a user for each thread, and at most 1048576");
    }
    return users;
}

std::uint64_t nanoseconds(double seconds) {
    return static_cast<std::uint64_t>(seconds * 1e9);
}

// Worker `index`'s part of a total; the parts add up.
std::uint64_t share(std::uint64_t total, std::size_t workers, std::size_t index) {
    return total / workers + (index < total % workers ? 1 : 0);
}

std::int64_t wallOffsetNs() {
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    const auto steady = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(wall - steady).count();
}

LoadPlan planOf(const Options& options, std::size_t index, std::size_t users) {
    LoadPlan plan = options.plan;
    plan.server = parseServer(options.server);
    plan.traffic.kind = options.accounting ? TrafficKind::Accounting : options.logins;
    plan.traffic.firstUser = users / options.threads * index + std::min(index, users % options.threads);
    plan.traffic.ownUsers = share(users, options.threads, index);
    const std::size_t most = options.accounting ? plan.traffic.ownUsers : options.window;
    plan.window = std::clamp<std::size_t>(share(options.window, options.threads, index), 1, most);
    const std::size_t needed = (plan.window + kIdentifiersPerPort - 1) / kIdentifiersPerPort;
    plan.ports = std::max(options.ports, needed);
    plan.rate = share(options.plan.rate, options.threads, index);
    plan.count = share(options.plan.count, options.threads, index);
    const double warmup = options.plan.count > 0 ? 0 : 1;
    plan.warmupNs = nanoseconds(options.warmupSeconds < 0 ? warmup : options.warmupSeconds);
    plan.durationNs = options.plan.count > 0 ? 0 : nanoseconds(options.durationSeconds);
    plan.timeoutNs = options.timeoutMs * 1'000'000;
    return plan;
}

LoadFigures runAll(const Options& options, const std::vector<User>& users) {
    std::vector<std::future<LoadFigures>> workers;
    for (std::size_t i = 0; i < options.threads; ++i) {
        workers.push_back(std::async(std::launch::async, [plan = planOf(options, i, users.size()), &users] {
            return runLoad(plan, users);
        }));
    }
    LoadFigures total;
    for (std::future<LoadFigures>& worker : workers) {
        total.merge(worker.get());
    }
    return total;
}

double cpuSeconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec);
    return seconds + static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

bool isWell(const LoadFigures& figures, Expect expect) {
    const bool answered = figures.accepts + figures.rejects + figures.others > 0;
    if (figures.bad > 0 || (!answered && expect != Expect::Any)) {
        return false;
    }
    switch (expect) {
        case Expect::Accept:
            return figures.rejects + figures.others == 0;
        case Expect::Reject:
            return figures.accepts + figures.others == 0;
        case Expect::Any:
            break;
    }
    return true;
}

using Report = std::vector<std::pair<const char*, double>>;

Report reportOf(const LoadFigures& figures) {
    const double seconds = static_cast<double>(figures.elapsedNs) / 1e9;
    const auto micros = [](std::uint64_t value) { return static_cast<double>(value) / 1e3; };
    const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
    return {{"answered_per_second", number(figures.answered) / seconds},
            {"seconds", seconds},
            {"sent", number(figures.sent)},
            {"answered", number(figures.answered)},
            {"accepts", number(figures.accepts)},
            {"rejects", number(figures.rejects)},
            {"other_replies", number(figures.others)},
            {"bad_replies", number(figures.bad)},
            {"duplicate_replies", number(figures.duplicates)},
            {"timeouts", number(figures.timeouts)},
            {"retransmits", number(figures.retransmits)},
            {"send_errors", number(figures.sendErrors)},
            {"sessions", number(figures.sessions)},
            {"p50_us", micros(figures.latency.percentile(500))},
            {"p90_us", micros(figures.latency.percentile(900))},
            {"p99_us", micros(figures.latency.percentile(990))},
            {"p999_us", micros(figures.latency.percentile(999))},
            {"max_us", micros(figures.latency.max())},
            {"generator_cpu_seconds", cpuSeconds()}};
}

// Counts without a fraction, measures with three digits of it.
std::string numberText(double value) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(value == std::floor(value) ? 0 : 3) << value;
    return text.str();
}

void printText(const Report& report) {
    for (const auto& [name, value] : report) {
        std::cout << std::left << std::setw(24) << name << numberText(value) << '\n';
    }
}

void printJson(const Report& report, bool well) {
    std::cout << "{\"ok\":" << (well ? "true" : "false");
    for (const auto& [name, value] : report) {
        std::cout << ",\"" << name << "\":" << numberText(value);
    }
    std::cout << "}\n";
}

int runProgram(Options options) {
    const std::vector<User> users = loadUsers(options);
    options.plan.traffic.wallOffsetNs = wallOffsetNs();
    options.plan.traffic.packets.firstSession = std::random_device{}();
    const LoadFigures figures = runAll(options, users);
    const bool well = isWell(figures, options.expect);
    if (options.json) {
        printJson(reportOf(figures), well);
    } else {
        printText(reportOf(figures));
    }
    return well ? 0 : 1;
}

int parseAndRun(int argc, char** argv) {
    Options options;
    CLI::App app("Loads a RADIUS server with Access-Requests or Accounting-Requests and proves its replies");
    addTargetOptions(app, options);
    addLoadOptions(app, options);
    addReportOptions(app, options);
    CLI11_PARSE(app, argc, argv);
    return runProgram(options);
}

}  // namespace
}  // namespace gardu::bench

int main(int argc, char** argv) {
    try {
        return gardu::bench::parseAndRun(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "radius_load: " << error.what() << '\n';
        return 2;
    }
}
