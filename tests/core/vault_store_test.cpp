#include "core/vault_store.h"

#include <cppunit/extensions/HelperMacros.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/guarded.h"
#include "tests/support/database_suite.h"
#include "tests/support/threads.h"

namespace gardu::test {

namespace {

using core::Db;
using core::Tx;

constexpr core::CellAddress kCell = {.table = "users", .column = "password", .row = "42"};

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

class VaultStoreTest : public DatabaseTest {
    CPPUNIT_TEST_SUITE(VaultStoreTest);
    CPPUNIT_TEST(firstStartMakesFileAndKey);
    CPPUNIT_TEST(nextStartOpensTheSame);
    CPPUNIT_TEST(firstStartTakesTheFileThatIsThere);
    CPPUNIT_TEST(missingFileIsRefused);
    CPPUNIT_TEST(anotherFileIsRefused);
    CPPUNIT_TEST(fileThatOthersReadIsRefused);
    CPPUNIT_TEST(missingFolderIsRefused);
    CPPUNIT_TEST(severalFirstStartsShareOneKey);
    CPPUNIT_TEST(severalNodesWithDifferentFiles);
    CPPUNIT_TEST_SUITE_END();

public:
    void firstStartMakesFileAndKey() {
        const core::Vault vault = open(db());
        struct stat status {};
        CPPUNIT_ASSERT_EQUAL(0, ::stat(file().c_str(), &status));
        CPPUNIT_ASSERT_EQUAL(mode_t{0400}, static_cast<mode_t>(status.st_mode & 07777U));
        const auto row =
            db().read([](Tx& tx) { return tx.queryOne("SELECT id, created_at FROM vault_keys"); });
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, row->integer(0));
        CPPUNIT_ASSERT_EQUAL(core::toEpochMs(kDatabaseMadeAt), row->integer(1));
        CPPUNIT_ASSERT_EQUAL(std::string("secret"), std::string(vault.open(kCell, sealed(vault)).text()));
    }

    void nextStartOpensTheSame() {
        const std::string cell = sealed(open(db()));
        Db another(databaseUrl());
        CPPUNIT_ASSERT_EQUAL(std::string("secret"), std::string(open(another).open(kCell, cell).text()));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, keys());
    }

    // An operator who has a key in escrow puts it there before the first start.
    void firstStartTakesTheFileThatIsThere() {
        core::createKeyFile(file());
        const core::Secret before = core::readKeyFile(file());
        (void)open(db());
        CPPUNIT_ASSERT(before.text() == core::readKeyFile(file()).text());
    }

    void missingFileIsRefused() {
        (void)open(db());
        std::filesystem::remove(file());
        const std::string words = refusal();
        CPPUNIT_ASSERT_MESSAGE(words, holds(words, file()));
        CPPUNIT_ASSERT(!std::filesystem::exists(file()));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, keys());
    }

    void anotherFileIsRefused() {
        (void)open(db());
        std::filesystem::remove(file());
        core::createKeyFile(file());
        const std::string words = refusal();
        CPPUNIT_ASSERT_MESSAGE(words, holds(words, "key file"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, keys());
    }

    void fileThatOthersReadIsRefused() {
        (void)open(db());
        CPPUNIT_ASSERT_EQUAL(0, ::chmod(file().c_str(), 0444));
        const std::string words = refusal();
        CPPUNIT_ASSERT_MESSAGE(words, holds(words, file()));
    }

    void missingFolderIsRefused() {
        std::string words;
        try {
            (void)core::openVault(db(), folder().file("nowhere/key"), kDatabaseMadeAt);
        } catch (const core::VaultError& error) {
            words = error.what();
        }
        CPPUNIT_ASSERT_MESSAGE(words, holds(words, "nowhere/key"));
        CPPUNIT_ASSERT_EQUAL(std::int64_t{0}, keys());
    }

    void severalFirstStartsShareOneKey() {
        core::Guarded<std::vector<std::string>> cells;
        core::Guarded<std::vector<std::string>> problems;
        inThreads(4, [&](int) {
            try {
                Db mine(databaseUrl());
                const std::string cell = sealed(open(mine));
                cells.with([&](auto& list) { list.push_back(cell); });
            } catch (const std::exception& error) {
                problems.with([&](auto& list) { list.emplace_back(error.what()); });
            }
        });
        const auto words = problems.with([](auto& list) { return list; });
        CPPUNIT_ASSERT_MESSAGE(words.empty() ? "" : words.front(), words.empty());
        const core::Vault vault = open(db());
        for (const std::string& cell : cells.with([](auto& list) { return list; })) {
            CPPUNIT_ASSERT_EQUAL(std::string("secret"), std::string(vault.open(kCell, cell).text()));
        }
        CPPUNIT_ASSERT_EQUAL(std::int64_t{1}, keys());
    }

    // The file of the first counts; the second node is told that it has another one.
    void severalNodesWithDifferentFiles() {
        (void)open(db());
        core::createKeyFile(folder().file("node-2.key"));
        bool isRefused = false;
        try {
            (void)core::openVault(db(), folder().file("node-2.key"), kDatabaseMadeAt);
        } catch (const core::VaultError&) {
            isRefused = true;
        }
        CPPUNIT_ASSERT(isRefused);
    }

private:
    std::string file() const { return folder().file("gardu.key"); }
    core::Vault open(Db& database) const { return core::openVault(database, file(), kDatabaseMadeAt); }
    static std::string sealed(const core::Vault& vault) { return vault.seal(kCell, "secret"); }
    std::int64_t keys() {
        return db().read([](Tx& tx) { return tx.queryOne("SELECT COUNT(*) FROM vault_keys")->integer(0); });
    }
    std::string refusal() {
        try {
            (void)open(db());
        } catch (const core::VaultError& error) {
            return error.what();
        }
        CPPUNIT_FAIL("no VaultError");
        return "";
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OnSqlite<VaultStoreTest>);
CPPUNIT_TEST_SUITE_REGISTRATION(OnMariaDb<VaultStoreTest>);

}  // namespace gardu::test
