#include "radius/digest.h"

#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>

#include "tests/radius/packets.h"

namespace gardu::radius {
namespace {

using test::octets;
using test::times;

constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kAlphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kDigits =
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890";

struct Vector {
    std::string_view text;
    std::string digest;
};

const Vector kMd4[] = {
    // RFC 1320 appendix A.5
    {"", "31d6cfe0d16ae931b73c59d7e0c089c0"},        {"a", "bde52cb31de33e46245e05fbdbd6fb24"},
    {"abc", "a448017aaf21d8525fc10ae87aa6729d"},     {"message digest", "d9130a8164549fe818874806e1c7014b"},
    {kAlphabet, "d79e1c308aa5bbcdeea8ed63df412da9"}, {kAlphanumeric, "043f8582f241db351ce627e153e7f0e4"},
    {kDigits, "e33b4ddc9c38f2199c3e7b164fcc0536"},
};

const Vector kMd5[] = {
    // RFC 1321 appendix A.5
    {"", "d41d8cd98f00b204e9800998ecf8427e"},        {"a", "0cc175b9c0f1b6a831c399e269772661"},
    {"abc", "900150983cd24fb0d6963f7d28e17f72"},     {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
    {kAlphabet, "c3fcd3d76192e4007dfb496cca67e13b"}, {kAlphanumeric, "d174ab98d277d9f5a5611c2c9f419d9f"},
    {kDigits, "57edf4a22be3c955ac49da2e2107b67a"},
};

const Vector kSha1[] = {
    // RFC 3174 section 7.3
    {"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
};

struct HmacVector {
    std::string keyHex;
    std::string textHex;
    std::string digest;
};

const HmacVector kHmac[] = {
    // RFC 2202 section 2
    {times(16, "0b"), test::hexOf("Hi There"), "9294727a3638bb1c13f48ef8158bfc9d"},
    {test::hexOf("Jefe"), test::hexOf("what do ya want for nothing?"), "750c783e6ab0b503eaa86e310a5db738"},
    {times(16, "aa"), times(50, "dd"), "56be34521d144c88dbb8c733f0e8b3f6"},
    {"0102030405060708090a0b0c0d0e0f10111213141516171819", times(50, "cd"),
     "697eaf0aca3a3aea3a75164746ffaa79"},
    {times(16, "0c"), test::hexOf("Test With Truncation"), "56461ef2342edc00f9bab995690efd4c"},
    {times(80, "aa"), test::hexOf("Test Using Larger Than Block-Size Key - Hash Key First"),
     "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd"},
    {times(80, "aa"),
     test::hexOf("Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data"),
     "6f630fad67cda0ee1fb1f562db3aa53e"},
};

class DigestTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DigestTest);
    CPPUNIT_TEST(md4OfTheRfc);
    CPPUNIT_TEST(md5OfTheRfc);
    CPPUNIT_TEST(sha1OfTheRfc);
    CPPUNIT_TEST(hmacMd5OfTheRfc);
    CPPUNIT_TEST(partsAreJoinedInOrder);
    CPPUNIT_TEST(secretsThatAreRefused);
    CPPUNIT_TEST(aSecretCanBeMoved);
    CPPUNIT_TEST(selfTestPasses);
    CPPUNIT_TEST_SUITE_END();

    void md4OfTheRfc() {
        for (const Vector& vector : kMd4) {
            CPPUNIT_ASSERT_EQUAL(vector.digest, core::toHex(md4(core::asBytes(vector.text))));
        }
    }

    void md5OfTheRfc() {
        for (const Vector& vector : kMd5) {
            CPPUNIT_ASSERT_EQUAL(vector.digest, core::toHex(md5({core::asBytes(vector.text)})));
        }
    }

    void sha1OfTheRfc() {
        for (const Vector& vector : kSha1) {
            CPPUNIT_ASSERT_EQUAL(vector.digest, core::toHex(sha1({core::asBytes(vector.text)})));
        }
    }

    void hmacMd5OfTheRfc() {
        for (const HmacVector& vector : kHmac) {
            const SharedSecret secret(core::asText(octets(vector.keyHex)));
            CPPUNIT_ASSERT_EQUAL(vector.digest, core::toHex(secret.hmacMd5({octets(vector.textHex)})));
            CPPUNIT_ASSERT_EQUAL(vector.digest, core::toHex(secret.hmacMd5({octets(vector.textHex)})));
        }
    }

    void partsAreJoinedInOrder() {
        const ByteView a = core::asBytes("a");
        const ByteView bc = core::asBytes("bc");
        CPPUNIT_ASSERT(md5({a, {}, bc}) == md5({core::asBytes("abc")}));
        CPPUNIT_ASSERT(sha1({a, bc}) == sha1({core::asBytes("abc")}));
        const SharedSecret secret("Jefe");
        CPPUNIT_ASSERT(secret.hmacMd5({a, bc}) == secret.hmacMd5({core::asBytes("abc")}));
        CPPUNIT_ASSERT(secret.hmacMd5({bc, a}) != secret.hmacMd5({core::asBytes("abc")}));
    }

    static bool isRefused(std::string_view secret) {
        try {
            return SharedSecret(secret).octets().empty();
        } catch (const std::invalid_argument&) {
            return true;
        }
    }

    void secretsThatAreRefused() {
        const std::string longest(kMaxSecretSize, 'x');
        CPPUNIT_ASSERT(isRefused(""));
        CPPUNIT_ASSERT(isRefused(longest + "x"));
        CPPUNIT_ASSERT(isRefused(std::string_view("a\0b", 3)));
        CPPUNIT_ASSERT(!isRefused("x"));
        CPPUNIT_ASSERT_EQUAL(longest, std::string(core::asText(SharedSecret(longest).octets())));
    }

    void aSecretCanBeMoved() {
        SharedSecret first("Jefe");
        const Digest16 digest = first.hmacMd5({core::asBytes("abc")});
        const SharedSecret second = std::move(first);
        CPPUNIT_ASSERT(digest == second.hmacMd5({core::asBytes("abc")}));
    }

    void selfTestPasses() { CPPUNIT_ASSERT_EQUAL(std::string(), digestSelfTest()); }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DigestTest);

}  // namespace
}  // namespace gardu::radius
