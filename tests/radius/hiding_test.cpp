#include "radius/hiding.h"

#include <cppunit/extensions/HelperMacros.h>

#include "tests/radius/packets.h"

namespace gardu::radius {
namespace {

using test::octets;

class HidingTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HidingTest);
    CPPUNIT_TEST(passwordOfTheRfc);
    CPPUNIT_TEST(passwordsComeBackWhole);
    CPPUNIT_TEST(hiddenSizeIsAMultipleOf16);
    CPPUNIT_TEST(anotherSecretRevealsAnotherText);
    CPPUNIT_TEST(saltedValueIsTheFormulaOfTheRfc);
    CPPUNIT_TEST_SUITE_END();

    void passwordOfTheRfc() {  // RFC 2865 section 7.1
        const SharedSecret secret(test::kRfcSecret);
        const Bytes16 authenticator = first16(octets("0f403f94739780 57bd83d5cb98f4227a"));
        const std::string hidden(core::asText(octets("0dbe708d93d413ce3196e43f782a0aee")));
        CPPUNIT_ASSERT_EQUAL(test::hexOf(hidden),
                             test::hexOf(hidePassword("arctangent", authenticator, secret)));
        CPPUNIT_ASSERT_EQUAL(std::string("arctangent"), revealPassword(hidden, authenticator, secret));
    }

    void passwordsComeBackWhole() {
        const SharedSecret secret("s");
        const Bytes16 authenticator{9, 8, 7};
        for (std::size_t size = 0; size <= 128; ++size) {
            const std::string password(size, 'p');
            const std::string hidden = hidePassword(password, authenticator, secret);
            CPPUNIT_ASSERT_EQUAL(password, revealPassword(hidden, authenticator, secret));
        }
        CPPUNIT_ASSERT_EQUAL(std::string(), revealPassword("", authenticator, secret));
    }

    void hiddenSizeIsAMultipleOf16() {
        const SharedSecret secret("s");
        const Bytes16 authenticator{};
        const std::pair<std::size_t, std::size_t> sizes[] = {
            {0, 16}, {1, 16}, {16, 16}, {17, 32}, {128, 128}};
        for (const auto& [clear, hidden] : sizes) {
            CPPUNIT_ASSERT_EQUAL(hidden, hidePassword(std::string(clear, 'x'), authenticator, secret).size());
        }
    }

    void anotherSecretRevealsAnotherText() {
        const Bytes16 authenticator{};
        const std::string hidden = hidePassword("arctangent", authenticator, SharedSecret("one"));
        CPPUNIT_ASSERT(revealPassword(hidden, authenticator, SharedSecret("two")) != "arctangent");
    }

    /// RFC 2548 section 2.4.2 step by step, for two chunks: c1 = p1 ^ MD5(S + R + A), c2 = p2 ^ MD5(S + c1).
    void saltedValueIsTheFormulaOfTheRfc() {
        const SharedSecret secret("testing123");
        const Bytes16 authenticator{1, 2, 3, 4};
        const std::string key = "0123456789abcdef";
        const core::Bytes hidden = toBytes(hideSalted(key, 0x1234, authenticator, secret));
        CPPUNIT_ASSERT_EQUAL(std::size_t{2 + 32}, hidden.size());
        CPPUNIT_ASSERT_EQUAL(std::string("9234"), core::toHex(ByteView(hidden).first(2)));
        const ByteView first = ByteView(hidden).subspan(2, 16);
        const std::string clear =
            unmask(first, md5({secret.octets(), authenticator, ByteView(hidden).first(2)})) +
            unmask(ByteView(hidden).subspan(18), md5({secret.octets(), first}));
        CPPUNIT_ASSERT_EQUAL(test::hexOf("\x10" + key + std::string(15, '\0')), test::hexOf(clear));
    }

    using Bytes16 = std::array<std::uint8_t, 16>;

    static Bytes16 first16(const core::Bytes& bytes) {
        Bytes16 result{};
        std::copy_n(bytes.begin(), result.size(), result.begin());
        return result;
    }

    static core::Bytes toBytes(std::string_view text) {
        const ByteView view = core::asBytes(text);
        return {view.begin(), view.end()};
    }

    static std::string unmask(ByteView hidden, const Digest16& mask) {
        std::string clear;
        for (std::size_t i = 0; i < hidden.size(); ++i) {
            clear.push_back(static_cast<char>(hidden[i] ^ mask[i]));
        }
        return clear;
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(HidingTest);

}  // namespace
}  // namespace gardu::radius
