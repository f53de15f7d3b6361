#pragma once
// Reads what the program logs. One at a time.

#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "core/log.h"
#include "tests/support/temp_folder.h"

namespace gardu::test {

/// What is logged while it lives.
class LogCapture {
public:
    LogCapture() : file_(std::fopen(folder_.file("log").c_str(), "w+")) {
        if (file_ == nullptr) {
            throw std::runtime_error("cannot capture the log");
        }
        core::setLogDescriptor(fileno(file_));
    }
    ~LogCapture() {
        core::setLogDescriptor(2);
        static_cast<void>(std::fclose(file_));
    }
    LogCapture(const LogCapture&) = delete;
    LogCapture& operator=(const LogCapture&) = delete;

    [[nodiscard]] std::string text() const {
        std::ifstream in(folder_.file("log"));
        return {std::istreambuf_iterator<char>(in), {}};
    }

private:
    TempFolder folder_;
    std::FILE* file_;
};

}  // namespace gardu::test
