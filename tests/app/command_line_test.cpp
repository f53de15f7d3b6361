// What the command line takes and how it says no: exit codes, JSON, and that the words name the fix.
#include <cppunit/extensions/HelperMacros.h>

#include <fstream>

#include "tests/app/gardu_program.h"
#include "tests/support/temp_folder.h"

namespace gardu::test {
namespace {

struct RefusalCase {
    const char* line;
    int exitCode;
    /// All of them are in the message.
    std::vector<std::string> says;
};

class CommandLineTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(CommandLineTest);
    CPPUNIT_TEST(wrongUsage);
    CPPUNIT_TEST(wrongConfiguration);
    CPPUNIT_TEST(refusals);
    CPPUNIT_TEST(everyWrongFieldAtOnce);
    CPPUNIT_TEST(aDefinitionTakesOneWordOnly);
    CPPUNIT_TEST(listsAreEmptyDocuments);
    CPPUNIT_TEST(helpAndVersion);
    CPPUNIT_TEST(fileThenEnvironmentThenDefinition);
    CPPUNIT_TEST(configShowsEveryKeyAndNoPassword);
    CPPUNIT_TEST(aConfigurationFileWithAnUnknownKey);
    CPPUNIT_TEST(secretsFromStandardInput);
    CPPUNIT_TEST_SUITE_END();

    TempFolder folder_;
    Gardu gardu_{folder_.file("data"), "sqlite:" + folder_.file("gardu.db")};

    static void checkSays(const RefusalCase& wanted, const std::string& line, const std::string& text) {
        for (const std::string& words : wanted.says) {
            std::string shown = line;
            shown.append("\n").append(text);
            CPPUNIT_ASSERT_MESSAGE(shown, text.find(words) != std::string::npos);
        }
    }

    /// Without --json on standard error alone; with it, before or after, one document and nothing else.
    void checkRefusal(const RefusalCase& wanted) {
        const std::string line = wanted.line;
        const ProcessResult plain = gardu_.run(line);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(line + "\n" + plain.errors, wanted.exitCode, plain.exitCode);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(line, std::string(), plain.output);
        checkSays(wanted, line, plain.errors);
        for (const std::string& asJson : {"--json " + line, line + " --json"}) {
            const ProcessResult result = gardu_.run(asJson);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(asJson, wanted.exitCode, result.exitCode);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(asJson, std::string(), result.errors);
            checkSays(wanted, asJson, parseJson(result.output).at("error").at("message").get<std::string>());
        }
    }

    void wrongUsage() {
        const std::vector<RefusalCase> cases = {
            {"", 2, {"name a command of gardu: serve, migrate"}},
            {"nas", 2, {"name a command of gardu nas: add, list"}},
            {"frobnicate", 2, {"gardu has no command \"frobnicate\"", "gardu --help"}},
            {"packages list", 2, {"gardu has no command \"packages\"", "did you mean package?"}},
            {"nas lsit", 2, {"gardu nas has no command \"lsit\"", "did you mean list?"}},
            {"nas list --jsno", 2, {"gardu nas list has no option --jsno; did you mean --json?"}},
            {"nas add --nmae x", 2, {"no option --nmae; did you mean --name?", "--secret is missing"}},
            {"nas add", 2, {"--name is missing", "--address is missing", "--secret is missing"}},
            {"nas --name add", 2, {"write --name after the command: gardu nas add --name"}},
            {"nas add --name a --address 10.0.0.1 --secret s --coa-port x", 2, {"--coa-port"}},
            {"nas add --name a --address 10.0.0.1 --secret s --message-authenticator yes --swap-octets 1",
             2,
             {"message_authenticator", "write require, auto or off", "swap_octets", "write yes or no"}},
            {"subscriber show", 2, {"USERNAME is missing"}},
            {"subscriber show alice bob", 2, {"\"bob\" is one too many"}},
            {"package add --name a --bandwidth 1M --price 1 --type x --on-expiry x --validity x --priority x "
             "--simultaneous-policy x",
             2,
             {"type", "on_expiry", "validity", "priority", "pppoe, hotspot or static", "isolate or reject",
              "simultaneous_policy", "reject-new or replace-old"}},
            {"subscriber add --username a --password b --package c --start-date x --end-date tomorrow",
             2,
             {"start_date: \"x\"", "end_date: \"tomorrow\"", "YYYY-MM-DD"}},
            {"explain bob --at noon", 2, {"at: \"noon\"", "2027-02-15T13:00:00+07:00"}},
            {"auth-log --limit 0", 2, {"--limit"}},
            {"import subscribers no-such-file.csv", 2, {"no-such-file.csv", "No such file"}},
            {"-D datadir=x config", 2, {"no key \"datadir\"; did you mean data.dir?"}},
            {"-D business.currency config", 2, {"write -D key=value"}},
        };
        for (const RefusalCase& wanted : cases) {
            checkRefusal(wanted);
        }
    }

    void wrongConfiguration() {
        const std::vector<RefusalCase> cases = {
            {"-D business.timezone=Mars config", 1, {"business.timezone", "\"Mars\"", "-D", "Asia/Jakarta"}},
            {"-D business.currency=XYZ config", 1, {"business.currency", "IDR"}},
            {"-D radius.auth.listen=here config", 1, {"radius.auth.listen", "127.0.0.1:1812"}},
            {"-D radius.workers=65 config", 1, {"radius.workers", "from 0 to 64"}},
            {"-D log.level=loud config", 1, {"log.level", "debug, info, warning or error"}},
            {"-D isolate.rate_limit=fast subscriber list", 1, {"isolate.rate_limit", "10M/10M"}},
            {"-D data.dir= config", 1, {"data.dir"}},
            {"-D database.url=oracle:x nas list", 1, {"database.url", "sqlite:PATH or mysql://"}},
            {"-D database.url=mysql://u:p@127.0.0.1:1/x nas list",
             1,
             {"database.url", "mysql://u@127.0.0.1"}},
            {"--config no-such.conf config", 1, {"no-such.conf"}},
        };
        for (const RefusalCase& wanted : cases) {
            checkRefusal(wanted);
        }
    }

    void refusals() {
        const std::vector<RefusalCase> cases = {
            {"nas update core", 1, {"no NAS \"core\"", "gardu nas list"}},
            {"nas remove core", 1, {"no NAS \"core\""}},
            {"package update home", 1, {"no package \"home\"", "gardu package list"}},
            {"package remove home", 1, {"no package \"home\""}},
            {"subscriber show bob", 1, {"no subscriber \"bob\""}},
            {"subscriber update bob --password x", 1, {"no subscriber \"bob\""}},
            {"subscriber suspend bob", 1, {"no subscriber \"bob\""}},
            {"subscriber activate bob", 1, {"no subscriber \"bob\""}},
            {"subscriber disable bob", 1, {"no subscriber \"bob\""}},
            {"subscriber cancel bob", 1, {"no subscriber \"bob\""}},
            {"subscriber remove bob", 1, {"no subscriber \"bob\""}},
            {"alarm clear wrong_secret core", 1, {"no alarm \"wrong_secret\" about \"core\"", "alarm list"}},
        };
        for (const RefusalCase& wanted : cases) {
            checkRefusal(wanted);
        }
    }

    static std::string fieldsOf(const Json& document) {
        std::string fields;
        for (const Json& error : document.at("error").at("fields")) {
            fields += (fields.empty() ? "" : " ") + error.at("field").get<std::string>();
        }
        return fields;
    }

    void everyWrongFieldAtOnce() {
        gardu_.must("nas add --name core --address 10.0.0.1 --secret first-secret");
        gardu_.must("package add --name home --bandwidth 10M/10M --price 1000");
        gardu_.must("subscriber add --username bob --password b --package home --static-ip 10.0.0.2");
        const std::pair<const char*, const char*> cases[] = {
            {"nas add --name core --address 10.0.0.1/8 --secret \"\" --coa-port 0",
             "secret address coa_port name"},
            {"package add --name \"\" --bandwidth 1Q --burst x --priority 9 --price 1x --simultaneous-use 0",
             "name bandwidth burst priority simultaneous_use price"},
            {"package update home --priority 9 --price 1x", "priority price"},
            {"subscriber add --username bob --password \"\" --package none --static-ip 10.0.0.2 "
             "--framed-route x --ipv6-prefix y --start-date 2027-01-02 --end-date 2027-01-01",
             "password framed_ipv6_prefix framed_route end_date package username static_ip"},
            {"subscriber update bob --package none --end-date 2020-01-01 --static-ip 127.0.0.1",
             "static_ip end_date package"},
        };
        for (const auto& [line, fields] : cases) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(line, std::string(fields), fieldsOf(gardu_.json(line, 1)));
        }
    }

    void aDefinitionTakesOneWordOnly() {
        const Json explained = gardu_.json("explain -D business.currency=USD bob -D log.level=debug");
        CPPUNIT_ASSERT_EQUAL(std::string("bob"), explained.at("username").get<std::string>());
    }

    void listsAreEmptyDocuments() {
        for (const char* line : {"nas list", "package list", "subscriber list", "auth-log", "alarm list",
                                 "session list", "session list --all"}) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(line, Json(Json::array()), gardu_.json(line));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(line, std::string("(none)\n"), gardu_.run(line).output);
        }
    }

    void helpAndVersion() {
        for (const char* line : {"--help", "nas --help", "subscriber add --help", "--version"}) {
            const ProcessResult result = gardu_.run(line);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(line, 0, result.exitCode);
            CPPUNIT_ASSERT_MESSAGE(line, !result.output.empty() && result.errors.empty());
        }
    }

    /// "value from origin" of a key, as `gardu config` shows it.
    static std::string shown(const Json& config, const std::string& key) {
        for (const Json& entry : config) {
            if (entry.at("key") == key) {
                return entry.at("value").get<std::string>() + " from " +
                       entry.at("origin").get<std::string>();
            }
        }
        return "not there";
    }

    void fileThenEnvironmentThenDefinition() {
        const std::string file = folder_.file("gardu.conf");
        std::ofstream(file)
            << "# mine\nbusiness.currency = USD\nisolate.address_list = FILE\nradius.workers=3\n";
        ProcessStart start = gardu_.start("--config " + file + " -D isolate.address_list=WALL config --json");
        start.environment = {{"GARDU_ISOLATE_ADDRESS_LIST", "ENVIRONMENT"}, {"GARDU_RADIUS_WORKERS", "4"}};
        const Json config = parseJson(runOrThrow(start).output);
        CPPUNIT_ASSERT_EQUAL("USD from " + file, shown(config, "business.currency"));
        CPPUNIT_ASSERT_EQUAL(std::string("4 from environment GARDU_RADIUS_WORKERS"),
                             shown(config, "radius.workers"));
        CPPUNIT_ASSERT_EQUAL(std::string("WALL from -D"), shown(config, "isolate.address_list"));
        CPPUNIT_ASSERT_EQUAL(std::string("Asia/Jakarta from default"), shown(config, "business.timezone"));
    }

    void configShowsEveryKeyAndNoPassword() {
        const std::string line = "-D database.url=mysql://u:hidden@127.0.0.1:3306/isp config";
        const Json config = gardu_.json(line);
        CPPUNIT_ASSERT_EQUAL(std::string("mysql://u@127.0.0.1:3306/isp from -D"),
                             shown(config, "database.url"));
        CPPUNIT_ASSERT(config.size() >= 16);
        CPPUNIT_ASSERT(config.dump().find("hidden") == std::string::npos);
        CPPUNIT_ASSERT(gardu_.run(line).output.find("hidden") == std::string::npos);
    }

    void aConfigurationFileWithAnUnknownKey() {
        const std::string file = folder_.file("gardu.conf");
        std::ofstream(file) << "radius.auth.listn = 127.0.0.1:1812\n";
        checkRefusal({("--config " + file + " config").c_str(),
                      2,
                      {file, "no key \"radius.auth.listn\"", "did you mean radius.auth.listen?"}});
    }

    void secretsFromStandardInput() {
        gardu_.must("package add --name home --bandwidth 10M/10M --price 1000");
        const std::string add = "subscriber add --username bob --package home --password -";
        CPPUNIT_ASSERT_EQUAL(2, gardu_.run(add).exitCode);
        CPPUNIT_ASSERT_EQUAL(0, gardu_.run(add, "typed, not shown\n").exitCode);
        CPPUNIT_ASSERT_EQUAL(
            0, gardu_.run("nas add --name core --address 10.0.0.1 --secret -", "typed too\n").exitCode);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(CommandLineTest);

}  // namespace
}  // namespace gardu::test
