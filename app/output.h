#pragma once
// What a command prints: one JSON document with --json, tables and sentences for people without.

#include <iosfwd>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/calendar.h"
#include "core/refused.h"

namespace gardu::app {

using Json = nlohmann::ordered_json;

/// Columns of a table: heading and the member of the JSON object that fills it.
struct Column {
    std::string heading;
    std::string member;
};

/// A list as a table; "(none)" where it is empty.
[[nodiscard]] std::string table(const Json& list, const std::vector<Column>& columns);
/// An object as lines of "member: value".
[[nodiscard]] std::string lines(const Json& object);
/// A list among the members of an object.
struct Section {
    std::string heading;
    std::string member;
    std::vector<Column> columns;
};
/// The object as lines, and its lists as tables under their headings; empty ones are left out.
[[nodiscard]] std::string page(Json object, const std::vector<Section>& sections);
/// For people: instants within (members named at, since, until, hour, as_of, period, ..._at, ..._since and
/// ..._until) as the clock on the wall of the zone shows them.
[[nodiscard]] Json localTimes(Json value, const core::Zone& zone);
/// A JSON value as people read it: text without quotation marks, nothing for null.
[[nodiscard]] std::string plain(const Json& value);

/// Octets as people read them, in powers of 1000: "1.2 GB".
[[nodiscard]] std::string octetsInWords(std::int64_t octets);

/// A list that is printed page by page, since all of it need not fit into memory: one JSON document, or
/// tables.
class ListPrinter {
public:
    ListPrinter(std::ostream& out, bool json, std::vector<Column> columns)
        : out_(out), json_(json), columns_(std::move(columns)) {}

    void print(const Json& page);
    /// After the last page.
    void finish();

private:
    std::ostream& out_;
    bool json_;
    std::vector<Column> columns_;
    bool isFirst_ = true;
};

/// {"error": {"message": ..., "fields": [{"field": ..., "message": ...}]}}
[[nodiscard]] Json errorDocument(const std::string& message, const std::vector<core::FieldError>& fields);

/// Dumps with text that is not UTF-8 replaced, never throwing for it.
[[nodiscard]] std::string dump(const Json& document);

}  // namespace gardu::app
