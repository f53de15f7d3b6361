// Simultaneous use at the login: who is refused, who makes room, and what a domain before a name changes.
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <atomic>

#include "tests/radius/access_world.h"
#include "tests/support/threads.h"

namespace gardu::radius {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using test::AccessWorld;
using test::From;

struct Ask {
    std::string user = "single";
    std::string device = "AA:00:00:00:00:01";
    std::string method = "pap";
    std::string password = "secret";
};

core::Bytes request(const Ask& ask) {
    // MS-CHAP leaves the domain out of its proof.
    const std::string proven = ask.user.substr(ask.user.find('\\') + 1);
    Attributes attributes = test::credential(ask.method, proven, ask.password);
    attributes.insert(attributes.begin(), textAttribute(attr::kUserName, ask.user));
    if (!ask.device.empty()) {
        attributes.push_back(textAttribute(attr::kCallingStationId, ask.device));
    }
    return encodeRequest({.identifier = 7, .authenticator = test::kRequestAuthenticator}, attributes,
                         SharedSecret(test::kNasSecret));
}

const std::string kRefused = "Reject; Reply-Message=You are already online on another device";

class AccessLimitTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AccessLimitTest);
    CPPUNIT_TEST(anotherDeviceIsRefused);
    CPPUNIT_TEST(refusalByEachMethod);
    CPPUNIT_TEST(wrongPasswordLearnsNothing);
    CPPUNIT_TEST(sameRequestAgainTakesOnePlace);
    CPPUNIT_TEST(oldestMakesRoom);
    CPPUNIT_TEST(walledLoginsAreLimitedToo);
    CPPUNIT_TEST(classBindsTheClaim);
    CPPUNIT_TEST(failureGivesThePlaceBack);
    CPPUNIT_TEST(oneOfManyAtTheSameMomentIsAccepted);
    CPPUNIT_TEST(domainBeforeAnMsChapName);
    CPPUNIT_TEST(nameAsSentIsFirst);
    CPPUNIT_TEST(sessionsOfADomainCount);
    CPPUNIT_TEST(loginsShowThatANasIsThere);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        startWire(builtInDictionaryDir());
        world_ = std::make_unique<AccessWorld>();
        world_->addNas("tower", "10.0.0.1", MessageAuthenticatorPolicy::Auto);
        world_->addNas("hills", "10.1.0.0/16", MessageAuthenticatorPolicy::Auto);
        world_->addSubscriber("single", "secret", [](auto& r) { r.subscription.packageId = "single"; });
        world_->addSubscriber("replace", "secret", [](auto& r) { r.subscription.packageId = "replace"; });
    }

private:
    std::unique_ptr<AccessWorld> world_;
    std::uint16_t port_ = 1;

    /// A request of its own each time.
    AccessAnswer answer(const Ask& ask, core::Instant now = test::kNoon) {
        ++port_;
        return world_->send(request(ask), {.port = port_, .now = now, .random = port_});
    }
    /// "Accept", or the whole of a reject, or "dropped REASON".
    std::string login(const Ask& ask, core::Instant now = test::kNoon) {
        const std::string words = test::inWords(answer(ask, now));
        return words.starts_with("Accept") ? "Accept" : words;
    }

    void anotherDeviceIsRefused() {
        CPPUNIT_ASSERT_EQUAL("Accept"s, login({}));
        CPPUNIT_ASSERT_EQUAL(kRefused, login({.device = "AA:00:00:00:00:02"}));
        CPPUNIT_ASSERT_EQUAL(kRefused, login({.device = ""}));
        CPPUNIT_ASSERT_EQUAL("Accept"s, login({}));  // the same one again
        CPPUNIT_ASSERT_EQUAL("Accept"s, login({.device = "AA:00:00:00:00:02"}, test::kNoon + 30s));
        const auto entries = world_->authLog().take(10);
        CPPUNIT_ASSERT_EQUAL("too_many_sessions"s, std::string(entries.at(1).reason));
        CPPUNIT_ASSERT(world_->woken().empty());
    }

    void refusalByEachMethod() {
        CPPUNIT_ASSERT_EQUAL("Accept"s, login({}));
        CPPUNIT_ASSERT_EQUAL(kRefused, login({.device = "B", .method = "chap"}));
        for (const char* method : {"mschap", "mschap2"}) {
            CPPUNIT_ASSERT_EQUAL(kRefused + "; MS-CHAP-Error=E=649 ",
                                 login({.device = "B", .method = method}));
        }
    }

    void wrongPasswordLearnsNothing() {
        CPPUNIT_ASSERT_EQUAL("Accept"s, login({}));
        CPPUNIT_ASSERT_EQUAL("Reject; Reply-Message=Unknown user name or wrong password"s,
                             login({.device = "B", .password = "wrong"}));
    }

    void sameRequestAgainTakesOnePlace() {
        const core::Bytes octets = request({.device = ""});  // a device of its own each time
        const From from{.port = 77};
        const std::string first = test::inWords(world_->send(octets, from));
        CPPUNIT_ASSERT(first.starts_with("Accept"));
        CPPUNIT_ASSERT_EQUAL(first, test::inWords(world_->send(octets, from)));
    }

    void oldestMakesRoom() {
        CPPUNIT_ASSERT_EQUAL("Accept"s, login({.user = "replace"}));
        CPPUNIT_ASSERT(world_->woken().empty());
        CPPUNIT_ASSERT_EQUAL("Accept"s, login({.user = "replace", .device = "B"}));
        CPPUNIT_ASSERT(world_->woken() == std::vector<std::string>{"replace"});
    }

    void walledLoginsAreLimitedToo() {
        world_->addSubscriber("walled", "secret", [](auto& r) {
            r.subscription.packageId = "single";
            r.subscription.status = billing::SubscriptionStatus::Suspended;
        });
        CPPUNIT_ASSERT_EQUAL("Accept"s, login({.user = "walled"}));
        CPPUNIT_ASSERT_EQUAL(kRefused, login({.user = "walled", .device = "B"}));
    }

    LoginClass classOf(const AccessAnswer& given) {
        const auto reply = std::get<PacketView>(preparse(std::get<Bytes>(given), PortKind::Client));
        const Attributes attributes = decode(reply, SharedSecret(test::kNasSecret)).value();
        return parseClass(*findText(attributes, attr::kClass)).value();
    }

    AccountingEvent startOf(const std::string& user, const LoginClass& login) {
        AccountingEvent event;
        event.arrival.nasKey = "nas";
        event.arrival.receivedAt = test::kNoon;
        event.happenedAt = test::kNoon;
        event.username = user;
        event.usernameKey = user;
        event.acctSessionId = "81a00001";
        event.loginClass = login;
        return event;
    }

    void classBindsTheClaim() {
        const LoginClass given = classOf(answer({.device = ""}));
        CPPUNIT_ASSERT(world_->registry().hear(startOf("single", given)));
        // The claim would have ended by then, the session does not.
        CPPUNIT_ASSERT_EQUAL(kRefused, login({.device = "B"}, test::kNoon + 60s));
        AccountingEvent stop = startOf("single", given);
        stop.status = AcctStatus::Stop;
        stop.happenedAt = test::kNoon + 61s;
        CPPUNIT_ASSERT(!world_->registry().hear(stop));
        CPPUNIT_ASSERT_EQUAL("Accept"s, login({.device = "B"}, test::kNoon + 62s));
    }

    void failureGivesThePlaceBack() {
        const auto withRoutes = [](std::size_t count) {
            return [count](billing::SubscriberRecord& record) {
                record.subscription.packageId = "single";
                record.subscription.addresses.framedRoutes =
                    std::vector<std::string>(count, std::string(200, '1'));
            };
        };
        world_->addSubscriber("routes", "secret", withRoutes(40));  // no packet holds them
        CPPUNIT_ASSERT_EQUAL("dropped internal_error"s, login({.user = "routes"}));
        world_->addSubscriber("routes", "secret", withRoutes(1));
        CPPUNIT_ASSERT_EQUAL("Accept"s, login({.user = "routes", .device = "B"}));
    }

    void oneOfManyAtTheSameMomentIsAccepted() {
        constexpr int kThreads = 4;
        constexpr int kRounds = 100;
        for (int round = 0; round < kRounds; ++round) {
            const core::Instant now = test::kNoon + round * 60s;
            std::atomic<int> ready{0};
            std::atomic<int> accepted{0};
            gardu::test::inThreads(kThreads, [&](int thread) {
                const core::Bytes octets = request({.device = "device " + std::to_string(thread)});
                const auto port = static_cast<std::uint16_t>(round * kThreads + thread + 1);
                ++ready;
                while (ready < kThreads) {
                    std::this_thread::yield();
                }
                const AccessAnswer given =
                    world_->send(octets, {.port = port,
                                          .now = now,
                                          .monotonic = std::chrono::steady_clock::time_point(round * 60s),
                                          .random = port});
                accepted += test::inWords(given).starts_with("Accept") ? 1 : 0;
            });
            CPPUNIT_ASSERT_EQUAL(1, accepted.load());
        }
    }

    void domainBeforeAnMsChapName() {
        const std::string failed = "Reject; Reply-Message=Unknown user name or wrong password";
        const std::pair<Ask, std::string> cases[] = {
            {{.user = "ISP\\single", .method = "mschap2"}, "Accept"},
            {{.user = "ISP\\single", .method = "mschap"}, "Accept"},
            {{.user = "\\single", .method = "mschap2"}, "Accept"},
            {{.user = "ISP\\single", .method = "mschap2", .password = "wrong"},
             failed + "; MS-CHAP-Error=E=691 "},
            {{.user = "ISP\\nobody", .method = "mschap2"}, failed + "; MS-CHAP-Error=E=691 "},
            {{.user = "ISP\\single", .method = "pap"}, failed},
            {{.user = "ISP\\single", .method = "chap"}, failed},
        };
        for (const auto& [ask, expected] : cases) {
            CPPUNIT_ASSERT_EQUAL_MESSAGE(ask.user + " " + ask.method, expected, login(ask));
        }
    }

    void nameAsSentIsFirst() {
        world_->addSubscriber("ISP\\single", "another");
        CPPUNIT_ASSERT_EQUAL("Accept"s,
                             login({.user = "ISP\\single", .method = "mschap2", .password = "another"}));
        const LoginClass given =
            classOf(answer({.user = "ISP\\single", .method = "mschap2", .password = "another"}));
        CPPUNIT_ASSERT_EQUAL("00000000-0000-0000-0000-000000000003"s, core::toText(given.subscription));
    }

    /// The router accounts under the name that was sent.
    void sessionsOfADomainCount() {
        for (const std::string name : {"single", "xavier"}) {
            world_->addSubscriber(name, "secret", [](auto& r) { r.subscription.packageId = "single"; });
            const LoginClass given =
                classOf(answer({.user = "ISP\\" + name, .device = "", .method = "mschap2"}));
            AccountingEvent start = startOf(core::escapeOctets("ISP\\" + name), given);
            CPPUNIT_ASSERT(world_->registry().hear(start));
            CPPUNIT_ASSERT_EQUAL(kRefused, login({.user = name, .device = "B"}, test::kNoon + 60s));
            const auto sessions = world_->registry().sessionsOf(name);
            CPPUNIT_ASSERT_EQUAL(std::size_t{1}, sessions.size());
            CPPUNIT_ASSERT_EQUAL(name, sessions[0].usernameKey);
            CPPUNIT_ASSERT_EQUAL(start.username, sessions[0].username);
        }
    }

    void loginsShowThatANasIsThere() {
        const SessionRegistry& registry = world_->registry();
        const std::string hills = world_->nas(1).nas.id + "@10.1.2.3";
        CPPUNIT_ASSERT(!registry.nasHeardAt(hills));
        static_cast<void>(world_->send(request({}), {.source = "10.1.2.3"}));
        CPPUNIT_ASSERT(registry.nasHeardAt(hills) == test::kNoon);
        static_cast<void>(world_->send(request({}), {.now = test::kNoon + 5s}));
        CPPUNIT_ASSERT(registry.nasHeardAt(world_->nas(0).nas.id) == test::kNoon + 5s);
        CPPUNIT_ASSERT(registry.nasHeardAt(hills) == test::kNoon);
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AccessLimitTest);

}  // namespace
}  // namespace gardu::radius
