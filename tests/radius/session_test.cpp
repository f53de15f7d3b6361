#include "radius/session.h"

#include <cppunit/extensions/HelperMacros.h>

namespace gardu::radius {
namespace {

constexpr std::string_view kNotPoints[] = {"x",
                                           "0",
                                           "0@0",
                                           "0@/0@0",
                                           "@0/0@0",
                                           "0@0/0@0 1",
                                           "0@0/0@0 1=",
                                           "0@0/0@0 =1",
                                           "-1@0/0@0",
                                           "0@100000000/0@0",
                                           "8000000000000000@0/0@0",
                                           "0@0/0@0 1=100000000",
                                           "0@0/0@0/0@0",
                                           "0@0  1=1/0@0",
                                           "0@0 1=1 1=1 1=1 1=1 1=1 1=1 1=1 1=1 1=1/0@0"};

class SessionTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(SessionTest);
    CPPUNIT_TEST(namesGoThereAndBack);
    CPPUNIT_TEST(pointsGoThereAndBack);
    CPPUNIT_TEST(refusesOtherPoints);
    CPPUNIT_TEST_SUITE_END();

    void namesGoThereAndBack() {
        for (const SessionState state : {SessionState::Live, SessionState::Unknown, SessionState::Closed}) {
            CPPUNIT_ASSERT(parseSessionState(name(state)) == state);
        }
        for (const ClosedBy closedBy : {ClosedBy::Nothing, ClosedBy::Stop, ClosedBy::NasReboot,
                                        ClosedBy::Superseded, ClosedBy::Stale, ClosedBy::Gone}) {
            CPPUNIT_ASSERT(parseClosedBy(name(closedBy)) == closedBy);
        }
        CPPUNIT_ASSERT(!parseSessionState("") && !parseSessionState("Live") && !parseClosedBy("none"));
        CPPUNIT_ASSERT_EQUAL(std::string("unknown"), std::string(name(SessionState::Unknown)));
        CPPUNIT_ASSERT_EQUAL(std::string("nas_reboot"), std::string(name(ClosedBy::NasReboot)));
    }

    void pointsGoThereAndBack() {
        Session session;
        CPPUNIT_ASSERT_EQUAL(std::string(), formatPoints(session));
        session.inputTrail = {0x1'0000'0010, 600, {{900, 0xffff'fff0}, {0xffff'ffff, 0}}};
        CPPUNIT_ASSERT_EQUAL(std::string("100000010@258 384=fffffff0 ffffffff=0/0@0"), formatPoints(session));
        const CounterPoint longest{0xffff'ffff, 0xffff'ffff};
        session.outputTrail = {0x7fff'ffff'ffff'ffff, 0xffff'ffff, {kMostPoints, longest}};
        session.inputTrail = session.outputTrail;
        Session other;
        CPPUNIT_ASSERT(parsePoints(formatPoints(session), other));
        CPPUNIT_ASSERT(session == other);
        CPPUNIT_ASSERT(formatPoints(session).size() <= 500);
        CPPUNIT_ASSERT(parsePoints("", other));
        CPPUNIT_ASSERT(other == Session{});
    }

    void refusesOtherPoints() {
        Session session;
        session.inputTrail = {1, 2, {{3, 4}}};
        const Session before = session;
        for (const std::string_view text : kNotPoints) {
            CPPUNIT_ASSERT_MESSAGE(std::string(text), !parsePoints(text, session));
            CPPUNIT_ASSERT_MESSAGE(std::string(text), session == before);
        }
    }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SessionTest);

}  // namespace
}  // namespace gardu::radius
