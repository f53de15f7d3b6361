#include "radius/enforcement.h"

#include <cppunit/extensions/HelperMacros.h>

#include <limits>

#include "core/bytes.h"
#include "radius/reply.h"
#include "radius/wire.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;
using billing::Access;
using billing::Entitlement;
using billing::EntitlementReason;

constexpr core::Instant kNow{core::Seconds(1'795'348'800)};
const core::Instant kEnd = kNow + std::chrono::hours(24);

Entitlement full() {
    Entitlement entitlement;
    entitlement.access = Access::Full;
    entitlement.rateLimit = "10M/10M";
    entitlement.pool = "home";
    entitlement.until = kEnd;
    return entitlement;
}

Entitlement walled(EntitlementReason reason) {
    Entitlement entitlement;
    entitlement.access = Access::Walled;
    entitlement.reason = reason;
    entitlement.rateLimit = "64k/64k";
    entitlement.addressList = "isolir";
    entitlement.pool = "home";
    entitlement.sessionSeconds = 600;
    return entitlement;
}

Entitlement denied(EntitlementReason reason) {
    Entitlement entitlement;
    entitlement.reason = reason;
    return entitlement;
}

template <class Change>
Entitlement fullWith(Change change) {
    Entitlement entitlement = full();
    change(entitlement);
    return entitlement;
}

constexpr std::int64_t kMostOctets = std::numeric_limits<std::int64_t>::max();

Entitlement capped(std::int64_t left, std::int64_t allowance) {
    return fullWith([&](Entitlement& e) {
        e.totalLimit = left;
        e.totalAllowance = allowance;
    });
}

/// "nothing"; "disconnect REASON"; "coa REASON Name=value ...", with "!" where it may not disconnect.
std::string wordsOf(const EnforcementStep& step) {
    if (const auto* cut = std::get_if<DisconnectStep>(&step)) {
        return "disconnect " + std::string(cut->reason);
    }
    if (const auto* coa = std::get_if<CoaStep>(&step)) {
        std::string words = "coa " + std::string(coa->reason) + (coa->mayDisconnect ? "" : "!");
        for (const Attribute& attribute : coa->attributes) {
            words += " " + attributeName(attribute.id) + "=" + attributeText(attribute);
        }
        return words;
    }
    return "nothing";
}

struct PlanCase {
    std::string what;
    std::optional<Told> told;
    std::optional<Entitlement> entitlement;
    std::string wanted;
    EnforcementDemands demands = {};
};

/// Of sessions that we let in.
std::vector<PlanCase> ownCases() {
    const Told toldFull = toldOf(full());
    const Entitlement ended = walled(EntitlementReason::Ended);
    const Entitlement suspended = walled(EntitlementReason::SubscriptionSuspended);
    const Entitlement endless = fullWith([](Entitlement& e) { e.until.reset(); });
    return {
        {"as it was told", toldFull, full(), "nothing"},
        {"walled, as it was told", toldOf(ended), ended, "nothing"},
        {"walled for another reason", toldOf(ended), suspended, "nothing"},
        {"rate", toldFull, fullWith([](Entitlement& e) { e.rateLimit = "50M/50M"; }),
         "coa rate_changed Mikrotik-Rate-Limit=50M/50M"},
        {"group", toldFull, fullWith([](Entitlement& e) { e.mikrotikGroup = "gold"; }),
         "coa rate_changed Mikrotik-Rate-Limit=10M/10M Mikrotik-Group=gold"},
        {"renewed", toldFull, fullWith([](Entitlement& e) { e.until = kEnd + std::chrono::hours(1); }),
         "coa end_changed! Session-Timeout=90000"},
        {"ends sooner", toldFull, fullWith([](Entitlement& e) { e.until = kNow + core::Milliseconds(1500); }),
         "coa end_changed! Session-Timeout=1"},
        {"ends at once", toldFull, fullWith([](Entitlement& e) { e.until = kNow + core::Milliseconds(500); }),
         "coa end_changed! Session-Timeout=1"},
        {"milliseconds of the end", toldFull,
         fullWith([](Entitlement& e) { e.until = kEnd + core::Milliseconds(999); }), "nothing"},
        {"no end any more", toldFull, endless, "coa end_changed! Session-Timeout=21474720"},
        {"an end beyond what RouterOS takes", toldFull,
         fullWith([](Entitlement& e) { e.until = kNow + std::chrono::hours(24 * 400); }),
         "coa end_changed! Session-Timeout=21474720"},
    };
}

/// The same, of octets and of what is more than a rate.
std::vector<PlanCase> ownCasesOfMore() {
    const Told toldFull = toldOf(full());
    const Entitlement ended = walled(EntitlementReason::Ended);
    const Entitlement suspended = walled(EntitlementReason::SubscriptionSuspended);
    const Entitlement cancelled = denied(EntitlementReason::SubscriptionCancelled);
    return {
        {"octets used, of the same allowance", toldOf(capped(10'000, 10'000)), capped(3'000, 10'000),
         "nothing"},
        {"octets bought, counted from the session's beginning",
         toldOf(capped(3'000, 10'000)),
         capped(5'000'000'000, 5'000'007'000),
         "coa rate_changed Mikrotik-Rate-Limit=10M/10M Mikrotik-Total-Limit=705039704 "
         "Mikrotik-Total-Limit-Gigawords=1",
         {.octets = 7'000}},
        {"a limit beyond all numbers",
         toldFull,
         capped(kMostOctets, kMostOctets),
         "coa rate_changed Mikrotik-Rate-Limit=10M/10M Mikrotik-Total-Limit=4294967295 "
         "Mikrotik-Total-Limit-Gigawords=2147483647",
         {.octets = 7'000}},
        {"rate and end", toldFull, fullWith([](Entitlement& e) {
             e.rateLimit = "50M/50M";
             e.until = kNow + std::chrono::hours(2);
         }),
         "coa rate_changed Mikrotik-Rate-Limit=50M/50M Session-Timeout=7200"},
        {"address", toldFull, fullWith([](Entitlement& e) { e.addresses.ipv4 = "10.0.0.9"; }),
         "disconnect address_changed"},
        {"pool and rate", toldFull, fullWith([](Entitlement& e) {
             e.pool = "gold";
             e.rateLimit = "50M/50M";
         }),
         "disconnect address_changed"},
        {"address list", toldFull, fullWith([](Entitlement& e) { e.addressList = "paid"; }),
         "disconnect address_changed"},
        {"isolated", toldFull, ended, "disconnect ended"},
        {"isolated, suspended", toldFull, suspended, "disconnect subscription_suspended"},
        {"restored", toldOf(ended), full(), "disconnect restored"},
        {"denied", toldFull, cancelled, "disconnect subscription_cancelled"},
        {"denied while walled", toldOf(ended), cancelled, "disconnect subscription_cancelled"},
        {"removed", toldFull, std::nullopt, "disconnect subscriber_removed"},
    };
}

/// Of other servers' sessions, and what does not come from the entitlement.
std::vector<PlanCase> otherCases() {
    const Told toldFull = toldOf(full());
    const Entitlement ended = walled(EntitlementReason::Ended);
    const Entitlement cancelled = denied(EntitlementReason::SubscriptionCancelled);
    const Entitlement endless = fullWith([](Entitlement& e) { e.until.reset(); });
    return {
        {"another server's, nobody of ours", std::nullopt, std::nullopt, "nothing"},
        {"another server's, denied", std::nullopt, cancelled, "nothing"},
        {"another server's, walled", std::nullopt, ended, "nothing"},
        {"another server's", std::nullopt, full(), "coa adopted! Mikrotik-Rate-Limit=10M/10M"},
        {"another server's, without an end", std::nullopt, endless,
         "coa adopted! Mikrotik-Rate-Limit=10M/10M"},
        {"operator", toldFull, full(), "disconnect operator", {.operatorDisconnect = true}},
        {"operator, another server's",
         std::nullopt,
         std::nullopt,
         "disconnect operator",
         {.operatorDisconnect = true}},
        {"over the limit", toldFull, full(), "disconnect over_limit", {.overLimit = true}},
        {"both", toldFull, cancelled, "disconnect operator", {.operatorDisconnect = true, .overLimit = true}},
    };
}

std::vector<PlanCase> planCases() {
    std::vector<PlanCase> cases = ownCases();
    for (const std::vector<PlanCase>& more : {ownCasesOfMore(), otherCases()}) {
        cases.insert(cases.end(), more.begin(), more.end());
    }
    return cases;
}

struct CauseCase {
    std::uint32_t cause;
    std::string words;
    bool gone = false;
};

/// RFC 5176 section 3.5.
const std::vector<CauseCase>& causeCases() {
    static const std::vector<CauseCase> cases = {
        {201, "Residual Session Context Removed (201)"},
        {202, "Invalid EAP Packet (202)"},
        {401, "Unsupported Attribute (401)"},
        {402, "Missing Attribute (402)"},
        {403, "NAS Identification Mismatch (403)"},
        {404, "Invalid Request (404)"},
        {405, "Unsupported Service (405)"},
        {406, "Unsupported Extension (406)", true},
        {407, "Invalid Attribute Value (407)"},
        {501, "Administratively Prohibited (501)"},
        {502, "Request Not Routable (502)"},
        {503, "Session Context Not Found (503)", true},
        {504, "Session Context Not Removable (504)"},
        {505, "Other Proxy Processing Error (505)"},
        {506, "Resources Unavailable (506)"},
        {507, "Request Initiated (507)"},
        {508, "Multiple Session Selection Unsupported (508)"},
        {0, "Error-Cause (0)"},
        {999, "Error-Cause (999)"},
    };
    return cases;
}

class EnforcementTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(EnforcementTest);
    CPPUNIT_TEST(plans);
    CPPUNIT_TEST(acknowledgedCoaLeavesNothingToDo);
    CPPUNIT_TEST(identityIsWhatTheNasReported);
    CPPUNIT_TEST(identityOfAnEmptySession);
    CPPUNIT_TEST(causes);
    CPPUNIT_TEST(everyReasonHasWords);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { startWire(builtInDictionaryDir()); }

private:
    static void plans() {
        for (const PlanCase& row : planCases()) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                row.what, row.wanted, wordsOf(planEnforcement(row.told, row.entitlement, row.demands, kNow)));
        }
    }

    static void acknowledgedCoaLeavesNothingToDo() {
        for (const PlanCase& row : planCases()) {
            const EnforcementStep step = planEnforcement(row.told, row.entitlement, row.demands, kNow);
            // What an adopted session was told is known in part only, and never taken for what it knows.
            const auto* coa = std::get_if<CoaStep>(&step);
            if (coa != nullptr && coa->reason == kAdopted) {
                CPPUNIT_ASSERT_EQUAL_MESSAGE(row.what, 0U, coa->told.place);
            } else if (coa != nullptr) {
                const EnforcementStep after = planEnforcement(coa->told, row.entitlement, {}, kNow);
                CPPUNIT_ASSERT_EQUAL_MESSAGE(row.what, "nothing"s, wordsOf(after));
            }
        }
    }

    static std::string identity(const LiveSession& session) {
        std::string text;
        for (const Attribute& attribute : sessionIdentity(session)) {
            text += attributeName(attribute.id) + "=" + core::toHex(core::asBytes(attribute.value)) + " ";
        }
        return text;
    }

    static void identityIsWhatTheNasReported() {
        LiveSession session;
        session.username = "b\\xffb";
        session.acctSessionId = "81a00001";
        session.framedIp = core::parseIpAddress("10.0.0.2");
        session.nasIp = core::parseIpAddress("192.168.88.1");
        session.source = core::parseIpAddress("203.0.113.7").value();
        CPPUNIT_ASSERT_EQUAL(
            "User-Name=62ff62 Acct-Session-Id=3831613030303031 Framed-IP-Address=0a000002 "
            "NAS-IP-Address=c0a85801 "s,
            identity(session));
        session.nasIp = core::parseIpAddress("2001:db8::1");
        CPPUNIT_ASSERT_EQUAL(
            "User-Name=62ff62 Acct-Session-Id=3831613030303031 Framed-IP-Address=0a000002 "
            "NAS-IPv6-Address=20010db8000000000000000000000001 "s,
            identity(session));
    }

    static void identityOfAnEmptySession() { CPPUNIT_ASSERT_EQUAL(""s, identity(LiveSession{})); }

    static void causes() {
        for (const CauseCase& row : causeCases()) {
            CPPUNIT_ASSERT_EQUAL(row.words, errorCauseInWords(row.cause));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(row.words, row.gone, meansGone(row.cause));
        }
    }

    static void everyReasonHasWords() {
        for (const PlanCase& row : planCases()) {
            const EnforcementStep step = planEnforcement(row.told, row.entitlement, row.demands, kNow);
            std::string_view reason;
            if (const auto* coa = std::get_if<CoaStep>(&step)) {
                reason = coa->reason;
            } else if (const auto* cut = std::get_if<DisconnectStep>(&step)) {
                reason = cut->reason;
            }
            CPPUNIT_ASSERT_MESSAGE(std::string(reason),
                                   reason.empty() || enforcementReasonInWords(reason) != reason);
        }
        CPPUNIT_ASSERT_EQUAL("another"s, std::string(enforcementReasonInWords("another")));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EnforcementTest);

}  // namespace
}  // namespace gardu::radius
