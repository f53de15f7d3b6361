#include "radius/nas_service.h"

#include <cppunit/extensions/HelperMacros.h>

#include "billing/records_store.h"
#include "core/change_store.h"
#include "core/refused.h"
#include "radius/nas_store.h"
#include "tests/support/database_suite.h"
#include "tests/support/subscribers.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;
using gardu::test::actAt;
using gardu::test::kDatabaseMadeAt;
using Policy = MessageAuthenticatorPolicy;

struct RefusedCase {
    std::string_view what;
    NasInput input;
    /// The wrong fields, in order.
    std::string fields;
};

const RefusedCase kRefused[] = {
    {"name taken", {.name = "tower", .address = "10.9.0.1", .secret = "s"}, "name "},
    {"address taken", {.name = "hill", .address = "10.0.0.1", .secret = "s"}, "address "},
    {"address taken, with its length", {.name = "hill", .address = "10.0.0.1/32", .secret = "s"}, "address "},
    {"address taken, mapped", {.name = "hill", .address = "::ffff:10.0.0.1", .secret = "s"}, "address "},
    {"bits after the length", {.name = "hill", .address = "10.0.0.1/24", .secret = "s"}, "address "},
    {"length of 33", {.name = "hill", .address = "10.0.0.0/33", .secret = "s"}, "address "},
    {"length of a mapped network",
     {.name = "hill", .address = "::ffff:10.0.0.0/120", .secret = "s"},
     "address "},
    {"a name as address", {.name = "hill", .address = "router.lan", .secret = "s"}, "address "},
    {"no address", {.name = "hill", .address = "", .secret = "s"}, "address "},
    {"port 0", {.name = "hill", .address = "10.9.0.1", .secret = "s", .coaPort = 0}, "coa_port "},
    {"port 65536", {.name = "hill", .address = "10.9.0.1", .secret = "s", .coaPort = 65'536}, "coa_port "},
    {"no secret", {.name = "hill", .address = "10.9.0.1", .secret = ""}, "secret "},
    {"all at once",
     {.name = "", .address = "x", .secret = "", .coaPort = -1},
     "name secret address coa_port "},
};

class NasServiceTest : public gardu::test::DatabaseTest {
    CPPUNIT_TEST_SUITE(NasServiceTest);
    CPPUNIT_TEST(addsAndFinds);
    CPPUNIT_TEST(namesEveryWrongField);
    CPPUNIT_TEST(namesDifferByCase);
    CPPUNIT_TEST(overlappingNetworksStandBesideEachOther);
    CPPUNIT_TEST(secretIsSealedForItsRow);
    CPPUNIT_TEST(changesOnlyWhatIsGiven);
    CPPUNIT_TEST(changesEachField);
    CPPUNIT_TEST(policyForgetsWhatWasSeen);
    CPPUNIT_TEST(refusedChangeChangesNothing);
    CPPUNIT_TEST(removes);
    CPPUNIT_TEST(unknownNameIsRefused);
    CPPUNIT_TEST(everyWriteIsAnnounced);
    CPPUNIT_TEST(storeRefusesDuplicates);
    CPPUNIT_TEST(actionsAreAuditedWithoutSecrets);
    CPPUNIT_TEST_SUITE_END();

public:
    void addsAndFinds() {
        add({.name = "tower",
             .address = "10.0.0.0/24",
             .secret = "s3",
             .policy = Policy::Require,
             .coaPort = 1700,
             .swapOctets = true});
        add({.name = "hill", .address = "2001:DB8::/48", .secret = "s3"});
        CPPUNIT_ASSERT_EQUAL("hill 2001:db8::/48 auto 0 3799, tower 10.0.0.0/24 require 0 1700 swapped"s,
                             listed());
    }

    void namesEveryWrongField() {
        add({.name = "tower", .address = "10.0.0.1", .secret = "s"});
        for (const RefusedCase& row : kRefused) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(row.what), row.fields, refusal([&] { add(row.input); }));
        }
        CPPUNIT_ASSERT_EQUAL("tower 10.0.0.1/32 auto 0 3799"s, listed());
    }

    void namesDifferByCase() {
        add({.name = "tower", .address = "10.0.0.1", .secret = "s"});
        add({.name = "Tower", .address = "10.0.0.2", .secret = "s"});
        CPPUNIT_ASSERT_EQUAL("Tower 10.0.0.2/32 auto 0 3799, tower 10.0.0.1/32 auto 0 3799"s, listed());
    }

    void overlappingNetworksStandBesideEachOther() {
        add({.name = "a", .address = "10.0.0.0/8", .secret = "s"});
        add({.name = "b", .address = "10.0.0.0/16", .secret = "s"});
        add({.name = "c", .address = "10.0.0.0", .secret = "s"});
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, all().size());
    }

    void secretIsSealedForItsRow() {
        const Nas nas = add({.name = "tower", .address = "10.0.0.1", .secret = "tell nobody"});
        const Nas stored = all().at(0);
        CPPUNIT_ASSERT_EQUAL(std::string::npos, stored.sealedSecret.find("tell"));
        CPPUNIT_ASSERT_EQUAL("tell nobody"s,
                             std::string(vault_.open({"nas", "secret", nas.id}, stored.sealedSecret).text()));
        CPPUNIT_ASSERT_THROW(vault_.open({"nas", "secret", "other"}, stored.sealedSecret), core::VaultError);
    }

    void changesOnlyWhatIsGiven() {
        const Nas before = add({.name = "tower", .address = "10.0.0.1", .secret = "s"});
        updateNas(db(), vault_, {.name = "tower", .coaPort = 1700}, actAt());
        const Nas after = all().at(0);
        CPPUNIT_ASSERT_EQUAL(before.id, after.id);
        CPPUNIT_ASSERT_EQUAL(before.sealedSecret, after.sealedSecret);
        CPPUNIT_ASSERT_EQUAL("tower 10.0.0.1/32 auto 0 1700"s, listed());
    }

    void changesEachField() {
        const Nas nas = add({.name = "tower", .address = "10.0.0.1", .secret = "s"});
        updateNas(db(), vault_,
                  {.name = "tower",
                   .newName = "hill",
                   .address = "10.0.1.0/24",
                   .secret = "new",
                   .policy = Policy::Off,
                   .coaPort = 1,
                   .swapOctets = true},
                  actAt());
        CPPUNIT_ASSERT_EQUAL("hill 10.0.1.0/24 off 0 1 swapped"s, listed());
        CPPUNIT_ASSERT_EQUAL(
            "new"s, std::string(vault_.open({"nas", "secret", nas.id}, all().at(0).sealedSecret).text()));
        updateNas(db(), vault_, {.name = "hill", .newName = "hill", .address = "10.0.1.0/24"}, actAt());
    }

    void policyForgetsWhatWasSeen() {
        const Nas nas = add({.name = "tower", .address = "10.0.0.1", .secret = "s"});
        const auto see = [&] {
            db().transact([&](core::Tx& tx) { rememberMessageAuthenticator(tx, nas.id, kDatabaseMadeAt); });
        };
        see();
        see();
        CPPUNIT_ASSERT_EQUAL("tower 10.0.0.1/32 auto 1 3799"s, listed());
        updateNas(db(), vault_, {.name = "tower", .secret = "new"}, actAt());
        CPPUNIT_ASSERT_EQUAL("tower 10.0.0.1/32 auto 1 3799"s, listed());
        updateNas(db(), vault_, {.name = "tower", .policy = Policy::Auto}, actAt());
        CPPUNIT_ASSERT_EQUAL("tower 10.0.0.1/32 auto 0 3799"s, listed());
    }

    void refusedChangeChangesNothing() {
        add({.name = "tower", .address = "10.0.0.1", .secret = "s"});
        add({.name = "hill", .address = "10.0.0.2", .secret = "s"});
        const std::pair<NasChange, std::string> rows[] = {
            {{.name = "tower", .newName = "hill", .coaPort = 1}, "name "},
            {{.name = "tower", .address = "10.0.0.2", .coaPort = 1}, "address "},
            {{.name = "tower", .address = "10.0.0.2/24", .coaPort = 1}, "address "},
            {{.name = "tower", .secret = "", .coaPort = 1}, "secret "},
            {{.name = "tower", .coaPort = 65'536}, "coa_port "},
            {{.name = "tower", .newName = "", .address = "x", .secret = "", .coaPort = 0},
             "name secret address coa_port "},
        };
        for (const auto& row : rows) {
            CPPUNIT_ASSERT_EQUAL(row.second, refusal([&] { updateNas(db(), vault_, row.first, actAt()); }));
        }
        CPPUNIT_ASSERT_EQUAL("hill 10.0.0.2/32 auto 0 3799, tower 10.0.0.1/32 auto 0 3799"s, listed());
    }

    void removes() {
        add({.name = "tower", .address = "10.0.0.1", .secret = "s"});
        removeNas(db(), "tower", actAt());
        CPPUNIT_ASSERT_EQUAL(""s, listed());
        add({.name = "tower", .address = "10.0.0.1", .secret = "s"});
    }

    void unknownNameIsRefused() {
        CPPUNIT_ASSERT_THROW(removeNas(db(), "tower", actAt()), core::Refused);
        CPPUNIT_ASSERT_THROW(updateNas(db(), vault_, {.name = "tower"}, actAt()), core::Refused);
    }

    void everyWriteIsAnnounced() {
        const Nas nas = add({.name = "tower", .address = "10.0.0.1", .secret = "s"});
        updateNas(db(), vault_, {.name = "tower", .coaPort = 1}, actAt());
        db().transact([&](core::Tx& tx) { rememberMessageAuthenticator(tx, nas.id, kDatabaseMadeAt); });
        removeNas(db(), "tower", actAt());
        const auto changes = db().read([](core::Tx& tx) { return core::changesAfter(tx, 0, 100); });
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, changes.size());
        for (const core::Change& change : changes) {
            CPPUNIT_ASSERT(change.kind == core::ChangeKind::Nas);
            CPPUNIT_ASSERT_EQUAL(nas.id, change.entity);
        }
    }

    void storeRefusesDuplicates() {
        Nas nas = add({.name = "tower", .address = "10.0.0.1", .secret = "s"});
        const auto insert = [&] {
            db().transact([&](core::Tx& tx) { insertNas(tx, nas, kDatabaseMadeAt); });
        };
        nas.id = "another";
        nas.name = "hill";
        CPPUNIT_ASSERT_THROW(insert(), core::DuplicateKey);
        nas.name = "tower";
        nas.address = core::parseIpNetwork("10.0.0.2").value();
        CPPUNIT_ASSERT_THROW(insert(), core::DuplicateKey);
        nas.name = "hill";
        insert();
    }

    void actionsAreAuditedWithoutSecrets() {
        add({.name = "tower", .address = "10.0.0.1", .secret = "first secret"});
        updateNas(db(), vault_, {.name = "tower", .coaPort = 1700}, actAt());
        updateNas(db(), vault_, {.name = "tower", .secret = "second secret"}, actAt());
        CPPUNIT_ASSERT_THROW(updateNas(db(), vault_, {.name = "tower", .coaPort = 0}, actAt()),
                             core::Refused);
        const std::string sealed = all().at(0).sealedSecret;
        removeNas(db(), "tower", actAt());
        std::string text;
        const auto rows = db().read([](core::Tx& tx) { return billing::listAudit(tx, {}, 0, 100); });
        for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
            const std::string json = row->before.value_or("") + row->after.value_or("");
            text.append(row->action).append(row->before ? " -" : " ").append(row->after ? "+" : "");
            text.append(json.find("\"secret\":{\"changed\":true}") != std::string::npos ? " new secret; "
                                                                                        : "; ");
            CPPUNIT_ASSERT(json.find("first secret") == std::string::npos);
            CPPUNIT_ASSERT(json.find("second secret") == std::string::npos);
            CPPUNIT_ASSERT(json.find(sealed) == std::string::npos);
            CPPUNIT_ASSERT_EQUAL(std::string("test"), row->actor);
        }
        CPPUNIT_ASSERT_EQUAL(
            std::string("nas add +; nas update -+; nas update -+ new secret; nas remove -; "), text);
    }

private:
    core::Vault vault_{core::Secret(core::Bytes(core::kVaultKeySize, 1)), 1};

    Nas add(const NasInput& input) { return addNas(db(), vault_, input, actAt()); }
    std::vector<Nas> all() {
        return db().read([](core::Tx& tx) { return listNas(tx); });
    }
    /// "name address policy seen port [swapped]", by name.
    std::string listed() {
        std::string text;
        for (const Nas& nas : all()) {
            text += (text.empty() ? "" : ", ") + nas.name + " " + core::formatIpNetwork(nas.address) + " " +
                    std::string(name(nas.policy)) + (nas.messageAuthenticatorSeen ? " 1 " : " 0 ") +
                    std::to_string(nas.coaPort) + (nas.swapOctets ? " swapped" : "");
        }
        return text;
    }
    template <class Function>
    static std::string refusal(Function&& function) {
        std::string fields;
        try {
            function();
        } catch (const core::Refused& refused) {
            for (const core::FieldError& error : refused.fields()) {
                fields += error.field + " ";
            }
        }
        return fields;
    }
};
using gardu::test::OnMariaDb;
using gardu::test::OnSqlite;
CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<NasServiceTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<NasServiceTest>);

}  // namespace
}  // namespace gardu::radius
