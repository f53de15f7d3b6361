#include "core/check.h"

#include <string_view>

namespace gardu::core {

namespace {

/// Compilers give the path as they were called with it; where the tree was built says nothing.
std::string_view fileName(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

void throwBroken(const char* what, const char* file, int line) {
    std::string words(fileName(file));
    words += ':' + std::to_string(line) + ": " + what;
    throw InvariantBroken(words);
}

}  // namespace gardu::core
