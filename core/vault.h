#pragma once
// Reversible secrets (subscriber passwords, NAS and router secrets) sealed with AES-256-GCM. A key file wraps
// the data key, the data key seals the cells; the associated data is table, column and row, so that a sealed
// value copied to another row does not open. Safe to share between threads.

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/bytes.h"
#include "core/secret.h"

namespace gardu::core {

class VaultError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Where a sealed value lives; part of what is authenticated.
struct CellAddress {
    std::string_view table;
    std::string_view column;
    std::string_view row;
};

/// 32 octets: the key file's (wraps data keys), or a data key's (seals cells).
inline constexpr std::size_t kVaultKeySize = 32;

/// Reads the key file (32 octets in base64 and a line end). Throws VaultError that names the file and the fix
/// when it is missing, unreadable, of another form, or readable by group or others.
[[nodiscard]] Secret readKeyFile(const std::string& path);
/// Makes the file with a new key, mode 0400, with O_EXCL and fsync, by way of a temporary name, so that no
/// reader ever sees half a key; where another process was first, its key stays. Throws VaultError.
void createKeyFile(const std::string& path);

/// A data key under the key of the key file, as text for the database; and back. Unwrap throws VaultError
/// when the key file is not the one that wrapped it.
[[nodiscard]] std::string wrapDataKey(const Secret& fileKey, const Secret& dataKey, std::int64_t dataKeyId);
[[nodiscard]] Secret unwrapDataKey(const Secret& fileKey, std::string_view wrapped, std::int64_t dataKeyId);

class Vault {
public:
    /// `dataKeyId` 1..255 is kept with each sealed value.
    Vault(Secret dataKey, std::uint8_t dataKeyId);

    /// Text for a database column: base64 of version 1, data key id, nonce (12, random), ciphertext, tag
    /// (16).
    [[nodiscard]] std::string seal(const CellAddress& cell, std::string_view plain) const;
    /// Throws VaultError where the value was altered, moved or sealed under another key.
    [[nodiscard]] Secret open(const CellAddress& cell, std::string_view sealed) const;
    /// The same for the octets under the base64, as the directory keeps them. About a microsecond.
    [[nodiscard]] Secret openOctets(const CellAddress& cell, ByteView sealed) const;

private:
    Secret dataKey_;
    std::uint8_t dataKeyId_;
};

}  // namespace gardu::core
