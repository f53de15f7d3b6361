#include "core/metrics.h"

#include <cppunit/extensions/HelperMacros.h>

#include <stdexcept>

#include "tests/support/threads.h"
#include "tests/support/throws.h"

namespace {

using namespace gardu::core;
using gardu::test::inThreads;
using gardu::test::throws;

class MetricsTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(MetricsTest);
    CPPUNIT_TEST(printsPrometheusText);
    CPPUNIT_TEST(sameNameAndLabelsAreOneCounter);
    CPPUNIT_TEST(aCounterOnlyGoesUp);
    CPPUNIT_TEST(gaugeTakesTheLastValue);
    CPPUNIT_TEST(refusesOtherNames);
    CPPUNIT_TEST(countsFromSeveralThreads);
    CPPUNIT_TEST_SUITE_END();

public:
    void printsPrometheusText() {
        Metrics metrics;
        metrics.counter("gardu_dropped_total", "Packets dropped.", {{"reason", "unknown_nas"}}).add(3);
        metrics.gauge("gardu_sessions", "Open sessions.").set(12);
        CPPUNIT_ASSERT_EQUAL(std::string("# HELP gardu_dropped_total Packets dropped.\n"
                                         "# TYPE gardu_dropped_total counter\n"
                                         "gardu_dropped_total{reason=\"unknown_nas\"} 3\n"
                                         "# HELP gardu_sessions Open sessions.\n"
                                         "# TYPE gardu_sessions gauge\n"
                                         "gardu_sessions 12\n"),
                             metrics.text());
    }

    void sameNameAndLabelsAreOneCounter() {
        Metrics metrics;
        metrics.counter("a_total", "A.", {{"k", "1"}}).add();
        metrics.counter("a_total", "A.", {{"k", "1"}}).add();
        metrics.counter("a_total", "A.", {{"k", "2"}}).add();
        CPPUNIT_ASSERT_EQUAL(2.0, metrics.counter("a_total", "A.", {{"k", "1"}}).value());
        CPPUNIT_ASSERT_EQUAL(1.0, metrics.counter("a_total", "A.", {{"k", "2"}}).value());
    }

    void aCounterOnlyGoesUp() {
        Metrics metrics;
        Counter counter = metrics.counter("a_total", "A.");
        counter.add(2);
        counter.add(-1);
        CPPUNIT_ASSERT_EQUAL(2.0, counter.value());
    }

    void gaugeTakesTheLastValue() {
        Metrics metrics;
        Gauge gauge = metrics.gauge("a", "A.");
        gauge.set(5);
        gauge.set(-2);
        CPPUNIT_ASSERT_EQUAL(-2.0, metrics.gauge("a", "A.").value());
    }

    void refusesOtherNames() {
        Metrics metrics;
        (void)metrics.counter("taken", "A counter.");
        CPPUNIT_ASSERT(throws<std::invalid_argument>([&] { return metrics.gauge("taken", "Now a gauge."); }));
        CPPUNIT_ASSERT(
            throws<std::invalid_argument>([&] { return metrics.counter("not a name", "Blanks."); }));
    }

    void countsFromSeveralThreads() {
        Metrics metrics;
        Counter counter = metrics.counter("a_total", "A.");
        inThreads(4, [counter](int) mutable {
            for (int i = 0; i < 10000; ++i) {
                counter.add();
            }
        });
        CPPUNIT_ASSERT_EQUAL(40000.0, counter.value());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(MetricsTest);

}  // namespace
