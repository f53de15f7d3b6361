#include "app/command_line.h"

#include <unistd.h>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <charconv>
#include <iostream>

#include "app/usage.h"
#include "core/log.h"

namespace gardu::app {

namespace {

constexpr int kRefused = 1;
constexpr int kWrongUsage = 2;
constexpr std::string_view kWrongUsageWords = "wrong usage";

std::map<std::string, std::string> environment() {
    std::map<std::string, std::string> variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::size_t equals = text.find('=');
        if (text.starts_with("GARDU_") && equals != std::string_view::npos) {
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return variables;
}

/// `fields`, where there are any, instead of the message.
struct Failure {
    std::string_view kind;
    std::string message;
    std::vector<core::FieldError> fields = {};
};

void print(const Failure& failure, bool json) {
    if (json) {
        std::cout << dump(errorDocument(failure.message, failure.fields)) << "\n";
        return;
    }
    if (failure.fields.empty()) {
        std::cerr << "gardu: " << failure.message << "\n";
        return;
    }
    std::cerr << "gardu: " << failure.kind << ":\n";
    for (const core::FieldError& field : failure.fields) {
        std::cerr << "  " << field.field << ": " << field.message << "\n";
    }
}

}  // namespace

CommandLine::CommandLine() : app_("Gardu: RADIUS, billing and router control for ISPs on MikroTik", "gardu") {
    app_.add_option("--config", configFile_,
                    "configuration file (default: /etc/gardu/gardu.conf where it exists)");
    app_.add_option("-D,--define", assignments_, "key=value: sets a configuration key for this call")
        ->expected(1)
        ->allow_extra_args(false)  // what follows is the command's
        ->take_all();
    app_.add_flag("--json", json_, "print one JSON document");
    app_.set_version_flag("--version", std::string("gardu ") + GARDU_VERSION);
    app_.fallthrough();
    app_.require_subcommand(1);
}

CLI::App& CommandLine::group(const std::string& name, const std::string& help) {
    return group(app_, name, help);
}

CLI::App& CommandLine::group(CLI::App& parent, const std::string& name, const std::string& help) {
    CLI::App* group = parent.add_subcommand(name, help);
    group->fallthrough();
    group->require_subcommand(1);
    return *group;
}

CLI::App& CommandLine::command(CLI::App& parent, const std::string& name, const std::string& help,
                               Command command) {
    CLI::App* added = parent.add_subcommand(name, help);
    added->fallthrough();
    added->callback([this, run = std::move(command)] { chosen_ = run; });
    return *added;
}

int CommandLine::run(int argc, const char* const* argv) {
    try {
        app_.parse(argc, argv);
    } catch (const CLI::Success& request) {  // --help, --version
        return app_.exit(request);
    } catch (const CLI::ParseError& error) {
        // It may come after what could not be parsed.
        json_ = json_ || std::find(argv, argv + argc, std::string_view("--json")) != argv + argc;
        UsageProblem problem = explainUsage(app_, error);
        print({kWrongUsageWords, std::move(problem.message), std::move(problem.fields)}, json_);
        return kWrongUsage;
    }
    return runChosen();
}

int CommandLine::runChosen() {
    try {
        core::ConfigSources sources;
        sources.file = configFile_;
        sources.environment = environment();
        sources.assignments = assignments_;
        sources.defaultDataDir = defaultDataDir();
        Workplace workplace{core::Config(sources)};
        const Result result = chosen_(workplace);
        if (json_ && !result.document.is_null()) {
            std::cout << dump(result.document) << "\n";
        } else if (!json_) {
            std::cout << result.text;
        }
        std::cout.flush();
        return result.exitCode;
    } catch (const WrongUsage& error) {
        print({kWrongUsageWords, error.what(), error.fields()}, json_);
        return kWrongUsage;
    } catch (const core::UnknownKey& error) {
        print({kWrongUsageWords, error.what()}, json_);
        return kWrongUsage;
    } catch (const core::Refused& error) {
        print({"refused", error.what(), error.fields()}, json_);
        return kRefused;
    } catch (const std::exception& error) {
        print({"failed", error.what()}, json_);
        return kRefused;
    }
}

std::string readSecretArgument(const std::string& argument) {
    if (argument != "-") {
        return argument;
    }
    std::string line;
    if (!std::getline(std::cin, line)) {
        throw WrongUsage("\"-\" reads the secret from standard input, where nothing came");
    }
    return line;
}

std::optional<std::string> orNothing(const std::string& text) {
    return text.empty() || text == "none" ? std::nullopt : std::optional(text);
}

std::optional<int> parseWhole(const std::string& text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isAll = error == std::errc{} && end == text.data() + text.size();
    return isAll ? std::optional(number) : std::nullopt;
}

std::optional<int> OptionReader::number(const std::string& field, const std::string& text) {
    const auto number = orNothing(text) ? parseWhole(text) : std::nullopt;
    if (orNothing(text) && !number) {
        wrong({field, text, "write a whole number, or none"});
    }
    return number;
}

std::optional<core::Date> OptionReader::date(const std::string& field, const std::string& text) {
    const auto date = orNothing(text) ? core::parseDate(text) : std::nullopt;
    if (orNothing(text) && !date) {
        wrong({field, text, "write a day that there is, as YYYY-MM-DD, or none"});
    }
    return date;
}

std::optional<core::Date> OptionReader::day(const std::string& field,
                                            const std::optional<std::string>& text) {
    return text ? std::optional(word({field, *text, "write a day that there is, as YYYY-MM-DD"},
                                     core::parseDate, core::Date{}))
                : std::nullopt;
}

void OptionReader::wrong(const WrittenOption& option) {
    wrong_.push_back({option.field, "\"" + option.text + "\": " + option.fix});
}

void OptionReader::finish() const {
    if (!wrong_.empty()) {
        throw WrongUsage(wrong_);
    }
}

}  // namespace gardu::app
