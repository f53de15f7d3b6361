#pragma once
// What is wrong with a command line, in words that say what to write instead: every unknown option and every
// missing one at once.

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "core/refused.h"

namespace gardu::app {

struct UsageProblem {
    std::string message;
    /// Where options are unknown or missing, each with its own words.
    std::vector<core::FieldError> fields;
};

/// `root` right after its parse() threw `error`.
[[nodiscard]] UsageProblem explainUsage(const CLI::App& root, const CLI::ParseError& error);

}  // namespace gardu::app
