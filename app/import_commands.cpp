// import subscribers FILE.csv [--dry-run].

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include "app/billing_desk.h"
#include "billing/subscriber_import_service.h"

namespace gardu::app {

namespace {

constexpr std::size_t kBarWidth = 40;

struct ImportArguments {
    std::string file;
    bool dryRun = false;
};

/// A bar on the terminal, and nothing where standard error is a file.
class ProgressBar {
public:
    explicit ProgressBar(std::uintmax_t total) : total_(total), shown_(isatty(STDERR_FILENO) == 1) {}
    ~ProgressBar() {
        if (shown_) {
            std::cerr << "\n";
        }
    }
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    void show(std::size_t done, std::size_t rows) const {
        if (!shown_ || total_ == 0) {
            return;
        }
        const std::size_t filled = std::min(kBarWidth, static_cast<std::size_t>(done * kBarWidth / total_));
        std::cerr << "\r[" << std::string(filled, '#') << std::string(kBarWidth - filled, '.') << "] " << rows
                  << " rows" << std::flush;
    }

private:
    std::uintmax_t total_;
    bool shown_;
};

Json toJson(const billing::ImportReport& report, bool dryRun) {
    Json problems = Json::array();
    for (const billing::ImportProblem& problem : report.problems) {
        problems.push_back(
            {{"line", problem.line}, {"username", problem.username}, {"message", problem.message}});
    }
    return {{"dry_run", dryRun},
            {"rows", report.rows},
            {"imported", report.imported},
            {"unchanged", report.unchanged},
            {"refused", report.problems.size()},
            {"problems", problems}};
}

std::string toText(const billing::ImportReport& report, bool dryRun) {
    std::string text;
    for (const billing::ImportProblem& problem : report.problems) {
        text += "line " + std::to_string(problem.line) + ": " +
                (problem.username.empty() ? "" : problem.username + ": ") + problem.message + "\n";
    }
    return text + std::to_string(report.rows) + " rows: " + std::to_string(report.imported) +
           (dryRun ? " would be imported, " : " imported, ") + std::to_string(report.unchanged) +
           " there already, " + std::to_string(report.problems.size()) + " refused\n";
}

Result run(BillingDesk& desk, const ImportArguments& arguments) {
    desk.checkOptions();
    std::ifstream file(arguments.file);
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(arguments.file, error);
    if (!file || error) {
        throw WrongUsage("cannot read " + arguments.file + (error ? ": " + error.message() : ""));
    }
    const ProgressBar bar(size);
    billing::ImportOptions options;
    options.dryRun = arguments.dryRun;
    options.today = desk.today();
    options.act = desk.act();
    options.progress = [&](std::size_t done, std::size_t rows) { bar.show(done, rows); };
    const auto report = billing::importSubscribers(desk.db(), desk.workplace().vault(), file, options);
    return {toJson(report, arguments.dryRun), toText(report, arguments.dryRun),
            report.problems.empty() ? 0 : 1};
}

}  // namespace

void addImportCommands(CommandLine& line) {
    BillingGroup group(line, line.group("import", "take over what you have"));
    const auto arguments = std::make_shared<ImportArguments>();
    CLI::App& command = group.command("subscribers", "from a CSV file; good rows go in, bad ones are named",
                                      [arguments](BillingDesk& desk) { return run(desk, *arguments); });
    command
        .add_option("FILE", arguments->file, "username,password,package,end_date and the optional columns")
        ->required();
    command.add_flag("--dry-run", arguments->dryRun, "only say what would happen");
}

}  // namespace gardu::app
