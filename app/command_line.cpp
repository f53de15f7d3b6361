#include "app/command_line.h"

#include <unistd.h>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <charconv>
#include <iostream>

#include "core/log.h"

extern char** environ;

namespace gardu::app {

namespace {

constexpr int kRefused = 1;
constexpr int kWrongUsage = 2;

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

void printError(bool json, const std::string& message, const std::vector<core::FieldError>& fields) {
    if (json) {
        std::cout << dump(errorDocument(message, fields)) << "\n";
        return;
    }
    std::cerr << "gardu: ";
    if (fields.empty()) {
        std::cerr << message << "\n";
        return;
    }
    std::cerr << "refused:\n";
    for (const core::FieldError& field : fields) {
        std::cerr << "  " << field.field << ": " << field.message << "\n";
    }
}

}  // namespace

CommandLine::CommandLine() : app_("Gardu: RADIUS, billing and router control for ISPs on MikroTik", "gardu") {
    app_.add_option("--config", configFile_, "configuration file (default: /etc/gardu/gardu.conf where it exists)");
    app_.add_option("-D,--define", assignments_, "key=value: sets a configuration key for this call")
        ->expected(1)
        ->take_all();
    app_.add_flag("--json", json_, "print one JSON document");
    app_.set_version_flag("--version", std::string("gardu ") + GARDU_VERSION);
    app_.fallthrough();
    app_.require_subcommand(1);
}

CLI::App& CommandLine::group(const std::string& name, const std::string& help) {
    CLI::App* group = app_.add_subcommand(name, help);
    group->fallthrough();
    group->require_subcommand(1);
    return *group;
}

CLI::App& CommandLine::command(CLI::App& parent, const std::string& name, const std::string& help, Command command) {
    CLI::App* added = parent.add_subcommand(name, help);
    added->fallthrough();
    added->callback([this, run = std::move(command)] { chosen_ = run; });
    return *added;
}

int CommandLine::run(int argc, const char* const* argv) {
    try {
        app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app_.exit(error) == 0 ? 0 : kWrongUsage;
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
        printError(json_, error.what(), {});
        return kWrongUsage;
    } catch (const core::ConfigError& error) {
        printError(json_, error.what(), {});
        return kWrongUsage;
    } catch (const core::Refused& error) {
        printError(json_, error.what(), error.fields());
        return kRefused;
    } catch (const std::exception& error) {
        printError(json_, error.what(), {});
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

std::optional<int> numberOrNothing(const std::string& option, const std::string& text) {
    if (!orNothing(text)) {
        return std::nullopt;
    }
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw WrongUsage("--" + option + " \"" + text + "\": write a whole number, or none");
    }
    return number;
}

std::optional<core::Date> dateOrNothing(const std::string& option, const std::string& text) {
    if (!orNothing(text)) {
        return std::nullopt;
    }
    const auto date = core::parseDate(text);
    if (!date) {
        throw WrongUsage("--" + option + " \"" + text + "\": write a day as YYYY-MM-DD, or none");
    }
    return date;
}

}  // namespace gardu::app
