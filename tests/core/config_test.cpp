#include "core/config.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <fstream>
#include <optional>

#include "core/check.h"
#include "tests/support/temp_folder.h"
#include "tests/support/throws.h"

namespace gardu::test {

namespace {

using core::Config;
using core::ConfigError;
using core::ConfigSources;
using core::ListenAddress;

using Assignments = std::vector<std::string>;

ConfigSources withAssignments(Assignments assignments) {
    return {.file = "", .environment = {}, .assignments = std::move(assignments), .defaultDataDir = "/data"};
}

/// The words of the ConfigError; nothing where there is none.
std::optional<std::string> errorOf(const ConfigSources& sources) {
    try {
        const Config config(sources);
    } catch (const ConfigError& error) {
        return error.what();
    }
    return std::nullopt;
}

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

struct WrongCase {
    std::string_view key;
    std::string_view value;
};

constexpr WrongCase kWrong[] = {
    {"data.dir", ""},
    {"radius.auth.listen", ""},
    {"radius.auth.listen", "1812"},
    {"radius.auth.listen", "127.0.0.1"},
    {"radius.auth.listen", "127.0.0.1:"},
    {"radius.auth.listen", ":1812"},
    {"radius.auth.listen", "127.0.0.1:65536"},
    {"radius.auth.listen", "127.0.0.1:-1"},
    {"radius.auth.listen", "127.0.0.1:+1"},
    {"radius.auth.listen", "127.0.0.1:18 12"},
    {"radius.auth.listen", "127.0.0.1:http"},
    {"radius.auth.listen", "127.0.0.1:1812,"},
    {"radius.auth.listen", ",127.0.0.1:1812"},
    {"radius.auth.listen", "127.0.0.1:1812,none"},
    {"radius.auth.listen", "127.0.0.1:1812 127.0.0.2:1812"},
    {"radius.auth.listen", "None"},
    {"radius.auth.listen", "::1:1812"},
    {"radius.auth.listen", "[::1]"},
    {"radius.auth.listen", "[]:1812"},
    {"radius.auth.listen", "[::1:1812"},
    {"radius.acct.listen", "x"},
    {"web.listen", "8080"},
    {"radius.workers", "-1"},
    {"radius.workers", "65"},
    {"radius.workers", ""},
    {"radius.workers", "2x"},
    {"radius.workers", " 2"},
    {"radius.workers", "99999999999999999999"},
    {"radius.interim_interval", "59"},
    {"radius.interim_interval", "86401"},
    {"isolate.session_timeout", "59"},
    {"auth_log.retention_days", "0"},
    {"notify.retention_days", "59"},
    {"auth_log.rows_per_second", "0"},
    {"business.timezone", "Jakarta"},
    {"business.timezone", ""},
    {"business.timezone", "../../etc/passwd"},
    {"business.currency", "Rp"},
    {"business.currency", "idr"},
    {"billing.run_seconds", "-1"},
    {"billing.run_seconds", "86401"},
    {"billing.most_invoices", "0"},
    {"billing.workers", "0"},
    {"billing.workers", "65"},
    {"notify.per_minute", "0"},
    {"notify.timeout_seconds", "61"},
    {"notify.smtp.port", "0"},
    {"log.level", "INFO"},
    {"log.level", "trace"},
};

struct ListenCase {
    std::string_view text;
    std::vector<ListenAddress> addresses;
};

const std::vector<ListenCase>& listens() {
    static const std::vector<ListenCase> cases = {
        {"none", {}},
        {"127.0.0.1:0", {{"127.0.0.1", 0}}},
        {"0.0.0.0:1812,[::]:1812", {{"0.0.0.0", 1812}, {"::", 1812}}},
        {" 10.0.0.1:1812 ,\t[2001:db8::1]:65535 ", {{"10.0.0.1", 1812}, {"2001:db8::1", 65535}}},
    };
    return cases;
}

struct SuggestionCase {
    std::string_view written;
    std::string_view meant;
};

constexpr SuggestionCase kSuggestions[] = {
    {"databse.url", "database.url"}, {"radius.listen", "radius.auth.listen"},
    {"log_level", "log.level"},      {"LOG.LEVEL", "log.level"},
    {"web.port", "web.listen"},      {"isolate.session_timout", "isolate.session_timeout"},
};

}  // namespace

class ConfigTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ConfigTest);
    CPPUNIT_TEST(defaultsAreValid);
    CPPUNIT_TEST(laterSourcesWin);
    CPPUNIT_TEST(lastAssignmentWins);
    CPPUNIT_TEST(valueMayHoldAnything);
    CPPUNIT_TEST(unknownKeyIsRefusedWithTheNearest);
    CPPUNIT_TEST(unknownKeyInAFileIsRefused);
    CPPUNIT_TEST(wrongValueNamesItsKey);
    CPPUNIT_TEST(wrongValueNamesItsSource);
    CPPUNIT_TEST(readsListenAddresses);
    CPPUNIT_TEST(readsAFile);
    CPPUNIT_TEST(unreadableFileIsRefused);
    CPPUNIT_TEST(lineWithoutAKeyIsRefused);
    CPPUNIT_TEST(noErrorHoldsAPassword);
    CPPUNIT_TEST(secretsAreNotShown);
    CPPUNIT_TEST(secretsAreNotTakenFromTheCommandLine);
    CPPUNIT_TEST(databaseUrlFallsBackToTheDataFolder);
    CPPUNIT_TEST(environmentNames);
    CPPUNIT_TEST(askingForAnotherKeyIsOurBug);
    CPPUNIT_TEST_SUITE_END();

public:
    void defaultsAreValid() {
        const Config config(withAssignments({}));
        CPPUNIT_ASSERT_EQUAL(std::string("/data"), config.text("data.dir"));
        CPPUNIT_ASSERT_EQUAL(std::string("default"), config.origin("radius.workers"));
        CPPUNIT_ASSERT_EQUAL(std::string("Asia/Jakarta"), config.zone().name());
        CPPUNIT_ASSERT_EQUAL(std::string("IDR"), config.currency().code);
        CPPUNIT_ASSERT_EQUAL(std::int64_t{300}, config.integer("radius.interim_interval", 0, 1'000));
    }

    void laterSourcesWin() {
        ConfigSources sources = withAssignments({});
        sources.file = write("radius.workers = 1\nlog.level=debug\n");
        expectWorkers(sources, "1", sources.file);
        sources.environment = {{"GARDU_RADIUS_WORKERS", "2"}, {"GARDU_OTHER", "x"}, {"radius.workers", "9"}};
        expectWorkers(sources, "2", "environment GARDU_RADIUS_WORKERS");
        sources.assignments = {"radius.workers=3"};
        expectWorkers(sources, "3", "-D");
        CPPUNIT_ASSERT_EQUAL(std::string("debug"), Config(sources).text("log.level"));
    }

    void lastAssignmentWins() {
        const Config config(withAssignments({"radius.workers=5", "radius.workers=6"}));
        CPPUNIT_ASSERT_EQUAL(std::string("6"), config.text("radius.workers"));
    }

    void valueMayHoldAnything() {
        const Config config(withAssignments({"isolate.address_list=a=b, \"c\" ${d} #e"}));
        CPPUNIT_ASSERT_EQUAL(std::string("a=b, \"c\" ${d} #e"), config.text("isolate.address_list"));
    }

    void unknownKeyIsRefusedWithTheNearest() {
        for (const auto& [written, meant] : kSuggestions) {
            const auto words = errorOf(withAssignments({std::string(written) + "=1"}));
            CPPUNIT_ASSERT_MESSAGE(std::string(written), words && holds(*words, written));
            CPPUNIT_ASSERT_MESSAGE(*words, holds(*words, "did you mean " + std::string(meant) + "?"));
        }
    }

    void unknownKeyInAFileIsRefused() {
        for (const std::string_view line : {"radius.worker = 1", "radius = 1", "radius.workers.x = 1"}) {
            ConfigSources sources = withAssignments({});
            sources.file = write("log.level = info\n" + std::string(line) + "\n");
            const auto words = errorOf(sources);
            CPPUNIT_ASSERT_MESSAGE(std::string(line), words && holds(*words, sources.file));
            CPPUNIT_ASSERT(holds(*words, line.substr(0, line.find(' '))));
        }
    }

    void wrongValueNamesItsKey() {
        for (const auto& [key, value] : kWrong) {
            const std::string assignment = std::string(key) + "=" + std::string(value);
            const auto words = errorOf(withAssignments({assignment}));
            CPPUNIT_ASSERT_MESSAGE(assignment, words.has_value());
            const std::string shown = std::string(key) + " = \"" + std::string(value) + "\" (-D): ";
            CPPUNIT_ASSERT_MESSAGE(*words, words->starts_with(shown));
        }
    }

    void wrongValueNamesItsSource() {
        ConfigSources sources = withAssignments({});
        sources.environment = {{"GARDU_LOG_LEVEL", "loud"}};
        CPPUNIT_ASSERT(holds(errorOf(sources).value(), "environment GARDU_LOG_LEVEL"));
        sources.environment.clear();
        sources.file = write("log.level = loud\n");
        CPPUNIT_ASSERT(holds(errorOf(sources).value(), sources.file));
    }

    void readsListenAddresses() {
        for (const auto& [text, addresses] : listens()) {
            const Config config(withAssignments({"web.listen=" + std::string(text)}));
            CPPUNIT_ASSERT_MESSAGE(std::string(text), config.listen("web.listen") == addresses);
        }
    }

    void readsAFile() {
        ConfigSources sources = withAssignments({});
        sources.file = write(
            "# a comment\n! another\n\nradius.workers: 4\nlog.level=error\r\n"
            "  isolate.address_list =  PAY ME  \nisolate.rate_limit=${log.level}");
        const Config config(sources);
        CPPUNIT_ASSERT_EQUAL(std::string("4"), config.text("radius.workers"));
        CPPUNIT_ASSERT_EQUAL(std::string("error"), config.text("log.level"));
        CPPUNIT_ASSERT_EQUAL(std::string("PAY ME"), config.text("isolate.address_list"));
        CPPUNIT_ASSERT_EQUAL(std::string("${log.level}"), config.text("isolate.rate_limit"));
    }

    void unreadableFileIsRefused() {
        for (const std::string& file : {folder_.file("nowhere.conf"), folder_.path().string()}) {
            ConfigSources sources = withAssignments({});
            sources.file = file;
            CPPUNIT_ASSERT_MESSAGE(file, holds(errorOf(sources).value_or("nothing"), file));
        }
    }

    // It was read for ever.
    void lineWithoutAKeyIsRefused() {
        for (const std::string_view line : {"= 1", ": 1", ".x = 1", "log. = 1", "log..level = info", "."}) {
            ConfigSources sources = withAssignments({});
            sources.file = write(std::string(line) + "\n");
            CPPUNIT_ASSERT_MESSAGE(std::string(line), errorOf(sources).has_value());
        }
    }

    void noErrorHoldsAPassword() {
        for (const char* assignment :
             {"mysql://gardu:hunter2@h/d", "mysql://gardu:hunter2@h/d?x=1", "database.url:hunter2",
              "databse.url=mysql://gardu:hunter2@h/d", "=hunter2", "hunter2 x=1"}) {
            const auto words = errorOf(withAssignments({assignment}));
            CPPUNIT_ASSERT_MESSAGE(assignment, words.has_value());
            CPPUNIT_ASSERT_MESSAGE(*words, !holds(*words, "hunter2"));
        }
        ConfigSources sources = withAssignments({});
        sources.file = write("mysql://gardu:hunter2@h/d\n");
        CPPUNIT_ASSERT(!holds(errorOf(sources).value(), "hunter2"));
        const Config config(withAssignments({"database.url=mysql://gardu:hunter2@h/d"}));
        CPPUNIT_ASSERT(!holds(config.wrong("database.url", "why").what(), "hunter2"));
    }

    void secretsAreNotShown() {
        ConfigSources sources = withAssignments({"notify.smtp.user=gardu"});
        sources.environment = {{"GARDU_NOTIFY_SMTP_PASSWORD", "s3cret"},
                               {"GARDU_NOTIFY_HTTP_BODY", "key=s3cret"},
                               {"GARDU_NOTIFY_HTTP_HEADERS", "Authorization: s3cret"}};
        const Config config(sources);
        for (const char* key : {"notify.smtp.password", "notify.http.body", "notify.http.headers"}) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(key, std::string("(set)"), config.shown(key));
            CPPUNIT_ASSERT(!holds(config.wrong(key, "why").what(), "s3cret"));
        }
        CPPUNIT_ASSERT_EQUAL(std::string("gardu"), config.shown("notify.smtp.user"));
        CPPUNIT_ASSERT_EQUAL(std::string(), Config(withAssignments({})).shown("notify.smtp.password"));
        for (const auto& [url, shown] : std::initializer_list<std::pair<const char*, const char*>>{
                 {"", ""},
                 {"https://api.example.org/bots3cret/send?x=s3cret", "https://api.example.org/..."},
                 {"https://api.example.org:8443", "https://api.example.org:8443/..."},
                 {"https://me:s3cret@api.example.org/x@y", "https://api.example.org/..."},
                 {"https://api.example.org?key=s3cret", "https://api.example.org/..."},
                 {"s3cret", "(set)"}}) {
            const Config withUrl(withAssignments({std::string("notify.http.url=") + url}));
            CPPUNIT_ASSERT_EQUAL(std::string(shown), withUrl.shown("notify.http.url"));
            CPPUNIT_ASSERT(!holds(withUrl.wrong("notify.http.url", "why").what(), "s3cret"));
        }
    }

    void secretsAreNotTakenFromTheCommandLine() {
        for (const char* key : {"notify.smtp.password", "notify.http.body", "notify.http.headers"}) {
            const auto words = errorOf(withAssignments({std::string(key) + "=s3cret"}));
            CPPUNIT_ASSERT_MESSAGE(key, words && holds(*words, key) && !holds(*words, "s3cret"));
        }
    }

    void databaseUrlFallsBackToTheDataFolder() {
        CPPUNIT_ASSERT_EQUAL(std::string("sqlite:/data/gardu.db"), Config(withAssignments({})).databaseUrl());
        CPPUNIT_ASSERT_EQUAL(std::string("sqlite:/x.db"),
                             Config(withAssignments({"database.url=sqlite:/x.db"})).databaseUrl());
    }

    void environmentNames() {
        CPPUNIT_ASSERT_EQUAL(std::string("GARDU_RADIUS_AUTH_LISTEN"),
                             core::environmentName("radius.auth.listen"));
        CPPUNIT_ASSERT_EQUAL(std::string("GARDU_AUTH_LOG_RETENTION_DAYS"),
                             core::environmentName("auth_log.retention_days"));
    }

    void askingForAnotherKeyIsOurBug() {
        const Config config(withAssignments({}));
        CPPUNIT_ASSERT(throws<core::InvariantBroken>([&] { return config.text("no.such.key"); }));
    }

private:
    std::string write(const std::string& text) {
        std::ofstream(folder_.file("gardu.conf")) << text;
        return folder_.file("gardu.conf");
    }
    static void expectWorkers(const ConfigSources& sources, const std::string& value,
                              const std::string& origin) {
        const Config config(sources);
        CPPUNIT_ASSERT_EQUAL(value, config.text("radius.workers"));
        CPPUNIT_ASSERT_EQUAL(origin, config.origin("radius.workers"));
    }

    TempFolder folder_;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ConfigTest);

}  // namespace gardu::test
