#pragma once
// The real program, as a person runs it: one data folder, one database, and a daemon on free ports of
// loopback. Each belongs to the test that made it.

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace gardu::test {

using Json = nlohmann::ordered_json;
using Words = std::vector<std::string>;

/// A command line in words: `subscriber add --customer "Pak Budi"` are four. "" is an empty word.
[[nodiscard]] Words wordsOf(const std::string& line);

class Gardu {
public:
    Gardu(std::string dataDir, std::string databaseUrl)
        : dataDir_(std::move(dataDir)), databaseUrl_(std::move(databaseUrl)) {}

    [[nodiscard]] const std::string& dataDir() const { return dataDir_; }
    /// The program with -D data.dir, -D database.url, and these words after them.
    [[nodiscard]] ProcessStart start(const std::string& line) const;

    [[nodiscard]] ProcessResult run(const std::string& line, const std::string& input = {}) const;
    /// With --json: what was printed, which must be one document; fails the test at another exit code.
    [[nodiscard]] Json json(const std::string& line, int exitCode = 0) const;
    /// Fails the test where the exit code is not 0.
    void must(const std::string& line) const;

private:
    std::string dataDir_;
    std::string databaseUrl_;
};

/// What was printed as JSON; fails the test, with the text, where it is not one document.
[[nodiscard]] Json parseJson(const std::string& text);

struct HttpAnswer {
    int status = 0;
    std::string body;
};
/// GET from 127.0.0.1.
[[nodiscard]] HttpAnswer httpGet(int port, const std::string& path);

class Daemon {
public:
    /// Starts `gardu serve` on 127.0.0.1 and ::1 and waits until it is ready; `options` such as "-D a=b".
    explicit Daemon(const Gardu& gardu, const std::string& options = {});

    /// "127.0.0.1:4711"
    [[nodiscard]] const std::string& address() const { return address_; }
    /// "[::1]:4712"
    [[nodiscard]] const std::string& address6() const { return address6_; }
    [[nodiscard]] int webPort() const { return webPort_; }
    [[nodiscard]] int port() const;
    [[nodiscard]] Process& process() { return process_; }
    /// The value of one metric, 0 where there is none: `gardu_access_decisions_total{outcome="accept"}`.
    [[nodiscard]] double metric(const std::string& name) const;

private:
    Process process_;
    std::string address_;
    std::string address6_;
    int webPort_ = 0;
};

/// The value of `key` in a log line; "" where it has none.
[[nodiscard]] std::string logValue(const std::string& line, const std::string& key);

/// Asks again and again until it holds, and returns how long that took. Fails the test after `limit`.
std::chrono::milliseconds waitUntil(const std::string& what, const std::function<bool()>& holds,
                                    std::chrono::milliseconds limit);

}  // namespace gardu::test
