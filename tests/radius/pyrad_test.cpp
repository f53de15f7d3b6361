// Our packets against those of pyrad, a codec that we did not write, and signatures against Python's hmac.
#include <cppunit/extensions/HelperMacros.h>

#include <array>
#include <cstdio>
#include <filesystem>

#include "radius/password.h"
#include "radius/wire.h"
#include "tests/radius/packets.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;

constexpr std::string_view kSecret = "testing123";

/// What `pyrad_peer.py <arguments>` prints. Debian's interpreter by its path: another one has no pyrad.
std::string peer(const std::string& arguments) {
    const auto tests = std::filesystem::path(GARDU_VECTORS_DIR).parent_path();
    const std::string script = (tests / "radius" / "pyrad_peer.py").string();
    const std::string command = "/usr/bin/python3 " + script + " " + arguments;
    FILE* pipe = popen(command.c_str(), "r");
    CPPUNIT_ASSERT(pipe != nullptr);
    std::string output;
    std::array<char, 4096> buffer{};
    for (std::size_t size = 0; (size = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
        output.append(buffer.data(), size);
    }
    CPPUNIT_ASSERT_EQUAL_MESSAGE(command, 0, pclose(pipe));
    return output;
}

core::Bytes peerRequest(const std::string& kind) {
    std::string hex = peer("request " + std::string(kSecret) + " " + kind);
    std::erase(hex, '\n');
    return test::octets(hex);
}

class PyradTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PyradTest);
    CPPUNIT_TEST(itsPapRequest);
    CPPUNIT_TEST(itsChapRequest);
    CPPUNIT_TEST(itsEapRequest);
    CPPUNIT_TEST(itsAccountingRequest);
    CPPUNIT_TEST(itsCoaRequest);
    CPPUNIT_TEST(ourReply);
    CPPUNIT_TEST(ourAccountingResponse);
    CPPUNIT_TEST(ourAccessRequest);
    CPPUNIT_TEST(ourCoaRequest);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { startWire(builtInDictionaryDir()); }

private:
    const SharedSecret secret_{kSecret};

    /// "Name=text", one a line, without the Message-Authenticator.
    std::string linesOf(const PacketView& packet) {
        const Attributes attributes = *decode(packet, secret_);
        std::string lines;
        for (const Attribute& attribute : attributes) {
            if (attribute.id != attr::kMessageAuthenticator) {
                const bool isPassword = attribute.id == attr::kUserPassword;
                lines += attributeName(attribute.id) + "=";
                lines += (isPassword ? attribute.value : attributeText(attribute)) + "\n";
            }
        }
        return lines;
    }

    void itsPapRequest() {
        const core::Bytes bytes = peerRequest("pap");
        const PacketView request = std::get<PacketView>(preparse(bytes, PortKind::Access));
        CPPUNIT_ASSERT(messageAuthenticatorIsValid(request, secret_));
        CPPUNIT_ASSERT_EQUAL(
            "User-Name=bob\nUser-Password=a password of more than sixteen octets\nNAS-IP-Address=10.0.0.1\n"
            "NAS-Port=15728650\nMikrotik-Host-IP=10.5.88.2\nMikrotik-Address-List=paid\n"
            "Framed-IPv6-Prefix=2001:db8:1::/48\n"s,
            linesOf(request));
    }

    void itsChapRequest() {
        const core::Bytes bytes = peerRequest("chap");
        const PacketView request = std::get<PacketView>(preparse(bytes, PortKind::Access));
        const Attributes attributes = *decode(request, secret_);
        const auto proof = core::asBytes(*findText(attributes, attr::kChapPassword));
        const auto challenge = core::asBytes(*findText(attributes, attr::kChapChallenge));
        CPPUNIT_ASSERT(messageAuthenticatorIsValid(request, secret_));
        CPPUNIT_ASSERT(chapMatches(proof, challenge, "hello"));
    }

    void itsEapRequest() {
        const core::Bytes bytes = peerRequest("eap");
        const PacketView request = std::get<PacketView>(preparse(bytes, PortKind::Access));
        CPPUNIT_ASSERT(request.hasEapMessage && messageAuthenticatorIsValid(request, secret_));
        CPPUNIT_ASSERT_EQUAL("User-Name=bob\nEAP-Message=0x0200000801626f62\n"s, linesOf(request));
    }

    void itsAccountingRequest() {
        const core::Bytes bytes = peerRequest("acct");
        const PacketView request = std::get<PacketView>(preparse(bytes, PortKind::Accounting));
        CPPUNIT_ASSERT(requestAuthenticatorIsValid(request, secret_));
        CPPUNIT_ASSERT_EQUAL("User-Name=bob\nAcct-Session-Id=81a00001\nAcct-Status-Type=Interim-Update\n"s,
                             linesOf(request));
    }

    void itsCoaRequest() {
        const core::Bytes bytes = peerRequest("coa");
        const PacketView request = std::get<PacketView>(preparse(bytes, PortKind::DynamicAuthorization));
        CPPUNIT_ASSERT(requestAuthenticatorIsValid(request, secret_));
    }

    void ourReply() {
        const core::Bytes request = test::packet(1, "0105626f62 2103aa 2104bbcc");
        const Attributes attributes = {
            integerAttribute(attr::kSessionTimeout, 86400),
            integerAttribute(attr::kFramedIpAddress, 0x0a000002),
            textAttribute(attr::kMikrotikRateLimit, "10M/20M"),
            textAttribute(attr::kMsMppeSendKey, "sixteen octets!!"),
            textAttribute(attr::kMsMppeRecvKey, "another key that takes three chunks"),
            {attr::kFramedIpv6Prefix, "\x00\x40\x20\x01\x0d\xb8"s + std::string(12, '\0')},
        };
        const core::Bytes reply =
            encodeReply(Code::AccessAccept, std::get<PacketView>(preparse(request, PortKind::Access)),
                        attributes, secret_);
        CPPUNIT_ASSERT_EQUAL(
            "first_is_message_authenticator=1\nmessage_authenticator=ok\npyrad_verifies=1\n"
            "Session-Timeout=86400\nFramed-IP-Address=10.0.0.2\nMikrotik-Rate-Limit=10M/20M\n"
            "MS-MPPE-Send-Key salt_is_marked=1 padding_is_zero=1\nMS-MPPE-Send-Key=" +
                test::hexOf("sixteen octets!!") +
                "\nMS-MPPE-Recv-Key salt_is_marked=1 padding_is_zero=1\nMS-MPPE-Recv-Key=" +
                test::hexOf("another key that takes three chunks") +
                "\nFramed-IPv6-Prefix=2001:db8::/64\nProxy-State=aa\nProxy-State=bbcc\n",
            peer("check-reply " + std::string(kSecret) + " " + core::toHex(request) + " " +
                 core::toHex(reply)));
    }

    void ourAccountingResponse() {
        const core::Bytes request = peerRequest("acct");
        const core::Bytes reply =
            encodeReply(Code::AccountingResponse,
                        std::get<PacketView>(preparse(request, PortKind::Accounting)), {}, secret_);
        CPPUNIT_ASSERT_EQUAL(
            "first_is_message_authenticator=0\nmessage_authenticator=none\npyrad_verifies=1\n"s,
            peer("check-reply " + std::string(kSecret) + " " + core::toHex(request) + " " +
                 core::toHex(reply)));
    }

    void ourAccessRequest() {
        const Attributes attributes = {textAttribute(attr::kUserName, "bob"),
                                       textAttribute(attr::kUserPassword, "more than sixteen octets of it"),
                                       integerAttribute(attr::kNasPort, 4000000000)};
        const core::Bytes bytes = encodeRequest({.authenticator = {1, 2, 3}}, attributes, secret_);
        CPPUNIT_ASSERT_EQUAL(
            "first_is_message_authenticator=1\nmessage_authenticator=ok\n"
            "password=more than sixteen octets of it\nUser-Name=bob\nNAS-Port=4000000000\n"s,
            peer("check-request " + std::string(kSecret) + " " + core::toHex(bytes)));
    }

    void ourCoaRequest() {
        const Attributes attributes = {textAttribute(attr::kUserName, "bob"),
                                       textAttribute(attr::kMikrotikRateLimit, "1M/1M")};
        for (const Code code : {Code::CoaRequest, Code::DisconnectRequest, Code::AccountingRequest}) {
            const core::Bytes bytes = encodeRequest({.code = code, .identifier = 9}, attributes, secret_);
            CPPUNIT_ASSERT_EQUAL(
                "first_is_message_authenticator=1\nmessage_authenticator=ok\nauthenticator=ok\n"
                "User-Name=bob\nMikrotik-Rate-Limit=1M/1M\n"s,
                peer("check-request " + std::string(kSecret) + " " + core::toHex(bytes)));
        }
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PyradTest);

}  // namespace
}  // namespace gardu::radius
