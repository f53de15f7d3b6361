// E-mail against a relay that we did not write, and against ones that nobody should have written.
#include "app/smtp_client.h"

#include <Poco/Net/NetworkInterface.h>
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>
#include <thread>

#include "core/clock.h"
#include "tests/app/mail_relay.h"

namespace gardu::test {

namespace {

using app::SendResult;
using app::SendStatus;
using app::SmtpSecurity;
using app::SmtpSettings;

constexpr const char* kUser = "gardu@example.net";
constexpr const char* kPassword = "pa55 w\xc3\xb6rd";

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::chrono::milliseconds since(std::chrono::steady_clock::time_point begun) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
}

class SmtpClientTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SmtpClientTest);
    CPPUNIT_TEST(aMailArrivesWhole);
    CPPUNIT_TEST(aPlainSubjectStaysPlain);
    CPPUNIT_TEST(whoIsRefusedAndWhoIsPutOff);
    CPPUNIT_TEST(aWrongPasswordIsNoReasonToGiveUp);
    CPPUNIT_TEST(noLoginIsOffered);
    CPPUNIT_TEST(aCertificateMustBeRight);
    CPPUNIT_TEST(withoutStartTlsNothingIsSaid);
    CPPUNIT_TEST(inClearOnlyOnThisMachine);
    CPPUNIT_TEST(rudeRelaysEndInTime);
    CPPUNIT_TEST(aClosedPortIsTriedAgain);
    CPPUNIT_TEST(theEndOfTheServerEndsTheWaiting);
    CPPUNIT_TEST(anAddressCannotBringCommands);
    CPPUNIT_TEST_SUITE_END();

    Certificate certificate_;

    static SmtpSettings settingsOf(const MailRelay& relay, SmtpSecurity security, bool hasLogin = false) {
        return {.relay = relay.peer(),
                .security = security,
                .user = hasLogin ? kUser : "",
                .password = hasLogin ? kPassword : "",
                .from = "isp@example.net",
                .fromName = "Warga N\xc3\xa9t, \"PT\""};
    }

    void aMailArrivesWhole() {
        struct Case {
            const char* mode = nullptr;
            SmtpSecurity security = SmtpSecurity::None;
            bool hasLogin = false;
        };
        for (const Case& c : std::initializer_list<Case>{{"plain", SmtpSecurity::None, false},
                                                         {"plain-auth", SmtpSecurity::None, true},
                                                         {"starttls", SmtpSecurity::StartTls, false},
                                                         {"starttls-auth", SmtpSecurity::StartTls, true},
                                                         {"starttls-login", SmtpSecurity::StartTls, true},
                                                         {"tls", SmtpSecurity::Tls, false},
                                                         {"tls-auth", SmtpSecurity::Tls, true}}) {
            MailRelay relay({"smtp", c.mode}, c.security == SmtpSecurity::None ? nullptr : &certificate_);
            const app::Outgoing sent = messageTo("sri@example.org");
            const SendResult result = sendMail(settingsOf(relay, c.security, c.hasLogin), sent);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(c.mode, std::string("250 taken as 4711"), result.words);
            CPPUNIT_ASSERT_MESSAGE(c.mode, result.status == SendStatus::Sent);
            const nlohmann::json mail = relay.got(1).front();
            CPPUNIT_ASSERT_EQUAL(std::string("isp@example.net"), mail["sender"].get<std::string>());
            CPPUNIT_ASSERT_EQUAL(std::string("[\"sri@example.org\"]"), mail["recipients"].dump());
            CPPUNIT_ASSERT_EQUAL(sent.message.subject, mail["subject"].get<std::string>());
            CPPUNIT_ASSERT_EQUAL(sent.message.body, mail["body"].get<std::string>());
            CPPUNIT_ASSERT(contains(mail["mail_from"].get<std::string>(), "Warga N\xc3\xa9t"));
            CPPUNIT_ASSERT(contains(mail["mail_from"].get<std::string>(), "<isp@example.net>"));
            CPPUNIT_ASSERT(contains(mail["to"].get<std::string>(), "sri@example.org"));
            CPPUNIT_ASSERT_EQUAL(std::string("<0195-id@example.net>"), mail["id"].get<std::string>());
            CPPUNIT_ASSERT_EQUAL(std::string("[]"), mail["defects"].dump());
            CPPUNIT_ASSERT(mail["longest"].get<int>() <= 78);
            const auto age = core::toEpochMs(core::wallNow()) / 1000 - mail["date"].get<std::int64_t>();
            CPPUNIT_ASSERT(age >= 0 && age < 60);
            CPPUNIT_ASSERT_EQUAL_MESSAGE(c.mode, c.security != SmtpSecurity::None, mail["tls"].get<bool>());
            CPPUNIT_ASSERT_EQUAL(c.hasLogin ? std::string(kUser) : "null",
                                 c.hasLogin ? mail["user"].get<std::string>() : mail["user"].dump());
        }
    }

    void aPlainSubjectStaysPlain() {
        MailRelay relay({"smtp", "plain"});
        app::Outgoing sent = messageTo("a@b.c");
        sent.message = {"Payment received\r\nBcc: x@y", ""};
        CPPUNIT_ASSERT(sendMail(settingsOf(relay, SmtpSecurity::None), sent).status == SendStatus::Sent);
        const nlohmann::json mail = relay.got(1).front();
        CPPUNIT_ASSERT_EQUAL(std::string("Payment received  Bcc: x@y"), mail["subject"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("[\"a@b.c\"]"), mail["recipients"].dump());
        CPPUNIT_ASSERT_EQUAL(std::string(), mail["body"].get<std::string>());
    }

    void whoIsRefusedAndWhoIsPutOff() {
        MailRelay relay({"smtp", "plain"});
        struct Case {
            const char* to = nullptr;
            SendStatus status = SendStatus::Sent;
            const char* words = nullptr;
        };
        for (const Case& c : std::initializer_list<Case>{
                 {"nobody@b.c", SendStatus::Refused, "550 5.1.1 no such mailbox"},
                 {"later@b.c", SendStatus::TryAgain, "451 4.2.1 come back later"},
                 {"foreign@b.c", SendStatus::TryAgain, "554 5.7.1 relay access denied"}}) {
            const SendResult result = sendMail(settingsOf(relay, SmtpSecurity::None), messageTo(c.to));
            CPPUNIT_ASSERT_MESSAGE(c.to, result.status == c.status);
            CPPUNIT_ASSERT_MESSAGE(result.words, contains(result.words, c.words));
        }
        CPPUNIT_ASSERT(relay.gotSoFar().empty());
    }

    void aWrongPasswordIsNoReasonToGiveUp() {
        for (const char* mode : {"starttls-auth", "starttls-login"}) {
            MailRelay relay({"smtp", mode}, &certificate_);
            SmtpSettings settings = settingsOf(relay, SmtpSecurity::StartTls, true);
            settings.password = "wrong-Passw0rd";
            const SendResult result = sendMail(settings, messageTo("a@b.c"));
            CPPUNIT_ASSERT_MESSAGE(result.words, result.status == SendStatus::TryAgain);
            CPPUNIT_ASSERT_MESSAGE(result.words, contains(result.words, "refused the login") &&
                                                     contains(result.words, "535") &&
                                                     !contains(result.words, "Passw0rd"));
            CPPUNIT_ASSERT(relay.gotSoFar().empty());
        }
    }

    void noLoginIsOffered() {
        MailRelay relay({"smtp", "plain"});
        const SendResult result = sendMail(settingsOf(relay, SmtpSecurity::None, true), messageTo("a@b.c"));
        CPPUNIT_ASSERT(result.status == SendStatus::TryAgain);
        CPPUNIT_ASSERT_MESSAGE(result.words, contains(result.words, "AUTH"));
    }

    void aCertificateMustBeRight() {
        const Certificate other("DNS:mail.example.net");
        for (const SmtpSecurity security : {SmtpSecurity::StartTls, SmtpSecurity::Tls}) {
            const char* mode = security == SmtpSecurity::Tls ? "tls" : "starttls";
            MailRelay wrongName({"smtp", mode}, &other);
            MailRelay unknown({"smtp", mode}, &certificate_);
            SmtpSettings trustingNobody = settingsOf(unknown, security);
            trustingNobody.relay.caFile.clear();
            for (const SmtpSettings& settings : {settingsOf(wrongName, security), trustingNobody}) {
                const SendResult result = sendMail(settings, messageTo("a@b.c"));
                CPPUNIT_ASSERT_MESSAGE(
                    result.words, result.status == SendStatus::TryAgain && contains(result.words, "TLS: "));
            }
            CPPUNIT_ASSERT(wrongName.gotSoFar().empty() && unknown.gotSoFar().empty());
        }
    }

    void withoutStartTlsNothingIsSaid() {
        MailRelay relay({"smtp", "plain-auth"});
        const SendResult result =
            sendMail(settingsOf(relay, SmtpSecurity::StartTls, true), messageTo("a@b.c"));
        CPPUNIT_ASSERT(result.status == SendStatus::TryAgain);
        CPPUNIT_ASSERT_MESSAGE(result.words, contains(result.words, "no STARTTLS"));
        CPPUNIT_ASSERT(relay.gotSoFar().empty());
    }

    void inClearOnlyOnThisMachine() {
        MailRelay relay({"rude", "anywhere"});
        for (const auto& [index, link] : Poco::Net::NetworkInterface::map(true, true)) {
            for (const auto& address : link.addressList()) {
                SmtpSettings settings = settingsOf(relay, SmtpSecurity::None);
                settings.relay.host = address.get<0>().toString();
                settings.relay.timeout = std::chrono::milliseconds(300);
                if (address.get<0>().family() != Poco::Net::IPAddress::IPv4) {
                    continue;
                }
                const SendResult result = sendMail(settings, messageTo("a@b.c"));
                CPPUNIT_ASSERT_MESSAGE(result.words, result.status == SendStatus::TryAgain);
                CPPUNIT_ASSERT_EQUAL_MESSAGE(result.words, !address.get<0>().isLoopback(),
                                             contains(result.words, "for a relay on this machine"));
            }
        }
    }

    void rudeRelaysEndInTime() {
        for (const char* what : {"half", "closed", "http", "endless", "line", "busy", "injected", "silent"}) {
            MailRelay relay({"rude", what});
            const bool isInjected = std::string_view(what) == "injected";
            SmtpSettings settings =
                settingsOf(relay, isInjected ? SmtpSecurity::StartTls : SmtpSecurity::None, isInjected);
            settings.relay.timeout = std::chrono::milliseconds(500);
            const auto begun = std::chrono::steady_clock::now();
            const SendResult result = sendMail(settings, messageTo("a@b.c"));
            CPPUNIT_ASSERT_MESSAGE(what, result.status == SendStatus::TryAgain);
            CPPUNIT_ASSERT_MESSAGE(result.words, result.words.size() < 400 && !contains(result.words, "\n"));
            CPPUNIT_ASSERT_MESSAGE(what, since(begun) < std::chrono::seconds(3));
            CPPUNIT_ASSERT_MESSAGE(result.words, !isInjected || contains(result.words, "before TLS"));
        }
    }

    void aClosedPortIsTriedAgain() {
        SmtpSettings settings;
        {
            const MailRelay relay({"rude", "silent"});
            settings = settingsOf(relay, SmtpSecurity::None);
        }
        const SendResult result = sendMail(settings, messageTo("a@b.c"));
        CPPUNIT_ASSERT_MESSAGE(
            result.words, result.status == SendStatus::TryAgain && contains(result.words, "cannot connect"));
        settings.relay.host = "no-such-name.invalid";
        CPPUNIT_ASSERT(sendMail(settings, messageTo("a@b.c")).status == SendStatus::TryAgain);
    }

    void theEndOfTheServerEndsTheWaiting() {
        MailRelay relay({"rude", "silent"});
        std::atomic<bool> ends{false};
        SmtpSettings settings = settingsOf(relay, SmtpSecurity::None);
        settings.relay.timeout = std::chrono::seconds(30);
        settings.relay.stop = [&] { return ends.load(); };
        std::thread ending([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(300));
            ends.store(true);
        });
        const auto begun = std::chrono::steady_clock::now();
        const SendResult result = sendMail(settings, messageTo("a@b.c"));
        ending.join();
        CPPUNIT_ASSERT(result.status == SendStatus::TryAgain);
        CPPUNIT_ASSERT(since(begun) < std::chrono::seconds(3));
    }

    void anAddressCannotBringCommands() {
        MailRelay relay({"smtp", "plain"});
        for (const char* to : {"a@b.c>\r\nDATA", "", "a@b.c> SIZE=1 <"}) {
            CPPUNIT_ASSERT(sendMail(settingsOf(relay, SmtpSecurity::None), messageTo(to)).status ==
                           SendStatus::Refused);
        }
        CPPUNIT_ASSERT(relay.gotSoFar().empty());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SmtpClientTest);

}  // namespace

}  // namespace gardu::test
