#pragma once
// Reads CSV (RFC 4180, by libcsv) row by row with the line each row begins on. Pure: text in, rows out.

#include <cstddef>
#include <functional>
#include <istream>
#include <string>
#include <vector>

namespace gardu::core {

struct CsvRow {
    /// Where it begins, from 1.
    std::size_t line = 0;
    std::vector<std::string> fields;
    /// Not empty: the row could not be read, and why; the lines after `line` still come as rows.
    std::string problem;
};

/// Calls `take` for every row; empty lines are left out, a byte order mark is skipped. Fields are separated
/// by commas, or by semicolons where the first line has those and no comma (spreadsheets in Indonesian write
/// so). A row of more than 64 KiB is unreadable. `bytesRead` grows along, for a progress bar. What `take`
/// throws goes through. Blanks around a field without quotes are cut.
void readCsv(std::istream& input, const std::function<void(CsvRow)>& take, std::size_t& bytesRead);

}  // namespace gardu::core
