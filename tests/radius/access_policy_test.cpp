#include "radius/access_policy.h"

#include <cppunit/extensions/HelperMacros.h>

#include <set>

#include "radius/digest.h"
#include "tests/radius/packets.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;

AccessRequest papRequest(const std::string& user, const std::string& sent) {
    return {user, PapCredential{sent}, ""};
}

/// CHAP with this password, to a challenge of 16 octets.
AccessRequest chapRequest(const std::string& user, std::string_view password) {
    const std::string challenge(16, '\x42');
    const std::string ident = "\x07";
    const Digest16 digest = md5({core::asBytes(ident), core::asBytes(password), core::asBytes(challenge)});
    return {user, ChapCredential{ident + std::string(core::asText(digest)), challenge}, ""};
}

AccessRequest msChapRequest(const std::string& user, std::string_view password) {
    const std::string challenge = "12345678";
    const auto response = challengeResponse(core::asBytes(challenge).first<8>(), ntHash(password));
    return {user,
            MsChapCredential{"\x07\x01"s + std::string(24, '\0') + std::string(core::asText(response)),
                             challenge},
            ""};
}

// Every format of hotspot radius-mac-format and of wifi's username-format.
constexpr std::string_view kMacFormats[] = {
    "AA:BB:CC:DD:EE:0F", "aa:bb:cc:dd:ee:0f", "AA-BB-CC-DD-EE-0F", "aa-bb-cc-dd-ee-0f", "AA BB CC DD EE 0F",
    "AABB:CCDD:EE0F",    "AABB-CCDD-EE0F",    "AABB.CCDD.EE0F",    "aabb.ccdd.ee0f",    "AABBCC:DDEE0F",
    "AABBCC-DDEE0F",     "AABBCCDDEE0F",      "aabbccddee0f",
};

struct MacCase {
    std::string_view what;
    std::string stored;
    std::string sent;
    bool pap;
    bool chap;
};

// The user name is aa:bb:cc:dd:ee:0f in every format. CHAP cannot show what was typed, so it takes the
// password as stored, nothing, a blank and the user name as sent.
const MacCase kMacs[] = {
    {"no password stored, none sent", "", "", true, true},
    {"no password stored, a blank sent", "", " ", true, true},
    {"no password stored, the name sent", "", "<name>", true, true},
    {"no password stored, the MAC in another format", "", "AABB.CCDD.EE0F", true, false},
    {"no password stored, another MAC sent", "", "AA:BB:CC:DD:EE:10", false, false},
    {"no password stored, another word sent", "", "word", false, false},
    {"no password stored, two blanks sent", "", "  ", false, false},
    {"MAC stored, none sent", "aa-bb-cc-dd-ee-0f", "", false, false},
    {"MAC stored, a blank sent", "aa-bb-cc-dd-ee-0f", " ", false, false},
    {"MAC stored, the name sent", "aa-bb-cc-dd-ee-0f", "<name>", true, true},
    {"MAC stored, the same sent", "Aa-Bb-Cc-Dd-Ee-0f", "Aa-Bb-Cc-Dd-Ee-0f", true, true},
    {"MAC stored, in another format sent", "aa-bb-cc-dd-ee-0f", "aabbccDDEE0F", true, false},
    {"MAC stored, another MAC sent", "aa-bb-cc-dd-ee-0f", "aa-bb-cc-dd-ee-10", false, false},
    {"another MAC stored, none sent", "aa-bb-cc-dd-ee-10", "", false, false},
    {"another MAC stored, the name sent", "aa-bb-cc-dd-ee-10", "<name>", false, false},
    {"another MAC stored and sent", "aa-bb-cc-dd-ee-10", "aa-bb-cc-dd-ee-10", true, true},
    {"another MAC stored, in another format sent", "aa-bb-cc-dd-ee-10", "aabbccddee10", false, false},
    {"a word stored, none sent", "word", "", false, false},
    {"a word stored, a blank sent", "word", " ", false, false},
    {"a word stored, the name sent", "word", "<name>", false, false},
    {"a word stored and sent", "word", "word", true, true},
};

struct PlainCase {
    std::string_view what;
    AccessRequest request;
    std::string stored;
    bool matches;
};

const PlainCase kPlain[] = {
    {"PAP", papRequest("bob", "hello"), "hello", true},
    {"PAP, another case", papRequest("bob", "Hello"), "hello", false},
    {"PAP, a blank after it", papRequest("bob", "hello "), "hello", false},
    {"PAP, empty", papRequest("bob", ""), "hello", false},
    {"PAP, user name as password", papRequest("bob", "bob"), "hello", false},
    {"PAP, a MAC as password of a name", papRequest("bob", "AABBCCDDEE0F"), "aabbccddee0f", false},
    {"CHAP", chapRequest("bob", "hello"), "hello", true},
    {"CHAP, another password", chapRequest("bob", "hullo"), "hello", false},
    {"CHAP, empty", chapRequest("bob", ""), "hello", false},
    {"MS-CHAPv1", msChapRequest("bob", "hello"), "hello", true},
    {"MS-CHAPv1, another password", msChapRequest("bob", "hullo"), "hello", false},
    {"MS-CHAPv1 of a MAC without a password", msChapRequest("aabbccddee0f", ""), "", true},
    {"no credential", {"bob", NoCredential{}, ""}, "hello", false},
    {"no credential, none stored for a name that is no MAC", {"bob", NoCredential{}, ""}, "", false},
    {"empty PAP, none stored for a name that is no MAC", papRequest("bob", ""), "", false},
    {"empty CHAP, none stored for a name that is no MAC", chapRequest("bob", ""), "", false},
    {"no credential of a MAC, none stored", {"aabbccddee0f", NoCredential{}, ""}, "", true},
    {"no credential of a MAC, MAC stored", {"aabbccddee0f", NoCredential{}, ""}, "AABBCCDDEE0F", false},
    {"a telephone number, itself as password", papRequest("081234567890", "081234567890"), "081234567890",
     true},
    {"a telephone number, nothing sent", papRequest("081234567890", ""), "081234567890", false},
    {"a telephone number, a blank sent", papRequest("081234567890", " "), "081234567890", false},
    {"a telephone number, no credential", {"081234567890", NoCredential{}, ""}, "081234567890", false},
    {"it written as a MAC, nothing sent", papRequest("08:12:34:56:78:90", ""), "081234567890", false},
    {"no credential of a MAC, a word stored", {"aabbccddee0f", NoCredential{}, ""}, "word", false},
    {"EAP", {"bob", EapCredential{3}, ""}, "hello", false},
    {"EAP of a MAC", {"aabbccddee0f", EapCredential{3}, ""}, "", false},
};

struct GarbageCase {
    std::string_view what;
    AccessRequest request;
    bool looksWrong;
};

const GarbageCase kGarbage[] = {
    {"a word", papRequest("bob", "hello"), false},
    {"nothing", papRequest("bob", ""), false},
    {"UTF-8", papRequest("bob", "p\xc3\xa9"), false},
    {"not UTF-8", papRequest("bob", "p\xe9q"), true},
    {"control character", papRequest("bob", "p\x01q"), true},
    {"zero octet", papRequest("bob", "p\0q"s), true},
    {"CHAP shows nothing", chapRequest("bob", "\xff\x01"), false},
    {"no credential", {"bob", NoCredential{}, ""}, false},
};

std::string replaced(const std::string& text, const std::string& user) {
    return text == "<name>" ? user : text;
}

billing::Entitlement entitled(billing::Access access, billing::EntitlementReason reason) {
    billing::Entitlement entitlement;
    entitlement.access = access;
    entitlement.reason = reason;
    entitlement.rateLimit = "1M/1M";
    return entitlement;
}

class AccessPolicyTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AccessPolicyTest);
    CPPUNIT_TEST(macLoginsInEveryFormat);
    CPPUNIT_TEST(plainLogins);
    CPPUNIT_TEST(msChap2GivesItsSuccess);
    CPPUNIT_TEST(passwordsThatCannotHaveBeenTyped);
    CPPUNIT_TEST(decisions);
    CPPUNIT_TEST(wrongPasswordTellsNothingElse);
    CPPUNIT_TEST(everyReasonHasWords);
    CPPUNIT_TEST_SUITE_END();

    void macLoginsInEveryFormat() {
        for (const std::string_view format : kMacFormats) {
            const std::string user(format);
            for (const MacCase& row : kMacs) {
                const std::string what = user + ": " + std::string(row.what);
                const std::string sent = replaced(row.sent, user);
                // Where the format sent is by chance the one of the name, CHAP can tell.
                const bool chap = row.chap || (row.pap && sent == user);
                CPPUNIT_ASSERT_EQUAL_MESSAGE("PAP, " + what, row.pap,
                                             provePassword(papRequest(user, sent), row.stored).matches);
                CPPUNIT_ASSERT_EQUAL_MESSAGE("CHAP, " + what, chap,
                                             provePassword(chapRequest(user, sent), row.stored).matches);
            }
        }
    }

    void plainLogins() {
        for (const PlainCase& row : kPlain) {
            const PasswordProof proof = provePassword(row.request, row.stored);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row.what), row.matches, proof.matches);
            CPPUNIT_ASSERT(!proof.msChap2);
        }
    }

    void msChap2GivesItsSuccess() {  // RFC 2759 section 9.2
        const std::string response(
            core::asText(test::octets("2a00 21402324255e262a28295f2b3a337c7e" + test::times(8, "00") +
                                      "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df")));
        const std::string challenge(core::asText(test::octets("5b5d7c7d7b3f2f3e3c2c602132262628")));
        const AccessRequest request = {"User", MsChap2Credential{response, challenge}, ""};
        const PasswordProof proof = provePassword(request, "clientPass");
        CPPUNIT_ASSERT(proof.matches && proof.msChap2);
        CPPUNIT_ASSERT_EQUAL("*S=407A5589115FD0D6209F510FE9C04566932CDA56"s, proof.msChap2->success);
        const PasswordProof wrong = provePassword(request, "clientpass");
        CPPUNIT_ASSERT(!wrong.matches && !wrong.msChap2);
    }

    void passwordsThatCannotHaveBeenTyped() {
        for (const GarbageCase& row : kGarbage) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row.what), row.looksWrong,
                                         looksLikeWrongSecret(row.request, rejectUnknownUser()));
        }
        // A password that matched was decrypted with the right secret, whatever its octets.
        const PasswordProof proven = {true, std::nullopt};
        const AccessRequest latin1 = papRequest("bob", "caf\xe9");
        const auto denied = entitled(billing::Access::Denied, billing::EntitlementReason::Ended);
        CPPUNIT_ASSERT(!looksLikeWrongSecret(latin1, decideAccess(proven, denied)));
        CPPUNIT_ASSERT(looksLikeWrongSecret(latin1, decideAccess({}, denied)));
        const auto full = entitled(billing::Access::Full, billing::EntitlementReason::Active);
        CPPUNIT_ASSERT(!looksLikeWrongSecret(latin1, decideAccess(proven, full)));
    }

    void decisions() {
        using billing::Access;
        using billing::EntitlementReason;
        const std::tuple<Access, EntitlementReason, std::string> rows[] = {
            {Access::Full, EntitlementReason::Active, "accept active 1M/1M"},
            {Access::Walled, EntitlementReason::Ended, "isolate ended 1M/1M"},
            {Access::Walled, EntitlementReason::SubscriptionSuspended,
             "isolate subscription_suspended 1M/1M"},
            {Access::Denied, EntitlementReason::Ended, "reject ended "},
            {Access::Denied, EntitlementReason::NotStarted, "reject not_started "},
        };
        for (const auto& [access, reason, expected] : rows) {
            const AccessDecision decision = decideAccess({true, std::nullopt}, entitled(access, reason));
            CPPUNIT_ASSERT_EQUAL(expected, std::string(name(decision.outcome)) + " " +
                                               std::string(decision.reason) + " " +
                                               decision.entitlement.rateLimit);
        }
        CPPUNIT_ASSERT_EQUAL("unknown_user"s, std::string(rejectUnknownUser().reason));
        CPPUNIT_ASSERT(rejectUnknownUser().outcome == AccessOutcome::Reject);
        CPPUNIT_ASSERT_EQUAL("eap_not_supported"s, std::string(rejectEap().reason));
        CPPUNIT_ASSERT(rejectEap().outcome == AccessOutcome::Reject);
    }

    void wrongPasswordTellsNothingElse() {
        for (const auto access : {billing::Access::Full, billing::Access::Walled, billing::Access::Denied}) {
            const AccessDecision decision =
                decideAccess({}, entitled(access, billing::EntitlementReason::CustomerSuspended));
            CPPUNIT_ASSERT(decision.outcome == AccessOutcome::Reject && !decision.msChap2);
            CPPUNIT_ASSERT_EQUAL("wrong_password"s, std::string(decision.reason));
            CPPUNIT_ASSERT_EQUAL(""s, decision.entitlement.rateLimit);
        }
        CPPUNIT_ASSERT_EQUAL(replyMessage("unknown_user"), replyMessage("wrong_password"));
    }

    void everyReasonHasWords() {
        std::set<std::string_view> words;
        for (const std::string_view reason :
             {"overdue", "dunning_suspended", "dunning_terminated", "quota_used_up", "ended",
              "subscription_suspended", "customer_suspended", "subscription_cancelled",
              "subscription_disabled", "customer_inactive", "not_started", "wrong_password", "unknown_user",
              "eap_not_supported", "active"}) {
            CPPUNIT_ASSERT_MESSAGE(std::string(reason), reasonInWords(reason) != reason);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(reason), reason == "active",
                                         replyMessage(reason).empty());
            words.insert(reasonInWords(reason));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{15}, words.size());
        CPPUNIT_ASSERT_EQUAL("another"s, std::string(reasonInWords("another")));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AccessPolicyTest);

}  // namespace
}  // namespace gardu::radius
