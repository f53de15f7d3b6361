#include "core/secret.h"

#include <openssl/crypto.h>

#include <utility>

namespace gardu::core {

namespace {

void wipeOctets(Bytes& octets) {
    OPENSSL_cleanse(octets.data(), octets.size());
}

}  // namespace

Secret::Secret(std::string&& octets) : Secret(asBytes(octets)) {
    wipe(octets);
}

Secret::Secret(Bytes&& octets) : octets_(std::move(octets)) {}

Secret::Secret(ByteView octets) : octets_(octets.begin(), octets.end()) {}

Secret::~Secret() {
    wipeOctets(octets_);
}

Secret::Secret(Secret&& other) noexcept : octets_(std::exchange(other.octets_, {})) {}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipeOctets(octets_);
        octets_ = std::exchange(other.octets_, {});
    }
    return *this;
}

ByteView Secret::bytes() const {
    return octets_;
}

std::string_view Secret::text() const {
    return asText(octets_);
}

bool Secret::empty() const {
    return octets_.empty();
}

Secret Secret::clone() const {
    return Secret(ByteView(octets_));
}

std::ostream& operator<<(std::ostream& out, const Secret&) {
    return out << "***";
}

void wipe(std::string& text) {
    // The whole buffer, for it may still hold the end of a longer text that was there before.
    text.resize(text.capacity());
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

}  // namespace gardu::core
