#include "tests/support/process.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>
#include <signal.h>

#include <stdexcept>

namespace gardu::test {

namespace {

constexpr std::chrono::seconds kLimit{20};

ProcessStart shell(const std::string& script) {
    return {.program = "bash", .arguments = {"-c", script}};
}

}  // namespace

class ProcessTest : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(ProcessTest);
    CPPUNIT_TEST(givesExitCodeAndBothStreams);
    CPPUNIT_TEST(passesEnvironmentFolderAndInput);
    CPPUNIT_TEST(findsTheWholeLine);
    CPPUNIT_TEST(saysWhatWasPrintedInsteadOfTheLine);
    CPPUNIT_TEST(neverBlocksAChildThatPrintsMuch);
    CPPUNIT_TEST(stopEndsAPausedChild);
    CPPUNIT_TEST(stopKillsAChildThatIgnoresIt);
    CPPUNIT_TEST(refusesAMissingProgram);
    CPPUNIT_TEST(timeoutIsAnError);
    CPPUNIT_TEST_SUITE_END();

public:
    void givesExitCodeAndBothStreams() {
        const ProcessResult result = runProcess(shell("echo out; echo err >&2; exit 3"), kLimit);
        CPPUNIT_ASSERT_EQUAL(3, result.exitCode);
        CPPUNIT_ASSERT_EQUAL(std::string("out\n"), result.output);
        CPPUNIT_ASSERT_EQUAL(std::string("err\n"), result.errors);
    }

    void passesEnvironmentFolderAndInput() {
        ProcessStart start = shell("read -r line; echo $GARDU_WORD $PWD $line");
        start.environment = {{"GARDU_WORD", "guard"}};
        start.folder = "/usr";
        start.input = "house\n";
        CPPUNIT_ASSERT_EQUAL(std::string("guard /usr house\n"), runOrThrow(start, kLimit).output);
    }

    void findsTheWholeLine() {
        Process child(shell("echo first; echo time=1 event=ready port=1812; sleep 100"));
        CPPUNIT_ASSERT_EQUAL(std::string("time=1 event=ready port=1812"),
                             child.waitForLine("event=ready", kLimit));
        CPPUNIT_ASSERT(child.isRunning());
    }

    void saysWhatWasPrintedInsteadOfTheLine() {
        Process child(shell("echo no key file >&2; exit 1"));
        try {
            child.waitForLine("event=ready", kLimit);
            CPPUNIT_FAIL("there is no such line");
        } catch (const std::runtime_error& error) {
            CPPUNIT_ASSERT(std::string(error.what()).find("no key file") != std::string::npos);
        }
    }

    void neverBlocksAChildThatPrintsMuch() {
        const ProcessResult result = runProcess(shell("head -c 1000000 /dev/zero"), kLimit);
        CPPUNIT_ASSERT_EQUAL(std::size_t{1000000}, result.output.size());
    }

    void stopEndsAPausedChild() {
        Process child(shell("echo up; exec sleep 100"));
        child.waitForLine("up", kLimit);
        child.freeze();
        CPPUNIT_ASSERT_EQUAL(128 + SIGTERM, child.stop(kLimit));
    }

    void stopKillsAChildThatIgnoresIt() {
        Process child(shell("trap '' TERM; echo up; while true; do sleep 0.05; done"));
        child.waitForLine("up", kLimit);
        CPPUNIT_ASSERT_EQUAL(128 + SIGKILL, child.stop(std::chrono::milliseconds(300)));
    }

    void refusesAMissingProgram() {
        CPPUNIT_ASSERT_THROW(Process({.program = "gardu-no-such-program", .arguments = {}}),
                             std::runtime_error);
        CPPUNIT_ASSERT_THROW(Process({.program = "/nowhere/gardu", .arguments = {}}), std::runtime_error);
    }

    void timeoutIsAnError() {
        CPPUNIT_ASSERT_THROW((void)runProcess(shell("sleep 100"), std::chrono::milliseconds(200)),
                             std::runtime_error);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ProcessTest);

}  // namespace gardu::test
