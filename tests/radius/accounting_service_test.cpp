// The receiving path of accounting but for its sockets: what is acknowledged, what is not, and what is
// durable by then.
#include <cppunit/extensions/HelperMacros.h>

#include <atomic>

#include "tests/radius/accounting_world.h"
#include "tests/support/log_capture.h"
#include "tests/support/small_disk.h"
#include "tests/support/temp_folder.h"
#include "tests/support/threads.h"

namespace gardu::radius {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using gardu::test::LogCapture;
using gardu::test::SmallDisk;
using gardu::test::TempFolder;
using test::accountingInWords;
using test::accountingOf;
using test::accountingRequest;
using test::AccountingWorld;
using test::From;

Bytes start() {
    return accountingRequest(accountingOf(AcctStatus::Start));
}

/// A Start with these attributes after it.
Bytes startWith(std::string_view moreHex) {
    Bytes request = start();
    const Bytes more = test::octets(moreHex);
    request.insert(request.end(), more.begin(), more.end());
    test::signAgain(request);
    return request;
}

/// The first `count` attributes of a Start, which are Acct-Status-Type, User-Name and Acct-Session-Id,
/// without the one at `left`.
Bytes startWithout(std::size_t left, AcctStatus status = AcctStatus::Start) {
    Attributes attributes = accountingOf(status);
    attributes.erase(attributes.begin() + static_cast<std::ptrdiff_t>(left));
    return accountingRequest(attributes);
}

Bytes altered(Bytes request, std::size_t at) {
    request.at(at) ^= 0x10;
    return request;
}

Bytes statusServer() {
    return encodeRequest({.code = Code::StatusServer, .authenticator = test::kRequestAuthenticator}, {},
                         SharedSecret(test::kNasSecret));
}

struct GuardCase {
    std::string_view what;
    Bytes request;
    std::string answer;
    std::string_view alarm = {};
    std::string_view source = "10.0.0.1";
};

std::vector<GuardCase> guardCases() {
    const std::string wrong = "dropped wrong_secret";
    const std::string_view alarm = "wrong_secret tower";
    Bytes zeros = start();
    std::fill_n(zeros.begin() + 4, 16, std::uint8_t{0});
    Bytes padded = start();
    padded.resize(padded.size() + 7, 0xee);
    Bytes cut = start();
    cut.pop_back();
    Bytes wrongSignature = accountingRequest(accountingOf(AcctStatus::Start), 7, true);
    wrongSignature.at(25) ^= 1;
    test::signAgain(wrongSignature);
    return {
        {"Start", start(), "Response"},
        {"Stop", accountingRequest(accountingOf(AcctStatus::Stop)), "Response"},
        {"Interim", accountingRequest(accountingOf(AcctStatus::Interim)), "Response"},
        {"signed", accountingRequest(accountingOf(AcctStatus::Start), 7, true), "Response"},
        {"of a network", start(), "Response", "", "10.9.0.77"},
        {"over IPv6", start(), "Response", "", "2001:db8::77"},
        {"octets after its end", padded, "Response"},
        {"Proxy-States", startWith("2104aabb"), "Response Proxy-State=0xaabb"},
        {"two Proxy-States", startWith("2104aabb 2103cc"), "Response Proxy-State=0xaabb Proxy-State=0xcc"},
        {"Accounting-On", startWithout(1, AcctStatus::AccountingOn), "Response"},
        {"Accounting-Off", startWithout(1, AcctStatus::AccountingOff), "Response"},
        {"Status-Server", statusServer(), "Response"},
        {"Status-Server, altered", altered(statusServer(), 30), wrong, alarm},
        {"no NAS", start(), "dropped unknown_nas", "unknown_nas 10.0.0.9", "10.0.0.9"},
        {"another secret", accountingRequest(accountingOf(AcctStatus::Start), 7, false, "another"), wrong,
         alarm},
        {"another secret, signed", accountingRequest(accountingOf(AcctStatus::Start), 7, true, "another"),
         wrong, alarm},
        {"altered", altered(start(), 25), wrong, alarm},
        {"an authenticator of zeros", zeros, wrong, alarm},
        {"authenticator right, Message-Authenticator not", wrongSignature, wrong, alarm},
        {"an Access-Request", test::packet(1, "0105626f62"), "dropped unexpected_code"},
        {"a CoA-Request", test::packet(43, "0105626f62"), "dropped unexpected_code"},
        {"an empty datagram", {}, "dropped too_short"},
        {"cut", cut, "dropped bad_length"},
        {"no status", startWithout(0), "dropped status_type_missing"},
        {"no user", startWithout(1), "dropped user_name_missing"},
        {"no session", startWithout(2), "dropped session_id_missing"},
    };
}

class AccountingServiceTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(AccountingServiceTest);
    CPPUNIT_TEST(whatIsAnswered);
    CPPUNIT_TEST(whatIsDurable);
    CPPUNIT_TEST(oneSyncForAll);
    CPPUNIT_TEST(sameRequestAgain);
    CPPUNIT_TEST(sameRequestTwiceInOneBatch);
    CPPUNIT_TEST(registryHearsIt);
    CPPUNIT_TEST(subscriberOfANameWithADomainIsWoken);
    CPPUNIT_TEST(fullDiskIsSilence);
    CPPUNIT_TEST(fullJournalIsSilence);
    CPPUNIT_TEST(failureIsLoggedOnceASecond);
    CPPUNIT_TEST(failureBesideIsNoSilence);
    CPPUNIT_TEST(manyThreadsAcknowledgeOnce);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override {
        startWire(builtInDictionaryDir());
        world_.reset();
        world_ = std::make_unique<AccountingWorld>(folder_.file("accounting.journal"));
        addNas(*world_);
    }

private:
    const TempFolder folder_;
    std::unique_ptr<AccountingWorld> world_;

    static void addNas(AccountingWorld& world) {
        world.addNas("tower", "10.0.0.1");
        world.addNas("valley", "10.9.0.0/16", true);
        world.addNas("hill", "2001:db8::/32");
    }

    static int counter(AccountingWorld& world, const std::string& name) {
        const std::string text = world.metrics().text();
        const std::size_t at = text.find("\n" + name + " ");
        return at == std::string::npos ? -1 : std::stoi(text.substr(at + name.size() + 2));
    }
    int counter(const std::string& name) { return counter(*world_, "gardu_accounting_" + name); }

    static std::string alarmsInWords(AccountingWorld& world) {
        std::string text;
        for (const core::Alarm& alarm : world.alarms().take()) {
            text += (text.empty() ? "" : ", ") + alarm.kind + " " + alarm.subject;
            text += alarm.occurrences == 1 ? "" : " x" + std::to_string(alarm.occurrences);
        }
        return text;
    }

    void whatIsAnswered() {
        for (const auto& [what, request, answer, alarm, source] : guardCases()) {
            setUp();
            const int answered = answer.starts_with("Response") ? 1 : 0;
            const int durable = !request.empty() && request[0] == 4 ? answered : 0;
            const std::size_t before = world_->journaled().size();
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                std::string(what), answer,
                accountingInWords(world_->send(request, {.source = source}), request));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(what), std::string(alarm), alarmsInWords(*world_));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(what), before + static_cast<std::size_t>(durable),
                                         world_->journaled().size());
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(what), durable, counter("acknowledged_total"));
            CPPUNIT_ASSERT_EQUAL_MESSAGE(std::string(what), 1, counter("requests_total"));
            const std::string reason = answer.substr(answer.find(' ') + 1);
            CPPUNIT_ASSERT_MESSAGE(std::string(what),
                                   answered == 1 || counter("dropped_total{reason=\"" + reason + "\"}") == 1);
        }
    }

    void whatIsDurable() {
        Bytes padded = start();
        padded.resize(padded.size() + 7, 0xee);
        static_cast<void>(world_->send(padded));
        static_cast<void>(world_->send(start(), {.source = "10.9.0.77", .now = test::kEndOfToday}));
        static_cast<void>(world_->send(start(), {.source = "2001:db8::77"}));
        const std::vector<JournaledPacket> expected = {
            {"id-of-tower", "id-of-tower", test::address("10.0.0.1"), test::kNoon, false, start()},
            {"id-of-valley", "id-of-valley@10.9.0.77", test::address("10.9.0.77"), test::kEndOfToday, true,
             start()},
            {"id-of-hill", "id-of-hill@2001:db8::77", test::address("2001:db8::77"), test::kNoon, false,
             start()},
        };
        CPPUNIT_ASSERT(expected == world_->journaled());
    }

    void oneSyncForAll() {
        std::vector<Bytes> requests;
        for (std::uint8_t i = 0; i < 100; ++i) {
            requests.push_back(accountingRequest(accountingOf(AcctStatus::Start, std::to_string(i)), i));
        }
        requests[50] = altered(requests[50], 25);
        requests[51] = statusServer();
        const std::vector<AccessAnswer> answers = world_->sendAll(requests);
        CPPUNIT_ASSERT_EQUAL(requests.size(), answers.size());
        for (std::size_t i = 0; i < answers.size(); ++i) {
            CPPUNIT_ASSERT_EQUAL(i == 50 ? "dropped wrong_secret"s : "Response"s,
                                 accountingInWords(answers[i], requests[i]));
        }
        CPPUNIT_ASSERT_EQUAL(1, counter("batches_total"));
        CPPUNIT_ASSERT_EQUAL(98, counter("packets_total"));
        CPPUNIT_ASSERT_EQUAL(98, counter("acknowledged_total"));
        const std::vector<JournaledPacket> journaled = world_->journaled();
        CPPUNIT_ASSERT_EQUAL(std::size_t{98}, journaled.size());
        CPPUNIT_ASSERT(journaled[49].octets == requests[49] && journaled[50].octets == requests[52]);
        CPPUNIT_ASSERT(world_->sendAll({}).empty());
    }

    void sameRequestAgain() {
        const Bytes request = startWith("2104aabb");
        const AccessAnswer first = world_->send(request);
        const AccessAnswer again = world_->send(request, {.monotonic = From{}.monotonic + 9s});
        CPPUNIT_ASSERT(std::get<Bytes>(first) == std::get<Bytes>(again));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world_->journaled().size());
        CPPUNIT_ASSERT_EQUAL(1, counter("duplicates_total"));
        CPPUNIT_ASSERT_EQUAL(1, counter("acknowledged_total"));
        // Another Acct-Delay-Time is another request, and so is another port.
        static_cast<void>(world_->send(startWith("29060000000a")));
        static_cast<void>(world_->send(request, {.port = 40'001}));
        static_cast<void>(world_->send(request, {.monotonic = From{}.monotonic + ReplyCache::kLifetime}));
        CPPUNIT_ASSERT_EQUAL(std::size_t{4}, world_->journaled().size());
        CPPUNIT_ASSERT_EQUAL(1, counter("duplicates_total"));
    }

    void sameRequestTwiceInOneBatch() {
        const std::vector<AccessAnswer> answers = world_->sendAll({start(), start()});
        CPPUNIT_ASSERT_EQUAL("Response"s, accountingInWords(answers.at(0), start()));
        CPPUNIT_ASSERT_EQUAL("dropped duplicate_in_progress"s, accountingInWords(answers.at(1), start()));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world_->journaled().size());
    }

    void subscriberOfANameWithADomainIsWoken() {
        Attributes attributes = accountingOf(AcctStatus::Start);
        attributes.at(1) = textAttribute(attr::kUserName, "CORP\\bob");
        static_cast<void>(world_->send(accountingRequest(attributes)));
        CPPUNIT_ASSERT_EQUAL("bob,;"s, world_->heard());
    }

    void registryHearsIt() {
        static_cast<void>(world_->send(start()));
        CPPUNIT_ASSERT_EQUAL("bob,;"s, world_->heard());
        CPPUNIT_ASSERT_EQUAL("81a00001"s, world_->registry().sessionsOf("bob").at(0).acctSessionId);
        static_cast<void>(world_->send(accountingRequest(accountingOf(AcctStatus::Interim), 8)));
        CPPUNIT_ASSERT_EQUAL("bob,;"s, world_->heard());
        static_cast<void>(world_->send(accountingRequest(accountingOf(AcctStatus::Stop), 9)));
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, world_->registry().sessionsOf("bob").size());
        CPPUNIT_ASSERT_EQUAL("bob,;"s, world_->heard());
    }

    /// Neither answered nor heard of; and the same request is worked on anew when it comes again.
    static void checkSilence(AccountingWorld& world, const std::string& reason) {
        const std::vector<Bytes> requests = {start(),
                                             accountingRequest(accountingOf(AcctStatus::Start, "other"), 8)};
        for (int tries = 1; tries <= 3; ++tries) {
            const std::vector<AccessAnswer> answers = world.sendAll(requests);
            for (std::size_t i = 0; i < requests.size(); ++i) {
                CPPUNIT_ASSERT_EQUAL("dropped " + reason, accountingInWords(answers.at(i), requests[i]));
            }
            CPPUNIT_ASSERT_EQUAL(2 * tries,
                                 counter(world, "gardu_accounting_dropped_total{reason=\"" + reason + "\"}"));
        }
        CPPUNIT_ASSERT_EQUAL(std::size_t{0}, world.registry().size());
        CPPUNIT_ASSERT_EQUAL(""s, world.heard());
        CPPUNIT_ASSERT_EQUAL(0, counter(world, "gardu_accounting_acknowledged_total"));
        CPPUNIT_ASSERT_EQUAL("journal_failed accounting.journal x3"s, alarmsInWords(world));
    }

    void fullDiskIsSilence() {
        const LogCapture log;
        SmallDisk disk(20);
        AccountingWorld world(disk.file("accounting.journal"), {.diskReserve = 0});
        addNas(world);
        disk.fill();
        checkSilence(world, "journal_failed");
        CPPUNIT_ASSERT(world.journaled().empty());
        disk.makeRoom();
        CPPUNIT_ASSERT_EQUAL("Response"s, accountingInWords(world.send(start()), start()));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world.journaled().size());
        CPPUNIT_ASSERT_EQUAL("bob,;"s, world.heard());
    }

    void fullJournalIsSilence() {
        const LogCapture log;
        AccountingWorld world(folder_.file("small"), {.octets = 200});
        addNas(world);
        const core::Bytes earlier(199, 'x');
        static_cast<void>(world.journal().append(std::span(&earlier, 1)));
        checkSilence(world, "journal_full");
        world.journal().trim(1);
        CPPUNIT_ASSERT_EQUAL("Response"s, accountingInWords(world.send(start()), start()));
        CPPUNIT_ASSERT_EQUAL(std::size_t{1}, world.journaled().size());
    }

    void failureIsLoggedOnceASecond() {
        AccountingWorld world(folder_.file("small"), {.octets = 1});
        addNas(world);
        const LogCapture log;
        for (int i = 0; i < 50; ++i) {
            static_cast<void>(world.send(start(), {.monotonic = From{}.monotonic + 100ms * i}));
        }
        const std::string text = log.text();
        std::size_t lines = 0;
        for (std::size_t at = 0; (at = text.find("event=accounting_failed", at)) != std::string::npos; ++at) {
            ++lines;
        }
        CPPUNIT_ASSERT_EQUAL_MESSAGE(text, std::size_t{5}, lines);
    }

    // Who is told of it fails, not the accounting: it is durable, so it is acknowledged.
    void failureBesideIsNoSilence() {
        const LogCapture log;
        world_->breakHeard();
        CPPUNIT_ASSERT_EQUAL("Response"s, accountingInWords(world_->send(start()), start()));
        CPPUNIT_ASSERT(log.text().find("event=accounting_failed") != std::string::npos);
    }

    void manyThreadsAcknowledgeOnce() {
        constexpr int kThreads = 4;
        constexpr int kRequests = 200;
        std::vector<Bytes> requests;
        requests.reserve(kRequests);
        for (int i = 0; i < kRequests; ++i) {
            requests.push_back(accountingRequest(accountingOf(AcctStatus::Start, std::to_string(i)),
                                                 static_cast<std::uint8_t>(i)));
        }
        std::atomic<int> answered{0};
        std::atomic<int> wrong{0};
        gardu::test::inThreads(kThreads, [&](int) {
            for (std::size_t i = 0; i < requests.size(); ++i) {
                const From from = {.port = static_cast<std::uint16_t>(i)};
                const std::string words = accountingInWords(world_->send(requests[i], from), requests[i]);
                answered.fetch_add(words == "Response" ? 1 : 0);
                wrong.fetch_add(words == "Response" || words == "dropped duplicate_in_progress" ? 0 : 1);
            }
        });
        CPPUNIT_ASSERT_EQUAL(0, wrong.load());
        CPPUNIT_ASSERT_EQUAL(kRequests, counter("acknowledged_total"));
        CPPUNIT_ASSERT_EQUAL(answered.load(), kRequests + counter("duplicates_total"));
        CPPUNIT_ASSERT_EQUAL(std::size_t{kRequests}, world_->journaled().size());
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AccountingServiceTest);

}  // namespace
}  // namespace gardu::radius
