#pragma once
// Subscribers from a CSV file: every row is taken whole or not at all, every bad one is named with its line
// and reason, and the same file again changes nothing.

#include <functional>
#include <istream>
#include <string>
#include <vector>

#include "billing/act.h"
#include "core/calendar.h"
#include "core/db.h"
#include "core/vault.h"

namespace gardu::billing {

struct ImportProblem {
    std::size_t line = 0;
    std::string username;
    std::string message;
};

struct ImportReport {
    std::size_t rows = 0;
    /// Or would be, in a dry run.
    std::size_t imported = 0;
    /// There already, with the same data.
    std::size_t unchanged = 0;
    std::vector<ImportProblem> problems;
};

struct ImportOptions {
    bool dryRun = false;
    /// Start date of rows that name none.
    core::Date today{};
    Act act;
    /// Called now and then with the octets read and the rows seen.
    std::function<void(std::size_t bytesRead, std::size_t rows)> progress;
};

/// A customer is shared between rows, and with one who is there already, where both name and phone are the
/// same; people share names. Throws core::Refused where the header is wrong.
ImportReport importSubscribers(core::Db& db, const core::Vault& vault, std::istream& csv,
                               const ImportOptions& options);

}  // namespace gardu::billing
