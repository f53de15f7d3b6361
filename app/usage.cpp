#include "app/usage.h"

#include <algorithm>

#include "core/spelling.h"

namespace gardu::app {

namespace {

using Names = std::vector<std::string>;

/// Farther away than this, a guess would only confuse.
constexpr std::size_t kMostWrongLetters = 3;

/// The command as far as it was understood, the program itself first.
std::vector<const CLI::App*> understood(const CLI::App& root) {
    std::vector<const CLI::App*> path = {&root};
    while (!path.back()->get_subcommands().empty()) {
        path.push_back(path.back()->get_subcommands().front());
    }
    return path;
}

std::string nameOf(const std::vector<const CLI::App*>& path) {
    std::string name;
    for (const CLI::App* app : path) {
        name += (name.empty() ? "" : " ") + app->get_name();
    }
    return name;
}

Names commandsOf(const CLI::App& app) {
    Names names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(command->get_name());
    }
    return names;
}

std::string joined(const Names& names) {
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

std::string guess(const std::string& wanted, const Names& names) {
    const std::string nearest = names.empty() ? "" : core::nearestName(wanted, names);
    const std::size_t distance = core::editDistance(wanted, nearest);
    const bool isNear = distance <= kMostWrongLetters && distance < nearest.size();
    return isNear ? "; did you mean " + nearest + "?" : "";
}

/// "end_date" for --end-date, "username" for USERNAME: as other errors name the field.
std::string fieldOf(const std::string& option) {
    std::string field = option.substr(std::min(option.find_first_not_of('-'), option.size()));
    std::transform(field.begin(), field.end(), field.begin(), [](char c) {
        const bool isUpper = c >= 'A' && c <= 'Z';
        return c == '-' ? '_' : static_cast<char>(isUpper ? c - 'A' + 'a' : c);
    });
    return field;
}

UsageProblem commandProblem(const std::vector<const CLI::App*>& path, const Names& unread) {
    const Names commands = commandsOf(*path.back());
    const std::string help = nameOf(path) + " --help";
    if (unread.empty()) {
        return {"name a command of " + nameOf(path) + ": " + joined(commands) + "; " + help +
                    " tells what each does",
                {}};
    }
    return {nameOf(path) + " has no command \"" + unread.front() + "\"; " + help + " shows all" +
                guess(unread.front(), commands),
            {}};
}

void addOptions(const CLI::App& app, Names& names) {
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
}

Names optionsOf(const std::vector<const CLI::App*>& path) {
    Names names;
    for (const CLI::App* app : path) {
        addOptions(*app, names);
    }
    return names;
}

bool isOption(const std::string& text) {
    return text.size() > 1 && text.front() == '-';
}

std::string unknownOption(const std::vector<const CLI::App*>& path, const std::string& name) {
    const Names known = optionsOf(path);
    const std::string command = nameOf(path);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
        return std::string(command).append(" has no option ").append(name).append(guess(name, known));
    }
    std::string words("write ");
    return words.append(name).append(" after the command: ").append(command).append(" ").append(name);
}

void addUnknown(const std::vector<const CLI::App*>& path, const Names& unread,
                std::vector<core::FieldError>& fields) {
    const bool options = std::any_of(unread.begin(), unread.end(), isOption);
    for (const std::string& text : unread) {
        if (isOption(text)) {
            const std::string name = text.substr(0, text.find('='));
            fields.push_back({fieldOf(name), unknownOption(path, name)});
        } else if (!options) {  // else most likely what the unknown option was to be set to
            fields.push_back({"arguments", "\"" + text + "\" is one too many for " + nameOf(path)});
        }
    }
}

void addMissing(const CLI::App& command, std::vector<core::FieldError>& fields) {
    for (const CLI::Option* option : command.get_options()) {
        if (option->get_required() && option->count() == 0) {
            const std::string name = option->get_name();
            fields.push_back({fieldOf(name), name + " is missing: " + option->get_description()});
        }
    }
}

}  // namespace

UsageProblem explainUsage(const CLI::App& root, const CLI::ParseError& error) {
    const auto path = understood(root);
    const Names unread = root.remaining(true);
    if (!commandsOf(*path.back()).empty() && (unread.empty() || !isOption(unread.front()))) {
        return commandProblem(path, unread);
    }
    const bool isUnfinished = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr ||
                              dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
    if (!isUnfinished) {
        return {std::string(error.what()) + "; see " + nameOf(path) + " --help", {}};
    }
    UsageProblem problem;
    addUnknown(path, unread, problem.fields);
    addMissing(*path.back(), problem.fields);
    problem.message = problem.fields.empty() ? error.what() : core::Refused(problem.fields).what();
    return problem;
}

}  // namespace gardu::app
