#include "core/check.h"

#include <string_view>

namespace gardu::core {

namespace {

/// Compilers give the path as they were called with it; where the tree was built says nothing.
std::string_view fileName(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

void check(bool holds, const char* what, std::source_location place) {
    if (holds) {
        return;
    }
    std::string words(fileName(place.file_name()));
    words += ':' + std::to_string(place.line()) + ": " + what;
    throw InvariantBroken(words);
}

}  // namespace gardu::core
