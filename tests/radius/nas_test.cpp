#include "radius/nas.h"

#include <cppunit/extensions/HelperMacros.h>

#include "radius/nas_table.h"
#include "tests/support/throws.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;
using Policy = MessageAuthenticatorPolicy;

struct ProblemCase {
    std::string_view what;
    std::string name;
    std::string secret;
    /// The wrong fields, in order.
    std::string fields;
};

const ProblemCase kProblems[] = {
    {"plain", "tower-1", "testing123", ""},
    {"blank inside, UTF-8", "Menara Timur \xc3\xa9", "s", ""},
    {"longest", std::string(253, 'n'), std::string(128, 's'), ""},
    {"secret of high octets", "n", "\xff\xfe"s, ""},
    {"no name", "", "s", "name "},
    {"name too long", std::string(254, 'n'), "s", "name "},
    {"line break in the name", "a\nb", "s", "name "},
    {"name is not UTF-8", "a\xff", "s", "name "},
    {"blank before the name", " a", "s", "name "},
    {"blank after the name", "a ", "s", "name "},
    {"no secret", "n", "", "secret "},
    {"secret too long", "n", std::string(129, 's'), "secret "},
    {"zero octet in the secret", "n", "a\0b"s, "secret "},
    {"both", "", "", "name secret "},
};

struct RequiresCase {
    Policy policy;
    bool stored;
    bool seenNow;
    bool required;
};

constexpr RequiresCase kRequires[] = {
    {Policy::Require, false, false, true}, {Policy::Require, true, true, true},
    {Policy::Auto, false, false, false},   {Policy::Auto, false, true, true},
    {Policy::Auto, true, true, true},      {Policy::Off, false, false, false},
    {Policy::Off, false, true, false},     {Policy::Off, true, true, false},
};

constexpr std::string_view kNetworks[] = {
    "10.0.0.0/8",    "10.1.0.0/16",     "10.1.2.0/24",   "10.1.2.3",          "192.0.2.128/25",
    "2001:db8::/32", "2001:db8:1::/48", "2001:db8:1::1", "::ffff:172.16.0.1", "a00::/8",
};

struct FindCase {
    std::string_view source;
    /// The network that has it; "" for none.
    std::string_view network;
};

constexpr FindCase kFinds[] = {
    {"10.1.2.3", "10.1.2.3/32"},
    {"10.1.2.4", "10.1.2.0/24"},
    {"10.1.3.3", "10.1.0.0/16"},
    {"10.2.2.3", "10.0.0.0/8"},
    {"11.1.2.3", ""},
    {"9.255.255.255", ""},
    {"192.0.2.127", ""},
    {"192.0.2.128", "192.0.2.128/25"},
    {"192.0.2.255", "192.0.2.128/25"},
    {"::ffff:10.1.2.3", "10.1.2.3/32"},  // as an IPv6 socket sees an IPv4 router
    {"172.16.0.1", "172.16.0.1/32"},
    {"::ffff:172.16.0.1", "172.16.0.1/32"},
    {"2001:db8:1::1", "2001:db8:1::1/128"},
    {"2001:db8:1::2", "2001:db8:1::/48"},
    {"2001:db8:2::1", "2001:db8::/32"},
    {"2001:db9::1", ""},
    {"0a01:0203::", "a00::/8"},  // the same first octets as 10.1.2.3
    {"::1", ""},
};

std::shared_ptr<const NasEntry> entryOf(std::string_view network) {
    Nas nas;
    nas.name = network;
    nas.address = core::parseIpNetwork(network).value();
    return std::make_shared<const NasEntry>(nas, "s");
}

std::string foundIn(const NasTable& table, std::string_view source) {
    const NasEntry* entry = table.find(core::parseIpAddress(source).value());
    return entry == nullptr ? "" : core::formatIpNetwork(entry->nas.address);
}

class NasTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(NasTest);
    CPPUNIT_TEST(namesOfPolicies);
    CPPUNIT_TEST(problems);
    CPPUNIT_TEST(whenAMessageAuthenticatorIsRequired);
    CPPUNIT_TEST(longestNetworkWins);
    CPPUNIT_TEST(orderOfTheEntriesDoesNotMatter);
    CPPUNIT_TEST(networkOfEverything);
    CPPUNIT_TEST(emptyTableFindsNothing);
    CPPUNIT_TEST_SUITE_END();

    void namesOfPolicies() {
        for (const Policy policy : {Policy::Require, Policy::Auto, Policy::Off}) {
            CPPUNIT_ASSERT(parseMessageAuthenticatorPolicy(name(policy)) == policy);
        }
        CPPUNIT_ASSERT_EQUAL("require auto off"s, std::string(name(Policy::Require)) + " " +
                                                      std::string(name(Policy::Auto)) + " " +
                                                      std::string(name(Policy::Off)));
        for (const std::string_view other : {"", "Require", "auto ", "on"}) {
            CPPUNIT_ASSERT_MESSAGE(std::string(other), !parseMessageAuthenticatorPolicy(other));
        }
    }

    void problems() {
        for (const ProblemCase& row : kProblems) {
            std::string fields;
            for (const core::FieldError& error : nasProblems(row.name, row.secret)) {
                fields += error.field + " ";
            }
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row.what), row.fields, fields);
        }
    }

    void whenAMessageAuthenticatorIsRequired() {
        for (const RequiresCase& row : kRequires) {
            Nas nas;
            nas.policy = row.policy;
            nas.messageAuthenticatorSeen = row.stored;
            const NasEntry entry(nas, "s");
            if (row.seenNow) {
                entry.messageAuthenticatorSeen.store(true);
            }
            CPPUNIT_ASSERT_EQUAL(
                row.required, entry.requiresMessageAuthenticator(core::parseIpAddress("10.0.0.1").value()));
        }
    }

    void longestNetworkWins() {
        std::vector<std::shared_ptr<const NasEntry>> entries;
        for (const std::string_view network : kNetworks) {
            entries.push_back(entryOf(network));
        }
        const NasTable table(entries);
        for (const FindCase& row : kFinds) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row.source), std::string(row.network),
                                         foundIn(table, row.source));
        }
    }

    void orderOfTheEntriesDoesNotMatter() {
        std::vector<std::shared_ptr<const NasEntry>> entries;
        for (auto network = std::rbegin(kNetworks); network != std::rend(kNetworks); ++network) {
            entries.push_back(entryOf(*network));
        }
        const NasTable table(entries);
        for (const FindCase& row : kFinds) {
            CPPUNIT_ASSERT_EQUAL(std::string(row.network), foundIn(table, row.source));
        }
    }

    void networkOfEverything() {
        const NasTable table({entryOf("0.0.0.0/0"), entryOf("::/0"), entryOf("10.0.0.0/8")});
        CPPUNIT_ASSERT_EQUAL("10.0.0.0/8"s, foundIn(table, "10.255.0.1"));
        CPPUNIT_ASSERT_EQUAL("0.0.0.0/0"s, foundIn(table, "255.255.255.255"));
        CPPUNIT_ASSERT_EQUAL("::/0"s, foundIn(table, "::"));
        CPPUNIT_ASSERT_EQUAL("::/0"s, foundIn(table, "ffff::1"));
        CPPUNIT_ASSERT_EQUAL(""s, foundIn(NasTable({entryOf("0.0.0.0/0")}), "2001:db8::1"));
    }

    void emptyTableFindsNothing() {
        CPPUNIT_ASSERT_EQUAL(""s, foundIn(NasTable(), "10.0.0.1"));
        CPPUNIT_ASSERT_EQUAL(""s, foundIn(NasTable(), "::1"));
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(NasTest);

}  // namespace
}  // namespace gardu::radius
