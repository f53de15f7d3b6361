#include "core/csv.h"

#include <csv.h>

#include <exception>
#include <string_view>

namespace gardu::core {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

constexpr unsigned char kSemicolon = ';';

/// What libcsv's callbacks collect. No exception may pass through its C frames, so it is kept and thrown after.
struct Collector {
    CsvRow row;
    std::size_t currentLine = 0;
    const std::function<void(CsvRow)>* take = nullptr;
    std::exception_ptr failure;
};

void onField(void* text, std::size_t length, void* context) {
    auto& collector = *static_cast<Collector*>(context);
    if (collector.row.fields.empty()) {
        collector.row.line = collector.currentLine;
    }
    collector.row.fields.emplace_back(static_cast<const char*>(text), length);
}

void onRow(int /*terminator*/, void* context) {
    auto& collector = *static_cast<Collector*>(context);
    CsvRow row = std::move(collector.row);
    collector.row = {};
    const bool isBlank = row.problem.empty() && row.fields.size() == 1 && row.fields.front().empty();
    if (isBlank || collector.failure) {
        return;
    }
    try {
        (*collector.take)(std::move(row));
    } catch (...) {
        collector.failure = std::current_exception();
    }
}

/// libcsv's parser, made anew after a row that it could not read.
class Parser {
public:
    Parser() { csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI); }
    ~Parser() { csv_free(&parser_); }
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;

    void separateBySemicolon() {
        semicolon_ = true;
        csv_set_delim(&parser_, kSemicolon);
    }

    [[nodiscard]] bool parse(const std::string& text, Collector& collector) {
        return csv_parse(&parser_, text.data(), text.size(), onField, onRow, &collector) == text.size();
    }

    [[nodiscard]] bool finish(Collector& collector) {
        return csv_fini(&parser_, onField, onRow, &collector) == 0;
    }

    void startAnew() {
        csv_free(&parser_);
        csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI);
        if (semicolon_) {
            csv_set_delim(&parser_, kSemicolon);
        }
    }

private:
    csv_parser parser_{};
    bool semicolon_ = false;
};

void reportUnreadable(Collector& collector) {
    CsvRow& row = collector.row;
    row.line = row.fields.empty() ? collector.currentLine : row.line;
    row.problem = "a quotation mark is not closed, or stands inside a field that does not begin with one";
    row.fields.clear();
    onRow(0, &collector);
}

void rethrow(const Collector& collector) {
    if (collector.failure) {
        std::rethrow_exception(collector.failure);
    }
}

}  // namespace

void readCsv(std::istream& input, const std::function<void(CsvRow)>& take, std::size_t& bytesRead) {
    Parser parser;
    Collector collector;
    collector.take = &take;
    std::string line;
    while (std::getline(input, line)) {
        bytesRead += line.size() + 1;
        ++collector.currentLine;
        if (collector.currentLine == 1) {
            if (line.starts_with(kByteOrderMark)) {
                line.erase(0, kByteOrderMark.size());
            }
            if (line.find(',') == std::string::npos && line.find(';') != std::string::npos) {
                parser.separateBySemicolon();
            }
        }
        line += '\n';
        if (!parser.parse(line, collector)) {
            reportUnreadable(collector);
            parser.startAnew();
        }
        rethrow(collector);
    }
    if (!parser.finish(collector)) {
        reportUnreadable(collector);
    }
    rethrow(collector);
}

}  // namespace gardu::core
