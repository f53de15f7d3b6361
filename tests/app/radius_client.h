#pragma once
// A NAS that we did not write: FreeRADIUS' radclient. It verifies the reply's authenticators, so an answer
// here is one that it found valid.

#include <string>

namespace gardu::test {

struct RadiusAsk {
    /// "127.0.0.1:4711" or "[::1]:4711"
    std::string server;
    std::string secret;
    /// As radclient reads them, one a line.
    std::string attributes;
    /// "auth" or "status"
    std::string command = "auth";
    int waitMs = 3'000;
    int tries = 1;
};

struct RadiusAnswer {
    /// "Access-Accept", "Access-Reject", or "none" where nothing valid came in time.
    std::string code;
    /// Its attributes, `Name = value`, one a line.
    std::string attributes;

    /// Whether the attribute is there with this value, written as radclient does: text in quotation marks.
    [[nodiscard]] bool has(const std::string& attribute) const {
        return ("\n" + attributes).find("\n" + attribute + "\n") != std::string::npos;
    }
};

[[nodiscard]] RadiusAnswer askRadius(const RadiusAsk& ask);

}  // namespace gardu::test
