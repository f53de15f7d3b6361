#pragma once
// The command line: gardu [--config FILE] [-D key=value]... COMMAND. Each group of commands registers itself
// with a CommandLine; the chosen one runs after parsing, and its result is printed. Exit: 0 done, 1 refused,
// 2 wrong usage.

#include <CLI/App.hpp>
#include <functional>
#include <optional>
#include <string>

#include "app/output.h"
#include "app/workplace.h"

namespace gardu::app {

/// The document for --json, and the text for people.
struct Result {
    Json document;
    std::string text;
    int exitCode = 0;
};

/// What the person typed is wrong in itself; exit 2.
class WrongUsage : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
    explicit WrongUsage(std::vector<core::FieldError> fields)
        : std::runtime_error(core::Refused(fields).what()), fields_(std::move(fields)) {}

    [[nodiscard]] const std::vector<core::FieldError>& fields() const { return fields_; }

private:
    std::vector<core::FieldError> fields_;
};

class CommandLine {
public:
    using Command = std::function<Result(Workplace&)>;

    CommandLine();

    /// `parent` is the program itself or a group such as "nas".
    CLI::App& group(const std::string& name, const std::string& help);
    /// A group within a group.
    static CLI::App& group(CLI::App& parent, const std::string& name, const std::string& help);
    CLI::App& command(CLI::App& parent, const std::string& name, const std::string& help, Command command);
    CLI::App& root() { return app_; }
    [[nodiscard]] bool wantsJson() const { return json_; }

    /// Parses, runs, prints; the exit code.
    int run(int argc, const char* const* argv);

private:
    int runChosen();

    CLI::App app_;
    std::string configFile_;
    std::vector<std::string> assignments_;
    bool json_ = false;
    Command chosen_;
};

void addServeCommands(CommandLine& line);
void addNasCommands(CommandLine& line);
void addPackageCommands(CommandLine& line);
void addSubscriberCommands(CommandLine& line);
void addOutboxCommands(CommandLine& line);
void addImportCommands(CommandLine& line);
void addExplainCommand(CommandLine& line);
void addLogCommands(CommandLine& line);
void addSessionCommands(CommandLine& line);
void addUsageCommands(CommandLine& line);
void addEnforcementCommands(CommandLine& line);
void addQuotaCommands(CommandLine& line);
void addCustomerCommands(CommandLine& line);
void addTaxCommands(CommandLine& line);
void addSubscriptionCommands(CommandLine& line);
void addInvoiceCommands(CommandLine& line);
void addPaymentCommands(CommandLine& line);
void addLedgerCommands(CommandLine& line);
void addBillingCommands(CommandLine& line);
void addSimulateCommand(CommandLine& line);
void addReportCommands(CommandLine& line);

/// A value that may be given as "-": then it is the next line of standard input, so that secrets need not be
/// on a command line that everybody on the machine can read.
[[nodiscard]] std::string readSecretArgument(const std::string& argument);

/// "" and "none" take a field away; anything else sets it.
[[nodiscard]] std::optional<std::string> orNothing(const std::string& text);

/// The whole text is a whole number.
[[nodiscard]] std::optional<int> parseWhole(const std::string& text);

/// An option as it was typed, and what to write where it cannot be read.
struct WrittenOption {
    std::string field;
    std::string text;
    std::string fix;
};

/// Reads the options of one command whose text must be of a form, and keeps what is wrong until all are read.
class OptionReader {
public:
    /// "" and "none" give nothing.
    [[nodiscard]] std::optional<int> number(const std::string& field, const std::string& text);
    [[nodiscard]] std::optional<core::Date> date(const std::string& field, const std::string& text);
    /// Nothing where the option is not there; a wrong one gives a day, too.
    [[nodiscard]] std::optional<core::Date> day(const std::string& field,
                                                const std::optional<std::string>& text);
    /// One of a closed list: what `parse` makes of it, `otherwise` where it makes nothing.
    template <class T, class Parse>
    [[nodiscard]] T word(const WrittenOption& option, Parse parse, T otherwise) {
        const std::optional<T> value = parse(option.text);
        if (!value) {
            wrong(option);
        }
        return value.value_or(otherwise);
    }
    /// For what no word() can tell.
    void wrong(const WrittenOption& option);
    /// What others have found wrong.
    void wrong(core::FieldError error) { wrong_.push_back(std::move(error)); }
    [[nodiscard]] bool isAllRight() const { return wrong_.empty(); }
    /// Throws WrongUsage with every wrong one.
    void finish() const;

private:
    std::vector<core::FieldError> wrong_;
};

}  // namespace gardu::app
