#include "app/output.h"

#include <algorithm>
#include <array>
#include <optional>
#include <ostream>
#include <string_view>

namespace gardu::app {

namespace {

bool isTimeMember(std::string_view name) {
    constexpr std::array<std::string_view, 6> kNames = {"at", "since", "until", "hour", "as_of", "period"};
    constexpr std::array<std::string_view, 3> kEndings = {"_at", "_since", "_until"};
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end() ||
           std::any_of(kEndings.begin(), kEndings.end(),
                       [name](std::string_view ending) { return name.ends_with(ending); });
}

/// Characters, not octets: names may be UTF-8.
std::size_t width(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string padded(const std::string& text, std::size_t size) {
    return text + std::string(size - std::min(size, width(text)), ' ');
}

std::string trimmedEnd(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

}  // namespace

Json localTimes(Json value, const core::Zone& zone) {
    if (value.is_array()) {
        for (Json& each : value) {
            each = localTimes(std::move(each), zone);
        }
    }
    if (!value.is_object()) {
        return value;
    }
    for (auto& [name, member] : value.items()) {
        const auto instant = member.is_string() && isTimeMember(name)
                                 ? core::parseInstant(member.get_ref<const std::string&>())
                                 : std::nullopt;
        member = instant ? Json(zone.format(*instant)) : localTimes(std::move(member), zone);
    }
    return value;
}

std::string plain(const Json& value) {
    if (value.is_null()) {
        return "";
    }
    if (value.is_string()) {
        return value.get<std::string>();
    }
    if (value.is_boolean()) {
        return value.get<bool>() ? "yes" : "no";
    }
    if (value.is_object() && value.contains("amount_minor")) {
        return value.at("text").get<std::string>();
    }
    if (value.is_array()) {
        std::string text;
        for (const Json& item : value) {
            text += (text.empty() ? "" : ", ") + plain(item);
        }
        return text;
    }
    return dump(value);
}

std::string table(const Json& list, const std::vector<Column>& columns) {
    if (list.empty()) {
        return "(none)\n";
    }
    std::vector<std::vector<std::string>> cells(1);
    for (const Column& column : columns) {
        cells.front().push_back(column.heading);
    }
    for (const Json& item : list) {
        std::vector<std::string> row;
        row.reserve(columns.size());
        for (const Column& column : columns) {
            row.push_back(item.contains(column.member) ? plain(item.at(column.member)) : "");
        }
        cells.push_back(std::move(row));
    }
    std::vector<std::size_t> widths(columns.size());
    for (const auto& row : cells) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], width(row[i]));
        }
    }
    std::string text;
    for (const auto& row : cells) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += padded(row[i], widths[i]) + "  ";
        }
        text += trimmedEnd(std::move(line));
    }
    return text;
}

std::string lines(const Json& object) {
    std::size_t longest = 0;
    for (const auto& [member, value] : object.items()) {
        longest = std::max(longest, member.size());
    }
    std::string text;
    for (const auto& [member, value] : object.items()) {
        text += trimmedEnd(padded(member, longest) + "  " + plain(value));
    }
    return text;
}

std::string page(Json object, const std::vector<Section>& sections) {
    std::string tables;
    for (const Section& section : sections) {
        if (!object.contains(section.member)) {
            continue;
        }
        const Json list = object.at(section.member);
        object.erase(section.member);
        if (!list.empty()) {
            tables.append("\n").append(section.heading).append(":\n").append(table(list, section.columns));
        }
    }
    return lines(object) + tables;
}

std::string octetsInWords(std::int64_t octets) {
    constexpr std::array<const char*, 7> units = {" B", " kB", " MB", " GB", " TB", " PB", " EB"};
    constexpr std::int64_t kStep = 1'000;
    std::int64_t divisor = 1;
    std::size_t unit = 0;
    while (octets / divisor >= kStep && unit + 1 < units.size()) {
        divisor *= kStep;
        ++unit;
    }
    std::string text = std::to_string(octets / divisor);
    if (unit > 0) {
        text += "." + std::to_string(octets % divisor / (divisor / 10));
    }
    return text + units.at(unit);
}

void ListPrinter::print(const Json& page) {
    if (!json_) {
        out_ << (isFirst_ || !page.empty() ? table(page, columns_) : "");
        isFirst_ = false;
        return;
    }
    for (const Json& one : page) {
        out_ << (isFirst_ ? "[\n" : ",\n") << dump(one);
        isFirst_ = false;
    }
}

void ListPrinter::finish() {
    if (json_) {
        out_ << (isFirst_ ? "[]\n" : "\n]\n");
    }
}

Json errorDocument(const std::string& message, const std::vector<core::FieldError>& fields) {
    Json list = Json::array();
    for (const core::FieldError& field : fields) {
        list.push_back({{"field", field.field}, {"message", field.message}});
    }
    return {{"error", {{"message", message}, {"fields", list}}}};
}

std::string dump(const Json& document) {
    return document.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace gardu::app
