#include "tests/app/radius_client.h"

#include <cppunit/TestAssert.h>

#include <cstdio>
#include <sstream>

#include "tests/support/process.h"

namespace gardu::test {

namespace {

constexpr std::string_view kReceived = "Received ";

std::string seconds(int milliseconds) {
    std::string fraction = std::to_string(milliseconds % 1000);
    fraction.insert(0, 3 - fraction.size(), '0');
    return std::to_string(milliseconds / 1000) + "." + fraction;
}

}  // namespace

RadiusAnswer askRadius(const RadiusAsk& ask) {
    const ProcessResult result =
        runProcess({.program = "radclient",
                    .arguments = {"-x", "-r", std::to_string(ask.tries), "-t", seconds(ask.waitMs),
                                  ask.server, ask.command, ask.secret},
                    .input = ask.attributes});
    RadiusAnswer answer{"none", {}};
    std::istringstream lines(result.output);
    bool isReply = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(kReceived)) {
            isReply = true;
            answer.code = line.substr(kReceived.size(), line.find(' ', kReceived.size()) - kReceived.size());
        } else if (isReply && line.starts_with('\t')) {
            answer.attributes += line.substr(1) + "\n";
        } else {
            isReply = false;
        }
    }
    // radclient prints a reply before it verifies it.
    const std::string all = result.output + result.errors;
    return all.find("erification failed") == std::string::npos ? answer : RadiusAnswer{"none", all};
}

}  // namespace gardu::test
