#include "core/vault_store.h"

#include <array>
#include <filesystem>
#include <optional>

#include "core/check.h"
#include "core/entropy.h"

namespace gardu::core {

namespace {

struct StoredKey {
    std::int64_t id = 0;
    std::string wrapped;
};

std::optional<StoredKey> newestKey(Db& db) {
    return db.read([](Tx& tx) -> std::optional<StoredKey> {
        const auto row = tx.queryOne("SELECT id, wrapped FROM vault_keys ORDER BY id DESC LIMIT 1");
        return row ? std::optional(StoredKey{row->integer(0), row->text(1)}) : std::nullopt;
    });
}

void makeFirstKey(Db& db, const std::string& keyFile, Instant now) {
    if (std::error_code error; !std::filesystem::exists(keyFile, error)) {
        createKeyFile(keyFile);
    }
    const Secret fileKey = readKeyFile(keyFile);
    std::array<std::uint8_t, kVaultKeySize> octets{};
    fillRandom(octets);
    const Secret dataKey{ByteView(octets)};
    const std::string wrapped = wrapDataKey(fileKey, dataKey, 1);
    try {
        db.transact([&](Tx& tx) {
            tx.execute("INSERT INTO vault_keys(id, wrapped, created_at) VALUES (1, ?, ?)",
                       {wrapped, toEpochMs(now)});
        });
    } catch (const DuplicateKey&) {
        return;  // another process was first; its key counts
    }
}

}  // namespace

Vault openVault(Db& db, const std::string& keyFile, Instant now) {
    auto stored = newestKey(db);
    if (!stored) {
        makeFirstKey(db, keyFile, now);
        stored = newestKey(db);
    }
    check(stored.has_value() && stored->id >= 1 && stored->id <= 255, "no data key, though one was just made");
    const Secret fileKey = readKeyFile(keyFile);
    return {unwrapDataKey(fileKey, stored->wrapped, stored->id), static_cast<std::uint8_t>(stored->id)};
}

}  // namespace gardu::core
