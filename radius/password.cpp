#include "radius/password.h"

namespace gardu::radius {
namespace {

constexpr std::size_t kChapPasswordSize = 17;

}  // namespace

bool papMatches(std::string_view sent, std::string_view password) {
    return core::equalConstantTime(core::asBytes(sent), core::asBytes(password));
}

bool chapMatches(ByteView chapPassword, ByteView challenge, std::string_view password) {
    if (chapPassword.size() != kChapPasswordSize) {
        return false;
    }
    const Digest16 expected = md5({chapPassword.first<1>(), core::asBytes(password), challenge});
    return core::equalConstantTime(expected, chapPassword.subspan<1>());
}

}  // namespace gardu::radius
