#include "app/notify_settings.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

namespace gardu::test {

namespace {

using Keys = std::map<std::string, std::string>;

core::Config configOf(const Keys& keys) {
    core::ConfigSources sources;
    sources.defaultDataDir = "/data";
    for (const auto& [key, value] : keys) {
        sources.environment[core::environmentName(key)] = value;
    }
    return core::Config(sources);
}

app::NotifySettings settingsOf(const Keys& keys) {
    return app::notifySettings(configOf(keys), {});
}

std::string senderNames(const Keys& keys) {
    std::string names;
    for (const app::NotificationSender& sender : settingsOf(keys).senders) {
        names += sender.name + " ";
    }
    return names;
}

const Keys kSmtp = {{"notify.smtp.host", "mail.example.net"}, {"notify.smtp.from", "isp@example.net"}};
const Keys kHttp = {{"notify.http.url", "https://gateway.example.net/send"}};

/// The first of them, with those of the second one instead or besides.
Keys with(Keys keys, const Keys& others) {
    for (const auto& [key, value] : others) {
        keys[key] = value;
    }
    return keys;
}

class NotifySettingsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(NotifySettingsTest);
    CPPUNIT_TEST(onlyWhatIsConfiguredInTheOrderWanted);
    CPPUNIT_TEST(sendersFindTheirAddresses);
    CPPUNIT_TEST(whatCannotWorkIsFoundAtTheStart);
    CPPUNIT_TEST(withoutTlsOnlyOnThisMachine);
    CPPUNIT_TEST(whatIsSaidIsTaken);
    CPPUNIT_TEST_SUITE_END();

    void onlyWhatIsConfiguredInTheOrderWanted() {
        CPPUNIT_ASSERT_EQUAL(std::string(), senderNames({}));
        CPPUNIT_ASSERT_EQUAL(std::string("smtp "), senderNames(kSmtp));
        CPPUNIT_ASSERT_EQUAL(std::string("http "), senderNames(kHttp));
        const Keys both = with(kSmtp, kHttp);
        CPPUNIT_ASSERT_EQUAL(std::string("http smtp "), senderNames(both));
        CPPUNIT_ASSERT_EQUAL(std::string("smtp http "),
                             senderNames(with(both, {{"notify.order", "smtp , http"}})));
        CPPUNIT_ASSERT_EQUAL(std::string("smtp "), senderNames(with(both, {{"notify.order", "smtp"}})));
    }

    void sendersFindTheirAddresses() {
        const auto senders = settingsOf(with(kSmtp, kHttp)).senders;
        billing::OutboxItem item;
        CPPUNIT_ASSERT(!senders[0].addressOf(item) && !senders[1].addressOf(item));
        item.phone = "0812-3456-7890";
        item.email = "sri@example.org";
        CPPUNIT_ASSERT(senders[0].addressOf(item) == "6281234567890");
        CPPUNIT_ASSERT(senders[1].addressOf(item) == "sri@example.org");
        item.phone = "tidak ada";
        item.email = "sri@example.org\r\nRCPT TO:<x@y>";
        CPPUNIT_ASSERT(!senders[0].addressOf(item) && !senders[1].addressOf(item));
        const auto german = settingsOf(with(kHttp, {{"notify.country_code", "49"}})).senders;
        item.phone = "0171 2345678";
        CPPUNIT_ASSERT(german[0].addressOf(item) == "491712345678");
    }

    void whatCannotWorkIsFoundAtTheStart() {
        struct Case {
            const char* key = nullptr;
            const char* value = nullptr;
        };
        for (const Case& c : std::initializer_list<Case>{{"notify.language", "de"},
                                                         {"notify.order", "sms"},
                                                         {"notify.quiet_from", "9"},
                                                         {"notify.quiet_until", "24:00"},
                                                         {"notify.ca_file", "/no/such/file"},
                                                         {"notify.country_code", "+62"},
                                                         {"notify.country_code", ""},
                                                         {"notify.smtp.from", ""},
                                                         {"notify.smtp.from", "ISP <isp@example.net>"},
                                                         {"notify.smtp.security", "ssl"},
                                                         {"notify.smtp.security", "none"},
                                                         {"notify.http.url", "gateway.example.net/send"},
                                                         {"notify.http.url", "ftp://gateway.example.net/"},
                                                         {"notify.http.url", "https://me:pw@example.net/"},
                                                         {"notify.http.url", "https://"},
                                                         {"notify.http.url", "https://exa mple:x/"},
                                                         {"notify.http.format", "xml"},
                                                         {"notify.http.body", ""},
                                                         {"notify.http.body", R"({"to": "{to}"})"},
                                                         {"notify.http.body", R"({"to": {to}, "x": {text}})"},
                                                         {"notify.http.headers", "Bearer abc"},
                                                         {"notify.http.headers", "A: b\r\nC: d"},
                                                         {"notify.http.headers", "A b: c"},
                                                         {"notify.http.headers", "A: b | : c"},
                                                         {"business.name", "a\nb"},
                                                         {"business.how_to_pay", "a\nb"}}) {
            const std::string about = std::string(c.key) + " = " + c.value;
            try {
                static_cast<void>(settingsOf(with(with(kSmtp, kHttp), {{c.key, c.value}})));
                CPPUNIT_FAIL(about + " was taken");
            } catch (const core::ConfigError& error) {
                CPPUNIT_ASSERT_MESSAGE(about + ": " + error.what(),
                                       std::string(error.what()).find(c.key) == 0);
            }
        }
    }

    void withoutTlsOnlyOnThisMachine() {
        for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "::1"}) {
            CPPUNIT_ASSERT_EQUAL(
                std::string("smtp "),
                senderNames(with(kSmtp, {{"notify.smtp.security", "none"}, {"notify.smtp.host", host}})));
        }
        for (const char* host : {"localhost.example.net", "192.168.1.1", "128.0.0.1", "mail"}) {
            CPPUNIT_ASSERT_THROW_MESSAGE(
                host,
                static_cast<void>(
                    settingsOf(with(kSmtp, {{"notify.smtp.security", "none"}, {"notify.smtp.host", host}}))),
                core::ConfigError);
        }
    }

    void whatIsSaidIsTaken() {
        const app::NotifySettings settings = settingsOf({{"notify.language", "en"},
                                                         {"business.name", "Warga Net"},
                                                         {"notify.quiet_from", "22:30"},
                                                         {"notify.per_minute", "7"},
                                                         {"notify.http.format", "form"},
                                                         {"notify.http.url", "http://127.0.0.1:1/x"},
                                                         {"notify.http.body", "to={to}&m={text}"}});
        CPPUNIT_ASSERT(settings.language == billing::Language::English);
        CPPUNIT_ASSERT_EQUAL(std::string("Warga Net"), settings.company);
        CPPUNIT_ASSERT(settings.quiet.from == core::Seconds(81'000));
        CPPUNIT_ASSERT(settings.quiet.until == core::Seconds(28'800));
        CPPUNIT_ASSERT_EQUAL(7, settings.perMinute);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(NotifySettingsTest);

}  // namespace

}  // namespace gardu::test
