#include "tests/app/gardu_program.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <cppunit/TestAssert.h>

#include <sstream>
#include <thread>

namespace gardu::test {

namespace {

constexpr std::chrono::seconds kCommandLimit{30};
constexpr std::chrono::seconds kReadyLimit{20};
constexpr std::chrono::milliseconds kPause{20};

std::string told(const std::string& line, const ProcessResult& result) {
    return "gardu " + line + "\nexit code " + std::to_string(result.exitCode) + "\n" + result.output +
           result.errors;
}

}  // namespace

Words wordsOf(const std::string& line) {
    Words words;
    std::string word;
    bool isQuoted = false;
    bool isWord = false;
    for (const char c : line + " ") {
        if (c == '"') {
            isQuoted = !isQuoted;
            isWord = true;
        } else if (c != ' ' || isQuoted) {
            word += c;
            isWord = true;
        } else if (isWord) {
            words.push_back(std::exchange(word, {}));
            isWord = false;
        }
    }
    return words;
}

ProcessStart Gardu::start(const std::string& line) const {
    ProcessStart start{.program = GARDU_PROGRAM,
                       .arguments = {"-D", "data.dir=" + dataDir_, "-D", "database.url=" + databaseUrl_}};
    for (std::string& word : wordsOf(line)) {
        start.arguments.push_back(std::move(word));
    }
    return start;
}

ProcessResult Gardu::run(const std::string& line, const std::string& input) const {
    ProcessStart wanted = start(line);
    wanted.input = input;
    return runProcess(wanted, kCommandLimit);
}

Json Gardu::json(const std::string& line, int exitCode) const {
    const ProcessResult result = run(line + " --json");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(told(line, result), exitCode, result.exitCode);
    return parseJson(result.output);
}

void Gardu::must(const std::string& line) const {
    const ProcessResult result = run(line);
    CPPUNIT_ASSERT_EQUAL_MESSAGE(told(line, result), 0, result.exitCode);
}

Json parseJson(const std::string& text) {
    Json document = Json::parse(text, nullptr, false);
    CPPUNIT_ASSERT_MESSAGE("not one JSON document:\n" + text, !document.is_discarded());
    return document;
}

HttpAnswer httpGet(int port, const std::string& path) {
    Poco::Net::HTTPClientSession session("127.0.0.1", static_cast<Poco::UInt16>(port));
    session.setTimeout(Poco::Timespan(10, 0));
    Poco::Net::HTTPRequest request("GET", path);
    session.sendRequest(request);
    Poco::Net::HTTPResponse response;
    std::istream& body = session.receiveResponse(response);
    HttpAnswer answer{response.getStatus(), {}};
    Poco::StreamCopier::copyToString(body, answer.body);
    return answer;
}

Daemon::Daemon(const Gardu& gardu, const std::string& options)
    : process_(gardu.start("-D radius.auth.listen=127.0.0.1:0,[::1]:0 -D radius.acct.listen=none "
                           "-D web.listen=127.0.0.1:0 -D radius.workers=1 " +
                           options + " serve")) {
    const std::string ready = process_.waitForLine("event=ready", kReadyLimit);
    const std::string addresses = logValue(ready, "auth");
    const std::size_t comma = addresses.find(',');
    address_ = addresses.substr(0, comma);
    address6_ = comma == std::string::npos ? "" : addresses.substr(comma + 1);
    const std::string web = logValue(ready, "web");
    webPort_ = web == "none" ? 0 : std::stoi(web.substr(web.rfind(':') + 1));
}

int Daemon::port() const {
    return std::stoi(address_.substr(address_.rfind(':') + 1));
}

double Daemon::metric(const std::string& name) const {
    std::istringstream lines(httpGet(webPort_, "/metrics").body);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(name + " ")) {
            return std::stod(line.substr(name.size() + 1));
        }
    }
    return 0;
}

std::string logValue(const std::string& line, const std::string& key) {
    const std::string mark = " " + key + "=";
    const std::size_t at = line.find(mark);
    if (at == std::string::npos) {
        return "";
    }
    const std::size_t begin = at + mark.size();
    return line.substr(begin, line.find(' ', begin) - begin);
}

std::chrono::milliseconds waitUntil(const std::string& what, const std::function<bool()>& holds,
                                    std::chrono::milliseconds limit) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point begin = Clock::now();
    while (!holds()) {
        CPPUNIT_ASSERT_MESSAGE("not after " + std::to_string(limit.count()) + " ms: " + what,
                               Clock::now() - begin < limit);
        std::this_thread::sleep_for(kPause);
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
}

}  // namespace gardu::test
