#include "app/http_sender_client.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include "tests/app/mail_relay.h"

namespace gardu::test {

namespace {

using app::HttpFormat;
using app::HttpSettings;
using app::SendResult;
using app::SendStatus;

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

class HttpSenderClientTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(HttpSenderClientTest);
    CPPUNIT_TEST(jsonArrivesWhole);
    CPPUNIT_TEST(aFormArrivesWhole);
    CPPUNIT_TEST(whatIsNoUtf8IsSentAllTheSame);
    CPPUNIT_TEST(whatTheGatewaySaysDecides);
    CPPUNIT_TEST(aCertificateMustBeRight);
    CPPUNIT_TEST(silenceAndAClosedPortAreTriedAgain);
    CPPUNIT_TEST_SUITE_END();

    Certificate certificate_;

    static HttpSettings settingsOf(const MailRelay& gateway) {
        HttpSettings settings;
        settings.gateway = gateway.peer();
        settings.hostHeader = "localhost:" + std::to_string(gateway.port());
        settings.path = "/send/t0ken?device=1";
        settings.body =
            R"({"phone": "{to}", "message": {"text": "{text}", "title": "{subject}"}, "ref": "{id}"})";
        settings.headers = {{"Authorization", "Bearer s3cret"}, {"X-Device", "a, b; c=\"d\""}};
        return settings;
    }

    void jsonArrivesWhole() {
        MailRelay gateway({"http", "200"});
        const app::Outgoing sent = messageTo("62812");
        const SendResult result = sendByHttp(settingsOf(gateway), sent);
        CPPUNIT_ASSERT_MESSAGE(result.words, result.status == SendStatus::Sent);
        CPPUNIT_ASSERT_EQUAL(std::string(R"(200 OK {"detail": "id 4711 ? "})"), result.words);
        const nlohmann::json got = gateway.got(1).front();
        const auto body = nlohmann::json::parse(got["body"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("62812"), body["phone"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(sent.message.body, body["message"]["text"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(sent.message.subject, body["message"]["title"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("0195-id"), body["ref"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("/send/t0ken?device=1"), got["path"].get<std::string>());
        const auto& headers = got["headers"];
        CPPUNIT_ASSERT_EQUAL(std::string("Bearer s3cret"), headers["authorization"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("a, b; c=\"d\""), headers["x-device"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("application/json"), headers["content-type"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("0195-id"), headers["idempotency-key"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL("localhost:" + std::to_string(gateway.port()),
                             headers["host"].get<std::string>());
    }

    void aFormArrivesWhole() {
        MailRelay gateway({"http", "201"});
        HttpSettings settings = settingsOf(gateway);
        settings.format = HttpFormat::FormBody;
        settings.body = "target={to}&message={text}&plus=1+1";
        app::Outgoing sent = messageTo("62812");
        sent.message.body = "a=1&b=2 100% \xc3\xbc+{id}\n";
        CPPUNIT_ASSERT(sendByHttp(settings, sent).status == SendStatus::Sent);
        const nlohmann::json got = gateway.got(1).front();
        CPPUNIT_ASSERT_EQUAL(
            std::string("target=62812&message=a%3D1%26b%3D2%20100%25%20%C3%BC%2B%7Bid%7D%0A&plus=1+1"),
            got["body"].get<std::string>());
        CPPUNIT_ASSERT_EQUAL(std::string("application/x-www-form-urlencoded"),
                             got["headers"]["content-type"].get<std::string>());
    }

    void whatIsNoUtf8IsSentAllTheSame() {
        MailRelay gateway({"http", "200"});
        app::Outgoing sent = messageTo("62812");
        sent.message.body = "bad \xff end";
        CPPUNIT_ASSERT(sendByHttp(settingsOf(gateway), sent).status == SendStatus::Sent);
        CPPUNIT_ASSERT(contains(gateway.got(1).front()["body"].get<std::string>(), "bad \xef\xbf\xbd end"));
    }

    void whatTheGatewaySaysDecides() {
        struct Case {
            int status = 0;
            SendStatus result = SendStatus::Sent;
        };
        for (const Case& c : std::initializer_list<Case>{{202, SendStatus::Sent},
                                                         {302, SendStatus::TryAgain},
                                                         {400, SendStatus::Refused},
                                                         {401, SendStatus::TryAgain},
                                                         {403, SendStatus::TryAgain},
                                                         {404, SendStatus::Refused},
                                                         {408, SendStatus::TryAgain},
                                                         {422, SendStatus::Refused},
                                                         {429, SendStatus::TryAgain},
                                                         {500, SendStatus::TryAgain},
                                                         {503, SendStatus::TryAgain}}) {
            const std::string status = std::to_string(c.status);
            MailRelay gateway({"http", status});
            const SendResult result = sendByHttp(settingsOf(gateway), messageTo("62812"));
            CPPUNIT_ASSERT_MESSAGE(status, result.status == c.result);
            CPPUNIT_ASSERT_MESSAGE(result.words, contains(result.words, status) &&
                                                     !contains(result.words, "s3cret") &&
                                                     !contains(result.words, "t0ken"));
        }
    }

    void aCertificateMustBeRight() {
        MailRelay gateway({"http", "200"}, &certificate_);
        HttpSettings settings = settingsOf(gateway);
        settings.gateway.isTls = true;
        CPPUNIT_ASSERT(sendByHttp(settings, messageTo("62812")).status == SendStatus::Sent);
        settings.gateway.caFile.clear();
        const SendResult unknown = sendByHttp(settings, messageTo("62812"));
        CPPUNIT_ASSERT_MESSAGE(unknown.words, unknown.status == SendStatus::TryAgain);
        const Certificate other("DNS:gateway.example.net");
        MailRelay wrongName({"http", "200"}, &other);
        settings = settingsOf(wrongName);
        settings.gateway.isTls = true;
        const SendResult wrong = sendByHttp(settings, messageTo("62812"));
        CPPUNIT_ASSERT_MESSAGE(wrong.words, wrong.status == SendStatus::TryAgain);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, gateway.gotSoFar().size());
        CPPUNIT_ASSERT(wrongName.gotSoFar().empty());
    }

    void silenceAndAClosedPortAreTriedAgain() {
        HttpSettings settings;
        {
            MailRelay gateway({"http", "0"});
            settings = settingsOf(gateway);
            settings.gateway.timeout = std::chrono::milliseconds(500);
            CPPUNIT_ASSERT(sendByHttp(settings, messageTo("62812")).status == SendStatus::TryAgain);
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, gateway.got(1).size());
        }
        const SendResult result = sendByHttp(settings, messageTo("62812"));
        CPPUNIT_ASSERT_MESSAGE(result.words,
                               result.status == SendStatus::TryAgain && !contains(result.words, "t0ken"));
        for (const char* what : {"half", "closed", "silent", "line", "busy"}) {
            MailRelay rude({"rude", what});
            HttpSettings toRude = settingsOf(rude);
            toRude.gateway.timeout = std::chrono::milliseconds(500);
            CPPUNIT_ASSERT_MESSAGE(what, sendByHttp(toRude, messageTo("1")).status == SendStatus::TryAgain);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HttpSenderClientTest);

}  // namespace

}  // namespace gardu::test
