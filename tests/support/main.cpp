// Runs every registered CppUnit suite; with arguments, only the suites or tests whose name holds one of them.
#include <cppunit/BriefTestProgressListener.h>
#include <cppunit/CompilerOutputter.h>
#include <cppunit/TestResult.h>
#include <cppunit/TestResultCollector.h>
#include <cppunit/TestRunner.h>
#include <cppunit/extensions/TestFactoryRegistry.h>

#include <iostream>
#include <string>

namespace {

void addMatching(CppUnit::TestRunner& runner, CppUnit::Test& test, const std::string& pattern) {
    if (test.getChildTestCount() == 0) {
        if (test.getName().find(pattern) != std::string::npos) {
            runner.addTest(&test);
        }
        return;
    }
    for (int child = 0; child < test.getChildTestCount(); ++child) {
        addMatching(runner, *test.getChildTestAt(child), pattern);
    }
}

}  // namespace

int main(int argc, char** argv) {
    CppUnit::TestResult events;
    CppUnit::TestResultCollector results;
    CppUnit::BriefTestProgressListener progress;
    events.addListener(&results);
    if (argc > 1) {
        events.addListener(&progress);
    }
    CppUnit::Test* all = CppUnit::TestFactoryRegistry::getRegistry().makeTest();
    CppUnit::TestRunner runner;
    if (argc == 1) {
        runner.addTest(all);
    }
    for (int i = 1; i < argc; ++i) {
        addMatching(runner, *all, argv[i]);
    }
    runner.run(events);
    CppUnit::CompilerOutputter(&results, std::cerr).write();
    std::cout << results.runTests() << " tests, " << results.testFailuresTotal() << " failed\n";
    return results.wasSuccessful() && results.runTests() > 0 ? 0 : 1;
}
