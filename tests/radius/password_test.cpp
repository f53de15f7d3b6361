#include "radius/password.h"

#include <cppunit/extensions/HelperMacros.h>

#include "radius/preparse.h"
#include "tests/radius/packets.h"

namespace gardu::radius {
namespace {

using test::octets;

// RFC 2759 section 9.2; the same values start RFC 3079 section 3.5.3.
constexpr std::string_view kAuthenticatorChallenge = "5b5d7c7d7b3f2f3e3c2c602132262628";
constexpr std::string_view kPeerChallenge = "21402324255e262a28295f2b3a337c7e";
constexpr std::string_view kChallenge = "d02e4386bce91226";
constexpr std::string_view kNtResponse = "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df";

/// MS-CHAP2-Response (RFC 2548 section 2.3.2).
core::Bytes msChap2Response(std::string_view ntResponse = kNtResponse) {
    return octets("2a00" + std::string(kPeerChallenge) + test::times(8, "00") + std::string(ntResponse));
}

struct HashCase {
    std::string_view name;
    std::string password;
    std::string sameAsUtf16;
};

const HashCase kHashes[] = {
    {"RFC 2759", "clientPass", "63006c00690065006e0074005000610073007300"},
    {"RFC 2433", "MyPw", "4d00790050007700"},
    {"empty", "", ""},
    {"two octets", "caf\xc3\xa9", "630061006600e900"},
    {"three octets", "\xe2\x82\xac", "ac20"},
    {"four octets: a pair of surrogates", "\xf0\x9f\x98\x80", "3dd800de"},
    {"Latin-1 at the end", "caf\xe9", "630061006600e900"},
    {"Latin-1 in the middle", "\xe9t\xe9", "e9007400e900"},
    {"overlong form is two characters", "\xc0\xaf", "c000af00"},
    {"a surrogate in UTF-8 is three characters", "\xed\xa0\x80", "ed00a0008000"},
    {"past U+10FFFF", "\xf4\x90\x80\x80", "f400900080008000"},
    {"cut short", "\xe2\x82", "e2008200"},
};

class PasswordTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(PasswordTest);
    CPPUNIT_TEST(papComparesAllOfIt);
    CPPUNIT_TEST(chapOfTheRfc);
    CPPUNIT_TEST(chapRefuses);
    CPPUNIT_TEST(ntHashOfUnicode);
    CPPUNIT_TEST(ntHashOfTheRfcs);
    CPPUNIT_TEST(challengeResponseOfTheRfcs);
    CPPUNIT_TEST(msChapMatchesTheNtResponse);
    CPPUNIT_TEST(msChapRefuses);
    CPPUNIT_TEST(msChap2OfTheRfc);
    CPPUNIT_TEST(msChap2TakesTheDomainOff);
    CPPUNIT_TEST(msChap2Refuses);
    CPPUNIT_TEST(errorTexts);
    CPPUNIT_TEST_SUITE_END();

    void papComparesAllOfIt() {
        CPPUNIT_ASSERT(papMatches("secret", "secret"));
        CPPUNIT_ASSERT(papMatches("", ""));
        for (const std::string_view sent : {"", "secre", "secret1", "secreT", "Secret"}) {
            CPPUNIT_ASSERT_MESSAGE(std::string(sent), !papMatches(sent, "secret"));
        }
    }

    void chapOfTheRfc() {  // RFC 2865 section 7.2: the challenge is the Request Authenticator
        const core::Bytes request = octets(test::kRfcChapRequest);
        const ByteView authenticator = ByteView(request).subspan(4, 16);
        CPPUNIT_ASSERT(chapMatches(ByteView(request).subspan(30, 17), authenticator, "arctangent"));
        CPPUNIT_ASSERT(!chapMatches(ByteView(request).subspan(30, 17), authenticator, "arctangenT"));
    }

    void chapRefuses() {
        const core::Bytes request = octets(test::kRfcChapRequest);
        const ByteView challenge = ByteView(request).subspan(4, 16);
        const ByteView proof = ByteView(request).subspan(30, 17);
        CPPUNIT_ASSERT(!chapMatches(proof.first(16), challenge, "arctangent"));
        CPPUNIT_ASSERT(!chapMatches({}, challenge, "arctangent"));
        CPPUNIT_ASSERT(!chapMatches(proof, challenge.first(15), "arctangent"));
        CPPUNIT_ASSERT(!chapMatches(proof, {}, "arctangent"));
    }

    void ntHashOfUnicode() {
        for (const HashCase& row : kHashes) {
            const Digest16 expected = md4(octets(row.sameAsUtf16));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row.name), core::toHex(expected),
                                         core::toHex(ntHash(row.password)));
        }
    }

    void ntHashOfTheRfcs() {
        CPPUNIT_ASSERT_EQUAL(std::string("44ebba8d5312b8d611474411f56989ae"),
                             core::toHex(ntHash("clientPass")));
        CPPUNIT_ASSERT_EQUAL(std::string("fc156af7edcd6c0edde3337d427f4eac"), core::toHex(ntHash("MyPw")));
    }

    void challengeResponseOfTheRfcs() {
        const std::tuple<std::string_view, std::string_view, std::string_view> rows[] = {
            {kChallenge, "clientPass", kNtResponse},  // RFC 2759 section 9.2
            {"102db5df085d3041", "MyPw", "4e9d3c8f9cfd385d5bf4d3246791956ca4c351ab409a3d61"},  // RFC 2433 B.2
        };
        for (const auto& [challenge, password, response] : rows) {
            const core::Bytes bytes = octets(challenge);
            CPPUNIT_ASSERT_EQUAL(std::string(response), core::toHex(challengeResponse(
                                                            ByteView(bytes).first<8>(), ntHash(password))));
        }
    }

    /// RFC 2433 appendix B.2, in the attribute of RFC 2548 section 2.1.3.
    static core::Bytes msChapResponse(std::string_view flags) {
        return octets("07" + std::string(flags) + test::times(24, "00") +
                      "4e9d3c8f9cfd385d5bf4d3246791956ca4c351ab409a3d61");
    }

    void msChapMatchesTheNtResponse() {
        CPPUNIT_ASSERT(msChapMatches(msChapResponse("01"), octets("102db5df085d3041"), "MyPw"));
    }

    void msChapRefuses() {
        const core::Bytes challenge = octets("102db5df085d3041");
        const core::Bytes response = msChapResponse("01");
        CPPUNIT_ASSERT(!msChapMatches(response, challenge, "MyPW"));
        CPPUNIT_ASSERT_MESSAGE("LM only", !msChapMatches(msChapResponse("00"), challenge, "MyPw"));
        CPPUNIT_ASSERT(!msChapMatches(ByteView(response).first(49), challenge, "MyPw"));
        CPPUNIT_ASSERT(!msChapMatches(response, ByteView(challenge).first(7), "MyPw"));
        CPPUNIT_ASSERT(!msChapMatches(response, octets(kAuthenticatorChallenge), "MyPw"));
        CPPUNIT_ASSERT(!msChapMatches({}, {}, "MyPw"));
    }

    void msChap2OfTheRfc() {  // RFC 2759 section 9.2, RFC 3079 section 3.5.3
        const auto success =
            msChap2Check(msChap2Response(), octets(kAuthenticatorChallenge), "User", "clientPass");
        CPPUNIT_ASSERT(success);
        CPPUNIT_ASSERT_EQUAL(std::string("\x2aS=407A5589115FD0D6209F510FE9C04566932CDA56"), success->success);
        CPPUNIT_ASSERT_EQUAL(std::string("8b7cdc149b993a1ba118cb153f56dccb"), core::toHex(success->sendKey));
        // The RFC prints no receive key: this one is its formula, computed by Python's hashlib.
        CPPUNIT_ASSERT_EQUAL(std::string("d5f0e9521e3ea9589645e86051c82226"), core::toHex(success->recvKey));
    }

    void msChap2TakesTheDomainOff() {
        const core::Bytes challenge = octets(kAuthenticatorChallenge);
        CPPUNIT_ASSERT(msChap2Check(msChap2Response(), challenge, "ISP\\User", "clientPass"));
        CPPUNIT_ASSERT(!msChap2Check(msChap2Response(), challenge, "User\\ISP", "clientPass"));
        CPPUNIT_ASSERT(!msChap2Check(msChap2Response(), challenge, "User@isp", "clientPass"));
    }

    void msChap2Refuses() {
        const core::Bytes challenge = octets(kAuthenticatorChallenge);
        const core::Bytes response = msChap2Response();
        CPPUNIT_ASSERT(!msChap2Check(response, challenge, "User", "clientpass"));
        CPPUNIT_ASSERT(!msChap2Check(response, challenge, "user", "clientPass"));
        CPPUNIT_ASSERT(!msChap2Check(ByteView(response).first(49), challenge, "User", "clientPass"));
        CPPUNIT_ASSERT(!msChap2Check(response, ByteView(challenge).first(8), "User", "clientPass"));
        CPPUNIT_ASSERT(!msChap2Check({}, {}, "User", "clientPass"));
        for (std::size_t at = 26; at < response.size(); ++at) {
            core::Bytes changed = response;
            changed[at] ^= 1;
            CPPUNIT_ASSERT(!msChap2Check(changed, challenge, "User", "clientPass"));
        }
    }

    void errorTexts() {
        MsChapFailure failure{.ident = 'i', .newChallenge = {0xab, 0xcd}, .message = "Wrong password"};
        CPPUNIT_ASSERT_EQUAL(
            std::string("iE=691 R=0 C=ABCD0000000000000000000000000000 V=3 M=Wrong password"),
            msChapError(failure));
        failure.version = 1;
        failure.code = MsChapErrorCode::AccountDisabled;
        CPPUNIT_ASSERT_EQUAL(std::string("iE=647 R=0 C=ABCD000000000000 V=2"), msChapError(failure));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PasswordTest);

}  // namespace
}  // namespace gardu::radius
