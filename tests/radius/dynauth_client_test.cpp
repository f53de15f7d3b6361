// Our CoA and Disconnect against a NAS that checks and signs without our code.
#include "radius/dynauth_client.h"

#include <cppunit/extensions/HelperMacros.h>

#include <map>
#include <set>
#include <thread>

#include "radius/wire.h"
#include "tests/support/loopback_nas.h"

namespace gardu::radius {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;
using gardu::test::LoopbackNas;
using gardu::test::NasAnswer;
using gardu::test::NasHeard;
using gardu::test::NasReply;
using Outcome = DynauthAnswer::Outcome;

constexpr std::string_view kSecret = "testing123";
constexpr core::Instant kNow{core::Seconds(1'795'348'800)};
constexpr int kUserName = 1;
constexpr int kEventTimestamp = 55;

class DynauthClientTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(DynauthClientTest);
    CPPUNIT_TEST(acknowledged);
    CPPUNIT_TEST(refusedWithACause);
    CPPUNIT_TEST(refusedWithoutACause);
    CPPUNIT_TEST(silenceIsThreeTriesOfTheSameOctets);
    CPPUNIT_TEST(secondTryIsAnswered);
    CPPUNIT_TEST(forgedReplyIsNotTaken);
    CPPUNIT_TEST(replyWithAnotherIdentifierIsNotTaken);
    CPPUNIT_TEST(wrongSecretIsNoAnswer);
    CPPUNIT_TEST(nobodyListens);
    CPPUNIT_TEST(whatCannotLeaveFails);
    CPPUNIT_TEST(threeHundredToOneNas);
    CPPUNIT_TEST(silentNasDelaysNobody);
    CPPUNIT_TEST(wakeEndsTheWaiting);
    CPPUNIT_TEST(eachClientHasAPortOfItsOwn);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { startWire(builtInDictionaryDir()); }

private:
    const SharedSecret secret_{kSecret};
    DynauthClient client_;

    DynauthRequest requestTo(const LoopbackNas& nas, Code code, const std::string& user = "bob") {
        return {code,     core::parseIpAddress("127.0.0.1").value(), static_cast<std::uint16_t>(nas.port()),
                &secret_, {textAttribute(attr::kUserName, user)},    kNow};
    }
    std::uint64_t start(const LoopbackNas& nas, Code code, const std::string& user = "bob") {
        return client_.start(requestTo(nas, code, user), DynauthClient::Clock::now()).value();
    }
    /// All answers, in at most that time.
    std::vector<DynauthAnswer> wait(std::size_t count, std::chrono::milliseconds most = 10s) {
        std::vector<DynauthAnswer> all;
        const auto end = DynauthClient::Clock::now() + most;
        while (all.size() < count && DynauthClient::Clock::now() < end) {
            for (const DynauthAnswer& answer : client_.poll(100ms)) {
                all.push_back(answer);
            }
        }
        CPPUNIT_ASSERT_EQUAL(count, all.size());
        return all;
    }
    DynauthAnswer ask(const LoopbackNas& nas, Code code = Code::DisconnectRequest) {
        const std::uint64_t ticket = start(nas, code);
        DynauthAnswer answer = wait(1).at(0);
        CPPUNIT_ASSERT_EQUAL(ticket, answer.ticket);
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, client_.waiting());
        return answer;
    }
    static std::string outcomeOf(const DynauthAnswer& answer) {
        return std::string(name(answer.outcome)) + " after " + std::to_string(answer.sent) +
               (answer.errorCause ? " cause " + std::to_string(*answer.errorCause) : "") +
               (answer.wrongAuthenticator ? " wrong authenticator" : "");
    }

    void acknowledged() {
        const LoopbackNas nas{std::string(kSecret)};
        for (const Code code : {Code::CoaRequest, Code::DisconnectRequest}) {
            CPPUNIT_ASSERT_EQUAL("ack after 1"s, outcomeOf(ask(nas, code)));
            const NasHeard heard = nas.heard().back();
            CPPUNIT_ASSERT_EQUAL(static_cast<int>(code), heard.code);
            CPPUNIT_ASSERT(heard.authenticatorIsRight && heard.messageAuthenticatorIsRight);
            CPPUNIT_ASSERT_EQUAL("bob"s, heard.text(kUserName));
            CPPUNIT_ASSERT_EQUAL(std::uint32_t{1'795'348'800}, heard.number(kEventTimestamp));
        }
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, client_.strangers());
    }

    void refusedWithACause() {
        LoopbackNas nas{std::string(kSecret)};
        nas.answer({NasReply::Nak, 503});
        CPPUNIT_ASSERT_EQUAL("nak after 1 cause 503"s, outcomeOf(ask(nas)));
        nas.answer({NasReply::Nak, 401});
        CPPUNIT_ASSERT_EQUAL("nak after 1 cause 401"s, outcomeOf(ask(nas, Code::CoaRequest)));
    }

    void refusedWithoutACause() {
        LoopbackNas nas{std::string(kSecret)};
        nas.answer({NasReply::Nak, {}});
        CPPUNIT_ASSERT_EQUAL("nak after 1"s, outcomeOf(ask(nas)));
    }

    void silenceIsThreeTriesOfTheSameOctets() {
        LoopbackNas nas{std::string(kSecret)};
        nas.answer({NasReply::Ignore, {}});
        const DynauthAnswer answer = ask(nas);
        CPPUNIT_ASSERT_EQUAL("timeout after 3"s, outcomeOf(answer));
        CPPUNIT_ASSERT(answer.took >= 2900ms && answer.took < 4s);
        const auto heard = nas.heard();
        CPPUNIT_ASSERT_EQUAL(std::size_t{3}, heard.size());
        CPPUNIT_ASSERT(heard[0].octets == heard[1].octets && heard[1].octets == heard[2].octets);
        CPPUNIT_ASSERT(heard[0].sourcePort == heard[2].sourcePort);
    }

    void secondTryIsAnswered() {
        LoopbackNas nas{std::string(kSecret)};
        int asked = 0;
        nas.answer([&](const NasHeard&) {
            return NasAnswer{++asked == 1 ? NasReply::Ignore : NasReply::Ack, {}};
        });
        CPPUNIT_ASSERT_EQUAL("ack after 2"s, outcomeOf(ask(nas)));
    }

    void forgedReplyIsNotTaken() {
        LoopbackNas nas{std::string(kSecret)};
        int asked = 0;
        nas.answer([&](const NasHeard&) {
            return NasAnswer{++asked == 1 ? NasReply::WrongAuthenticator : NasReply::Ack, {}};
        });
        CPPUNIT_ASSERT_EQUAL("ack after 2 wrong authenticator"s, outcomeOf(ask(nas)));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{1}, client_.strangers());
    }

    void replyWithAnotherIdentifierIsNotTaken() {
        LoopbackNas nas{std::string(kSecret)};
        nas.answer({NasReply::WrongIdentifier, {}});
        CPPUNIT_ASSERT_EQUAL("timeout after 3"s, outcomeOf(ask(nas)));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t{3}, client_.strangers());
    }

    void wrongSecretIsNoAnswer() {
        // The NAS cannot prove our request, so it says nothing (RFC 5176 section 2.3).
        const LoopbackNas nas{"another"};
        CPPUNIT_ASSERT_EQUAL("timeout after 3"s, outcomeOf(ask(nas)));
        CPPUNIT_ASSERT(!nas.heard().at(0).authenticatorIsRight);
    }

    void nobodyListens() {
        auto nas = std::make_unique<LoopbackNas>(std::string(kSecret));
        const DynauthRequest request = requestTo(*nas, Code::DisconnectRequest);
        nas.reset();  // the kernel answers with ICMP from now on
        CPPUNIT_ASSERT(client_.start(request, DynauthClient::Clock::now()).has_value());
        CPPUNIT_ASSERT_EQUAL("timeout after 3"s, outcomeOf(wait(1).at(0)));
    }

    void whatCannotLeaveFails() {
        const LoopbackNas nas{std::string(kSecret)};
        DynauthRequest request = requestTo(nas, Code::DisconnectRequest);
        request.address = core::parseIpAddress("255.255.255.255").value();
        CPPUNIT_ASSERT(client_.start(request, DynauthClient::Clock::now()).has_value());
        const DynauthAnswer answer = wait(1, 500ms).at(0);
        CPPUNIT_ASSERT_EQUAL("failed after 1"s, outcomeOf(answer));
        CPPUNIT_ASSERT(!answer.error.empty());
    }

    void threeHundredToOneNas() {
        LoopbackNas nas{std::string(kSecret)};
        nas.answer({NasReply::Ignore, {}});
        std::map<std::uint64_t, std::string> users;
        const auto begin = [&](int number) {
            const std::string user = "user" + std::to_string(number);
            const auto ticket =
                client_.start(requestTo(nas, Code::CoaRequest, user), DynauthClient::Clock::now());
            if (ticket) {
                users[*ticket] = user;
            }
            return ticket.has_value();
        };
        for (int i = 0; i < 256; ++i) {
            CPPUNIT_ASSERT(begin(i));
        }
        CPPUNIT_ASSERT(!begin(256));
        // Odd ones are refused: answers come to whom they belong.
        nas.answer([](const NasHeard& heard) {
            const int number = std::stoi(heard.text(kUserName).substr(4));
            return NasAnswer{number % 2 == 0 ? NasReply::Ack : NasReply::Nak, {}};
        });
        auto answers = wait(256);
        for (int i = 256; i < 300; ++i) {
            CPPUNIT_ASSERT(begin(i));
        }
        const auto rest = wait(44);
        answers.insert(answers.end(), rest.begin(), rest.end());
        for (const DynauthAnswer& answer : answers) {
            const bool isEven = std::stoi(users.at(answer.ticket).substr(4)) % 2 == 0;
            CPPUNIT_ASSERT_EQUAL(std::string(isEven ? "ack" : "nak"), std::string(name(answer.outcome)));
        }
    }

    void silentNasDelaysNobody() {
        LoopbackNas silent{std::string(kSecret)};
        silent.answer({NasReply::Ignore, {}});
        const LoopbackNas lively{std::string(kSecret)};
        const std::uint64_t lost = start(silent, Code::DisconnectRequest);
        const auto begun = DynauthClient::Clock::now();
        for (int i = 0; i < 50; ++i) {
            start(lively, Code::DisconnectRequest);
            CPPUNIT_ASSERT(wait(1).at(0).outcome == Outcome::Ack);
        }
        CPPUNIT_ASSERT(DynauthClient::Clock::now() - begun < 1s);
        const DynauthAnswer answer = wait(1).at(0);
        CPPUNIT_ASSERT(answer.ticket == lost && answer.outcome == Outcome::Timeout);
    }

    void wakeEndsTheWaiting() {
        std::thread waker([&] {
            std::this_thread::sleep_for(50ms);
            client_.wake();
        });
        const auto begun = DynauthClient::Clock::now();
        CPPUNIT_ASSERT(client_.poll(5s).empty());
        const auto waited = DynauthClient::Clock::now() - begun;
        waker.join();
        CPPUNIT_ASSERT(waited >= 40ms && waited < 2s);
        // One call wakes once.
        const auto again = DynauthClient::Clock::now();
        CPPUNIT_ASSERT(client_.poll(50ms).empty());
        CPPUNIT_ASSERT(DynauthClient::Clock::now() - again >= 50ms);
    }

    void eachClientHasAPortOfItsOwn() {
        const LoopbackNas nas{std::string(kSecret)};
        std::set<int> ports;
        for (int i = 0; i < 3; ++i) {
            DynauthClient another;
            CPPUNIT_ASSERT(another.start(requestTo(nas, Code::CoaRequest), DynauthClient::Clock::now()));
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, another.poll(2s).size());
            ports.insert(nas.heard().back().sourcePort);
        }
        CPPUNIT_ASSERT(ports.size() > 1);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(DynauthClientTest);

}  // namespace
}  // namespace gardu::radius
