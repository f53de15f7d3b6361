#include "core/vault.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "core/check.h"
#include "core/entropy.h"

namespace gardu::core {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kFileKeyId = 0;  ///< in place of a data key's id, in a wrapped data key
constexpr std::size_t kHeaderSize = 2;  ///< version, data key id
constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;
constexpr std::size_t kOverhead = kHeaderSize + kNonceSize + kTagSize;
constexpr std::size_t kMaxPlainSize = std::numeric_limits<int>::max() / 4;

struct FreeCipher {
    void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

/// Fetched once: a look-up among OpenSSL's providers costs more than opening a value.
const EVP_CIPHER* aes256Gcm() {
    static const std::unique_ptr<EVP_CIPHER, FreeCipher> cipher(
        EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
    return cipher.get();
}

[[noreturn]] void throwCipherFailed() {
    throw VaultError("AES-256-GCM failed in OpenSSL");
}

void require(int openSslResult) {
    if (openSslResult != 1) {
        throwCipherFailed();
    }
}

int sizeForOpenSsl(std::size_t size) {
    check(size <= kMaxPlainSize, "a sealed value has a sane size");
    return static_cast<int>(size);
}

enum class Direction { Open = 0, Seal = 1 };

/// One pass over one value: key and nonce, then the associated data, then the text.
class Pass {
public:
    Pass(Direction direction, const Secret& key, ByteView nonce) : context_(EVP_CIPHER_CTX_new()) {
        check(key.bytes().size() == kVaultKeySize && nonce.size() == kNonceSize, "a key has 32 octets");
        require(context_ != nullptr ? 1 : 0);
        require(EVP_CipherInit_ex2(context_.get(), aes256Gcm(), key.bytes().data(), nonce.data(),
                                   static_cast<int>(direction), nullptr));
    }

    void authenticate(ByteView data) {
        int size = 0;
        if (!data.empty()) {
            require(
                EVP_CipherUpdate(context_.get(), nullptr, &size, data.data(), sizeForOpenSsl(data.size())));
        }
    }

    /// With its length before it, so that no two lists of texts give the same octets.
    void authenticateText(std::string_view text) {
        const auto size = static_cast<std::uint32_t>(sizeForOpenSsl(text.size()));
        const std::array<std::uint8_t, 4> prefix = {
            static_cast<std::uint8_t>(size >> 24U), static_cast<std::uint8_t>(size >> 16U),
            static_cast<std::uint8_t>(size >> 8U), static_cast<std::uint8_t>(size)};
        authenticate(prefix);
        authenticate(asBytes(text));
    }

    /// `out` has the size of `in`: GCM is a stream cipher.
    void transform(ByteView in, std::uint8_t* out) {
        int size = 0;
        if (!in.empty()) {
            require(EVP_CipherUpdate(context_.get(), out, &size, in.data(), sizeForOpenSsl(in.size())));
        }
    }

    void finishSeal(std::uint8_t* tag) {
        require(finish());
        require(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag));
    }

    /// Whether the tag is the one of what was opened.
    [[nodiscard]] bool finishOpen(ByteView tag) {
        std::array<std::uint8_t, kTagSize> copy{};  // OpenSSL's parameter is not const
        std::copy(tag.begin(), tag.end(), copy.begin());
        require(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, copy.data()));
        return finish() == 1;
    }

private:
    int finish() {
        std::array<std::uint8_t, 16> none{};
        int size = 0;
        return EVP_CipherFinal_ex(context_.get(), none.data(), &size);
    }

    CipherContext context_;
};

void authenticateCell(Pass& pass, ByteView header, const CellAddress& cell) {
    pass.authenticate(header);
    pass.authenticateText(cell.table);
    pass.authenticateText(cell.column);
    pass.authenticateText(cell.row);
}

/// version, key id, nonce, ciphertext, tag
Bytes sealOctets(const Secret& key, std::uint8_t keyId, const CellAddress& cell, ByteView plain) {
    Bytes sealed(kOverhead + plain.size());
    sealed[0] = kVersion;
    sealed[1] = keyId;
    const std::span whole(sealed);
    const auto nonce = whole.subspan(kHeaderSize, kNonceSize);
    fillRandom(nonce);
    Pass pass(Direction::Seal, key, nonce);
    authenticateCell(pass, whole.first(kHeaderSize), cell);
    pass.transform(plain, whole.data() + kHeaderSize + kNonceSize);
    pass.finishSeal(whole.last(kTagSize).data());
    return sealed;
}

/// Nothing where it is not genuine.
std::optional<Secret> openSealed(const Secret& key, const CellAddress& cell, ByteView sealed) {
    const ByteView ciphertext = sealed.subspan(kHeaderSize + kNonceSize, sealed.size() - kOverhead);
    Pass pass(Direction::Open, key, sealed.subspan(kHeaderSize, kNonceSize));
    authenticateCell(pass, sealed.first(kHeaderSize), cell);
    Bytes octets(ciphertext.size());
    pass.transform(ciphertext, octets.data());
    // Owned by a Secret before the verdict, so that what was not genuine is wiped too.
    Secret plain(std::move(octets));
    if (!pass.finishOpen(sealed.last(kTagSize))) {
        return std::nullopt;
    }
    return plain;
}

bool hasHeader(ByteView sealed, std::uint8_t keyId) {
    return sealed.size() >= kOverhead && sealed[0] == kVersion && sealed[1] == keyId;
}

CellAddress dataKeyCell(std::string_view dataKeyId) {
    return {.table = "data_key", .column = "wrapped", .row = dataKeyId};
}

[[noreturn]] void throwDoesNotOpen(const CellAddress& cell) {
    std::string words = "the sealed value in " + std::string(cell.table) + '.' + std::string(cell.column);
    words += " of row " + std::string(cell.row);
    throw VaultError(words + " was altered, moved, or sealed under another data key");
}

std::string systemError(int error) {
    return std::generic_category().message(error);
}

[[noreturn]] void throwKeyFile(const std::string& path, const std::string& words) {
    throw VaultError("key file " + path + ": " + words);
}

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor(Descriptor&&) = delete;
    Descriptor& operator=(Descriptor&&) = delete;

    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] bool isOpen() const { return number_ >= 0; }

private:
    int number_;
};

/// The mode bits and not access(2): to root every file is readable.
void requirePrivate(const std::string& path, int descriptor) {
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) {
        throwKeyFile(path, systemError(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        throwKeyFile(path, "is not a regular file");
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        throwKeyFile(path, "is open to group or others; run: chmod 0400 " + path);
    }
}

/// The first `kKeyFileLimit` octets: more than a key file has, so that a longer one is refused.
constexpr std::size_t kKeyFileLimit = 64;

std::string readStart(const std::string& path, int descriptor) {
    std::string text(kKeyFileLimit, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t got = ::read(descriptor, text.data() + size, text.size() - size);
        if (got < 0 && errno != EINTR) {
            throwKeyFile(path, systemError(errno));
        }
        if (got == 0) {
            break;
        }
        size += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    text.resize(size);
    return text;
}

/// A file that exists under a name of its own until it is linked to its real one.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& finalPath)
        : path_(finalPath + '.' + std::to_string(randomUint64()) + ".tmp"),
          file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR)) {
        if (!file_.isOpen()) {
            throwKeyFile(finalPath, "cannot be made: " + systemError(errno));
        }
    }
    ~TemporaryFile() { ::unlink(path_.c_str()); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    TemporaryFile(TemporaryFile&&) = delete;
    TemporaryFile& operator=(TemporaryFile&&) = delete;

    void write(std::string_view text) {
        while (!text.empty()) {
            const ssize_t done = ::write(file_.number(), text.data(), text.size());
            if (done < 0 && errno != EINTR) {
                throwKeyFile(path_, "cannot be written: " + systemError(errno));
            }
            text.remove_prefix(done > 0 ? static_cast<std::size_t>(done) : 0);
        }
        if (::fsync(file_.number()) != 0) {
            throwKeyFile(path_, "cannot be made durable: " + systemError(errno));
        }
    }

    /// link(2) and not rename(2), which would replace the key of a process that was first.
    void publish(const std::string& finalPath) {
        if (::link(path_.c_str(), finalPath.c_str()) != 0 && errno != EEXIST) {
            throwKeyFile(finalPath, "cannot be made: " + systemError(errno));
        }
    }

private:
    std::string path_;
    Descriptor file_;
};

void syncDirectoryOf(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const Descriptor descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor.isOpen() || ::fsync(descriptor.number()) != 0) {
        throwKeyFile(path, "its directory cannot be made durable: " + systemError(errno));
    }
}

std::string newKeyFileText() {
    std::array<std::uint8_t, kVaultKeySize> key{};
    fillRandom(key);
    std::string text = toBase64(key) + '\n';
    OPENSSL_cleanse(key.data(), key.size());
    return text;
}

Secret parseKeyFileText(const std::string& path, std::string_view text) {
    if (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    Secret key(fromBase64(text).value_or(Bytes()));
    if (key.bytes().size() != kVaultKeySize) {
        throwKeyFile(path, "does not hold 32 octets in base64; restore it from its backup");
    }
    return key;
}

}  // namespace

Secret readKeyFile(const std::string& path) {
    // O_NONBLOCK: a FIFO of that name must not hang the start.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.isOpen()) {
        throwKeyFile(path, systemError(errno) + "; restore it from its backup, readable by this user");
    }
    requirePrivate(path, file.number());
    // A Secret, so that the text is wiped also when it is refused.
    const Secret text(readStart(path, file.number()));
    return parseKeyFileText(path, text.text());
}

void createKeyFile(const std::string& path) {
    {
        const Secret text(newKeyFileText());
        TemporaryFile file(path);
        file.write(text.text());
        file.publish(path);
    }
    syncDirectoryOf(path);
}

std::string wrapDataKey(const Secret& fileKey, const Secret& dataKey, std::int64_t dataKeyId) {
    check(dataKey.bytes().size() == kVaultKeySize, "a data key has 32 octets");
    return toBase64(sealOctets(fileKey, kFileKeyId, dataKeyCell(std::to_string(dataKeyId)), dataKey.bytes()));
}

Secret unwrapDataKey(const Secret& fileKey, std::string_view wrapped, std::int64_t dataKeyId) {
    const std::string id = std::to_string(dataKeyId);
    const auto octets = fromBase64(wrapped);
    if (octets && hasHeader(*octets, kFileKeyId)) {
        auto dataKey = openSealed(fileKey, dataKeyCell(id), *octets);
        if (dataKey && dataKey->bytes().size() == kVaultKeySize) {
            return std::move(*dataKey);
        }
    }
    throw VaultError("data key " + id + " does not open: this key file is not the one that wrapped it");
}

Vault::Vault(Secret dataKey, std::uint8_t dataKeyId) : dataKey_(std::move(dataKey)), dataKeyId_(dataKeyId) {
    check(dataKey_.bytes().size() == kVaultKeySize, "a data key has 32 octets");
    check(dataKeyId_ != kFileKeyId, "a data key's id is 1..255");
}

std::string Vault::seal(const CellAddress& cell, std::string_view plain) const {
    return toBase64(sealOctets(dataKey_, dataKeyId_, cell, asBytes(plain)));
}

Secret Vault::open(const CellAddress& cell, std::string_view sealed) const {
    const auto octets = fromBase64(sealed);
    if (!octets) {
        throwDoesNotOpen(cell);
    }
    return openOctets(cell, *octets);
}

Secret Vault::openOctets(const CellAddress& cell, ByteView sealed) const {
    auto plain = hasHeader(sealed, dataKeyId_) ? openSealed(dataKey_, cell, sealed) : std::nullopt;
    if (!plain) {
        throwDoesNotOpen(cell);
    }
    return std::move(*plain);
}

}  // namespace gardu::core
