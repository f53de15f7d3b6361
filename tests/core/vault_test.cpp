#include "core/vault.h"

#include <cppunit/extensions/HelperMacros.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <vector>

#include "core/check.h"
#include "tests/support/threads.h"
#include "tests/support/throws.h"

namespace {

using namespace gardu::core;
using gardu::test::inThreads;
using gardu::test::throws;

constexpr CellAddress kCell = {.table = "users", .column = "password", .row = "42"};

/// Octets first, first + 1, ... : the keys of the vectors below.
Secret keyFrom(std::uint8_t first) {
    Bytes key(kVaultKeySize);
    for (std::size_t i = 0; i < key.size(); ++i) {
        key[i] = static_cast<std::uint8_t>(first + i);
    }
    return Secret(std::move(key));
}

// Sealed by another program (Python's cryptography, AESGCM): nonce a0..ab, associated data 01 07, then each
// text with its length in four octets before it.
constexpr std::string_view kSealedElsewhere = "AQegoaKjpKWmp6ipqquFdw5fIKh2nwoK9aBi25PPNutt4RfTz6al7lOTFA==";
constexpr std::string_view kWrappedElsewhere =
    "AQCgoaKjpKWmp6ipqqumWT5uAY5E+CoszZhLN46RIP0LQ8biFDvEV3zdI/YrXgUg4+vOC7RKjekH9NeXXCA=";

// Where the addresses only part their texts elsewhere, and where one text differs.
constexpr CellAddress kOtherCells[] = {
    {"users", "password", "43"}, {"users", "password", ""},   {"users", "password", "4"},
    {"users", "secret", "42"},   {"nas", "password", "42"},   {"userspassword", "", "42"},
    {"users", "password4", "2"}, {"user", "spassword", "42"}, {"", "userspassword", "42"},
    {"USERS", "password", "42"}, {"password", "users", "42"}, {"", "", ""},
};

class TemporaryDirectory {
public:
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "gardu_vault_XXXXXX").string();
        CPPUNIT_ASSERT(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    TemporaryDirectory(TemporaryDirectory&&) = delete;
    TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;

    [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
    [[nodiscard]] std::size_t fileCount() const {
        const std::filesystem::directory_iterator files(path_);
        return static_cast<std::size_t>(std::distance(begin(files), end(files)));
    }

private:
    std::filesystem::path path_;
};

void writeFile(const std::string& path, std::string_view text, mode_t mode) {
    std::ofstream(path, std::ios::binary) << text;
    CPPUNIT_ASSERT_EQUAL(0, ::chmod(path.c_str(), mode));
}

/// The words of the VaultError that the function must throw.
std::string errorOf(const std::function<void()>& function) {
    try {
        function();
    } catch (const VaultError& error) {
        return error.what();
    }
    CPPUNIT_FAIL("no VaultError");
    return "";
}

bool opens(const Vault& vault, const CellAddress& cell, ByteView sealed) {
    try {
        (void)vault.openOctets(cell, sealed);
        return true;
    } catch (const VaultError&) {
        return false;
    }
}

const std::string kKeyText = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";  // octets 00..1f

struct ModeCase {
    mode_t mode;
    bool taken;
};

constexpr ModeCase kModes[] = {
    {0400, true},  {0600, true},  {0700, true},  {0440, false}, {0404, false}, {0420, false},
    {0402, false}, {0410, false}, {0401, false}, {0644, false}, {0777, false},
};

class VaultTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(VaultTest);
    CPPUNIT_TEST(opensWhatAnotherProgramSealed);
    CPPUNIT_TEST(sealsAndOpens);
    CPPUNIT_TEST(sealedValueHasTheDocumentedForm);
    CPPUNIT_TEST(sameValueSealsDifferently);
    CPPUNIT_TEST(anyFlippedBitFails);
    CPPUNIT_TEST(anyCutOrAdditionFails);
    CPPUNIT_TEST(anotherCellFails);
    CPPUNIT_TEST(anotherKeyFails);
    CPPUNIT_TEST(notBase64Fails);
    CPPUNIT_TEST(errorNamesTheCellAndNoSecret);
    CPPUNIT_TEST(keysOfAnotherSizeAreOurBug);
    CPPUNIT_TEST(wrapsAndUnwraps);
    CPPUNIT_TEST(unwrapRefusesAnotherFileKeyOrId);
    CPPUNIT_TEST(aCellIsNoDataKey);
    CPPUNIT_TEST(severalThreadsShareIt);
    CPPUNIT_TEST(readsAKeyFile);
    CPPUNIT_TEST(refusesAKeyFileOfAnotherForm);
    CPPUNIT_TEST(refusesAKeyFileThatOthersMayTouch);
    CPPUNIT_TEST(refusesWhatIsNoFile);
    CPPUNIT_TEST(createsAPrivateKeyFile);
    CPPUNIT_TEST(createKeepsTheKeyThatIsThere);
    CPPUNIT_TEST(createInAMissingDirectoryFails);
    CPPUNIT_TEST(whoeverIsFirstAllReadOneKey);
    CPPUNIT_TEST_SUITE_END();

public:
    void opensWhatAnotherProgramSealed() {
        const Vault vault(keyFrom(0), 7);
        CPPUNIT_ASSERT_EQUAL(std::string("correct horse"),
                             std::string(vault.open(kCell, kSealedElsewhere).text()));
        const Secret dataKey = unwrapDataKey(keyFrom(0), kWrappedElsewhere, 3);
        CPPUNIT_ASSERT_EQUAL(std::string(keyFrom(0x40).text()), std::string(dataKey.text()));
    }

    void sealsAndOpens() {
        const Vault vault(keyFrom(0), 1);
        for (const std::string& plain :
             {std::string(), std::string("x"), std::string(1, '\0'), std::string(5000, 'y')}) {
            const std::string sealed = vault.seal(kCell, plain);
            CPPUNIT_ASSERT_EQUAL(plain, std::string(vault.open(kCell, sealed).text()));
            CPPUNIT_ASSERT_EQUAL(plain, std::string(vault.openOctets(kCell, *fromBase64(sealed)).text()));
        }
    }

    void sealedValueHasTheDocumentedForm() {
        const Bytes sealed = fromBase64(Vault(keyFrom(0), 200).seal(kCell, "12345")).value();
        CPPUNIT_ASSERT_EQUAL(std::size_t{1 + 1 + 12 + 5 + 16}, sealed.size());
        CPPUNIT_ASSERT(sealed[0] == 1 && sealed[1] == 200);
    }

    void sameValueSealsDifferently() {
        const Vault vault(keyFrom(0), 1);
        std::set<std::string> nonces;
        for (int i = 0; i < 1000; ++i) {
            nonces.insert(vault.seal(kCell, "same").substr(0, 18));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{1000}, nonces.size());
    }

    void anyFlippedBitFails() {
        const Vault vault(keyFrom(0), 1);
        Bytes sealed = fromBase64(vault.seal(kCell, "correct horse")).value();
        CPPUNIT_ASSERT(opens(vault, kCell, sealed));
        for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
            const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
            sealed[bit / 8] ^= mask;
            CPPUNIT_ASSERT_MESSAGE("bit " + std::to_string(bit), !opens(vault, kCell, sealed));
            sealed[bit / 8] ^= mask;
        }
    }

    void anyCutOrAdditionFails() {
        const Vault vault(keyFrom(0), 1);
        const Bytes sealed = fromBase64(vault.seal(kCell, "correct horse")).value();
        for (std::size_t size = 0; size < sealed.size(); ++size) {
            CPPUNIT_ASSERT(!opens(vault, kCell, ByteView(sealed).first(size)));
        }
        Bytes longer = sealed;
        longer.push_back(0);
        CPPUNIT_ASSERT(!opens(vault, kCell, longer));
    }

    void anotherCellFails() {
        const Vault vault(keyFrom(0), 1);
        const Bytes sealed = fromBase64(vault.seal(kCell, "correct horse")).value();
        for (const auto& cell : kOtherCells) {
            CPPUNIT_ASSERT_MESSAGE(
                std::string(cell.table) + '.' + std::string(cell.column) + '.' + std::string(cell.row),
                !opens(vault, cell, sealed));
        }
    }

    void anotherKeyFails() {
        const Bytes sealed = fromBase64(Vault(keyFrom(0), 1).seal(kCell, "correct horse")).value();
        CPPUNIT_ASSERT(!opens(Vault(keyFrom(1), 1), kCell, sealed));
        CPPUNIT_ASSERT(!opens(Vault(keyFrom(0), 2), kCell, sealed));
    }

    void notBase64Fails() {
        const Vault vault(keyFrom(0), 1);
        for (const auto* text : {"", "AQ", "not base64!", "plain password"}) {
            CPPUNIT_ASSERT(throws<VaultError>([&] { return vault.open(kCell, text); }));
        }
    }

    void errorNamesTheCellAndNoSecret() {
        const Vault vault(keyFrom(0), 1);
        const std::string words = errorOf([&] { (void)vault.open(kCell, "plain password"); });
        CPPUNIT_ASSERT(words.find("users.password of row 42") != std::string::npos);
        CPPUNIT_ASSERT(words.find("plain password") == std::string::npos);
    }

    void keysOfAnotherSizeAreOurBug() {
        const Secret shortKey(std::string(31, 'k'));
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return Vault(shortKey.clone(), 1); }));
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return Vault(Secret(), 1); }));
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return Vault(keyFrom(0), 0); }));
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return wrapDataKey(keyFrom(0), shortKey, 1); }));
        CPPUNIT_ASSERT(throws<InvariantBroken>([&] { return wrapDataKey(shortKey, keyFrom(0), 1); }));
    }

    void wrapsAndUnwraps() {
        const std::string wrapped = wrapDataKey(keyFrom(0), keyFrom(9), 1);
        CPPUNIT_ASSERT_EQUAL(std::string(keyFrom(9).text()),
                             std::string(unwrapDataKey(keyFrom(0), wrapped, 1).text()));
    }

    void unwrapRefusesAnotherFileKeyOrId() {
        const std::string wrapped = wrapDataKey(keyFrom(0), keyFrom(9), 1);
        CPPUNIT_ASSERT(throws<VaultError>([&] { return unwrapDataKey(keyFrom(1), wrapped, 1); }));
        CPPUNIT_ASSERT(throws<VaultError>([&] { return unwrapDataKey(keyFrom(0), wrapped, 2); }));
        CPPUNIT_ASSERT(throws<VaultError>([&] { return unwrapDataKey(keyFrom(0), "", 1); }));
        CPPUNIT_ASSERT(throws<VaultError>([&] { return unwrapDataKey(keyFrom(0), wrapped.substr(4), 1); }));
        CPPUNIT_ASSERT(
            errorOf([&] { (void)unwrapDataKey(keyFrom(1), wrapped, 1); }).starts_with("data key 1 "));
    }

    void aCellIsNoDataKey() {
        const CellAddress likeADataKey = {.table = "data_key", .column = "wrapped", .row = "1"};
        const std::string sealed = Vault(keyFrom(0), 1).seal(likeADataKey, keyFrom(9).text());
        CPPUNIT_ASSERT(throws<VaultError>([&] { return unwrapDataKey(keyFrom(0), sealed, 1); }));
    }

    void severalThreadsShareIt() {
        const Vault vault(keyFrom(0), 1);
        std::vector<int> opened(4, 0);
        inThreads(4, [&](int thread) {
            for (int i = 0; i < 500; ++i) {
                const std::string plain = std::to_string(i);
                const bool same = vault.open(kCell, vault.seal(kCell, plain)).text() == plain;
                opened[static_cast<std::size_t>(thread)] += same ? 1 : 0;
            }
        });
        CPPUNIT_ASSERT(opened == std::vector<int>(4, 500));
    }

    void readsAKeyFile() {
        const TemporaryDirectory directory;
        for (const std::string end : {"\n", ""}) {
            const std::string path = directory.file("key" + std::to_string(end.size()));
            writeFile(path, kKeyText + end, 0400);
            CPPUNIT_ASSERT_EQUAL(std::string(keyFrom(0).text()), std::string(readKeyFile(path).text()));
        }
    }

    void refusesAKeyFileOfAnotherForm() {
        const TemporaryDirectory directory;
        const std::string path = directory.file("key");
        for (const std::string& text :
             {std::string(), std::string("\n"), kKeyText + "\n\n", kKeyText + "\r\n", " " + kKeyText,
              kKeyText.substr(0, 40), kKeyText + kKeyText, std::string("AAEC\n"), std::string(100000, 'A')}) {
            writeFile(path, text, 0600);
            const std::string words = errorOf([&] { (void)readKeyFile(path); });
            CPPUNIT_ASSERT_MESSAGE(words, words.find(path) != std::string::npos);
            CPPUNIT_ASSERT_MESSAGE(words, words.find("AAEC") == std::string::npos);
        }
    }

    void refusesAKeyFileThatOthersMayTouch() {
        const TemporaryDirectory directory;
        const std::string path = directory.file("key");
        for (const auto& [mode, taken] : kModes) {
            writeFile(path, kKeyText + '\n', 0600);
            CPPUNIT_ASSERT_EQUAL(0, ::chmod(path.c_str(), mode));
            const std::string words = taken ? "" : errorOf([&] { (void)readKeyFile(path); });
            const bool namesTheFix = words.find("chmod 0400 " + path) != std::string::npos;
            CPPUNIT_ASSERT_MESSAGE(words, taken ? !readKeyFile(path).empty() : namesTheFix);
            std::filesystem::remove(path);
        }
    }

    void refusesWhatIsNoFile() {
        const TemporaryDirectory directory;
        const std::string pipe = directory.file("pipe");
        CPPUNIT_ASSERT_EQUAL(0, ::mkfifo(pipe.c_str(), 0400));
        const std::string missing = directory.file("missing");
        const std::string itself = directory.file("");
        CPPUNIT_ASSERT(errorOf([&] { (void)readKeyFile(pipe); }).ends_with(pipe + ": is not a regular file"));
        CPPUNIT_ASSERT(
            errorOf([&] { (void)readKeyFile(itself); }).ends_with(itself + ": is not a regular file"));
        CPPUNIT_ASSERT(errorOf([&] { (void)readKeyFile(missing); }).find(missing + ": No such file") == 9);
    }

    void createsAPrivateKeyFile() {
        const TemporaryDirectory directory;
        const std::string path = directory.file("key");
        createKeyFile(path);
        struct stat status {};
        CPPUNIT_ASSERT_EQUAL(0, ::stat(path.c_str(), &status));
        CPPUNIT_ASSERT_EQUAL(mode_t{S_IFREG | 0400}, status.st_mode);
        CPPUNIT_ASSERT_EQUAL(nlink_t{1}, status.st_nlink);
        CPPUNIT_ASSERT_EQUAL(off_t{45}, status.st_size);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, directory.fileCount());
        createKeyFile(directory.file("second"));
        CPPUNIT_ASSERT(readKeyFile(path).text() != readKeyFile(directory.file("second")).text());
    }

    void createKeepsTheKeyThatIsThere() {
        const TemporaryDirectory directory;
        const std::string path = directory.file("key");
        writeFile(path, kKeyText + '\n', 0400);
        createKeyFile(path);
        CPPUNIT_ASSERT_EQUAL(std::string(keyFrom(0).text()), std::string(readKeyFile(path).text()));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, directory.fileCount());
    }

    void createInAMissingDirectoryFails() {
        const TemporaryDirectory directory;
        const std::string path = directory.file("missing/key");
        CPPUNIT_ASSERT(errorOf([&] { createKeyFile(path); }).find(path) != std::string::npos);
    }

    void whoeverIsFirstAllReadOneKey() {
        const TemporaryDirectory directory;
        const std::string path = directory.file("key");
        std::vector<std::string> seen(8);
        inThreads(8, [&](int thread) {
            createKeyFile(path);
            seen[static_cast<std::size_t>(thread)] = readKeyFile(path).text();
        });
        CPPUNIT_ASSERT_EQUAL(kVaultKeySize, seen[0].size());
        CPPUNIT_ASSERT(seen == std::vector<std::string>(8, seen[0]));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, directory.fileCount());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(VaultTest);

}  // namespace
