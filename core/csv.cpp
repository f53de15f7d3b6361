#include "core/csv.h"

#include <csv.h>

#include <deque>
#include <exception>
#include <string_view>
#include <utility>

namespace gardu::core {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

constexpr unsigned char kSemicolon = ';';
constexpr std::string_view kBlanks = " \t\r\n";
/// A row that is larger begins, most likely, with a quotation mark that was never closed.
constexpr std::size_t kMaxRowSize = 65'536;

/// What libcsv's callbacks collect. No exception may pass through its C frames, so it is kept and thrown
/// after.
struct Collector {
    CsvRow row;
    std::size_t rowLine = 0;
    bool isInRow = false;
    const std::function<void(CsvRow)>* take = nullptr;
    std::exception_ptr failure;
};

void onField(void* text, std::size_t length, void* context) {
    auto& collector = *static_cast<Collector*>(context);
    collector.row.fields.emplace_back(static_cast<const char*>(text), length);
}

void onRow(int /*terminator*/, void* context) {
    auto& collector = *static_cast<Collector*>(context);
    CsvRow row = std::exchange(collector.row, {});
    row.line = collector.rowLine;
    collector.isInRow = false;
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

struct Line {
    std::size_t number = 0;
    std::string text;
};

/// Keeps the lines of a row until it has ended: where it turns out to be unreadable, only the line that it
/// begins on is lost, and the rest is read anew.
class Reader {
public:
    explicit Reader(const std::function<void(CsvRow)>& take) { collector_.take = &take; }

    void separateBySemicolon() { parser_.separateBySemicolon(); }

    void read(Line line) {
        waiting_.push_back(std::move(line));
        readWaiting();
    }

    void finish() {
        while (!open_.empty()) {
            giveUpFirstLine();
            readWaiting();
        }
        if (!parser_.finish(collector_)) {
            reportUnreadable(collector_.rowLine);
        }
        rethrow();
    }

private:
    void readWaiting() {
        while (!waiting_.empty()) {
            Line line = std::move(waiting_.front());
            waiting_.pop_front();
            readOne(std::move(line));
            rethrow();
        }
    }

    void readOne(Line line) {
        if (!collector_.isInRow && line.text.find_first_not_of(kBlanks) != std::string::npos) {
            collector_.isInRow = true;
            collector_.rowLine = line.number;
        }
        const bool isReadable = parser_.parse(line.text, collector_);
        openSize_ += line.text.size();
        open_.push_back(std::move(line));
        if (!isReadable || (collector_.isInRow && openSize_ > kMaxRowSize)) {
            giveUpFirstLine();
        } else if (!collector_.isInRow) {
            open_.clear();
            openSize_ = 0;
        }
    }

    void giveUpFirstLine() {
        reportUnreadable(open_.front().number);
        parser_.startAnew();
        waiting_.insert(waiting_.begin(), std::make_move_iterator(open_.begin() + 1),
                        std::make_move_iterator(open_.end()));
        open_.clear();
        openSize_ = 0;
    }

    void reportUnreadable(std::size_t line) {
        collector_.row = {};
        collector_.rowLine = line;
        collector_.row.problem =
            "a quotation mark is not closed, or stands inside a field that does not begin with one";
        onRow(0, &collector_);
    }

    void rethrow() const {
        if (collector_.failure) {
            std::rethrow_exception(collector_.failure);
        }
    }

    Parser parser_;
    Collector collector_;
    std::deque<Line> waiting_;
    /// The lines of the row that has not ended.
    std::deque<Line> open_;
    std::size_t openSize_ = 0;
};

}  // namespace

void readCsv(std::istream& input, const std::function<void(CsvRow)>& take, std::size_t& bytesRead) {
    Reader reader(take);
    std::string line;
    for (std::size_t number = 1; std::getline(input, line); ++number) {
        bytesRead += line.size() + (input.eof() ? 0 : 1);
        if (number == 1) {
            if (line.starts_with(kByteOrderMark)) {
                line.erase(0, kByteOrderMark.size());
            }
            if (line.find(',') == std::string::npos && line.find(';') != std::string::npos) {
                reader.separateBySemicolon();
            }
        }
        reader.read({number, line + '\n'});
    }
    reader.finish();
}

}  // namespace gardu::core
