// What the packet layer costs: nanoseconds for each step of an Access-Request, on one thread. Best of five
// rounds, so that a busy machine disturbs it less. "./wire_bench [repetitions]"
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "radius/password.h"
#include "radius/wire.h"

namespace gardu::radius {
namespace {

constexpr int kRounds = 5;
constexpr long kDefaultRepetitions = 50'000;

/// Keeps the compiler from leaving out work whose result nobody reads.
volatile std::size_t sink = 0;

template <typename Work>
double measure(const char* label, long repetitions, Work work) {
    double best = 1e12;
    for (int round = 0; round < kRounds; ++round) {
        const auto begin = std::chrono::steady_clock::now();
        for (long i = 0; i < repetitions; ++i) {
            sink = sink + work();
        }
        const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
        best = std::min(best, spent.count() / static_cast<double>(repetitions));
    }
    std::printf("%-52s %8.0f ns\n", label, best);
    return best;
}

/// What RouterOS sends for a PPPoE login: 12 attributes, Message-Authenticator among them.
Bytes loginRequest(const SharedSecret& secret) {
    const Attributes attributes = {
        integerAttribute(attr::kServiceType, 2),
        integerAttribute(attr::kFramedProtocol, 1),
        integerAttribute(attr::kNasPort, 15728650),
        integerAttribute(attr::kNasPortType, 15),
        textAttribute(attr::kUserName, "customer0001@isp"),
        textAttribute(attr::kCallingStationId, "AA:BB:CC:DD:EE:FF"),
        textAttribute(attr::kCalledStationId, "pppoe-service"),
        textAttribute(attr::kNasPortId, "ether2"),
        textAttribute(attr::kUserPassword, "s3cretpass"),
        textAttribute(attr::kNasIdentifier, "core-router"),
        integerAttribute(attr::kNasIpAddress, 0x7f000001),
    };
    return encodeRequest({.authenticator = {1, 2, 3}}, attributes, secret);
}

Attributes acceptAttributes() {
    return {
        textAttribute(attr::kMikrotikRateLimit, "10M/20M 12M/24M 8M/16M 10/10 8 1M/2M"),
        textAttribute(attr::kMikrotikAddressList, "paid"),
        integerAttribute(attr::kSessionTimeout, 86400),
        integerAttribute(attr::kAcctInterimInterval, 300),
        textAttribute(attr::kFramedPool, "pool-a"),
        integerAttribute(attr::kFramedIpAddress, 0x0a000002),
        textAttribute(attr::kClass, "0123456789abcdef"),
    };
}

/// RFC 2759 section 9.2.
double measureMsChap2(long repetitions) {
    const Bytes response = *core::fromHex(
        "002a21402324255e262a28295f2b3a337c7e0000000000000000"
        "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df");
    const Bytes challenge = *core::fromHex("5b5d7c7d7b3f2f3e3c2c602132262628");
    return measure("msChap2Check", repetitions,
                   [&] { return msChap2Check(response, challenge, "User", "clientPass")->success.size(); });
}

int run(long repetitions) {
    startWire(builtInDictionaryDir());
    const SharedSecret secret("testing123");
    const Bytes request = loginRequest(secret);
    const PacketView packet = std::get<PacketView>(preparse(request, PortKind::Access));
    const Attributes accept = acceptAttributes();
    double total = measure("preparse, 12 attributes", repetitions, [&] {
        return std::get<PacketView>(preparse(request, PortKind::Access)).attributeCount;
    });
    total += measure("messageAuthenticatorIsValid", repetitions,
                     [&] { return static_cast<std::size_t>(messageAuthenticatorIsValid(packet, secret)); });
    total += measure("decode, 12 attributes", repetitions, [&] { return decode(packet, secret)->size(); });
    total += measure("encodeReply, 7 attributes", repetitions,
                     [&] { return encodeReply(Code::AccessAccept, packet, accept, secret).size(); });
    std::printf("%-52s %8.0f ns\n", "the four together", total);
    measureMsChap2(repetitions);
    const Bytes chap = *core::fromHex("16e97557c316185895f293ff6344077275");
    const Bytes challenge = *core::fromHex("2aee86f08d0d55969ca5978e0d3367a2");
    measure("chapMatches", repetitions,
            [&] { return static_cast<std::size_t>(chapMatches(chap, challenge, "arctangent")); });
    const Attributes keys = {octetsAttribute(attr::kMsMppeSendKey, challenge),
                             octetsAttribute(attr::kMsMppeRecvKey, challenge)};
    measure("encodeReply, two MS-MPPE keys", repetitions,
            [&] { return encodeReply(Code::AccessAccept, packet, keys, secret).size(); });
    return 0;
}

}  // namespace
}  // namespace gardu::radius

int main(int argc, char** argv) {
    const long repetitions = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 0;
    try {
        return gardu::radius::run(repetitions > 0 ? repetitions : gardu::radius::kDefaultRepetitions);
    } catch (const std::exception& error) {
        std::cerr << "wire_bench: " << error.what() << '\n';
        return 1;
    }
}
