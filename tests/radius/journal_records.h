#pragma once
// Records for the tests of the journal, and what it holds in words.

#include <cppunit/TestAssert.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "radius/journal.h"

namespace gardu::radius::test {

inline constexpr const char* kId = "018f9d2e-0000-7000-8000-000000000001";
/// The tests' disks are small.
inline constexpr Journal::Limits kSmallReserve = {.diskReserve = 0};

/// "7": a record that says its number, of that many octets at least.
inline core::Bytes record(std::int64_t number, std::size_t size = 0) {
    const std::string text = std::to_string(number);
    core::Bytes octets(text.begin(), text.end());
    octets.resize(std::max(size, octets.size()), ' ');
    return octets;
}

inline std::vector<core::Bytes> records(std::int64_t first, std::int64_t count, std::size_t size = 0) {
    std::vector<core::Bytes> made;
    for (std::int64_t number = first; number < first + count; ++number) {
        made.push_back(record(number, size));
    }
    return made;
}

/// "5=5 6=6": sequence and record of all that is there.
inline std::string contents(Journal& journal, std::int64_t after = 0, std::size_t most = 100) {
    std::string text;
    for (const JournalEntry& entry : journal.read(after, most)) {
        text += (text.empty() ? "" : " ") + std::to_string(entry.sequence) + "=";
        text += core::asText(entry.octets);
    }
    return text;
}

inline std::string inWords(const JournalStatus& status) {
    std::string text = status.id == kId ? "" : "another id ";
    for (const std::int64_t number :
         {status.firstSequence, status.lastSequence, status.records, status.octets}) {
        text += std::to_string(number) + " ";
    }
    return text + (status.fileOctets > 0 ? "in a file" : "in no file");
}

/// The words of the JournalError that it throws.
inline std::string errorOf(const std::function<void()>& work) {
    try {
        work();
    } catch (const JournalError& error) {
        return error.what();
    }
    CPPUNIT_FAIL("no JournalError");
    return "";
}

inline bool has(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
}

}  // namespace gardu::radius::test
