#include "radius/nas_probe_client.h"

#include <array>
#include <optional>

#include "core/bytes.h"
#include "core/entropy.h"
#include "radius/dynauth_client.h"
#include "radius/enforcement.h"

namespace gardu::radius {

namespace {

using Outcome = DynauthAnswer::Outcome;

constexpr std::chrono::milliseconds kPollTime{200};

std::string probeName() {
    std::array<std::uint8_t, 8> octets{};
    core::fillRandom(octets);
    return "gardu-probe-" + core::toHex(octets);
}

/// What came of the two requests; none: no answer yet.
struct Answers {
    std::optional<DynauthAnswer> coa;
    std::optional<DynauthAnswer> status;

    [[nodiscard]] bool enough() const {
        return coa && (coa->outcome == Outcome::Ack || coa->outcome == Outcome::Nak || status);
    }
};

Answers ask(const NasProbe& probe) {
    DynauthClient client;
    DynauthRequest request{Code::CoaRequest, probe.address, probe.port, probe.secret, {}, probe.now};
    const std::string name = probeName();
    request.attributes = {textAttribute(attr::kUserName, name), textAttribute(attr::kAcctSessionId, name)};
    const auto coa = client.start(request, DynauthClient::Clock::now());
    request.code = Code::StatusServer;
    request.attributes.clear();
    static_cast<void>(client.start(request, DynauthClient::Clock::now()));
    Answers answers;
    while (!answers.enough()) {
        for (const DynauthAnswer& answer : client.poll(kPollTime)) {
            (answer.ticket == coa ? answers.coa : answers.status) = answer;
        }
    }
    return answers;
}

NasProbeResult refused(const std::optional<std::uint32_t>& cause) {
    if (cause && meansGone(*cause)) {
        return {true, "ok",
                "it takes CoA and Disconnect, and the secret is right: it does not know the session that "
                "was asked for, which there is not"};
    }
    const std::string why = cause ? errorCauseInWords(*cause) : "no Error-Cause";
    return {true, "refused",
            "it answers and the secret is right, but it refuses the request: " + why +
                "; look at its log (/log print where topics~\"radius\")"};
}

NasProbeResult silent(const NasProbe& probe) {
    return {false, "silent",
            "no answer in three seconds. Look at the router: /radius incoming set accept=yes port=" +
                std::to_string(probe.port) +
                "; this machine's address has to be that of a /radius entry (a request from another one, or "
                "through NAT, is not answered: /radius incoming monitor counts it as bad-requests); no "
                "firewall may drop UDP to that port"};
}

}  // namespace

NasProbeResult probeNas(const NasProbe& probe) {
    const Answers answers = ask(probe);
    const DynauthAnswer& coa = *answers.coa;
    if (coa.outcome == Outcome::Ack) {
        return {true, "acknowledged",
                "it answers and the secret is right; strangely it acknowledges a CoA for a session that "
                "there is not, so its acknowledgements prove nothing"};
    }
    if (coa.outcome == Outcome::Nak) {
        return refused(coa.errorCause);
    }
    if (coa.outcome == Outcome::Failed) {
        return {false, "failed", "the request cannot leave this machine: " + coa.error};
    }
    if (coa.wrongAuthenticator || answers.status->wrongAuthenticator) {
        return {false, "wrong_secret",
                "it answers, but signs with another secret: set the same one on the router (/radius set "
                "secret=) and here (gardu nas update --secret)"};
    }
    if (answers.status->outcome == Outcome::Ack) {
        return {true, "status_only",
                "it answers Status-Server and the secret is right, but not CoA: switch dynamic authorization "
                "on (/radius incoming set accept=yes)"};
    }
    return silent(probe);
}

}  // namespace gardu::radius
