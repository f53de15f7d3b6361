// `gardu nas test` by the real program, against a NAS that we control.
#include <cppunit/extensions/HelperMacros.h>

#include "tests/app/gardu_program.h"
#include "tests/support/loopback_nas.h"
#include "tests/support/temp_folder.h"

namespace gardu::test {
namespace {

using namespace std::string_literals;

class NasTestCommandTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(NasTestCommandTest);
    CPPUNIT_TEST(reachable);
    CPPUNIT_TEST(silent);
    CPPUNIT_TEST(networkNeedsAnAddress);
    CPPUNIT_TEST(unknownName);
    CPPUNIT_TEST_SUITE_END();

private:
    TempFolder folder_;
    Gardu gardu_{folder_.file("data"), "sqlite:" + folder_.file("gardu.db")};
    LoopbackNas nas_{"s3"};

    void add(const std::string& name, const std::string& address) {
        gardu_.must("nas add --name " + name + " --address " + address + " --secret s3 --coa-port " +
                    std::to_string(nas_.port()));
    }

    void reachable() {
        nas_.answer({NasReply::Nak, 406});
        add("tower", "127.0.0.1");
        const Json found = gardu_.json("nas test tower");
        CPPUNIT_ASSERT_EQUAL("tower"s, found.at("name").get<std::string>());
        CPPUNIT_ASSERT_EQUAL("127.0.0.1"s, found.at("address").get<std::string>());
        CPPUNIT_ASSERT_EQUAL(nas_.port(), found.at("coa_port").get<int>());
        CPPUNIT_ASSERT(found.at("reachable").get<bool>());
        CPPUNIT_ASSERT_EQUAL("ok"s, found.at("result").get<std::string>());
        CPPUNIT_ASSERT(!found.at("words").get<std::string>().empty());
    }

    void silent() {
        nas_.answer({NasReply::Ignore, {}});
        add("tower", "127.0.0.1");
        const Json found = gardu_.json("nas test tower", 1);
        CPPUNIT_ASSERT(!found.at("reachable").get<bool>());
        CPPUNIT_ASSERT_EQUAL("silent"s, found.at("result").get<std::string>());
        CPPUNIT_ASSERT(found.at("words").get<std::string>().find("accept=yes") != std::string::npos);
    }

    void networkNeedsAnAddress() {
        nas_.answer({NasReply::Nak, 503});
        add("valley", "127.0.0.0/8");
        for (const char* wrong :
             {"nas test valley", "nas test valley --address 10.0.0.1", "nas test valley --address hill"}) {
            const Json error = gardu_.json(wrong, 2).at("error");
            CPPUNIT_ASSERT_EQUAL_MESSAGE(wrong, "address"s,
                                         error.at("fields").at(0).at("field").get<std::string>());
        }
        const Json found = gardu_.json("nas test valley --address 127.0.0.1");
        CPPUNIT_ASSERT_EQUAL("ok"s, found.at("result").get<std::string>());
    }

    void unknownName() { static_cast<void>(gardu_.json("nas test nobody", 1)); }
};
CPPUNIT_TEST_SUITE_REGISTRATION(NasTestCommandTest);

}  // namespace
}  // namespace gardu::test
