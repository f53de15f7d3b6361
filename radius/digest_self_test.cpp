// digestSelfTest() of digest.h: known answers, so that a broken libcrypto cannot let everybody in.
#include <algorithm>

#include "radius/digest.h"
#include "radius/password.h"

namespace gardu::radius {
namespace {

struct Answer {
    std::string_view name;
    core::Bytes made;
    std::string_view expectedHex;
};

template <std::size_t N>
core::Bytes toBytes(const std::array<std::uint8_t, N>& digest) {
    return {digest.begin(), digest.end()};
}

std::array<Answer, 6> answers() {
    static constexpr std::array<std::uint8_t, 8> kChallenge = {0xd0, 0x2e, 0x43, 0x86,
                                                               0xbc, 0xe9, 0x12, 0x26};
    const Digest16 passwordHash = ntHash("clientPass");
    const Digest16 hmac = SharedSecret("Jefe").hmacMd5({core::asBytes("what do ya want for nothing?")});
    return {{
        {"MD4 (RFC 1320)", toBytes(md4(core::asBytes("abc"))), "a448017aaf21d8525fc10ae87aa6729d"},
        {"MD5 (RFC 1321)", toBytes(md5({core::asBytes("abc")})), "900150983cd24fb0d6963f7d28e17f72"},
        {"HMAC-MD5 (RFC 2202)", toBytes(hmac), "750c783e6ab0b503eaa86e310a5db738"},
        {"SHA-1 (RFC 3174)", toBytes(sha1({core::asBytes("abc")})),
         "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {"NT hash (RFC 2759)", toBytes(passwordHash), "44ebba8d5312b8d611474411f56989ae"},
        {"NT response (RFC 2759)", toBytes(challengeResponse(kChallenge, passwordHash)),
         "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df"},
    }};
}

}  // namespace

std::string digestSelfTest() {
    for (const Answer& answer : answers()) {
        if (core::toHex(answer.made) != answer.expectedHex) {
            return std::string(answer.name);
        }
    }
    return {};
}

}  // namespace gardu::radius
